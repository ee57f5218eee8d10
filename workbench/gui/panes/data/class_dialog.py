"""Another name for a class, or the class that it is merged into."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from workbench.core.errors import UserError
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.labels import PlainLabel


class ClassDialog(FormDialog):
    """Asks what a class is to be called. `chosen` carries a class that there is, or a new name.

    Args:
        classes: All classes.
        counts: How many samples each has.
        name: The class.
        parent: The pane.
    """

    chosen = Signal(str)

    def __init__(
        self, classes: Sequence[str], counts: Sequence[int], name: str, parent: QWidget | None
    ) -> None:
        about = tr("The name of another class merges the two, any other one renames the class.")
        super().__init__(tr("Rename or merge a class"), about, tr("Rename"), parent)
        self._classes, self._name = tuple(classes), name
        self._counts = dict(zip(classes, counts, strict=True))
        self.wanted = QComboBox()
        self.wanted.setEditable(True)
        self.wanted.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.wanted.addItems([other for other in classes if other != name])
        self.wanted.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        # It would end names that are new.
        self.wanted.setCompleter(None)  # type: ignore[arg-type]
        self.add_entry(tr("Name"), self.wanted)
        self._what = PlainLabel("", "muted", wrap=True)
        self.body.addWidget(self._what)
        self.wanted.currentTextChanged.connect(self._tell)
        self.wanted.setEditText(name)
        line = self.wanted.lineEdit()
        if line is not None:
            line.selectAll()
        self.wanted.setFocus()
        self._tell()

    def save(self) -> None:
        """Hand on what was chosen."""
        name = self._typed()
        if not name or name == self._name:
            raise UserError(tr("Choose another class, or type another name."))
        self.chosen.emit(name)

    def _typed(self) -> str:
        text = self.wanted.currentText()
        return text if text in self._counts else " ".join(text.split())

    def _tell(self) -> None:
        name = self._typed()
        is_merged = name in self._counts and name != self._name
        count = number_format.count(self._counts[self._name])
        new = tr("A new version is made; this one stays as it is.")
        if is_merged:
            told = tr("{count} samples of {old} become {new}.", count=count, old=self._name, new=name)
        else:
            told = tr("{count} samples keep their class under its new name.", count=count)
        self._what.setText(f"{told} {new}")
        self.action.setText(tr("Merge") if is_merged else tr("Rename"))
        self.action.setAccessibleName(self.action.text())
        self.action.setEnabled(bool(name) and name != self._name)
