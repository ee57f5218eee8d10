"""What there is to say of one run: its settings, how it goes, its note."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.core.augmentation import in_words
from workbench.core.configs import TrainConfig
from workbench.core.records import Run
from workbench.gui.panes.training.this_run import Fact, Progress
from workbench.gui.theme import figure_font
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.form_fields import Choices, extra_of, words_of
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip
from workbench.services.preparation import recipe_words

if TYPE_CHECKING:
    from workbench.core.registry import Choice


class Facts(QWidget):
    """Names at the left, values at the right, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._rows: list[tuple[PlainLabel, ElidedLabel]] = []

    def set_facts(self, facts: Sequence[Fact], more: Mapping[str, str] | None = None) -> None:
        """Show these facts; labels are kept, so that figures that tick do not flicker.

        Args:
            facts: The facts, from top to bottom.
            more: What the tooltip of a fact says, by its name.
        """
        while len(self._rows) < len(facts):
            name, value = PlainLabel(role="muted", wrap=True), ElidedLabel()
            value.setFont(figure_font())
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            # Each row shares its width by its own words; a name that does not fit goes on in a second line.
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(name, 1)
            row.addWidget(value)
            self._column.addLayout(row)
            self._rows.append((name, value))
        for at, (name, value) in enumerate(self._rows):
            name.setVisible(at < len(facts))
            value.setVisible(at < len(facts))
            if at < len(facts):
                title, text, strong = facts[at]
                name.setText(title)
                name.setAccessibleName(title)
                name.setToolTip(tip((more or {}).get(title, title)))
                value.set_more((more or {}).get(title, ""))
                if value.text() != text:
                    value.setText(text)
                role = "strong" if strong else ""
                if value.property("role") != role:
                    value.setProperty("role", role)
                    value.style().polish(value)


class NoteEdit(QPlainTextEdit):
    """A note, kept when the cursor leaves it or with Ctrl+Return; Escape puts the old one back and leaves."""

    kept = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = ""
        self.setAccessibleName(tr("Note"))
        self.setPlaceholderText(tr("What was tried, and why"))
        self.setToolTip(tr("Kept when you leave it, or with Ctrl+Return (N)"))
        self.setTabChangesFocus(True)
        self.setProperty("role", "card")
        # The application's style sets a least height for fields of one line, which a hint cannot undo.
        self.setStyleSheet("QPlainTextEdit { min-height: 60px; max-height: 60px }")

    def set_note(self, note: str) -> None:
        """Show the note of a run, unless the same one is being written."""
        if note != self._note or not self.hasFocus():
            self._note = note
            if self.toPlainText() != note:
                self.setPlainText(note)

    def keep(self) -> None:
        """Say that the note has changed, if it has."""
        text = self.toPlainText().strip()
        if text != self._note and not self.isReadOnly():
            self._note = text
            self.kept.emit(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was written."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.keep()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep, or put the old note back."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and control:
            self.keep()
        elif event.key() == Qt.Key.Key_Escape:
            self.setPlainText(self._note)
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Take Ctrl+Return before it becomes a key of the pane."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and control:
                event.accept()
                return True
        return super().event(event)


class RunDetails(QScrollArea):
    """Settings, this run, note. `note_changed` carries the new note; `price_wanted` asks for a price."""

    note_changed = Signal(str)
    price_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Details"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "card")
        self.settings, self.progress, self.note = Facts(), Facts(), NoteEdit()
        self.name = ElidedLabel(role="strong")
        self.note.kept.connect(self.note_changed)
        self._patience = PlainLabel(role="small", wrap=True)
        self._price = QPushButton()
        self._price.setProperty("link", True)
        self._price.clicked.connect(self.price_wanted)
        inner = QWidget(self.viewport())
        inner.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        for title, part in (
            (tr("This run"), self.progress),
            (tr("Note"), self.note),
            (tr("Settings"), self.settings),
        ):
            if column.count():
                column.addSpacing(12)
            column.addWidget(PlainLabel(title, "section"))
            if part is self.progress:
                column.addWidget(self.name)
            column.addWidget(part)
            if part is self.progress:
                column.addWidget(self._patience)
                column.addWidget(self._price, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.setWidget(inner)
        # Qt fills the widget of a scroll area; the card is the ground here.
        inner.setAutoFillBackground(False)

    def show_run(self, run: Run, progress: Progress, settings: Sequence[Fact], writable: bool) -> None:
        """Show one run."""
        self.name.setText(run.name)
        self.progress.set_facts(progress.facts, progress.more)
        self._patience.setText(progress.patience)
        self._patience.setVisible(bool(progress.patience))
        self._price.setText(progress.price)
        self._price.setAccessibleName(progress.price)
        self._price.setEnabled(writable)
        self.settings.set_facts(settings)
        self.note.setReadOnly(not writable)
        self.note.set_note(run.notes)


def settings_of(run: Run, family: "type[Choice] | None", choices: Choices) -> list[Fact]:
    """Return the settings of a run: first, standing out, those that differ from the defaults.

    Args:
        run: The run.
        family: The class of its model family; None while it is not loaded.
        choices: Classes by registry; what is chosen is followed by its own settings.
    """
    facts = [(tr("Model"), family.title if family is not None else run.family, False)]
    own: dict[str, Any] = dict(run.family_fields)
    if family is not None:
        own = {name: info.get_default() for name, info in family.model_fields.items()} | own
    all_facts = _facts(own, family, choices)
    train = {name: getattr(run.train, name) for name in TrainConfig.model_fields}
    all_facts += _facts(train, TrainConfig, choices)
    differing = [fact for fact in all_facts if fact[2]]
    prepared = (tr("Preparation"), recipe_words(run.preparation), False)
    return [*facts, *_augmentation(run), *differing, prepared, *(fact for fact in all_facts if not fact[2])]


def _augmentation(run: Run) -> list[Fact]:
    words = in_words(run.preparation.augmentation) if run.preparation is not None else ""
    return [(tr("Augmentation"), words, True)] if words else []


def _facts(values: Mapping[str, Any], model: type[BaseModel] | None, choices: Choices) -> list[Fact]:
    facts: list[Fact] = []
    for name, value in values.items():
        info = model.model_fields.get(name) if model is not None else None
        extra = extra_of(info) if info is not None else {}
        if extra.get("settings_of"):
            continue  # told behind what they are the settings of
        title = (info.title if info else None) or name.replace("_", " ").capitalize()
        classes = choices.get(str(extra.get("registry")), ())
        chosen = next((cls for cls in classes if cls.name == value), None)
        differs = info is not None and value != info.get_default()
        facts.append((title, chosen.title if chosen is not None else setting_words(value, info), differs))
        own = dict(values.get(str(extra.get("settings"))) or {})
        if chosen is not None:
            own = {at: its.get_default() for at, its in chosen.model_fields.items()} | own
        facts += _facts(own, chosen, choices)
    return facts


def setting_words(value: Any, info: FieldInfo | None = None) -> str:
    """Return the value of a setting as it is read, in the words that its field has for it."""
    extra = extra_of(info) if info is not None else {}
    if value is None:
        return str(extra.get("empty") or number_format.NONE)
    if value == 0 and "zero" in extra:
        return str(extra["zero"])
    if info is not None and "words" in extra:
        return words_of(value, info)
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, int):
        return number_format.count(value)
    return number_format.number(value) if isinstance(value, float) else str(value)
