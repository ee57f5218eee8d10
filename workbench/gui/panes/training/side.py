"""The left of the Train pane: the runs, the tree of the current one, or the runs in the bin."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.gui.panes.training.ancestry import AncestryView, KinRow
from workbench.gui.panes.training.rows import RunRow
from workbench.gui.panes.training.run_list import RunListView
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, IconLabel, PlainLabel


class RunSide(QFrame):
    """A card with the list of runs; its buttons `tree` and `bin` show ancestry or deleted runs instead.

    `turned` tells that another of the three is shown.
    """

    turned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.runs, self.ancestry = RunListView(), AncestryView()
        self.hold = _button("pause-circle")
        self.tree = _button("tree-structure", tr("Ancestry"), checkable=True)
        self.tree.setToolTip(tr("Show where the run came from, and what came from it (Ctrl+Shift+A)"))
        self.bin = _button("trash", tr("Bin"), checkable=True)
        self.bin.setToolTip(tr("Show the deleted runs, to restore them"))
        self._rows: list[RunRow] = []
        self._title, self._count = PlainLabel(role="section"), PlainLabel(role="muted")
        self._queue, self._queue_words = self._make_queue()
        self._empty = PlainLabel(role="muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._alone = PlainLabel(
            tr("Not made from another run, and none made from it. New run with these settings (Ctrl+D)."),
            "small",
            wrap=True,
        )
        self._alone.setContentsMargins(8, 4, 8, 8)
        self._lay_out()
        self.tree.toggled.connect(lambda on: self._turn(self.bin if on else None))
        self.bin.toggled.connect(lambda on: self._turn(self.tree if on else None))

    @property
    def shows_tree(self) -> bool:
        """Whether the ancestry is shown."""
        return self.tree.isChecked()

    def show_rows(self, rows: Sequence[RunRow], deleted: int, wanted: int | None = None) -> None:
        """Show these rows and keep one of them selected.

        Args:
            rows: The rows, from top to bottom.
            deleted: How many runs lie in the bin.
            wanted: The run to select; otherwise what was selected stays so.
        """
        in_bin = self.bin.isChecked()
        self._rows = list(rows)
        self._empty.setText(
            tr("The bin is empty.") if in_bin else tr("No runs. Start one on Models, or look into the bin.")
        )
        self.bin.setVisible(in_bin or deleted > 0)
        place = self.runs.currentIndex().row()
        self.runs.set_rows(rows)
        if wanted is None or not self.runs.select(wanted):
            self.runs.select_something(place)
        self._show()

    def show_ancestry(self, rows: Sequence[KinRow], current: int | None) -> None:
        """Show the tree of the current run."""
        self.ancestry.set_rows(rows, current)
        self._show()

    def show_queue(self, held: bool, waiting: int, at_work: bool, writable: bool) -> None:
        """Show how the queue stands.

        Args:
            held: Whether it is paused.
            waiting: How many runs wait.
            at_work: Whether a run is at work or waits.
            writable: Whether the project may be changed.
        """
        text = tr("Resume queue") if held else tr("Pause queue")
        self.hold.setIcon(icon("play-circle" if held else "pause-circle", "warning" if held else "muted"))
        self.hold.setAccessibleName(text)
        what = tr("Let the next run begin") if held else tr("The run at work goes on, no further one begins")
        self.hold.setToolTip(f"{text}: {what} (Ctrl+Shift+P)")
        self.hold.setVisible(writable and (held or at_work) and not self.bin.isChecked())
        self.runs.set_movable(writable and not self.bin.isChecked())
        words = tr("Queue paused")
        if waiting:
            words += " · " + tr("{count} waiting", count=number_format.count(waiting))
        self._queue_words.setText(words)
        self._queue.setVisible(held and not self.bin.isChecked())

    def rename(self) -> None:
        """Edit the name of the current run in place, in the list."""
        self.tree.setChecked(False)
        self.runs.rename()

    def _turn(self, other: QToolButton | None) -> None:
        if other is not None and other.isChecked():
            other.setChecked(False)  # tells by itself
        self._show()
        self.turned.emit()

    def _show(self) -> None:
        in_bin, tree = self.bin.isChecked(), self.shows_tree
        self._title.setText(tr("Bin") if in_bin else tr("Ancestry") if tree else tr("Runs"))
        shown = self.ancestry.rows() if tree else self._rows
        self._count.setText(number_format.count(len(shown)))
        self._empty.setVisible(not self._rows)
        self.runs.setVisible(bool(self._rows) and not tree)
        self.ancestry.setVisible(bool(self._rows) and tree)
        self._alone.setVisible(self.ancestry.isVisibleTo(self) and len(self.ancestry.rows()) == 1)

    def _make_queue(self) -> tuple[QWidget, ElidedLabel]:
        line, words = QWidget(), ElidedLabel(role="small")
        words.setProperty("tone", "warning")
        row = QHBoxLayout(line)
        row.setContentsMargins(8, 0, 8, 4)
        row.setSpacing(4)
        row.addWidget(IconLabel("pause-circle", "warning"))
        row.addWidget(words, 1)
        line.hide()
        return line, words

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._count)
        head.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for button in (self.hold, self.tree, self.bin):
            buttons.addWidget(button)
        head.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._queue)
        column.addWidget(self._empty, 1)
        column.addWidget(self.runs, 1)
        column.addWidget(self.ancestry, 1)
        column.addWidget(self._alone)


def _button(icon_name: str, name: str = "", *, checkable: bool = False) -> QToolButton:
    button = QToolButton()
    button.setCheckable(checkable)
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(16, 16))
    button.setAccessibleName(name)
    return button
