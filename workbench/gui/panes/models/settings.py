"""The settings of a model and of its training, as forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.configs import TrainConfig
from workbench.core.registry import Choice, validated
from workbench.core.states import Task
from workbench.gui.panes.models.presets import PresetBox
from workbench.gui.translate import tr
from workbench.gui.widgets.form_fields import Choices, FormField, extra_of
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel
from workbench.gui.widgets.param_form import ParamForm
from workbench.gui.widgets.tab_order import chain_tabs

_LAID_OUT_MS = 40


class _Training(TrainConfig):
    """What is asked for a training: how, and how often."""

    repeats: int = Field(
        1,
        ge=1,
        le=50,
        title="Repeat with seeds",
        json_schema_extra={
            "advanced": True,
            "group": extra_of(TrainConfig.model_fields["seed"])["group"],
            "after": "seed",
        },
        description="Train so many runs, with this seed and those after it: mean and deviation say what is "
        "chance. Default 1.",
    )
    all_folds: bool = Field(
        False,
        title="Train all folds",
        json_schema_extra={
            "advanced": True,
            "group": extra_of(TrainConfig.model_fields["seed"])["group"],
            "after": "repeats",
        },
        description="One run for each fold of the dataset's split, with mean and deviation. Default no: only "
        "the fold that is chosen there.",
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user decided: settings of the model, of the training, and how many seeds."""

    fields: dict[str, Any]
    train: TrainConfig
    repeats: int
    all_folds: bool = False


class SettingsPanel(QScrollArea):
    """The form of a model family above, that of training below, with presets."""

    changed = Signal()
    ready = Signal()
    """The forms are there, or there anew."""

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
        self._wanted: QWidget | None = None
        self._first: QWidget | None = None
        # The sentence below a field needs its room before the field can be scrolled to.
        self._laid_out = QTimer(self)
        self._laid_out.setSingleShot(True)
        self._laid_out.setInterval(_LAID_OUT_MS)
        self._laid_out.timeout.connect(self._show_wanted)
        self._folds = 0
        self._title = PlainLabel(role="section")
        self._nothing = PlainLabel(tr("This model has nothing to set."), "muted", wrap=True)
        self._origin = ElidedLabel(role="small")
        self._origin.hide()
        self._preset = PresetBox()
        self._preset.chosen.connect(self._on_preset)
        inner = self._inner = QWidget()
        inner.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(16, 12, 16, 16)
        self._column.setSpacing(12)
        head = QVBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._title)
        head.addWidget(self._origin)
        self._column.addLayout(head)
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

    def show_family(self, family: type[Choice], choices: Choices, task: Task) -> None:
        """Show the forms of a family, at their defaults, with what can be chosen for a task."""
        if self.train is None:
            self.train = ParamForm(_Training, choices)
            self.train.changed.connect(self._on_changed)
            self.train.unfolded.connect(self._bring_to_top)
            self._column.insertWidget(self._column.count() - 1, self.train)
            self._preset.set_choices(choices)
        self.train.set_task(task)
        if family is not self._family:
            self._wanted = None
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
            self.ready.emit()
            chain_tabs(self._inner)
        if self.model is not None:
            self.fill(self.model.defaults, self.train.defaults)

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

    def set_folds(self, folds: int) -> None:
        """Say how many folds the dataset is divided in; 0 for another split, which offers none to train."""
        self._folds = folds
        if self.train is not None:
            self.train.field("all_folds").setVisible(folds > 0)

    def runs(self) -> int:
        """Return how many runs are wanted; 1 for each fold while the number of seeds is none."""
        if self.train is None:
            return 1
        values = self.train.values()
        entered = values["repeats"]
        seeds = entered if isinstance(entered, int) and 1 <= entered <= 50 else 1
        return seeds * (self._folds if self._folds and values["all_folds"] else 1)

    def decided(self) -> Decision | None:
        """Return the settings, or None: then each wrong one is told at its field, the first has the focus."""
        if self.model is None or self.train is None:
            return None
        problems = self.train.problems() | self.model.problems()
        if problems:
            self.show_problems(problems)
            return None
        model, train = self.values()
        repeats, all_folds = train.pop("repeats"), train.pop("all_folds") and self._folds > 0
        return Decision(model, validated(TrainConfig, train), repeats, all_folds)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Tell each problem at its field, in the form that has it, and go to the first."""
        if self.model is None or self.train is None or self._family is None:
            return
        rows = self.train.shown()
        of_train = {name: text for name, text in problems.items() if name in rows}
        of_model = {name: text for name, text in problems.items() if name not in of_train}
        self.model.show_problems(of_model)
        self.train.show_problems(of_train)
        wrong = [row for name, row in self.model.shown().items() if name in of_model]
        wrong += [row for name, row in rows.items() if name in of_train]
        if wrong:
            self._go_to(wrong[0])

    def set_memory(self, text: str) -> None:
        """Say beside the batch size what memory it takes."""
        if self.train is not None:
            self.train.set_note("batch_size", text)

    def bring_into_view(self, widget: QWidget) -> None:
        """Scroll to a part of the settings, once it has the room that it needs now."""
        self._wanted = widget
        self._laid_out.start()

    def set_origin(self, text: str) -> None:
        """Say where the settings come from, such as a run that was cloned."""
        self._origin.setText(text)
        self._origin.setVisible(bool(text))
        if text:
            self._bring_to_top(self._title)

    def _go_to(self, field: FormField) -> None:
        field.control.setFocus(Qt.FocusReason.OtherFocusReason)
        self.bring_into_view(field)

    def _bring_to_top(self, widget: QWidget) -> None:
        """Scroll so that what has come to sight below a widget can be seen."""
        self._first = widget
        self._laid_out.start()

    def _show_wanted(self) -> None:
        if self._wanted is not None:
            self.ensureWidgetVisible(self._wanted, 0, 24)
        elif self._first is not None:
            place = self._first.mapTo(self._inner, QPoint(0, 0)).y()
            self.verticalScrollBar().setValue(place - 12)
        self._wanted = self._first = None

    def _on_changed(self) -> None:
        self._follow_preset()
        self.changed.emit()

    def _on_preset(self, values: Mapping[str, Any]) -> None:
        if self.train is not None:
            self.train.set_values(values)
            self._on_changed()

    def _follow_preset(self) -> None:
        if self.train is not None:
            self._preset.follow(self.train.values())
