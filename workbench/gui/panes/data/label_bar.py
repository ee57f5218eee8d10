"""Below the samples: the label of those that are chosen, set right in place, and the labels that wait."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSettings, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.gui.panes.data.class_box import ClassBox, narrow
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip

_NUMBER = frozenset("0123456789+-.,")
_ONE_ROW, _COMPACT = 700, 480  # widths below which all is one row, and one row of little
_GO_ON = "data/next_after_label"


class LabelBar(QWidget):
    """Sets the label of the chosen samples by mouse or keyboard, and says how many labels wait.

    `label_wanted` carries the class, or the value as it was typed, `new_class_wanted` a class that there is
    not yet. A key on a watched list counts too: 1 to 9 choose the class at that place (or the one that is
    called so), any letter begins to type the class. `left` tells that what was typed is not wanted.
    """

    label_wanted = Signal(str)
    new_class_wanted = Signal(str)
    version_wanted = Signal()
    undo_wanted = Signal()
    discard_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schema: Schema | None = None
        self._count = self._waits = 0
        self._is_row = self._is_compact = False
        self._back: QWidget | None = None
        self._title = PlainLabel("", "muted")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.classes = ClassBox()
        self.classes.wanted.connect(self._want)
        self.classes.new_wanted.connect(self._want_new)
        self.value = QLineEdit()
        narrow(self.value)
        self.value.setAccessibleName(tr("Value"))
        for field in (self.classes.line, self.value):
            field.installEventFilter(self)
        self.next = self._next_button()
        self._hint = ElidedLabel("", "small")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self.classes, 1)
        row.addWidget(self.value, 1)
        row.addWidget(self.next)
        row.addWidget(self._hint, 1)
        row.addStretch()  # where the hint gives way
        self._both = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.setSpacing(8)
        self._both.addWidget(self._waiting_row())
        self._both.addLayout(row)

    @property
    def goes_on(self) -> bool:
        """Whether the next sample is wanted once one that is seen alone has its label."""
        return self.next.isChecked()

    def offer(self, schema: Schema, may_change: bool, refusal: str) -> None:
        """Offer the classes of a dataset, or a value where labels are numbers."""
        self.classes.offer(schema.classes)
        self._schema = schema
        is_number = schema.task is Task.REGRESSION
        self.classes.setVisible(not is_number)
        self.value.setVisible(is_number)
        self._title.setText(schema.target or tr("Value") if is_number else tr("Class"))
        self.setEnabled(may_change)
        self.setToolTip(tip("" if may_change else refusal))

    def show_chosen(self, count: int, label: str, was: str, *, alone: bool = False) -> None:
        """Show what the chosen samples have.

        Args:
            count: How many are chosen.
            label: What all of them have; empty where they differ.
            was: What the one that is chosen has in this version, where its label was set anew.
            alone: Whether one is seen by itself, with a next one to go to.
        """
        self._count = count
        line = self.classes.line
        self.classes.show_label(label)
        with QSignalBlocker(self.value):
            self.value.setText(label)
        for field in (line, self.value):
            field.setPlaceholderText(tr("several") if count > 1 else "")
        if not count and (line.hasFocus() or self.value.hasFocus()):
            self._leave()  # else the keyboard would go anywhere
        self.classes.setEnabled(count > 0)
        self.value.setEnabled(count > 0)
        self.next.setVisible(alone)
        self._hint.setText(self._hint_of(count, was))

    def show_waiting(self, count: int, new_classes: Sequence[str] = ()) -> None:
        """Show how many labels wait for a version, and offer the classes that they add."""
        self._waits = count
        if self._schema is not None and self._schema.task is Task.CLASSIFICATION:
            self.classes.offer((*self._schema.classes, *new_classes))
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        count = self._waits
        self._waiting.setVisible(count > 0)
        self._title.setVisible(not (self._is_compact and count))
        self._hint.setVisible(not (self._is_row and count))
        number = number_format.count(count)
        text = tr("1 label changed") if count == 1 else tr("{count} labels changed", count=number)
        self._said.setText(text)
        about = tr("They are kept in the project. Models learn from them once they are a version.")
        self._said.set_more(about)
        make = tr("Make a version")
        self._make.setText(f"{make} · {number}" if self._is_compact else make)
        self._make.setToolTip(tip(f"{text}. {about}"))

    def watch(self, widget: QWidget) -> None:
        """Take the keys of a list of samples that mean a label."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a key that means a label; leave a field with Escape."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if watched in (self.value, self.classes.line):
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put all into one row where the samples need the height more."""
        super().resizeEvent(event)
        is_row, is_compact = self.width() < _ONE_ROW, self.width() < _COMPACT
        if (is_row, is_compact) == (self._is_row, self._is_compact):
            return
        self._is_row, self._is_compact = is_row, is_compact
        way = QBoxLayout.Direction
        self._both.setDirection(way.RightToLeft if is_row else way.TopToBottom)
        self._both.setStretch(1, int(is_row))
        self._why.setVisible(not is_row)
        for widget in (self._said, self._undo, self._discard):
            widget.setVisible(not is_compact)
        self._more.setVisible(is_compact)
        self._tell_waiting()

    def _ended(self, field: QObject, key: Qt.Key) -> bool:
        """End what is typed into a field: Enter sets it, Escape leaves it."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # Taken here, since a combo box would let its signal come twice.
            if field is self.value:
                self._want(self.value.text())
            else:
                self.classes.enter()
            return True
        if key == Qt.Key.Key_Escape:
            self._leave()
            self.left.emit()
        return key == Qt.Key.Key_Escape

    def _typed(self, text: str) -> bool:
        schema, classes = self._schema, self.classes.classes
        if schema is None:
            return False
        if schema.task is Task.REGRESSION:
            if text in _NUMBER:
                self.value.setFocus(Qt.FocusReason.ShortcutFocusReason)
                self.value.setText(text)
            return text in _NUMBER
        if text.isdecimal():
            longer = any(name != text and name.startswith(text) for name in classes)
            if text in classes and not longer:
                self._want(text)
            elif not longer and 1 <= int(text) <= len(classes):
                self._want(classes[int(text) - 1])
            elif longer:
                self.classes.begin(text)
            return True
        self.classes.begin(text)
        return True

    def _want(self, label: str) -> None:
        """Hand a label on."""
        if self._schema is not None and self._count and label.strip():
            self._leave()
            self.label_wanted.emit(label if label in self.classes.classes else label.strip())

    def _want_new(self, name: str) -> None:
        if self._count:
            self._leave()
            self.new_class_wanted.emit(name)

    def _leave(self) -> None:
        """Go back to the list from which the field was entered."""
        back = self._back
        if self.classes.close_offers() and back is not None:
            # Once more, after the list of offers has let go of the keyboard.
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

    def _next_button(self) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon("skip-forward"))
        button.setCheckable(True)
        button.setChecked(bool(QSettings().value(_GO_ON, True, type=bool)))
        button.setAccessibleName(tr("Next after labelling"))
        button.setToolTip(tip(tr("Go to the next sample once one has its label. Default on.")))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.toggled.connect(lambda is_on: QSettings().setValue(_GO_ON, is_on))
        button.hide()
        return button

    def _waiting_row(self) -> QFrame:
        self._waiting = frame = QFrame()
        frame.setProperty("role", "notice")
        frame.setProperty("tone", "info")
        self._said = ElidedLabel("")
        self._why = ElidedLabel(tr("not yet in the chart and in Health"), "small")
        self._undo = _button(tr("Undo"), tr("Take the last of these labels back"), self.undo_wanted.emit)
        about = tr("Forget all of these labels; Ctrl+Z brings them back")
        self._discard = _button(tr("Discard"), about, self.discard_wanted.emit)
        self._make = _button(tr("Make a version"), "", self.version_wanted.emit)
        restyle(self._make, quiet=False)
        self._more = QToolButton()
        self._more.setIcon(icon("dots-three", "text"))
        self._more.setAccessibleName(tr("More on the new labels"))
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._more)
        menu.addAction(tr("Undo the last label"), self.undo_wanted.emit)
        menu.addAction(tr("Discard all new labels"), self.discard_wanted.emit)
        self._more.setMenu(menu)
        self._more.hide()
        row = QHBoxLayout(frame)
        row.setContentsMargins(8, 2, 2, 2)
        row.setSpacing(4)
        row.addWidget(self._said)
        row.addWidget(self._why, 1)
        for button in (self._undo, self._discard, self._more, self._make):
            row.addWidget(button)
        frame.hide()
        return frame


def _button(text: str, about: str, act: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tip(about))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda _checked=False: act())
    restyle(button, quiet=True)
    return button
