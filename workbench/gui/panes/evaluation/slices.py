"""On which samples a model does worse than on the rest: the slices of a split, worst first."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.core.slices import LEAST_SAMPLES, SliceMeasures
from workbench.gui import background
from workbench.gui.item_models.records import Column
from workbench.gui.panes.evaluation import weighing
from workbench.gui.panes.evaluation.reading import Judged
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    from workbench.gui.panes.base import Pane

_MOST_OFFERED = 3


class SliceView(QWidget):
    """The slices of one evaluation, those that lie behind first.

    Args:
        pane: Whose session is read, and who makes a risk.
        measure: Which measure is shown, with its title.
    """

    counted = Signal(int)

    def __init__(self, pane: "Pane", measure: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pane = pane
        self._judged: Judged | None = None
        self._measure = measure[0]
        self.told = PlainLabel(role="muted", wrap=True)
        self.verb = QPushButton(tr("Make a risk"))
        self.verb.setAccessibleName(tr("Make a risk of the slice"))
        self.verb.setToolTip(tr("Note the chosen slice as a risk that watches its measure"))
        self.verb.clicked.connect(self._make_risk)
        self.table: Table[SliceMeasures] = Table(
            self._columns(measure[1]), tr("Slices"), key="evaluation-slices", identity=lambda row: row.name
        )
        self.table.set_menu(self._menu)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_verb())
        top = QHBoxLayout()
        top.addWidget(self.told, 1)
        top.addWidget(self.verb)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(top)
        column.addWidget(self.table, 1)

    def show_judged(self, judged: Judged) -> None:
        """Measure the slices of an evaluation beside the window, and show them."""
        self._judged = judged
        session, evaluation = self._pane.session, judged.evaluation
        if session is None:
            return
        self._show((), tr("Measuring …"))
        background.query(
            lambda: session.slices.of(evaluation),
            lambda found: self._show_slices(judged, found),
            lambda error: self._show((), str(error)),
            owner=self,
            key="slices",
        )

    def offers(self) -> list[weighing.Offer]:
        """Return the risks of the chosen slice; without one, of those that lie behind the most."""
        chosen = [row for row in self.table.selected() if row.count >= LEAST_SAMPLES]
        rows = chosen or [row for row in self.table.records() if row.behind][:_MOST_OFFERED]
        return [weighing.of_slice(self._judged.evaluation, row) for row in rows] if self._judged else []

    def _show_slices(self, judged: Judged, found: Sequence[SliceMeasures]) -> None:
        if judged is self._judged:
            self._show(found, _words(found))

    def _show(self, found: Sequence[SliceMeasures], words: str) -> None:
        self.told.setText(words)
        self.table.set_records(found)
        self._show_verb()
        self.counted.emit(sum(row.behind for row in found))

    def _show_verb(self) -> None:
        chosen = [row for row in self.table.selected() if row.count >= LEAST_SAMPLES]
        self.verb.setVisible(bool(chosen) and weighing.may_weigh(self._pane))

    def _make_risk(self) -> None:
        weighing.carry_out(self._pane, self.offers()[0])

    def _menu(self, rows: list[SliceMeasures]) -> list[QAction]:
        made = QAction(tr("Make a risk"), self.table)
        is_ready = bool(rows) and rows[0].count >= LEAST_SAMPLES and weighing.may_weigh(self._pane)
        made.setEnabled(is_ready)
        made.triggered.connect(partial(self._make_risk))
        return [made]

    def _columns(self, title: str) -> list[Column[SliceMeasures]]:
        return [
            Column(
                tr("Samples where"),
                lambda row: row.name,
                words=_name,
                stretch=True,
                strong=True,
                tip=tr("What the samples have in common; quarters are of the whole dataset."),
            ),
            Column(tr("Count"), lambda row: row.count, "right", number_format.count),
            Column(
                title,
                self._value,
                "right",
                words=self._value_words,
                badge=lambda row: "danger" if row.behind else None,
                tip=tr(
                    "Worse: wrong at least a quarter more often, or by more, than on the rest, not by chance "
                    "(Welch's t-test at 5 % over all slices together)."
                ),
            ),
        ]

    def _value(self, row: SliceMeasures) -> float | None:
        return row.metrics.get(self._measure)

    def _value_words(self, row: SliceMeasures) -> str:
        if row.count < LEAST_SAMPLES:
            return tr("too few to tell")
        value = number_format.measure(self._value(row))
        return tr("{value} worse", value=value) if row.behind else value


def _name(row: SliceMeasures) -> str:
    return f"{row.name} ({row.extent})" if row.extent else row.name


def _words(found: Sequence[SliceMeasures]) -> str:
    if not found:
        return tr("Nothing is known of the samples by which they could be compared.")
    behind = sum(row.behind for row in found)
    if not behind:
        return tr("No slice is worse than the rest by more than chance explains.")
    return tr("Worse than the rest, by more than chance explains: {count}", count=number_format.count(behind))
