"""What shows a risk, and every change of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from workbench.core.board import Change
from workbench.core.risks import Risk
from workbench.gui.evidence import EvidenceView, Shown, read_evidence
from workbench.gui.links import link_text
from workbench.gui.panes.risks.rows import Register
from workbench.gui.panes.risks.section import Desk, Section, clear
from workbench.gui.panes.risks.words import change_text
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.buttons import link_button, quiet_button
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.trend_line import TrendLine

if TYPE_CHECKING:
    from workbench.services.session import Session

_FIRST = 12


@dataclass(frozen=True, slots=True)
class Story:
    """What is read of a risk beside the window."""

    history: Sequence[Change]
    trend: Sequence[tuple[datetime, int]]
    evidence: Sequence[Shown]
    sources: Sequence[str]


def read_story(session: "Session", risk: Risk) -> Story:
    """Return history, trend and evidence of a risk; not for the window's thread."""
    history = session.risks.history(risk.id)
    return Story(
        history,
        session.risks.trend(risk.id),
        read_evidence(session, risk.evidence),
        [link_text(session, change.link) if change.link is not None else "" for change in history],
    )


class EvidenceSection(Section):
    """What shows the risk: links to it, with small pictures, rows and curves of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Evidence"), desk)
        self.view = EvidenceView()
        self.view.opened.connect(self.desk.open)
        self.body.addWidget(self.view)

    def show_story(self, story: Story) -> None:
        """Show the evidence of a risk."""
        self.setVisible(bool(story.evidence))
        self.view.set_evidence(story.evidence)


class HistorySection(Section):
    """A line of how the score went, and every change with who, when and why, the newest first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("History"), desk)
        self.trend = TrendLine()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._all = False
        self._story: Story | None = None
        self._register: Register | None = None
        self._shown: object = None
        self.more = quiet_button(tr("Show all"))
        self.more.clicked.connect(self._show_all)
        self.body.addWidget(self.trend)
        self.body.addLayout(self._grid)
        self.body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def reset(self) -> None:
        """Begin with the newest lines alone, for another risk."""
        self._all = False

    def show_story(self, story: Story, register: Register) -> None:
        """Show the history of a risk."""
        thresholds = register.charter.thresholds
        now = (story.history, story.sources, thresholds, register.names, self._all)
        if now == self._shown:
            return
        self._story, self._register, self._shown = story, register, now
        self.trend.set_points(story.trend, datetime.now(UTC), thresholds)
        self.trend.setVisible(bool(story.trend))
        clear(self._grid)
        lines = list(zip(story.history, story.sources, strict=True))[::-1]
        shown = lines if self._all else lines[:_FIRST]
        for place, (change, source) in enumerate(shown):
            self._add_line(place, change, source, register)
        self.more.setVisible(len(shown) < len(lines))
        self.more.setText(tr("Show all {count}", count=len(lines)))

    def _add_line(self, place: int, change: Change, source: str, register: Register) -> None:
        top = Qt.AlignmentFlag.AlignTop
        when = PlainLabel(number_format.date_time(change.at), "small")
        when.setContentsMargins(0, 4, 0, 0)
        self._grid.addWidget(when, 2 * place, 0, top)
        what = change_text(change, register.names)
        who = f"{change.who}: {what}" if change.who else what
        text = f"{who}\n{change.reason}" if change.reason else who
        label = PlainLabel(text, wrap=True)
        label.setContentsMargins(0, 3, 0, 0)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(label, 2 * place, 1)
        link = change.link
        if link is not None and source:
            button = link_button(source if len(source) < 28 else f"{source[:26]}…", source)
            button.clicked.connect(lambda: self.desk.open(link))
            self._grid.addWidget(button, 2 * place + 1, 1, Qt.AlignmentFlag.AlignLeft)

    def _show_all(self) -> None:
        self._all = True
        if self._story is not None and self._register is not None:
            self.show_story(self._story, self._register)
