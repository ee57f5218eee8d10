"""Presets: a few decisions on training taken at once."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from workbench.core.configs import PRESETS, TrainConfig
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.form_fields import Choices, extra_of, words_of
from workbench.gui.widgets.labels import tip

_FIELDS = [name for name in TrainConfig.model_fields if any(name in changed for changed in PRESETS.values())]
"""What a preset decides; all else is left as it is."""


class PresetBox(QComboBox):
    """Quick, Balanced, Best, or what the user has chosen. `chosen` carries the values of a preset."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Preset"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._choices: Choices = {}
        titles = {"quick": tr("Quick"), "balanced": tr("Balanced"), "best": tr("Best")}
        for name in PRESETS:
            epochs = number_format.count(values_of(name)["epochs"])
            self.addItem(tr("{preset} · {epochs} epochs", preset=titles.get(name, name), epochs=epochs), name)
        self.addItem(tr("Own choice"), None)
        self.set_choices({})
        self.activated.connect(self._on_activated)

    def set_choices(self, choices: Choices) -> None:
        """Know what optimisers, schedules and losses are called, and what their defaults are."""
        self._choices = choices
        lines = []
        for at in range(self.count() - 1):
            words = self._words(self.itemData(at))
            self.setItemData(at, tip(words), Qt.ItemDataRole.ToolTipRole)
            lines.append(f"{self.itemText(at).split(' · ')[0]}: {words}.")
        self.setItemData(
            self.count() - 1, tip(tr("Set below, otherwise than any preset.")), Qt.ItemDataRole.ToolTipRole
        )
        self.setToolTip(tip(" ".join([tr("How thoroughly to train. Default Balanced."), *lines])))

    def follow(self, values: Mapping[str, Any]) -> None:
        """Show the preset that these settings are, or that they are none."""
        names = [name for name in PRESETS if self._is(name, values)]
        self.setCurrentIndex(self.findData(names[0]) if names else self.count() - 1)

    def _is(self, name: str, values: Mapping[str, Any]) -> bool:
        for field, wanted in values_of(name).items():
            chooser = extra_of(TrainConfig.model_fields[field]).get("settings_of")
            if chooser is None:
                if values.get(field) != wanted:
                    return False
            elif any(value != self._default(chooser, values, at) for at, value in values[field].items()):
                return False
        return True

    def _default(self, chooser: str, values: Mapping[str, Any], field: str) -> Any:
        registry = extra_of(TrainConfig.model_fields[chooser])["registry"]
        classes = (cls for cls in self._choices.get(registry, ()) if cls.name == values[chooser])
        return next((cls.model_fields[field].get_default() for cls in classes), None)

    def _words(self, name: str) -> str:
        parts = []
        for field, value in values_of(name).items():
            info = TrainConfig.model_fields[field]
            extra = extra_of(info)
            is_needed = field in PRESETS[name] or value != info.get_default() or field == "epochs"
            if extra.get("settings_of") or not (is_needed or "registry" in extra):
                continue
            classes = self._choices.get(str(extra.get("registry")), ())
            words = next((cls.title for cls in classes if cls.name == value), "")
            if not words:
                words = number_format.number(value) if isinstance(value, float) else words_of(value, info)
            parts.append(f"{info.title} {words}")
        return ", ".join(parts)

    def _on_activated(self) -> None:
        if self.currentData() is not None:
            self.chosen.emit(values_of(self.currentData()))


def values_of(preset: str) -> dict[str, Any]:
    """Return what a preset sets: what it changes, and the defaults of what the others change."""
    values: dict[str, Any] = {}
    for name in _FIELDS:
        info = TrainConfig.model_fields[name]
        values[name] = PRESETS[preset].get(name, info.get_default())
        if settings := extra_of(info).get("settings"):
            values[settings] = {}
    return values
