"""A form made from a pydantic model: what the model describes once, the user sees here."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.core.registry import Choice, validated
from workbench.core.states import Task
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets.form_fields import Choices, FormField, extra_of
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.tab_order import chain_tabs

_GAP = 12


class ParamForm(QWidget):
    """Fields of a model with their titles, defaults and bounds; advanced ones folded away.

    A wrong entry may be typed and is told at its field as soon as it is there. Below a field that chooses a
    class stand the fields of that class.

    Args:
        model: The pydantic model; its fields' titles, descriptions, bounds and defaults are used, and of
            `json_schema_extra` `log` (step by factors), `advanced` (folded away), `group` (a heading there),
            `registry` (a combo box), `settings` (the field that holds the settings of what is chosen),
            `after` (stands behind that field), `zero` (the word for 0), `slider` (a slider beside it).
        choices: Classes by registry, such as `{"optimizer": [AdamW, Sgd]}`.
        columns: How many numbers stand side by side.
    """

    changed = Signal()
    unfolded = Signal(object)
    """The advanced fields have come to sight below this button."""

    def __init__(
        self,
        model: type[BaseModel],
        choices: Choices | None = None,
        parent: QWidget | None = None,
        *,
        columns: int = 1,
    ) -> None:
        super().__init__(parent)
        self._model = model
        choices = choices or {}
        self._fields = {
            name: FormField(name, info, choices)
            for name, info in _in_order(model).items()
            if not extra_of(info).get("settings_of")
        }
        self._nested = {
            name: _ChosenForm(choices)
            for name, info in model.model_fields.items()
            if extra_of(info).get("settings") and extra_of(info).get("registry") in choices
        }
        # The settings of what a field chooses, where it is not known what there is to choose.
        self._kept: dict[str, Any] = {}
        self._touched: set[str] = set()
        self._told: dict[str, str] = {}
        self._filling = False
        self._general = PlainLabel(role="problem", wrap=True)
        self._general.hide()
        self._disclosure = QToolButton()
        self._folded = QWidget()
        self._lay_out(columns)
        self.set_values(self.defaults)
        for name, field in self._fields.items():
            field.changed.connect(lambda name=name: self._on_changed(name))
        for nested in self._nested.values():
            nested.changed.connect(self._on_nested)

    def field(self, name: str) -> FormField:
        """Return the row of a field, also of one of what is chosen now.

        Raises:
            KeyError: There is no such row.
        """
        return self.shown()[name]

    def shown(self) -> dict[str, FormField]:
        """Return the rows by field, from top to bottom, those of what is chosen now among them."""
        found: dict[str, FormField] = {}
        for name, field in self._fields.items():
            found[name] = field
            if name in self._nested and (form := self._nested[name].form) is not None:
                found |= form.shown()
        return found

    def set_task(self, task: Task) -> None:
        """Offer only what can be chosen for a task."""
        self._filling = True
        for field in self._fields.values():
            field.set_task(task)
        self._filling = False
        self._show_chosen()

    def values(self) -> dict[str, Any]:
        """Return what is entered by field, right or wrong; `problems` says which."""
        entered = {name: field.value() for name, field in self._fields.items()} | self._kept
        return entered | {self._settings(name): nested.values() for name, nested in self._nested.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Enter values; fields that are not named keep theirs. Problems told before are taken away.

        Settings of what is chosen are all entered, at their defaults where they are not named.
        """
        self._filling = True
        owners = {self._settings(name): name for name in self._nested}
        for name, value in values.items():
            if name in self._fields:
                self._fields[name].set_value(value)
            elif name not in owners:
                self._kept[name] = value
        self._show_chosen()
        for name, value in values.items():
            if name in owners:
                self._nested[owners[name]].set_values(value or {})
        self._filling = False
        self._touched.clear()
        self.show_problems({})

    @property
    def defaults(self) -> dict[str, Any]:
        """The value of each field that nobody has touched."""
        return {name: info.get_default() for name, info in self._model.model_fields.items()}

    def problems(self) -> dict[str, str]:
        """Return one sentence for each wrong field; an empty name for what concerns several."""
        problems: dict[str, str] = {}
        try:
            validated(self._model, self.values())
        except UserError as error:
            problems = dict(error.fields)
        # The control knows better words for a text that is no number.
        problems |= {name: text for name, field in self._fields.items() if (text := field.problem())}
        for nested in self._nested.values():
            problems |= nested.form.problems() if nested.form is not None else {}
        return problems

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Show each sentence under its field, and those that belong to none at the end.

        Args:
            problems: Sentences by field name, as in `UserError.fields`.
        """
        self._told = dict(problems)
        shown = self.shown()
        general = [sentence for name, sentence in problems.items() if name not in shown]
        self._general.setText("\n".join(text[:1].upper() + text[1:] for text in general))
        self._general.setVisible(bool(general))
        for name, field in self._fields.items():
            field.show_problem(problems.get(name, ""))
            inside: dict[str, str] = {}
            if name in self._nested and (form := self._nested[name].form) is not None:
                inside = {at: text for at, text in problems.items() if at in form.shown()}
                form.show_problems(inside)
            if (problems.get(name) or inside) and self._is_advanced(name):
                self._disclosure.setChecked(True)

    def set_note(self, field: str, text: str) -> None:
        """Show a quiet remark beside a field's title."""
        self._fields[field].set_note(text)

    def _settings(self, name: str) -> str:
        return str(extra_of(self._model.model_fields[name])["settings"])

    def _show_chosen(self) -> None:
        made = [nested.show_class(self._fields[name].chosen()) for name, nested in self._nested.items()]
        if any(made):
            chain_tabs(self)

    def _lay_out(self, columns: int) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        folded = QVBoxLayout(self._folded)
        folded.setContentsMargins(0, 0, 0, 0)
        folded.setSpacing(_GAP)
        grid = QGridLayout()
        grid.setHorizontalSpacing(_GAP)
        grid.setVerticalSpacing(_GAP)
        for at in range(columns):
            grid.setColumnStretch(at, 1)
        if columns > 1:
            column.addLayout(grid)
        place, group = 0, ""
        for name, field in self._fields.items():
            heading = str(extra_of(self._model.model_fields[name]).get("group", ""))
            if self._is_advanced(name) and heading != group:
                group = heading
                folded.addSpacing(8 if folded.count() else 0)
                folded.addWidget(PlainLabel(group, "caption"))
            if columns > 1 and not self._is_advanced(name):
                place = _add_to_grid(grid, field, place, columns)
            else:
                (folded if self._is_advanced(name) else column).addLayout(self._with_nested(name, field))
        self._disclosure.setText(tr("Advanced"))
        self._disclosure.setAccessibleName(tr("Advanced"))
        self._disclosure.setCheckable(True)
        self._disclosure.setProperty("disclosure", True)
        self._disclosure.toggled.connect(self._on_disclosed)
        self._disclosure.setVisible(folded.count() > 0)
        self._on_disclosed(False)
        column.addWidget(self._disclosure)
        column.addWidget(self._folded)
        column.addWidget(self._general)
        column.addStretch(1)

    def _with_nested(self, name: str, field: FormField) -> QVBoxLayout:
        both = QVBoxLayout()
        both.setSpacing(8)
        both.addWidget(field)
        if name in self._nested:
            both.addWidget(self._nested[name])
        return both

    def _is_advanced(self, name: str) -> bool:
        return bool(extra_of(self._model.model_fields[name]).get("advanced"))

    def _on_disclosed(self, shown: bool) -> None:
        self._folded.setVisible(shown)
        if shown:
            self.unfolded.emit(self._disclosure)
        self._disclosure.setIcon(icon("caret-down" if shown else "caret-right"))
        self._disclosure.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def _on_nested(self) -> None:
        if not self._filling:
            self.changed.emit()

    def _on_changed(self, name: str) -> None:
        if self._filling:
            return
        self._show_chosen()
        self._touched.add(name)
        seen = self._seen()
        # Only where the user has been: a form does not complain about what nobody has looked at yet.
        self.show_problems({at: text for at, text in self.problems().items() if at in seen or not at})
        self.changed.emit()

    def _seen(self) -> set[str]:
        inside = [nested.form._seen() for nested in self._nested.values() if nested.form is not None]
        return self._touched.union(self._told, *inside)


class _ChosenForm(QWidget):
    """The fields of the class that is chosen; what was entered for the others is kept behind it."""

    changed = Signal()

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self._choices = choices
        self._forms: dict[str, ParamForm] = {}
        self.form: ParamForm | None = None
        guide = QFrame()
        guide.setProperty("role", "guide")
        self._column = QVBoxLayout()
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(11)
        row.addWidget(guide)
        row.addLayout(self._column, 1)
        self.hide()

    def show_class(self, cls: type[Choice] | None) -> bool:
        """Show the fields of a class, nothing where it has none; returns whether controls were made."""
        count = len(self._forms)
        form = self._form_of(cls) if cls is not None and cls.model_fields else None
        if form is self.form:
            return False
        if self.form is not None:
            self.form.hide()
        self.form = form
        if form is not None:
            form.show()
        self.setVisible(form is not None)
        return len(self._forms) > count

    def values(self) -> dict[str, Any]:
        """Return what is entered for the class that is shown."""
        return self.form.values() if self.form is not None else {}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Enter values for the class that is shown, its defaults where they are not named."""
        if self.form is not None:
            self.form.set_values(self.form.defaults | dict(values))

    def _form_of(self, cls: type[Choice]) -> ParamForm:
        if cls.name not in self._forms:
            form = self._forms[cls.name] = ParamForm(cls, self._choices, columns=2)
            form.changed.connect(self.changed)
            self._column.addWidget(form)
        return self._forms[cls.name]


def _in_order(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields from top to bottom."""
    names = [name for name, info in model.model_fields.items() if not extra_of(info).get("after")]
    for name, info in model.model_fields.items():
        if before := extra_of(info).get("after"):
            names.insert(names.index(before) + 1, name)
    return {name: model.model_fields[name] for name in names}


def _add_to_grid(grid: QGridLayout, field: FormField, place: int, columns: int) -> int:
    """Add a row of the form: numbers side by side, a tick with its title alone; return the next place."""
    if isinstance(field.control, QCheckBox):
        row = -(-place // columns)
        grid.addWidget(field, row, 0, 1, columns)
        return (row + 1) * columns
    grid.addWidget(field, place // columns, place % columns, Qt.AlignmentFlag.AlignTop)
    return place + 1
