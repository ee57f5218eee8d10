"""Mitigations that change how a run is trained, or what it is."""

from dataclasses import replace
from typing import Any, ClassVar

from pydantic import Field

from workbench.board.mitigations.base import Mitigation, RunSettings, mitigations
from workbench.core.states import Task

_FOR_CLASSES = (Task.CLASSIFICATION,)


@mitigations.register("class_weights")
class ClassWeights(Mitigation):
    """Rare classes count as much as frequent ones."""

    title: ClassVar[str] = "Class weights"
    text: ClassVar[str] = "Rare classes count as much as frequent ones: for a class that is found too seldom."
    tasks: ClassVar[tuple[Task, ...]] = _FOR_CLASSES

    def change(self, settings: RunSettings) -> RunSettings:
        """Balance the loss."""
        return _with_loss(settings, balanced=True)


@mitigations.register("focal_loss")
class FocalLoss(Mitigation):
    """Hard samples count more."""

    title: ClassVar[str] = "Focal loss"
    text: ClassVar[str] = "Samples that are hard to tell count more, easy ones less."
    tasks: ClassVar[tuple[Task, ...]] = _FOR_CLASSES

    def change(self, settings: RunSettings) -> RunSettings:
        """Take the focal loss."""
        if settings.train.loss == "focal":
            return settings
        # What both losses know stays: an experiment changes one thing.
        kept = settings.train.loss_fields if settings.train.loss == "cross_entropy" else {}
        return _trained(settings, loss="focal", loss_fields=kept)


@mitigations.register("label_smoothing")
class LabelSmoothing(Mitigation):
    """Labels are taken with a grain of salt."""

    title: ClassVar[str] = "Label smoothing"
    text: ClassVar[str] = "The model is not pushed to be certain: for labels with errors, and overconfidence."
    tasks: ClassVar[tuple[Task, ...]] = _FOR_CLASSES

    amount: float = Field(
        0.1,
        gt=0.0,
        le=0.5,
        title="Smoothing",
        description="Share that goes to the other classes. Default 0.1.",
    )

    def change(self, settings: RunSettings) -> RunSettings:
        """Smooth the labels."""
        if settings.train.loss_fields.get("label_smoothing", 0.0) >= self.amount:
            return settings
        return _with_loss(settings, label_smoothing=self.amount)


@mitigations.register("weight_decay")
class StrongerDecay(Mitigation):
    """Weights stay small."""

    title: ClassVar[str] = "Stronger weight decay"
    text: ClassVar[str] = "Weights stay smaller: for a model that knows its training data by heart."

    factor: float = Field(10.0, gt=1.0, le=1000.0, title="Times", description="Default 10 times as strong.")

    def change(self, settings: RunSettings) -> RunSettings:
        """Raise the decay."""
        return _trained(settings, weight_decay=min(1.0, (settings.train.weight_decay or 1e-4) * self.factor))


@mitigations.register("dropout")
class MoreDropout(Mitigation):
    """Parts of the network are left out while it learns."""

    title: ClassVar[str] = "Dropout"
    text: ClassVar[str] = "Parts of the network are left out at random while it learns: against overfitting."

    share: float = Field(0.3, gt=0.0, le=0.8, title="Share", description="Share left out. Default 0.3.")

    def change(self, settings: RunSettings) -> RunSettings:
        """Raise the share, where the family has it."""
        if settings.fields.get("dropout", 1.0) >= self.share:
            return settings
        return replace(settings, fields={**settings.fields, "dropout": self.share})


@mitigations.register("simpler_model")
class SimplerModel(Mitigation):
    """A smaller network of the same family."""

    title: ClassVar[str] = "Simpler model"
    text: ClassVar[str] = "Half as wide: faster, smaller, and less inclined to learn by heart."

    def change(self, settings: RunSettings) -> RunSettings:
        """Halve the width."""
        width = settings.fields.get("width")
        if not isinstance(width, int) or width < 16:
            return settings
        return replace(settings, fields={**settings.fields, "width": width // 2})


@mitigations.register("larger_model")
class LargerModel(Mitigation):
    """A larger network of the same family."""

    title: ClassVar[str] = "Larger model"
    text: ClassVar[str] = "Twice as wide: for a model that cannot even learn its training data."

    def change(self, settings: RunSettings) -> RunSettings:
        """Double the width."""
        width = settings.fields.get("width")
        if not isinstance(width, int) or width > 64:
            return settings
        return replace(settings, fields={**settings.fields, "width": width * 2})


@mitigations.register("early_stopping")
class EarlyStopping(Mitigation):
    """Training ends when it no longer helps."""

    title: ClassVar[str] = "Early stopping"
    text: ClassVar[str] = "Training ends when validation no longer gets better: saves cost too."
    against: ClassVar[tuple[str, ...]] = ("technical", "data", "operational")

    patience: int = Field(
        10, ge=1, le=1000, title="Epochs without gain", description="How long it waits. Default 10."
    )

    def change(self, settings: RunSettings) -> RunSettings:
        """Set the patience."""
        return settings if settings.train.patience else _trained(settings, patience=self.patience)


@mitigations.register("weight_averaging")
class WeightAveraging(Mitigation):
    """An average of the weights is kept."""

    title: ClassVar[str] = "Weight averaging"
    text: ClassVar[str] = "An average of the last steps is judged and kept: steadier results."

    def change(self, settings: RunSettings) -> RunSettings:
        """Average the weights."""
        return _trained(settings, averaging="ema") if settings.train.averaging == "none" else settings


@mitigations.register("longer_training")
class LongerTraining(Mitigation):
    """More time to learn."""

    title: ClassVar[str] = "Longer training"
    text: ClassVar[str] = "Twice as many epochs: for a loss that was still falling."

    def change(self, settings: RunSettings) -> RunSettings:
        """Double the epochs."""
        return _trained(settings, epochs=min(100_000, settings.train.epochs * 2))


@mitigations.register("smaller_rate")
class SmallerRate(Mitigation):
    """Smaller steps."""

    title: ClassVar[str] = "Smaller learning rate"
    text: ClassVar[str] = "Smaller steps, after a warm-up: for a loss that jumps or diverges."

    def change(self, settings: RunSettings) -> RunSettings:
        """Take a third of the rate, after a warm-up."""
        rate = float(f"{settings.train.learning_rate / 3:.2g}")
        return _trained(settings, learning_rate=rate, warmup=max(0.05, settings.train.warmup))


def _trained(settings: RunSettings, **values: Any) -> RunSettings:
    return replace(settings, train=settings.train.model_copy(update=values))


def _with_loss(settings: RunSettings, **values: Any) -> RunSettings:
    """Set a field of the loss, where it has such a field."""
    loss, fields = settings.train.loss, dict(settings.train.loss_fields)
    if loss == "standard":
        loss, fields = "cross_entropy", {}
    if loss not in ("cross_entropy", "focal"):
        return settings
    return _trained(settings, loss=loss, loss_fields=fields | values)
