"""The samples of a dataset: pictures in a grid, or rows in a table."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.gui.item_models.records import Column
from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.pictures import Pictures
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel
from workbench.gui.widgets.table import Table

_MOST_COLUMNS = 200
Rows = Callable[[int, int], Sequence[Sequence[str]]]


class RowTable(QWidget):
    """The rows of a table as text, fetched as they are looked at. `failed` carries why they cannot be."""

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = -1
        self.table: Table[Sequence[str]] | None = None
        self._note = ElidedLabel("", "small")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self._note)

    def show_look(self, look: Look, rows: Rows) -> None:
        """Show the rows of a dataset; the place stays when it is the same one."""
        if look.dataset.id == self._shown:
            return
        self._shown = look.dataset.id
        if self.table is not None:
            self.table.hide()
            self.table.deleteLater()
        self.table = Table(_columns(look), tr("Rows"))
        self.table.set_rows(len(look.samples), self._reader(look, rows))
        self._column.insertWidget(0, self.table, 1)
        words = [tr("{count} rows", count=number_format.count(len(look.samples)))]
        if len(look.headings) > _MOST_COLUMNS:
            all_columns = number_format.count(len(look.headings))
            words.append(tr("the first {shown} of {all} columns", shown=_MOST_COLUMNS, all=all_columns))
        self._note.setText(" · ".join(words))

    def _reader(self, look: Look, rows: Rows) -> Rows:
        names = look.samples.names

        def read(start: int, stop: int) -> Sequence[Sequence[str]]:
            try:
                values = rows(start, stop)
            except (UserError, OSError) as error:
                # Raised while painting it would reach nobody.
                self.failed.emit(error)
                values = [["?"] * len(look.headings)] * (stop - start)
            return [
                (name.removeprefix("row "), *row) for name, row in zip(names[start:stop], values, strict=True)
            ]

        return read


class SamplesView(QStackedWidget):
    """Pictures or rows, whichever the dataset has."""

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = Pictures()
        self.rows = RowTable()
        self.rows.failed.connect(self.failed)
        self.addWidget(self.pictures)
        self.addWidget(self.rows)

    def show_look(self, look: Look, rows: Rows, may_change: bool = False) -> None:
        """Show the samples of a dataset.

        Args:
            look: The dataset.
            rows: Returns rows [start, stop) of a table as text.
            may_change: Whether a class can be set right.
        """
        if look.headings:
            self.rows.show_look(look, rows)
            self.setCurrentWidget(self.rows)
        else:
            self.pictures.show_look(look, may_change)
            self.setCurrentWidget(self.pictures)


def _columns(look: Look) -> list[Column[Sequence[str]]]:
    kinds = {column.name: column.kind for column in look.dataset.schema.columns}
    target = look.dataset.schema.target
    words = {
        "number": tr("number"),
        "category": tr("category"),
        "unused": tr("not used: constant, an id or free text"),
        "target": tr("target: what is learnt"),
    }
    columns: list[Column[Sequence[str]]] = [
        Column(tr("Row"), lambda row: row[0], align="right", tip=tr("Row in the file; the heading is row 1."))
    ]
    for place, name in enumerate(look.headings[:_MOST_COLUMNS], start=1):
        kind = "target" if name == target else kinds.get(name, "unused")
        columns.append(
            Column(
                name,
                lambda row, place=place: row[place],  # type: ignore[misc]
                align="right" if kind == "number" else "left",
                tip=f"{name} · {words[kind]}",
                strong=kind == "target",
                tone=(lambda _row: "muted") if kind == "unused" else None,
            )
        )
    return columns
