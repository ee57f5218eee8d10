"""Importing from the window: choose a source, look at a table before, and begin."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import CancelledError, UserError
from workbench.gui import background
from workbench.gui.import_choices import FirstRows, WrittenAs, quiet_combo
from workbench.gui.panes.base import Shell
from workbench.gui.theme import GAP, MARGIN, icon
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip
from workbench.gui.widgets.notices import Banner
from workbench.services.datasets import title_of

if TYPE_CHECKING:
    from workbench.core.records import Preview
    from workbench.services.session import Session

_NOTES = 4
_TABLES = "*.csv *.tsv *.tab *.txt *.xlsx *.xlsm *.parquet *.jsonl *.ndjson"


def ask_source(parent: QWidget) -> list[Path]:
    """Ask what to import: a folder, an archive or a table. Empty when nothing was chosen."""
    menu = QMenu(parent)
    folder = menu.addAction(icon("image"), tr("Folder of pictures, texts or recordings…"))
    table = menu.addAction(icon("table"), tr("Table or texts…"))
    archive = menu.addAction(icon("archive-box"), tr("Archive (zip, tar)…"))
    menu.setActiveAction(folder)
    chosen = menu.exec(_place_of_menu(parent))
    menu.deleteLater()
    if chosen is folder:
        title = tr("Folder with one sub-folder a class, or with a list of labels in it")
        found = QFileDialog.getExistingDirectory(parent, title)
        return [Path(found)] if found else []
    if chosen is table:
        kinds = f"{tr('Tables')} ({_TABLES});;{tr('All files')} (*)"
        files, _ = QFileDialog.getOpenFileNames(parent, tr("Tables to import"), "", kinds)
        return [Path(file) for file in files]
    if chosen is archive:
        kinds = f"{tr('Archives')} (*.zip *.tar *.gz *.tgz *.bz2 *.tbz2 *.xz *.txz);;{tr('All files')} (*)"
        files, _ = QFileDialog.getOpenFileNames(parent, tr("Archives to import"), "", kinds)
        return [Path(file) for file in files]
    return []


def _place_of_menu(parent: QWidget) -> QPoint:
    """Return where the question is looked for: below the button pressed, at the pointer, or in the middle."""
    button = QApplication.focusWidget()
    if isinstance(button, QAbstractButton) and button.underMouse():
        return button.mapToGlobal(button.rect().bottomLeft())
    pointer = QCursor.pos()
    is_inside = parent.rect().contains(parent.mapFromGlobal(pointer))
    return pointer if is_inside else parent.mapToGlobal(parent.rect().center())


def start_import(shell: Shell, session: "Session", sources: Sequence[Path], parent: QWidget) -> None:
    """Import these files and folders in turn: look at each, show the dialog for tables, go to Data.

    Problems are told in the Data pane. Returns at once.

    Args:
        shell: The window.
        session: The open project.
        sources: Files and folders.
        parent: The widget that the dialog belongs to.
    """
    try:
        session.require_writable()
    except UserError as error:
        shell.go("data", problem=str(error))
        return
    _Imports(shell, session, sources, parent).look_at_next()


class _Imports:
    """Looks at sources one after the other and submits what can be imported."""

    def __init__(self, shell: Shell, session: "Session", sources: Sequence[Path], parent: QWidget) -> None:
        self._shell = shell
        self._session = session
        self._sources = list(sources)
        self._parent = parent
        self._problems: list[str] = []
        self._first = True

    def look_at_next(self) -> None:
        """Look at the next source in a thread; it loads what reads data the first time."""
        if self._shell.session is not self._session:
            return
        if not self._sources:
            self._shell.go("data", looking="")
            if self._problems:
                self._shell.go("data", problem="\n".join(self._problems))
            return
        source = self._sources.pop(0)
        token = CancelToken()
        self._shell.go("data", looking=source.name, first=self._first, stop=token.cancel)
        self._first = False
        background.query(
            lambda: self._session.datasets.inspect(source, token=token),
            lambda preview: self._on_preview(source, preview),
            self._on_failed,
            owner=self._parent,
            token=token,
        )

    def _on_preview(self, source: Path, preview: "Preview") -> None:
        if self._shell.session is not self._session:
            return
        if not preview.columns:
            self._submit(source, ImportConfig())
            return
        dialog = ImportDialog(preview, source, self._session, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.confirmed.connect(lambda config: self._submit(source, config))
        dialog.rejected.connect(self.look_at_next)
        dialog.open()

    def _submit(self, source: Path, config: ImportConfig) -> None:
        newest = max((item.id for item in self._session.datasets.all(include_deleted=True)), default=0)
        try:
            job_id = self._session.datasets.import_source(source, config)
        except UserError as error:
            self._problems.append(str(error))
        else:
            self._shell.go("data", importing=job_id, newest=newest)
        self.look_at_next()

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, CancelledError):
            told = str(error) if isinstance(error, UserError) else self._session.report_fault(error)
            self._problems.append(told)
        self.look_at_next()


class ImportDialog(QDialog):
    """A table before it is imported: what was detected, its first rows, the target, the name.

    `confirmed` carries the ImportConfig. Whatever of the file is set right shows the table anew.

    Args:
        preview: What was found.
        source: The file.
        session: The open project, to look again.
    """

    confirmed = Signal(object)

    def __init__(
        self, preview: "Preview", source: Path, session: "Session", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._source = source
        self._session = session
        self._preview = preview
        self._title = PlainLabel("", "muted", wrap=True)
        self._notes = PlainLabel("", wrap=True)
        self._banner = Banner()
        self._name = QLineEdit(title_of(source))
        self._kind = quiet_combo()
        self._text = quiet_combo()
        self._text_label = PlainLabel(tr("Text column"), "muted")
        self._target = quiet_combo()
        self._files = quiet_combo()
        self._is_list = "files" in preview.details
        self._written = WrittenAs(self)
        self._table_card = QFrame(self)
        self._rows = FirstRows(self._table_card)
        self._hint = PlainLabel("", "small")
        self._import = QPushButton(tr("Import"))
        self.setWindowTitle(tr("Import {name}", name=source.name))
        self.setAccessibleName(tr("Import table"))
        self._lay_out()
        self._offer_kinds()
        self._show(preview)
        self._kind.currentIndexChanged.connect(self._look_again)
        if self._is_list:
            for combo in (self._target, self._files):
                combo.currentIndexChanged.connect(self._look_again)
        self._text.currentIndexChanged.connect(lambda: self._show_rows(self._preview))
        self._written.changed.connect(self._look_again)
        self._rows.changed.connect(self._look_again)
        self._target.currentIndexChanged.connect(lambda: self._show_rows(self._preview))
        self._name.textChanged.connect(self._tell)
        self.resize(760, 560)
        self._import.setFocus()

    def config(self) -> ImportConfig:
        """Return what was decided."""
        return ImportConfig(
            name=self._name.text().strip() or None,
            kind=self._preview.kind,
            text=self._text.currentData() if self._preview.kind == "text" else None,
            target=self._target.currentData(),
            files=self._files.currentData() if self._is_list else None,
            **self._set_right(),
        )

    def accept(self) -> None:
        """Import with what is shown."""
        if not self._import.isEnabled():
            return
        config = self.config()
        super().accept()
        self.confirmed.emit(config)

    def _controls(self) -> tuple[tuple[str, QWidget, str], ...]:
        """Return what can be corrected: title, control and what it is for."""
        target = self._target, tr("What a model has to learn: classes or a number.")
        name = tr("Name"), self._name, tr("What the dataset is called; you can rename it later.")
        if self._is_list:
            files = tr("File column"), self._files, tr("Which column names the file of each row.")
            return name, files, (tr("Label column"), *target)
        kind = self._kind, tr("Tables are learnt from column by column, texts word by word.")
        text = tr("Text column"), self._text, tr("What a model has to read.")
        return name, (tr("Target column"), *target), (tr("Read as"), *kind), text

    def _lay_out(self) -> None:
        self._name.setMaxLength(200)
        for asked in (self._files, self._kind, self._text, self._text_label):
            asked.setParent(self)  # not all of them are asked for
            asked.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for place, (text, control, about) in enumerate(self._controls()):
            label = self._text_label if control is self._text else PlainLabel(text, "muted")
            label.setBuddy(control)
            control.setAccessibleName(text)
            control.setToolTip(tip(about))
            grid.addWidget(label, 0, place)
            grid.addWidget(control, 1, place)
            grid.setColumnStretch(place, 1)
            for widget in (label, control):
                widget.show()
        inside = QVBoxLayout(self._table_card)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self._rows)
        self._table_card.setProperty("role", "card")
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
        buttons.addWidget(self._hint, 1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._import)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(ElidedLabel(self._source.name, "section"))
        column.addWidget(self._title)
        column.addWidget(self._notes)
        column.addWidget(self._banner)
        column.addLayout(grid)
        column.addWidget(self._written)
        column.addWidget(self._table_card, 1)
        column.addLayout(buttons)

    def _offer_kinds(self) -> None:
        for kind, words in (("table", tr("Table")), ("text", tr("Texts"))):
            self._kind.addItem(words, kind)
        self._kind.setCurrentIndex(self._kind.findData(self._preview.kind))

    def _show(self, preview: "Preview") -> None:
        """Show what was found, with the columns that were chosen before where they are still there."""
        self._preview = preview
        self._title.setText(preview.title)
        self._show_notes(preview.notes)
        _offer(self._target, preview.columns, preview.target)
        if preview.kind == "text":
            _offer(self._text, preview.columns, preview.details.get("text"))
        for widget in (self._text, self._text_label):
            widget.setVisible(preview.kind == "text")
        if self._is_list:
            _offer(self._files, preview.columns, preview.details.get("files"))
        self._written.show_details(preview.details)
        self._show_rows(preview)
        self._banner.hide()
        if misfit := preview.details.get("misfit", ""):
            self._banner.tell(misfit, "warning", dismissable=False)
        self._tell()

    def _show_notes(self, notes: Sequence[str]) -> None:
        more = len(notes) - _NOTES
        shown = [
            *notes[:_NOTES],
            *([tr("{count} more are told after the import.", count=more)] if more > 0 else []),
        ]
        self._notes.setText("\n".join(shown))
        self._notes.setToolTip(tip("\n".join(notes)) if more > 0 else "")
        self._notes.setVisible(bool(notes))

    def _show_rows(self, preview: "Preview") -> None:
        self._rows.show_rows(
            preview.columns, preview.rows, preview.types, *self._strong(), written=preview.written
        )
        only_read = tr("The file is only read.")
        choose = tr("Click a heading to say what its column is.")
        self._hint.setText(f"{choose} {only_read}" if preview.types else only_read)

    def _strong(self) -> tuple[str | None, str | None]:
        """Return the headings of the target and, for texts, of what is read."""
        text = self._text.currentData() if self._preview.kind == "text" else None
        return self._target.currentData(), text

    def _set_right(self) -> dict[str, Any]:
        """Return what the user set right, by field of ImportConfig."""
        return {**self._written.fields(), "types": self._rows.types}

    def _look_again(self) -> None:
        """Look at the file with what the user set right."""
        config = ImportConfig(kind=self._kind.currentData(), **self._set_right())
        if self._is_list:
            config = self.config()
        self._import.setEnabled(False)
        token = CancelToken()
        background.query(
            lambda: self._session.datasets.inspect(self._source, config, token),
            self._show,
            self._on_failed,
            owner=self,
            key="inspect",
            token=token,
        )

    def _on_failed(self, error: Exception) -> None:
        told = str(error) if isinstance(error, UserError) else self._session.report_fault(error)
        self._banner.tell(told, dismissable=False)

    def _tell(self) -> None:
        is_named = bool(self._name.text().strip())
        self._import.setEnabled(is_named and bool(self._preview.columns) and self._target.currentIndex() >= 0)
        self._import.setToolTip("" if is_named else tr("Give the dataset a name first."))


def _offer(combo: QComboBox, columns: Sequence[str], wanted: str | None) -> None:
    """Offer these columns; the one that is chosen stays so where it is among them."""
    chosen = combo.currentData()
    combo.blockSignals(True)
    combo.clear()
    for heading in columns:
        combo.addItem(heading, heading)
    combo.setCurrentIndex(combo.findData(chosen if chosen in columns else wanted))
    combo.blockSignals(False)
