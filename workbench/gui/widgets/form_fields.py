"""One control for each kind of field of a pydantic model."""

import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.core.registry import Choice
from workbench.core.states import Task
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.choice_combo import ChoiceCombo
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.number_box import NumberBox
from workbench.gui.widgets.number_slider import NumberSlider

Choices = Mapping[str, Sequence[type[Choice]]]
"""What can be chosen, by registry noun."""
_Item = tuple[Any, str, str]
"""Value, title, and what it is."""
_BESIDE_A_SLIDER = 76


class FormField(QWidget):
    """A control with its title above and, when there is one, its problem below.

    Args:
        name: Name of the field.
        info: What the model says of it.
        choices: Classes by registry, for fields that name one of a registry.
    """

    changed = Signal()

    def __init__(self, name: str, info: FieldInfo, choices: Choices) -> None:
        super().__init__()
        self.name = name
        self.title = info.title or name.replace("_", " ").capitalize()
        self.control = control_for(info, choices)
        self.control.setAccessibleName(self.title)
        self.control.setToolTip(tip(info.description or ""))
        self.control.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._info, self._choices = info, choices
        self._description = info.description or ""
        self._note = PlainLabel(role="small")
        self._problem = PlainLabel(role="problem", wrap=True)
        self._problem.hide()
        self._lay_out()
        if isinstance(self.control, NumberBox | ChoiceCombo):
            self.control.changed.connect(self.changed)
        elif isinstance(self.control, QCheckBox):
            self.control.toggled.connect(self.changed)
        elif isinstance(self.control, QComboBox):
            self.control.currentIndexChanged.connect(self.changed)
        else:
            self.control.textChanged.connect(self.changed)
        self._tell_control()

    def value(self) -> Any:
        """Return what is entered; text that is no number where a number is wanted stays text."""
        control = self.control
        if isinstance(control, NumberBox | ChoiceCombo):
            return control.value()
        if isinstance(control, QCheckBox):
            return control.isChecked()
        if isinstance(control, QComboBox):
            return control.currentData()
        return control.text().strip() or (None if _kind(self._info.annotation)[1] else "")

    def set_value(self, value: Any) -> None:
        """Enter a value."""
        control = self.control
        if isinstance(control, NumberBox | ChoiceCombo):
            control.set_value(value)
        elif isinstance(control, QCheckBox):
            control.setChecked(bool(value))
        elif isinstance(control, QComboBox):
            known = {cls.name for cls in _classes(self._info, self._choices)}
            # What does not fit the task gives way to the default; what nobody knows is left empty and told.
            fits = control.findData(value) >= 0 or value not in known
            control.setCurrentIndex(control.findData(value if fits else self._info.get_default()))
        else:
            control.setText("" if value is None else str(value))

    def problem(self) -> str:
        """Return why the text is no value at all, or an empty text; bounds are the model's business."""
        if isinstance(self.control, NumberBox) and isinstance(self.control.value(), str):
            return tr("has to be a whole number") if self.control.whole else tr("has to be a number")
        return ""

    def show_problem(self, sentence: str) -> None:
        """Show a sentence below the control; an empty one takes it away."""
        text = sentence[:1].upper() + sentence[1:]
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        self._tell_control()
        if bool(self.control.property("wrong")) != bool(text):
            restyle(self.control, wrong=bool(text))

    def chosen(self) -> type[Choice] | None:
        """Return the class that is chosen; None where the field does not name one of a registry."""
        classes = self._choices.get(str(extra_of(self._info).get("registry")), ())
        return next((cls for cls in classes if cls.name == self.value()), None)

    def set_task(self, task: Task) -> None:
        """Offer only what can be chosen for a task; what cannot gives way to the default."""
        control = self.control
        if not isinstance(control, QComboBox) or not _classes(self._info, self._choices):
            return
        before = control.currentData()
        with QSignalBlocker(control):
            control.clear()
            _fill(control, _items(self._info, self._choices, task))
            self.set_value(before)
        if control.currentData() != before:
            self.changed.emit()

    def add_button(self, text: str, tooltip: str) -> QPushButton:
        """Put a small button beside the control and return it."""
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setAccessibleDescription(self.title)
        button.setToolTip(tip(tooltip))
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._row.addWidget(button)
        return button

    def add_below(self, widget: QWidget) -> None:
        """Put a widget below the control and its problem."""
        self._column.addWidget(widget)

    @property
    def offers(self) -> str:
        """What of the project the field can be, such as `measures`; empty for every other field."""
        return str(extra_of(self._info).get("choices", "")) if isinstance(self.control, ChoiceCombo) else ""

    def offer(self, items: Sequence[tuple[Any, str]]) -> None:
        """Offer values of the project with their titles; what is entered stays."""
        if isinstance(self.control, ChoiceCombo):
            self.control.offer(items)

    def set_note(self, text: str) -> None:
        """Show a quiet remark beside the title, such as the memory that a batch size takes."""
        self._note.setText(text)

    def _tell_control(self) -> None:
        parts = [part for part in (self._problem.text(), self._description) if part]
        self.control.setAccessibleDescription(". ".join(part.rstrip(".") for part in parts))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        if isinstance(self.control, QCheckBox):
            self.control.setText(self.title)
            head.addWidget(self.control, 1)
        else:
            label = PlainLabel(self.title, "muted")
            label.setBuddy(self.control)
            head.addWidget(label, 1)
        head.addWidget(self._note)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        if not isinstance(self.control, QCheckBox):
            self._row.addWidget(self.control, 1)
        if isinstance(self.control, NumberBox) and extra_of(self._info).get("slider"):
            self._add_slider(self.control)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(self._row)
        column.addWidget(self._problem)

    def _add_slider(self, box: NumberBox) -> None:
        low, high = _bounds(self._info, box.whole)
        if low is None or high is None:
            return
        self.slider = NumberSlider(box, low, high)
        self.slider.setAccessibleName(self.title)
        self.slider.setToolTip(box.toolTip())
        box.setFixedWidth(_BESIDE_A_SLIDER)
        self._row.insertWidget(0, self.slider, 1)


class _Combo(QComboBox):
    """A combo box that leaves the wheel to the scrolled form."""

    def __init__(self) -> None:
        super().__init__()
        # Not the focus of the wheel either, which Qt gives it by itself.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Never change a setting by scrolling past it."""
        event.ignore()


def control_for(info: FieldInfo, choices: Choices) -> NumberBox | QCheckBox | QComboBox | QLineEdit:
    """Return an empty control for a field of a pydantic model."""
    kind, optional = _kind(info.annotation)
    extra = extra_of(info)
    if _classes(info, choices):
        return _combo(_items(info, choices))
    if typing.get_origin(kind) is Literal:
        return _combo([(value, words_of(value, info), "") for value in typing.get_args(kind)])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _combo([(member, words_of(member.value, info), "") for member in kind])
    if kind is bool:
        return QCheckBox()
    if extra.get("choices") and kind in (int, str):
        return ChoiceCombo(free=kind is str, empty=str(extra.get("empty", "")).capitalize())
    if kind in (int, float):
        low, high = _bounds(info, kind is int)
        step = 0.01 if kind is float and low == 0 and high is not None and high <= 1 else 0.0
        log, zero = bool(extra.get("log")), str(extra.get("zero", "")).capitalize()
        box = NumberBox(whole=kind is int, minimum=low, maximum=high, log=log, step=step, zero=zero)
        if optional:
            box.lineEdit().setPlaceholderText(str(extra.get("empty") or tr("automatic")))
        return box
    line = QLineEdit()
    if optional or extra.get("empty"):
        line.setPlaceholderText(str(extra.get("empty") or tr("automatic")))
    return line


def extra_of(info: FieldInfo) -> Mapping[str, Any]:
    """Return what a field says beyond type and bounds, such as `log` or `registry`."""
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def words_of(value: object, info: FieldInfo) -> str:
    """Return one of the words that a field can be as it is read: its own words, else with a capital."""
    words = extra_of(info).get("words")
    if isinstance(words, Mapping) and value in words:
        return str(words[value])
    text = str(value).replace("_", " ")
    return text[:1].upper() + text[1:]


def _classes(info: FieldInfo, choices: Choices) -> Sequence[type[Choice]]:
    registry = extra_of(info).get("registry")
    return choices.get(registry, ()) if isinstance(registry, str) else ()


def _items(info: FieldInfo, choices: Choices, task: Task | None = None) -> list[_Item]:
    classes = [cls for cls in _classes(info, choices) if task is None or task in cls.tasks]
    items = [(cls.name, cls.title, cls.text or (cls.__doc__ or "").split("\n")[0]) for cls in classes]
    if info.default == "auto" and all(cls.name != "auto" for cls in classes):
        items.insert(0, ("auto", tr("Automatic"), info.description or ""))
    return items


def _combo(items: Sequence[_Item]) -> QComboBox:
    combo = _Combo()
    combo.setMinimumContentsLength(6)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    _fill(combo, items)
    return combo


def _fill(combo: QComboBox, items: Sequence[_Item]) -> None:
    for value, title, text in items:
        combo.addItem(title, value)
        combo.setItemData(combo.count() - 1, tip(text), Qt.ItemDataRole.ToolTipRole)


def _kind(annotation: Any) -> tuple[Any, bool]:
    """Return the type itself and whether None is allowed beside it."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(annotation) if part is not type(None)]
        return (parts[0] if len(parts) == 1 else str), len(parts) < len(typing.get_args(annotation))
    return annotation, False


def _bounds(info: FieldInfo, whole: bool) -> tuple[float | None, float | None]:
    """Return where stepping ends; an open bound is not itself allowed, so stepping ends before it."""
    low: float | None = None
    high: float | None = None
    for limit in info.metadata:
        if isinstance(limit, Ge):
            low = _number(limit.ge)
        elif isinstance(limit, Le):
            high = _number(limit.le)
        elif isinstance(limit, Gt):
            low = _number(limit.gt) + (1 if whole else 1e-12)
        elif isinstance(limit, Lt):
            high = _number(limit.lt) - (1 if whole else 1e-12)
    return low, high


def _number(limit: Any) -> float:
    return float(limit)
