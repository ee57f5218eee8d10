"""A form made from a pydantic model: what the model describes once, the user sees here."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.core.registry import validated
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets.form_fields import Choices, FormField
from workbench.gui.widgets.labels import PlainLabel


class ParamForm(QWidget):
    """Fields of a model with their titles, defaults and bounds; advanced ones folded away.

    A wrong entry may be typed and is told at its field as soon as it is there.

    Args:
        model: The pydantic model; its fields' titles, descriptions, bounds and defaults are used, and of
            `json_schema_extra` `log` (step by factors), `advanced` (folded away), `registry` (a combo box).
        choices: Names and titles by registry, such as `{"optimizer": [("adamw", "AdamW")]}`.
    """

    changed = Signal()

    def __init__(
        self, model: type[BaseModel], choices: Choices | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._fields = {
            name: FormField(name, info, choices or {})
            for name, info in model.model_fields.items()
            if not _extra(info).get("settings_of")
        }
        # The settings of what a field chooses have no control of their own yet.
        self._kept: dict[str, Any] = {}
        self._touched: set[str] = set()
        self._told: dict[str, str] = {}
        self._filling = False
        self._general = PlainLabel(role="problem", wrap=True)
        self._general.hide()
        self._disclosure = QToolButton()
        self._folded = QWidget()
        self._lay_out()
        self.set_values({name: info.get_default() for name, info in model.model_fields.items()})
        for name, field in self._fields.items():
            field.changed.connect(lambda name=name: self._on_changed(name))

    def field(self, name: str) -> FormField:
        """Return the row of a field."""
        return self._fields[name]

    def values(self) -> dict[str, Any]:
        """Return what is entered by field, right or wrong; `problems` says which."""
        return {name: field.value() for name, field in self._fields.items()} | self._kept

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Enter values; fields that are not named keep theirs. Problems told before are taken away."""
        self._filling = True
        for name, value in values.items():
            if name in self._fields:
                self._fields[name].set_value(value)
            else:
                self._kept[name] = value
        self._filling = False
        self._touched.clear()
        self.show_problems({})

    def problems(self) -> dict[str, str]:
        """Return one sentence for each wrong field; an empty name for what concerns several."""
        problems: dict[str, str] = {}
        try:
            validated(self._model, self.values())
        except UserError as error:
            problems = dict(error.fields)
        # The control knows better words for a text that is no number.
        return problems | {name: text for name, field in self._fields.items() if (text := field.problem())}

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Show each sentence under its field, and those that belong to none at the end.

        Args:
            problems: Sentences by field name, as in `UserError.fields`.
        """
        self._told = dict(problems)
        general = [sentence for name, sentence in problems.items() if name not in self._fields]
        self._general.setText("\n".join(text[:1].upper() + text[1:] for text in general))
        self._general.setVisible(bool(general))
        for name, field in self._fields.items():
            field.show_problem(problems.get(name, ""))
            if problems.get(name) and self._is_advanced(name):
                self._disclosure.setChecked(True)

    def set_note(self, field: str, text: str) -> None:
        """Show a quiet remark beside a field's title."""
        self._fields[field].set_note(text)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        folded = QVBoxLayout(self._folded)
        folded.setContentsMargins(0, 0, 0, 0)
        folded.setSpacing(12)
        for name, field in self._fields.items():
            (folded if self._is_advanced(name) else column).addWidget(field)
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

    def _is_advanced(self, name: str) -> bool:
        return _is_advanced(self._model.model_fields[name])

    def _on_disclosed(self, shown: bool) -> None:
        self._folded.setVisible(shown)
        self._disclosure.setIcon(icon("caret-down" if shown else "caret-right"))
        self._disclosure.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def _on_changed(self, name: str) -> None:
        if self._filling:
            return
        self._touched.add(name)
        found = self.problems()
        # Only where the user has been: a form does not complain about what nobody has looked at yet.
        self.show_problems(
            {at: text for at, text in found.items() if at in self._touched or at in self._told or not at}
        )
        self.changed.emit()


def _is_advanced(info: FieldInfo) -> bool:
    return bool(_extra(info).get("advanced"))


def _extra(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
