"""Risks and cards out of the window, and risks into it: choose a file, look at every row, and begin."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import UserError
from workbench.gui import background
from workbench.gui.item_models.records import Column
from workbench.gui.panes.base import Shell
from workbench.gui.theme import GAP, MARGIN
from workbench.gui.translate import tr
from workbench.gui.undo_offer import offer_undo
from workbench.gui.widgets import number_format
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip
from workbench.gui.widgets.notices import Banner
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    from workbench.services.exchange import SheetPreview
    from workbench.services.history import Change
    from workbench.services.session import Session

T = TypeVar("T")

_KINDS = "(*.xlsx *.csv)"
_FIELDS_WIDTH = 340


def export_risks(shell: Shell, session: "Session", path: Path | None = None) -> None:
    """Write the register as Excel or CSV; asks where when no path is given. Returns at once.

    Args:
        shell: The window.
        session: The open project.
        path: The file.
    """
    words = tr("{count} risks written to {name}")
    _export(shell, session, path or _ask_target(shell, session, "risks", tr("Export risks")), "risks", words)


def export_cards(shell: Shell, session: "Session", path: Path | None = None) -> None:
    """Write the cards of the board as Excel or CSV; asks where when no path is given. Returns at once.

    Args:
        shell: The window.
        session: The open project.
        path: The file.
    """
    words = tr("{count} cards written to {name}")
    _export(shell, session, path or _ask_target(shell, session, "cards", tr("Export cards")), "cards", words)


def _ask_target(shell: Shell, session: "Session", what: str, title: str) -> Path | None:
    parent = shell if isinstance(shell, QWidget) else None
    name = str(Path.home() / f"{session.project.name} {what}.xlsx")
    kinds = f"{tr('Excel')} (*.xlsx);;{tr('CSV')} (*.csv)"
    chosen, kind = QFileDialog.getSaveFileName(parent, title, name, kinds)
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.casefold() not in (".xlsx", ".csv"):
        path = Path(f"{chosen}{'.csv' if 'csv' in kind else '.xlsx'}")
    return path


def _export(shell: Shell, session: "Session", path: Path | None, what: str, words: str) -> None:
    if path is None:
        return
    write = session.exchange.export_cards if what == "cards" else session.exchange.export_risks

    def done(count: int) -> None:
        shell.notify(words.format(count=count, name=path.name))

    _ask(shell, session, lambda: write(path), done)


def import_risks(shell: Shell, session: "Session", path: Path | None = None) -> None:
    """Bring a register in: shows every row before. Asks for the file when none is given. Returns at once.

    Args:
        shell: The window.
        session: The open project.
        path: The file.
    """
    parent = shell if isinstance(shell, QWidget) else None
    try:
        session.require_writable()
    except UserError as error:
        shell.notify(str(error))
        return
    if path is None:
        kinds = f"{tr('Excel and CSV')} {_KINDS}"
        chosen, _ = QFileDialog.getOpenFileName(parent, tr("Import risks"), "", kinds)
        if not chosen:
            return
        path = Path(chosen)
    source = path

    def show(preview: "SheetPreview") -> None:
        dialog = ExchangeDialog(session, preview, parent)
        dialog.brought_in.connect(lambda done, change: _tell_done(shell, session, done, change))
        dialog.open()

    _ask(shell, session, lambda: session.exchange.preview(source), show)


def _tell_done(shell: Shell, session: "Session", done: "SheetPreview", change: "Change | None") -> None:
    text = tr("Risks imported: {added} new, {changed} changed", added=done.added, changed=done.changed)
    offer_undo(shell, session, text, change)


def _ask(shell: Shell, session: "Session", work: Callable[[], T], then: Callable[[T], None]) -> None:
    def failed(error: Exception) -> None:
        told = str(error) if isinstance(error, UserError) else session.report_fault(error)
        shell.notify(told)

    # The window that panes call their shell is what the answer is for.
    assert isinstance(shell, QWidget)
    background.query(work, then, failed, owner=shell, key="exchange")


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the file with what is wrong with it."""

    number: int
    cells: Sequence[str]
    problem: str


class ExchangeDialog(QDialog):
    """What each column of a file becomes, and every row with what is wrong with it.

    `brought_in` carries what was done, and the step that takes it back.

    Args:
        session: The open project.
        preview: What was found in the file.
        parent: The window.
    """

    brought_in = Signal(object, object)

    def __init__(self, session: "Session", preview: "SheetPreview", parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self._preview = preview
        self._combos: dict[str, ElidedComboBox] = {}
        self._banner = Banner()
        self._found = PlainLabel("", "muted", wrap=True)
        self._notes = PlainLabel("", "small", wrap=True)
        self._table: Table[_Line] = self._make_table()
        self._import = QPushButton()
        self.setWindowTitle(tr("Import risks"))
        self.setAccessibleName(tr("Import risks"))
        self._lay_out()
        self._show(preview)
        self.resize(960, 620)
        self._import.setFocus()

    def mapping(self) -> dict[str, str]:
        """Return by heading the field that it fills."""
        return {heading: combo.currentData() for heading, combo in self._combos.items()}

    def accept(self) -> None:
        """Bring in the rows that can be."""
        if not self._import.isEnabled():
            return
        self._import.setEnabled(False)
        session, path, mapping = self._session, self._preview.path, self.mapping()

        def work() -> "tuple[SheetPreview, Change | None]":
            return session.exchange.bring_in(path, mapping, leave_out=True), session.history.last

        def done(answer: "tuple[SheetPreview, Change | None]") -> None:
            self.brought_in.emit(*answer)
            self.done(QDialog.DialogCode.Accepted)

        background.query(
            work,
            done,
            self._on_failed,
            owner=self,
            key="preview",
        )

    def _make_table(self) -> Table[_Line]:
        columns: list[Column[_Line]] = [
            Column(tr("Row"), lambda line: line.number, align="right"),
            Column(
                tr("Problem"),
                lambda line: line.problem or None,
                tone=lambda line: "danger" if line.problem else "",
                tip=tr("Why the row cannot be brought in; a dash where it can."),
            ),
        ]
        for place, heading in enumerate(self._preview.headings):
            get = partial(_cell, place)
            columns.append(Column(heading, get, tip=heading))
        return Table(columns, tr("Rows of the file"))

    def _lay_out(self) -> None:
        cancel = QPushButton(tr("Cancel"))
        cancel.setAccessibleName(tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self._import.setAccessibleName(tr("Import"))
        self._import.setProperty("primary", True)
        self._import.setDefault(True)
        self._import.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        words = tr("One step: Undo takes all of it back. The file is only read.")
        buttons.addWidget(PlainLabel(words, "small"), 1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._import)
        card = QFrame()
        card.setProperty("role", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self._table)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._fields())
        row.addWidget(card, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(ElidedLabel(self._preview.path.name, "section"))
        column.addWidget(self._found)
        column.addWidget(self._banner)
        column.addLayout(row, 1)
        column.addWidget(self._notes)
        column.addLayout(buttons)

    def _fields(self) -> QScrollArea:
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.addWidget(PlainLabel(tr("Column"), "muted"), 0, 0)
        grid.addWidget(PlainLabel(tr("Becomes"), "muted"), 0, 1)
        titles = self._session.exchange.fields()
        for place, heading in enumerate(self._preview.headings, start=1):
            label = ElidedLabel(heading)
            label.setToolTip(tip(heading))
            combo = ElidedComboBox()
            combo.setAccessibleName(heading)
            combo.setMinimumContentsLength(8)
            combo.setSizeAdjustPolicy(ElidedComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.addItem(tr("not brought in"), "")
            for name, title in titles.items():
                combo.addItem(tr(title), name)
            combo.setCurrentIndex(max(0, combo.findData(self._preview.mapping.get(heading, ""))))
            combo.currentIndexChanged.connect(self._look_again)
            grid.addWidget(label, place, 0)
            grid.addWidget(combo, place, 1)
            self._combos[heading] = combo
        grid.setRowStretch(len(self._preview.headings) + 1, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFixedWidth(_FIELDS_WIDTH)
        area.setWidget(inside)
        inside.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        return area

    def _look_again(self) -> None:
        self._import.setEnabled(False)
        session, path, mapping = self._session, self._preview.path, self.mapping()
        background.query(
            lambda: session.exchange.preview(path, mapping),
            self._show,
            self._on_failed,
            owner=self,
            key="preview",
        )

    def _show(self, preview: "SheetPreview") -> None:
        self._preview = preview
        self._banner.hide()
        count = number_format.count
        words = tr(
            "{how} · {added} new, {changed} changed, {same} the same",
            how=preview.how,
            added=count(preview.added),
            changed=count(preview.changed),
            same=count(preview.same),
        )
        if preview.problems:
            words += " · " + tr("{count} rows with problems are left out", count=count(len(preview.problems)))
        self._found.setText(words)
        notes = list(preview.notes)
        if preview.unknown:
            named = ", ".join(preview.unknown)
            notes.insert(0, tr("Columns that are not brought in: {names}.", names=named))
        self._notes.setText(" ".join(notes))
        self._notes.setVisible(bool(notes))
        self._table.set_records(
            [
                _Line(number, cells, " ".join(preview.problems.get(number, ())))
                for number, cells in enumerate(preview.rows, start=2)
                if any(cell.strip() for cell in cells)
            ]
        )
        ready = preview.added + preview.changed
        text = tr("Import 1 risk") if ready == 1 else tr("Import {count} risks", count=count(ready))
        why = tr("No row can be brought in: see the problems.")
        if preview.same and not ready:
            text, why = tr("Nothing would change"), tr("The project has all of these risks as they are here.")
        elif not ready:
            text = tr("Import")
        self._import.setText(text)
        self._import.setEnabled(bool(ready))
        self._import.setToolTip("" if ready else why)

    def _on_failed(self, error: Exception) -> None:
        told = str(error) if isinstance(error, UserError) else self._session.report_fault(error)
        self._banner.tell(told, dismissable=False)


def _cell(place: int, line: _Line) -> str | None:
    text = line.cells[place].replace("\n", " ")
    return text or None
