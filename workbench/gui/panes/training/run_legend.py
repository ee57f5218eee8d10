"""One legend for all charts: a click hides a run everywhere, the pointer brings it forward everywhere."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.core.records import Run
from workbench.gui.theme import run_color
from workbench.gui.translate import tr
from workbench.gui.widgets.flow_layout import FlowLayout
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.legend import LegendKey


class RunLegend(QWidget):
    """The selected runs in their colours, where there are several; of one run there is nothing to tell."""

    toggled = Signal(int, bool)
    """A run, and whether it is shown."""
    hovered = Signal(int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: dict[tuple[int, str, str], LegendKey] = {}
        self._row = FlowLayout(self)
        self._row.setSpacing(4)
        self._words = PlainLabel(tr("solid training · dashed validation"), "small")
        self._words.setFixedHeight(22)
        self._words.setContentsMargins(4, 0, 4, 0)
        self._row.addWidget(self._words)
        self.hide()

    def show_runs(self, runs: Sequence[Run], *, split: bool) -> None:
        """Show these runs.

        Args:
            runs: The runs, in order.
            split: Whether there are charts of both training and validation: solid and dashed are told.
        """
        wanted = {(run.id, run.name, run_color(run.id).name()): run for run in runs}
        if list(wanted) != list(self._keys):
            while (item := self._row.takeAt(0)) is not None:
                if (held := item.widget()) is not None and held is not self._words:
                    held.hide()
                    held.deleteLater()
            self._keys = {key: self._key(run) for key, run in wanted.items()}
            for entry in (*self._keys.values(), self._words):
                self._row.addWidget(entry)
        self._words.setVisible(split)
        self.setVisible(len(runs) > 1)
        self.updateGeometry()

    def hidden(self) -> set[int]:
        """Return the runs that are hidden; with one run alone nothing is."""
        if len(self._keys) < 2:
            return set()
        return {run_id for (run_id, *_), entry in self._keys.items() if not entry.isChecked()}

    def _key(self, run: Run) -> LegendKey:
        entry = LegendKey(run.name, run_color(run.id), False, self)
        entry.toggled.connect(lambda shown: self.toggled.emit(run.id, shown))
        entry.hovered.connect(lambda here: self.hovered.emit(run.id, here))
        entry.show()
        return entry
