"""The very samples behind a choice: pictures in a grid, or rows of the table with all their columns."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from workbench.core.states import Modality, Task
from workbench.gui import background
from workbench.gui.item_models.records import Column
from workbench.gui.modalities import counted
from workbench.gui.panes.evaluation.reading import MOST_ROWS, Judged, SampleRow, read_rows
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel
from workbench.gui.widgets.picture_grid import Picture, PictureGrid
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.gui.panes.base import Pane

_FIRST_LETTERS = 200


class Samples(QWidget):
    """Title, count, and the samples themselves.

    `row_chosen` carries the place in the predictions of the row that was selected; None when none is.

    Args:
        pane: Whose session is read, and who tells what went wrong.
        empty_text: What stands here while nothing is chosen.
    """

    row_chosen = Signal(object)

    def __init__(self, pane: "Pane", empty_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pane = pane
        self._empty_text = empty_text
        self._judged: Judged | None = None
        self._title = ElidedLabel(role="section")
        self._count = PlainLabel(role="small")
        self._verb = QPushButton()
        restyle(self._verb, quiet=True)
        self._verb.clicked.connect(self._on_verb)
        self._verb.hide()
        self._act: Callable[[], object] | None = None
        self._grid = PictureGrid(tr("Samples"), empty_text=empty_text)
        self._grid.current_changed.connect(self._tell_current)
        self._table: Table[SampleRow] | None = None
        self._about = ElidedLabel(role="small")
        self._hits: Sequence[int] = ()
        stage = QWidget()
        self._stage = QStackedLayout(stage)
        self._stage.addWidget(self._grid)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        head.addWidget(self._verb)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(stage, 1)
        column.addWidget(self._about)
        self._about.hide()

    @property
    def table(self) -> "Table[SampleRow] | None":
        """The table of rows; None for pictures."""
        return self._table

    def set_judged(self, judged: Judged) -> None:
        """Take samples from this evaluation from now on; nothing is shown yet."""
        fresh = self._judged is None or self._judged.dataset.id != judged.dataset.id
        self._judged = judged
        if fresh and judged.pictures is None:
            self._use_table(judged)
        elif judged.pictures is not None:
            self._stage.setCurrentWidget(self._grid)
        self.clear()

    def clear(self) -> None:
        """Show nothing."""
        self._say_when_empty(self._empty_text)
        self._show_head("", "")
        self._hits = ()
        self.offer("", None)
        self._grid.set_pictures(0, lambda start, stop: [])
        self._about.hide()
        if self._table is not None:
            self._table.set_records([])
        # Takes the place of rows that are still being read.
        background.query(lambda: None, lambda _none: None, owner=self, key="rows")

    def offer(self, text: str, act: Callable[[], object] | None) -> None:
        """Offer one thing to do with the samples shown, as a button beside the title; None is none."""
        self._act = act
        self._verb.setText(text)
        self._verb.setAccessibleName(text)
        self._verb.setVisible(act is not None)

    def _on_verb(self) -> None:
        if self._act is not None:
            self._act()

    def show_samples(self, title: str, order: str, hits: "NDArray[np.int64]", *, one_class: bool) -> None:
        """Show samples.

        Args:
            title: What they have in common.
            order: How they are ordered, such as *most certain first*.
            hits: (m,) places in the predictions.
            one_class: Whether the title says what all of them are, so that it need not be said of each.
        """
        judged = self._judged
        if judged is None:
            return
        self._say_when_empty(tr("None of the samples fell here."))
        self._about.hide()
        if judged.pictures is not None:
            words = counted(Modality.PICTURE, len(hits))
            self._show_head(title, f"{words} · {order}" if len(hits) > 1 else words)
            self._show_pictures(judged, hits, one_class)
        else:
            words = counted(judged.dataset.schema.modality, len(hits))
            if len(hits) > MOST_ROWS:
                most = number_format.count(MOST_ROWS)
                order = tr("{order}, {most} shown", order=order, most=most)
            self._show_head(title, f"{words} · {order}" if len(hits) > 1 else words)
            self.show_rows(hits)

    def show_rows(self, hits: "NDArray[np.int64]", chosen: int | None = None) -> None:
        """Show rows of a table, one of them selected when it is given, under the title there is."""
        judged, session = self._judged, self._pane.session
        if judged is None or session is None:
            return

        def show(rows: list[SampleRow]) -> None:
            if self._table is not None:
                self._table.set_records(rows)
                if chosen is not None:
                    self._table.select(lambda row: row.hit == chosen)
                else:
                    self._table.scrollToTop()

        background.query(
            lambda: read_rows(session, judged, hits), show, self._pane.tell, owner=self, key="rows"
        )

    def set_title(self, title: str, note: str = "") -> None:
        """Say what the rows have in common."""
        self._show_head(title, note)

    def _say_when_empty(self, text: str) -> None:
        for view in (self._grid, self._table):
            if view is not None:
                view.set_empty_text(text)

    def _show_head(self, title: str, note: str) -> None:
        self._title.setText(title)
        self._count.setText(note)

    def _show_pictures(self, judged: Judged, hits: "NDArray[np.int64]", one_class: bool) -> None:
        said, classes, pictures = judged.predictions, judged.dataset.schema.classes, judged.pictures
        self._hits = hits.tolist()

        def provide(start: int, stop: int) -> list[Picture]:
            found = []
            for hit in hits[start:stop]:
                sure = number_format.percent(float(said.confidence[hit]))
                words = f"{classes[said.predicted[hit]]} · {sure}"
                if not one_class and said.actual[hit] != said.predicted[hit]:
                    words = f"{classes[said.actual[hit]]} → {words}"
                found.append(Picture(pictures[said.index[hit]], words))  # type: ignore[index]
            return found

        self._grid.set_pictures(len(hits), provide)

    def _tell_current(self, number: int) -> None:
        """Say which file the current picture is."""
        if self._judged is not None and 0 <= number < len(self._hits):
            place = int(self._judged.predictions.index[self._hits[number]])
            self._about.setText(self._judged.names[place])
            self._about.show()

    def _use_table(self, judged: Judged) -> None:
        """Make a table with the columns of this dataset."""
        if self._table is not None:
            self._stage.removeWidget(self._table)
            self._table.deleteLater()
        self._table = Table(
            _columns(judged),
            tr("Samples"),
            identity=lambda row: row.hit,
            empty_text=self._empty_text,
        )
        self._table.selection_changed.connect(
            lambda rows: self.row_chosen.emit(rows[0].hit if rows else None)
        )
        self._stage.addWidget(self._table)
        self._stage.setCurrentWidget(self._table)


def _columns(judged: Judged) -> list[Column[SampleRow]]:
    """Return the columns: where it came from, what it is, what was said, then all of the file."""
    schema = judged.dataset.schema
    first: list[Column[SampleRow]] = [Column(tr("Sample"), lambda row: row.name, strong=True)]
    if schema.task is Task.CLASSIFICATION:
        first += [
            Column(tr("Actual"), lambda row: row.actual),
            Column(tr("Predicted"), lambda row: row.predicted),
            Column(
                tr("Probability"),
                lambda row: row.sure,
                "right",
                number_format.percent,
                tr("Probability of the predicted class, as the model sees it."),
            ),
        ]
    else:
        first += [
            Column(tr("Actual"), lambda row: row.actual, "right", number_format.number),
            Column(tr("Predicted"), lambda row: row.predicted, "right", number_format.number),
            Column(
                tr("Error"),
                lambda row: row.error,
                "right",
                number_format.number,
                tr("Predicted minus actual."),
            ),
        ]
    return first + [
        _file_column(place, column.name, column.kind) for place, column in enumerate(schema.columns)
    ]


def _file_column(place: int, name: str, kind: str) -> Column[SampleRow]:
    def value(row: SampleRow) -> Any:
        return row.values[place]

    if kind == "number":
        return Column(name, value, "right", lambda figure: figure.text, name)
    if kind == "text":
        return Column(name, lambda row: " ".join(value(row)[:_FIRST_LETTERS].split()), stretch=True, tip=name)
    return Column(name, value, tip=name)
