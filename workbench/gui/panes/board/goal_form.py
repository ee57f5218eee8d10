"""What the model has to reach, as a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from workbench.core.board import Goal
from workbench.core.states import Split, Task
from workbench.gui.modalities import split_title
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.autosave_field import AutosaveField
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.number_box import NumberBox

_OF_ONE_CLASS = (("recall", "Recall"), ("precision", "Precision"), ("f1", "F1"))
_SHARES = ("accuracy", "precision", "recall", "f1", "r2", "auc")


@dataclass(frozen=True, slots=True)
class Measurable:
    """What can be measured on the data in use.

    Args:
        measures: Names and titles.
        classes: Names of the classes; none for regression.
    """

    measures: Sequence[tuple[str, str]] = ()
    classes: Sequence[str] = ()


class GoalForm(QFrame):
    """Measure, target, split and class. A first goal is kept at once; another one needs a reason.

    `kept` carries the goal, or None, and the reason.
    """

    kept = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._stored: Goal | None = None
        self._known = Measurable()
        self.measure = AutosaveField(
            tr("Measure"),
            ElidedComboBox(),
            tr("What is measured; accuracy hides what is rare, recall does not."),
        )
        self.target = AutosaveField(
            tr("Target"),
            NumberBox(whole=False, step=0.01),
            tr("The value to reach, such as 0.9."),
            self._wrong_target,
        )
        self.split = AutosaveField(
            tr("Split"), ElidedComboBox(), tr("Where it counts. Test is what the model has never seen.")
        )
        self.class_name = AutosaveField(
            tr("Class"), ElidedComboBox(), tr("One class that matters most, or all of them.")
        )
        for split in (Split.TEST, Split.VALIDATION):
            _combo(self.split).addItem(split_title(split), split)
        self.fields = (self.measure, self.target, self.split, self.class_name)
        self.reason = QLineEdit()
        self.reason.setMaxLength(2000)
        self.change = QPushButton(tr("Change goal"))
        self.leave = QPushButton(tr("Keep as it was"))
        self._lay_out()
        for field in self.fields:
            field.kept.connect(self._on_kept)
        self.reason.textChanged.connect(lambda text: self.change.setEnabled(bool(text.strip())))
        self.reason.returnPressed.connect(self._agree)
        self.change.clicked.connect(lambda _checked=False: self._agree())
        self.leave.clicked.connect(lambda _checked=False: self.show_goal(self._stored, force=True))
        self.show_goal(None, force=True)

    def set_known(self, known: Measurable) -> None:
        """Offer what can be measured."""
        if known != self._known:
            self._known = known
            self._fill(self._entered_measure(), self._entered_class())

    def show_goal(self, goal: Goal | None, *, force: bool = False) -> None:
        """Show a goal, unless another one waits for its reason."""
        self._stored = goal
        if self._ask.isVisibleTo(self) and not force and self._entered() != goal:
            return
        self._ask.hide()
        self.reason.clear()
        self._fill(goal.measure if goal else "", goal.class_name if goal else "")
        # A target that waits for its measure is no goal yet, nor is one that is being typed: both stay.
        if force or (goal is not None and not self.target.dirty):
            self.target.set_value(goal.target if goal else None, force=True)
            self.split.set_value(goal.split if goal else Split.TEST, force=True)

    def set_writable(self, writable: bool) -> None:
        """Let it be changed, or only be looked at."""
        for field in self.fields:
            field.set_writable(writable)

    def _on_kept(self, _value: Any) -> None:
        if not self._entered_measure():
            self._fill("", "")
        else:
            self._fill(self._entered_measure(), self._entered_class())
        goal = self._entered()
        waits = self._entered_measure() and goal is None
        self.target.tell(self.target.problem() or (tr("Needs a value to reach") if waits else ""))
        if waits or goal == self._stored:
            self._ask.hide()
        elif self._stored is None:
            self._stored = goal
            self.kept.emit(goal, "")
        else:
            self._ask.show()
            self.change.setEnabled(bool(self.reason.text().strip()))
            self.reason.setFocus()

    def _agree(self) -> None:
        if reason := self.reason.text().strip():
            goal = self._stored = self._entered()
            self._ask.hide()
            self.kept.emit(goal, reason)

    def _entered(self) -> Goal | None:
        target, measure = self.target.value(), self._entered_measure()
        if not measure or not isinstance(target, int | float) or self.target.problem():
            return None
        # Qt hands an enum that is a str back as a plain one.
        split = Split(self.split.value() or Split.TEST)
        return Goal(measure, float(target), split, self._entered_class())

    def _entered_measure(self) -> str:
        return str(self.measure.value() or "")

    def _entered_class(self) -> str:
        return str(self.class_name.value() or "")

    def _wrong_target(self, value: Any) -> str:
        name = self._entered_measure() if hasattr(self, "measure") else ""
        is_share = name.startswith(_SHARES)
        if isinstance(value, int | float) and is_share and not (-1 if name == "r2" else 0) <= value <= 1:
            return tr("Has to be from 0 to 1")
        return tr("Has to be a number") if isinstance(value, float) and abs(value) > 1e12 else ""

    def _fill(self, measure: str, class_name: str) -> None:
        """Offer the measures that there are for the class, or for all of them."""
        known = list(self._known.measures)
        if class_name:
            known = [(name, tr(title)) for name, title in _OF_ONE_CLASS]
            measure = measure.removesuffix("_macro").removesuffix("_weighted")
            measure = (
                measure if measure in dict(known) or not measure or self._is_stored(measure) else "recall"
            )
        elif measure in dict(_OF_ONE_CLASS) and not self._is_stored(measure):
            measure = f"{measure}_macro"
        if measure and measure not in dict(known):
            known.append((measure, measure.replace("_", " ").capitalize()))
        _offer(self.measure, [("", tr("No goal yet")), *known], measure)
        classes = [(label, label) for label in self._known.classes]
        if class_name and class_name not in self._known.classes:
            classes.append((class_name, class_name))
        _offer(self.class_name, [("", tr("All classes")), *classes], class_name)
        self.class_name.setVisible(bool(classes))

    def _is_stored(self, measure: str) -> bool:
        stored = self._stored
        return stored is not None and (stored.measure, stored.class_name) == (measure, self._entered_class())

    def _lay_out(self) -> None:
        self._ask = QFrame()
        self._ask.setProperty("role", "notice")
        self.reason.setAccessibleName(tr("Why does the goal change?"))
        self.reason.setPlaceholderText(tr("Stands in the decision log"))
        ask = QVBoxLayout(self._ask)
        ask.setContentsMargins(12, 8, 12, 12)
        ask.setSpacing(8)
        ask.addWidget(PlainLabel(tr("Why does the goal change?")))
        ask.addWidget(self.reason)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.change, self.leave):
            button.setAccessibleName(button.text())
            buttons.addWidget(button)
        restyle(self.change, primary=True)
        buttons.addStretch(1)
        ask.addLayout(buttons)
        restyle(self._ask, tone="warning")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(12)
        for at, field in enumerate(self.fields):
            grid.addWidget(field, at // 2, at % 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(PlainLabel(tr("Goal"), "section"))
        column.addLayout(grid)
        column.addWidget(self._ask)
        self._ask.hide()


def _combo(field: AutosaveField) -> QComboBox:
    assert isinstance(field.control, QComboBox)
    return field.control


def _offer(field: AutosaveField, items: Sequence[tuple[str, str]], value: str) -> None:
    combo = _combo(field)
    if [(combo.itemData(at), combo.itemText(at)) for at in range(combo.count())] != list(items):
        combo.blockSignals(True)
        combo.clear()
        for data, text in items:
            combo.addItem(text, data)
        combo.blockSignals(False)
    combo.setCurrentIndex(combo.findData(value))
    field.set_value(value)


def measures_for(task: Task | None, measures: Sequence[Any]) -> list[tuple[str, str]]:
    """Return names and titles of the measures of a task."""
    return [(item.name, item.title) for item in measures if task is None or item.task is task]
