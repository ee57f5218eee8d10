"""Below the samples: the label of those that are chosen, set right in place, and the labels that wait."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip

_LEAST, _WIDTH = 88, 200
_NUMBER = frozenset("0123456789+-.,")


class LabelBar(QWidget):
    """Sets the label of the chosen samples by mouse or keyboard, and says how many labels wait.

    `label_wanted` carries the class, or the value as it was typed. A key on a watched list counts too: 1 to 9
    choose the class at that place (or the one that is called so), any letter begins to type the class. `left`
    tells that what was typed is not wanted.
    """

    label_wanted = Signal(str)
    version_wanted = Signal()
    undo_wanted = Signal()
    discard_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schema: Schema | None = None
        self._places: dict[str, int] = {}
        self._count = 0
        self._back: QWidget | None = None
        self._title = PlainLabel("", "muted")
        self.classes = _class_box()
        self.classes.activated.connect(lambda at: self._want(self.classes.itemText(at)))
        line = self.classes.lineEdit()
        assert line is not None
        # Enter with the list of completions open comes by this signal alone, else by the filter below.
        line.returnPressed.connect(lambda: self._want(line.text()))
        self.value = QLineEdit()
        _narrow(self.value)
        self.value.setAccessibleName(tr("Value"))
        for field in (line, self.value):
            field.installEventFilter(self)
        self._hint = ElidedLabel("", "small")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self.classes, 1)
        row.addWidget(self.value, 1)
        row.addWidget(self._hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._waiting_row())
        column.addLayout(row)

    def offer(self, schema: Schema, may_change: bool, refusal: str) -> None:
        """Offer the classes of a dataset, or a value where labels are numbers."""
        if schema.classes != (() if self._schema is None else self._schema.classes):
            with QSignalBlocker(self.classes):
                self.classes.clear()
                self.classes.addItems(list(schema.classes))
                self.classes.setCurrentIndex(-1)
            self._places = {name: place for place, name in enumerate(schema.classes)}
        self._schema = schema
        is_number = schema.task is Task.REGRESSION
        self.classes.setVisible(not is_number)
        self.value.setVisible(is_number)
        self._title.setText(schema.target or tr("Value") if is_number else tr("Class"))
        self.setEnabled(may_change)
        self.setToolTip(tip("" if may_change else refusal))

    def show_chosen(self, count: int, label: str, was: str) -> None:
        """Show what the chosen samples have.

        Args:
            count: How many are chosen.
            label: What all of them have; empty where they differ.
            was: What the one that is chosen has in this version, where its label was set anew.
        """
        self._count = count
        line = self.classes.lineEdit()
        assert line is not None
        several = tr("several") if count > 1 else ""
        with QSignalBlocker(self.classes), QSignalBlocker(self.value):
            self.classes.setCurrentIndex(self._places.get(label, -1))
            line.setText(label)
            line.setCursorPosition(0)
            self.value.setText(label)
        for field in (line, self.value):
            field.setPlaceholderText(several)
        if not count and (line.hasFocus() or self.value.hasFocus()):
            self._leave()  # else the keyboard would go anywhere
        self.classes.setEnabled(count > 0)
        self.value.setEnabled(count > 0)
        self._hint.setText(self._hint_of(count, was))

    def show_waiting(self, count: int) -> None:
        """Show how many labels wait for a version."""
        self._waiting.setVisible(count > 0)
        number = number_format.count(count)
        text = tr("1 label changed") if count == 1 else tr("{count} labels changed", count=number)
        self._said.setText(text)
        self._said.setToolTip(
            tip(tr("They are kept in the project. Models learn from them once they are a version."))
        )

    def watch(self, widget: QWidget) -> None:
        """Take the keys of a list of samples that mean a label."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a key that means a label; leave a field with Escape."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if watched in (self.value, self.classes.lineEdit()):
            return self._ended(watched, Qt.Key(event.key()))
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ShiftModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        text = event.text()
        if not plain or not text.isprintable() or not text.strip() or not self.isEnabled() or not self._count:
            return False
        self._back = watched if isinstance(watched, QWidget) else None
        return self._typed(text)

    def _ended(self, field: QObject, key: Qt.Key) -> bool:
        """End what is typed into a field: Enter sets it, Escape leaves it."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(field, QLineEdit):
            # Taken here, since a combo box would let its signal come twice.
            self._want(field.text())
            return True
        if key == Qt.Key.Key_Escape:
            self._leave()
            self.left.emit()
        return key == Qt.Key.Key_Escape

    def _typed(self, text: str) -> bool:
        schema = self._schema
        if schema is None:
            return False
        if schema.task is Task.REGRESSION:
            if text in _NUMBER:
                self._begin(self.value, text)
            return text in _NUMBER
        if text.isdecimal():
            longer = any(name != text and name.startswith(text) for name in schema.classes)
            if text in self._places and not longer:
                self._want(text)
            elif not longer and 1 <= int(text) <= len(schema.classes):
                self._want(schema.classes[int(text) - 1])
            elif longer:
                self._begin(self.classes.lineEdit(), text)
            return True
        self._begin(self.classes.lineEdit(), text)
        return True

    def _begin(self, field: QLineEdit | None, text: str) -> None:
        assert field is not None
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.setText(text)
        field.setCursorPosition(len(text))
        completer = self.classes.completer()
        if field is not self.value and completer is not None:
            completer.setCompletionPrefix(text)
            completer.complete()

    def _want(self, text: str) -> None:
        """Hand a label on: what was typed may be a part of the name of one class only."""
        schema = self._schema
        if schema is None or not self._count or not text.strip():
            return
        label = text.strip()
        if schema.task is Task.CLASSIFICATION and text not in self._places:
            label = _meant(label, schema.classes)
        self._leave()
        self.label_wanted.emit(text if text in self._places else label)

    def _leave(self) -> None:
        """Go back to the list from which the field was entered."""
        back, completer = self._back, self.classes.completer()
        popup = None if completer is None else completer.popup()
        if popup is not None and popup.isVisible():
            popup.hide()
            if back is not None:  # once more, after the list of completions has let go of the keyboard
                QTimer.singleShot(0, back, back.setFocus)
        if back is not None and back.isVisible():
            back.setFocus()

    def _hint_of(self, count: int, was: str) -> str:
        if not count:
            return tr("Choose samples to set their label right.")
        words = []
        if count > 1:
            words.append(tr("{count} chosen", count=number_format.count(count)))
        if was:
            words.append(tr("was {label}", label=was))
        elif self._schema is not None and self._schema.task is Task.REGRESSION:
            words.append(tr("type a number, then Enter"))
        else:
            words.append(tr("keys 1–9, or type the class"))
        return " · ".join(words)

    def _waiting_row(self) -> QFrame:
        self._waiting = frame = QFrame()
        frame.setProperty("role", "notice")
        frame.setProperty("tone", "info")
        self._said = ElidedLabel("")
        row = QHBoxLayout(frame)
        row.setContentsMargins(8, 2, 2, 2)
        row.setSpacing(4)
        row.addWidget(self._said, 1)
        about = {
            tr("Undo"): (self.undo_wanted, tr("Take the last of these labels back")),
            tr("Discard"): (self.discard_wanted, tr("Forget all of these labels; Ctrl+Z brings them back")),
            tr("Make a version"): (self.version_wanted, tr("Make one new version of all these labels")),
        }
        for text, (signal, words) in about.items():
            button = QPushButton(text)
            button.setAccessibleName(text)
            button.setToolTip(tip(words))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(signal)
            restyle(button, quiet=signal is not self.version_wanted)
            row.addWidget(button)
        frame.hide()
        return frame


def _meant(typed: str, classes: Sequence[str]) -> str:
    """Return the class that was meant by a part of its name, or what was typed."""
    wanted = typed.casefold()
    if not wanted:
        return typed
    same = [name for name in classes if name.casefold() == wanted]
    first = same or [name for name in classes if name.casefold().startswith(wanted)]
    found = first or [name for name in classes if wanted in name.casefold()]
    return found[0] if len(found) == 1 else typed


def _narrow(field: QWidget) -> None:
    """Let a field take some of the width where there is room, and little where there is none."""
    field.setMinimumWidth(_LEAST)
    field.setMaximumWidth(_WIDTH)
    field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


def _class_box() -> QComboBox:
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    _narrow(box)
    box.setAccessibleName(tr("Class of the chosen"))
    box.setToolTip(
        tr(
            "The class of the chosen samples. In the list, keys 1 to 9 choose the class at that place, "
            "letters begin to type it; Enter sets it, Escape leaves it."
        )
    )
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    view: Any = box.view()
    if isinstance(view, QListView):
        view.setUniformItemSizes(True)
    view.setTextElideMode(Qt.TextElideMode.ElideRight)
    completer = box.completer()
    if completer is not None:
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(completer.CompletionMode.PopupCompletion)
    return box
