"""Losses: what training makes small. Each is a mean over the samples of a batch."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from workbench.core.registry import Choice, Registry
from workbench.core.states import Task

LossFunction = Callable[[Tensor, Tensor], Tensor]
"""Maps (batch, outputs) scores and targets to the mean loss of the batch.

Targets are (batch,) labels, (batch, classes) shares of them where samples are mixed, or (batch, 1) values.
With shares, a sample's loss is that of each label, weighed by its share (Zhang et al. 2018).
"""


class Loss(Choice):
    """What training makes small."""

    text: ClassVar[str] = ""
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSIFICATION,)

    @abstractmethod
    def build(self, task: Task, class_counts: Tensor) -> LossFunction:
        """Return the function.

        Args:
            task: One of `tasks`.
            class_counts: (classes,) samples of each class in the training split; empty for regression.
        """


losses: Registry[Loss] = Registry("loss", "workbench.training.losses")


def class_weights(class_counts: Tensor) -> Tensor:
    """Return (classes,) weights under which all classes count alike and the mean sample weighs 1.

    A class without samples weighs nothing.
    """
    there = class_counts > 0
    return torch.where(there, class_counts.sum() / (there.sum() * class_counts.clamp(min=1)), 0.0).float()


class _Weighted(Loss):
    """A loss for classes, which may weigh rare ones more."""

    balanced: bool = Field(
        False,
        title="Weigh rare classes more",
        description="Every class counts the same, however few samples it has. Default no.",
    )
    label_smoothing: float = Field(
        0.0,
        ge=0.0,
        lt=1.0,
        title="Label smoothing",
        json_schema_extra={"zero": "off"},
        description="Share of a label that goes to all classes. Default off; 0.1 tames overconfidence.",
    )

    def build(self, task: Task, class_counts: Tensor) -> LossFunction:
        """Return the mean over the batch of each sample's loss times the weight of its class."""
        weights = class_weights(class_counts) if self.balanced else None

        def mean(scores: Tensor, y: Tensor) -> Tensor:
            if y.dim() == 2:
                shares = y if weights is None else y * weights
                return (self._of_each_label(scores) * shares).sum(dim=1).mean()
            each = self._each(scores, y)
            return (each * weights[y]).mean() if weights is not None else each.mean()

        return mean

    def _each(self, scores: Tensor, y: Tensor) -> Tensor:
        return functional.cross_entropy(scores, y, reduction="none", label_smoothing=self.label_smoothing)

    def _of_each_label(self, scores: Tensor) -> Tensor:
        """Return (batch, classes) what the loss of a sample would be with each of the labels."""
        surprise = -scores.log_softmax(dim=1)
        return torch.lerp(surprise, surprise.mean(dim=1, keepdim=True), self.label_smoothing)


@losses.register("standard")
class Standard(Loss):
    """Cross-entropy for classes, squared error for numbers."""

    title: ClassVar[str] = "Standard"
    text: ClassVar[str] = "Cross-entropy for classes, squared error for numbers."
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSIFICATION, Task.REGRESSION)

    def build(self, task: Task, class_counts: Tensor) -> LossFunction:
        """Return torch's own."""
        return nn.CrossEntropyLoss() if task is Task.CLASSIFICATION else nn.MSELoss()


@losses.register("cross_entropy")
class CrossEntropy(_Weighted):
    """Cross-entropy with label smoothing (Szegedy et al. 2016) and class weights."""

    title: ClassVar[str] = "Cross-entropy"
    text: ClassVar[str] = "The usual one for classes, with class weights and label smoothing."


@losses.register("focal")
class Focal(_Weighted):
    """Cross-entropy that looks away from what is easy. Lin et al. 2017, eq. 5."""

    title: ClassVar[str] = "Focal"
    text: ClassVar[str] = "Easy samples count less; for rare classes among many easy samples."

    gamma: float = Field(
        2.0,
        ge=0.0,
        le=10.0,
        title="Gamma",
        description="How little easy samples count. Default 2; 0 is none.",
    )

    def _each(self, scores: Tensor, y: Tensor) -> Tensor:
        hit = scores.log_softmax(dim=1).gather(1, y[:, None])[:, 0].exp()
        return (1.0 - hit) ** self.gamma * super()._each(scores, y)

    def _of_each_label(self, scores: Tensor) -> Tensor:
        return (1.0 - scores.softmax(dim=1)) ** self.gamma * super()._of_each_label(scores)


@losses.register("absolute")
class Absolute(Loss):
    """Mean absolute error."""

    title: ClassVar[str] = "Absolute error"
    text: ClassVar[str] = "Outliers count no more than their distance."
    tasks: ClassVar[tuple[Task, ...]] = (Task.REGRESSION,)

    def build(self, task: Task, class_counts: Tensor) -> LossFunction:
        """Return torch's own."""
        return nn.L1Loss()


@losses.register("huber")
class Huber(Loss):
    """Squared for small errors, absolute for large ones. Huber 1964."""

    title: ClassVar[str] = "Huber"
    text: ClassVar[str] = "Squared for small errors, absolute for outliers."
    tasks: ClassVar[tuple[Task, ...]] = (Task.REGRESSION,)

    delta: float = Field(
        1.0,
        gt=0.0,
        le=1000.0,
        title="Delta",
        description="Where an error counts as large, in deviations of the target. Default 1.",
    )

    def build(self, task: Task, class_counts: Tensor) -> LossFunction:
        """Return torch's own."""
        return nn.HuberLoss(delta=self.delta)
