"""The page that tells what is wrong with a dataset: when it was checked, each finding with its samples."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.core.records import Dataset, Finding, HealthReport, Job
from workbench.core.states import JobState, Modality, Severity
from workbench.gui.panes.data.look import Look, problems
from workbench.gui.panes.data.rows import Rows
from workbench.gui.panes.data.sample_list import label_word
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import PlainLabel, rule, tip
from workbench.gui.widgets.notices import FindingList
from workbench.gui.widgets.picture_grid import Picture, PictureGrid

_TILE = 64
_MOST_LINES = 2
_MOST_ROWS = 10
_MOST_CELLS = 8


@dataclass(frozen=True)
class Known:
    """What is known of the health of a dataset, beyond what its import found.

    Args:
        report: The last check; None where there was none.
        accepted: By code why a finding was accepted.
        fixable: Codes of the findings that can be mended.
    """

    report: HealthReport | None = None
    accepted: Mapping[str, str] = field(default_factory=dict)
    fixable: tuple[str, ...] = ()


class HealthPage(QWidget):
    """Shows the findings of a dataset.

    `check_requested` and `cancel_requested` ask for a check and for its end; `samples_requested` carries a
    finding whose samples are to be seen; what is asked of one finding is asked by `findings`.
    """

    check_requested = Signal()
    cancel_requested = Signal(int)
    samples_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._rows: Rows | None = None
        self._job: Job | None = None
        self._shown: tuple[object, ...] = ()
        self._said = PlainLabel("", "muted", wrap=True)
        self._waits = PlainLabel("", "small", wrap=True)
        self._waits.hide()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the check"))
        self._bar.setFixedWidth(96)
        self._check = QPushButton(tr("Check again"))
        self._check.setProperty("quiet", True)
        self._check.setIcon(icon("arrows-clockwise"))
        self._check.clicked.connect(self._on_check)
        self.findings = FindingList()
        self.findings.examples = self._examples
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._said, 1)
        head.addWidget(self._bar)
        head.addWidget(self._check)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._waits)
        column.addWidget(rule())
        column.addWidget(self._scrolled(), 1)
        self.show_job(None)

    def show_known(self, dataset: Dataset, known: Known, may_change: bool, refusal: str) -> list[Finding]:
        """Show what is known of a dataset; return the findings that nobody has accepted."""
        found = problems(dataset, known.report)
        # What can be weighed is a finding; what was skipped is told in words of its own.
        codes = [item.code for item in found] if may_change else []
        fixes = {item.code: fix_words(item) for item in found if may_change and item.code in known.fixable}
        shown = (dataset.id, found, known.accepted, codes, fixes)
        if shown != self._shown:
            self._shown = shown
            self.findings.set_findings(found, fixes, codes, known.accepted)
        # Without a check an empty list is no good news.
        self.findings.setVisible(bool(found) or known.report is not None)
        self._said.setText(_when(dataset, known.report, found))
        self._check.setEnabled(may_change)
        self._check.setToolTip(tip("" if may_change else refusal))
        return [item for item in found if item.code not in known.accepted]

    def show_look(self, look: Look, rows: Rows) -> None:
        """Take what the samples of findings are shown from."""
        self._look, self._rows = look, rows

    def show_waiting(self, waits: str) -> None:
        """Say that labels wait, of which no check knows yet; empty where none do."""
        self._waits.setText(tr("{waits}: not yet checked.", waits=waits))
        self._waits.setVisible(bool(waits))

    def show_job(self, job: Job | None) -> None:
        """Show how far the check of this dataset is; None when there is none."""
        self._job = job if job is not None and job.state in (JobState.WAITING, JobState.RUNNING) else None
        self._bar.setVisible(self._job is not None)
        text = tr("Check again") if self._job is None else tr("Stop")
        self._check.setText(text)
        self._check.setAccessibleName(text)
        if self._job is not None:
            self._bar.setRange(0, self._job.total or 0)
            self._bar.setValue(self._job.done)
            self._said.setText(self._job.text or tr("Waits for another check"))

    def _on_check(self) -> None:
        if self._job is not None:
            self.cancel_requested.emit(self._job.id)
        else:
            self.check_requested.emit()

    def _examples(self, finding: Finding) -> QWidget | None:
        look = self._look
        if look is None or not finding.samples or look.dataset.id != self._shown[0]:
            return None
        if look.dataset.schema.modality is Modality.PICTURE:
            return self._pictures(look, finding)
        return self._texts(look, finding)

    def _pictures(self, look: Look, finding: Finding) -> QWidget:
        places, words = _places(look, finding)

        def read(start: int, stop: int) -> list[Picture]:
            some = places[start:stop]
            step = max(1, min(look.samples.x.shape[-2:]) // (2 * _TILE))
            return [
                Picture(look.samples.x[place][:, ::step, ::step], caption=words[start + n])
                for n, place in enumerate(some)
            ]

        grid = _Strip(tr("Samples of the finding"), tile=_TILE)
        grid.set_pictures(len(places), read)
        grid.activated.connect(lambda _at: self.samples_requested.emit(finding))
        count = len(finding.samples)
        text = (
            tr("See all {count} large", count=number_format.count(count)) if count > 1 else tr("See it large")
        )
        return _with_way(grid, self._way(finding, text))

    def _texts(self, look: Look, finding: Finding) -> QWidget:
        assert self._rows is not None
        lines = []
        for place in finding.samples[:_MOST_ROWS]:
            cells = list(self._rows(place, place + 1)[0])
            more = " · …" if len(cells) > _MOST_CELLS else ""
            lines.append(f"{look.samples.names[place]}: {' · '.join(cells[:_MOST_CELLS])}{more}")
        label = PlainLabel("\n".join(lines), "small", wrap=True)
        label.setContentsMargins(8, 0, 0, 8)
        count = len(finding.samples)
        text = tr("See all {count}", count=number_format.count(count)) if count > 1 else tr("See it in full")
        return _with_way(label, self._way(finding, text))

    def _way(self, finding: Finding, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("quiet", True)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: self.samples_requested.emit(finding))
        return button

    def _scrolled(self) -> QScrollArea:
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self.findings)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(listed)
        # The ground is that of the card around it.
        listed.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        return area


class _Strip(PictureGrid):
    """As tall as its rows of pictures, two at most; the others scroll."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setFixedHeight(self.height_of(_MOST_LINES))


def fix_words(finding: Finding) -> str:
    """Return what a button says that mends a finding."""
    count = len(finding.samples)
    number = number_format.count(count)
    match finding.fix:
        case "drop_copies":
            return tr("Remove 1 copy") if count == 1 else tr("Remove {count} copies", count=number)
        case "move":
            return tr("Move 1 copy") if count == 1 else tr("Move {count} copies", count=number)
        case "drop_samples":
            return tr("Remove 1 sample") if count == 1 else tr("Remove {count} samples", count=number)
        case "relabel":
            return tr("Look and relabel…")
        case "merge_classes":
            return tr("Make them one class")
        case "drop_columns":
            names = finding.fields["columns"]
            if len(names) == 1 and len(names[0]) <= 24:
                return tr("Take out {name}", name=names[0])
            return tr("Take out {count} columns", count=number_format.count(len(names)))
        case "add_step" if finding.fields["step"] == "cap_outliers":
            return tr("Cap them while preparing")
        case _:
            return tr("Fill them in while preparing")


def worst_tone(findings: list[Finding]) -> str:
    """Return the tone of the worst of some findings: danger, warning or muted."""
    worst = max((item.severity for item in findings), key=list(Severity).index, default=Severity.INFO)
    return {Severity.WARNING: "warning", Severity.DANGER: "danger"}.get(worst, "muted")


def _places(look: Look, finding: Finding) -> tuple[list[int], list[str]]:
    """Return which samples are shown for a finding, and the words below each."""
    proposals = finding.fields.get("labels")
    if proposals is not None:
        words = [
            tr("{given}, rather {proposed}?", given=label_word(look, place), proposed=proposal)
            for place, proposal in zip(finding.samples, proposals, strict=False)
        ]
        return list(finding.samples), words
    originals = finding.fields.get("originals")
    if originals is not None:
        pairs = list(zip(originals, finding.samples, strict=False))
        return [place for pair in pairs for place in pair], [tr("original"), tr("copy")] * len(pairs)
    return list(finding.samples), [label_word(look, place) for place in finding.samples]


def _when(dataset: Dataset, report: HealthReport | None, found: list[Finding]) -> str:
    if report is None and not found:
        return tr("Not checked yet.")
    if report is None:
        return tr("Not checked yet: this is what the import found.")
    when = number_format.date_time(report.created_at)
    if report.split != dataset.split:
        return tr("Checked {when}, with another split: check again.", when=when)
    return tr("Checked {when}", when=when)


def _with_way(above: QWidget, below: QPushButton) -> QWidget:
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(8, 0, 0, 8)
    column.setSpacing(4)
    column.addWidget(above)
    row = QHBoxLayout()
    row.addWidget(below)
    row.addStretch(1)
    column.addLayout(row)
    return both
