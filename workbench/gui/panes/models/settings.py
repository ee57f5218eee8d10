"""The settings of a model and of its training, as forms."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.configs import TrainConfig
from workbench.core.registry import Choice, validated
from workbench.gui.translate import tr
from workbench.gui.widgets.form_fields import Choices, FormField
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.param_form import ParamForm

_LAID_OUT_MS = 40
_PRESETS = {"quick": 10, "balanced": 30, "best": 100}


class SettingsPanel(QScrollArea):
    """The form of a model family above, that of training below, with presets."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Settings"))
        self.setProperty("role", "card")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.model: ParamForm | None = None
        self.train: ParamForm | None = None
        self._family: type[Choice] | None = None
        self._wrong: FormField | None = None
        # The sentence below a field needs its room before the field can be scrolled to.
        self._laid_out = QTimer(self)
        self._laid_out.setSingleShot(True)
        self._laid_out.setInterval(_LAID_OUT_MS)
        self._laid_out.timeout.connect(self._show_wrong)
        self._title = PlainLabel(role="section")
        self._nothing = PlainLabel(tr("This model has nothing to set."), "muted", wrap=True)
        self._preset = _preset_box()
        self._preset.activated.connect(self._on_preset)
        inner = QWidget()
        inner.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(16, 12, 16, 16)
        self._column.setSpacing(12)
        self._column.addWidget(self._title)
        self._column.addWidget(self._nothing)
        self._column.addSpacing(8)
        self._column.addWidget(PlainLabel(tr("Training"), "section"))
        label = PlainLabel(tr("Preset"), "muted")
        label.setBuddy(self._preset)
        preset = QVBoxLayout()
        preset.setSpacing(4)
        preset.addWidget(label)
        preset.addWidget(self._preset)
        self._column.addLayout(preset)
        self._column.addStretch(1)
        self.setWidget(inner)
        # Qt fills the widget of a scroll area; the card is the ground here.
        inner.setAutoFillBackground(False)

    def show_family(self, family: type[Choice], choices: Choices) -> None:
        """Show the forms of a family, at their defaults."""
        if self.train is None:
            self.train = ParamForm(TrainConfig, choices)
            self.train.changed.connect(self._on_changed)
            self._column.insertWidget(self._column.count() - 1, self.train)
        if family is not self._family:
            self._wrong = None
            if self.model is not None:
                self._column.removeWidget(self.model)
                self.model.hide()
                self.model.deleteLater()
            self._family = family
            self.model = ParamForm(family, choices)
            self.model.changed.connect(self._on_changed)
            self._column.insertWidget(1, self.model)
            self._title.setText(family.title)
            self._nothing.setVisible(not family.model_fields)
        defaults = {name: info.get_default() for name, info in family.model_fields.items()}
        self.fill(defaults, TrainConfig().model_dump())

    def fill(self, model: Mapping[str, Any], train: Mapping[str, Any]) -> None:
        """Enter values; fields that are not named keep theirs."""
        if self.model is not None and self.train is not None:
            self.model.set_values(model)
            self.train.set_values(train)
            self._follow_preset()

    def values(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what is entered for the model and for training, right or wrong."""
        if self.model is None or self.train is None:
            return {}, {}
        return self.model.values(), self.train.values()

    def decided(self) -> tuple[dict[str, Any], TrainConfig] | None:
        """Return the settings, or None: then each wrong one is told at its field, the first has the focus."""
        if self.model is None or self.train is None:
            return None
        problems = self.train.problems() | self.model.problems()
        if problems:
            self.show_problems(problems)
            return None
        model, train = self.values()
        return model, validated(TrainConfig, train)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Tell each problem at its field, in the form that has it, and go to the first."""
        if self.model is None or self.train is None or self._family is None:
            return
        of_train = {name: text for name, text in problems.items() if name in TrainConfig.model_fields}
        of_model = {name: text for name, text in problems.items() if name not in of_train}
        self.model.show_problems(of_model)
        self.train.show_problems(of_train)
        wrong = [self.model.field(name) for name in self._family.model_fields if name in of_model]
        wrong += [self.train.field(name) for name in TrainConfig.model_fields if name in of_train]
        if wrong:
            self._go_to(wrong[0])

    def set_memory(self, text: str) -> None:
        """Say beside the batch size what memory it takes."""
        if self.train is not None:
            self.train.set_note("batch_size", text)

    def _go_to(self, field: FormField) -> None:
        field.control.setFocus(Qt.FocusReason.OtherFocusReason)
        self._wrong = field
        self._laid_out.start()

    def _show_wrong(self) -> None:
        if self._wrong is not None:
            self.ensureWidgetVisible(self._wrong, 0, 24)
        self._wrong = None

    def _on_changed(self) -> None:
        self._follow_preset()
        self.changed.emit()

    def _on_preset(self) -> None:
        epochs = self._preset.currentData()
        if self.train is not None and epochs:
            self.train.set_values({"epochs": epochs})
            self._on_changed()

    def _follow_preset(self) -> None:
        epochs = self.train.values()["epochs"] if self.train is not None else None
        place = self._preset.findData(epochs) if isinstance(epochs, int) else -1
        self._preset.setCurrentIndex(place if place >= 0 else self._preset.count() - 1)


def _preset_box() -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(tr("Preset"))
    box.setToolTip(tip(tr("How long to train. Default Balanced; Quick to see whether it learns at all.")))
    titles = {"quick": tr("Quick"), "balanced": tr("Balanced"), "best": tr("Best")}
    for name, epochs in _PRESETS.items():
        box.addItem(tr("{preset} · {epochs} epochs", preset=titles[name], epochs=epochs), epochs)
    box.addItem(tr("Own choice"), None)
    return box
