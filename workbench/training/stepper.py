"""One optimiser step: forward, backward, and all that happens to a gradient before the weights move."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from workbench.core.configs import TrainConfig
from workbench.core.states import Split, Task
from workbench.training.averaging import Averaging
from workbench.training.data import TrainingData
from workbench.training.dense import DenseGradient
from workbench.training.losses import losses
from workbench.training.optimizers import optimizers
from workbench.training.ranks import Ranks

NORMS_EVERY = 10
_SMALLEST_SCALE = 1.0
_HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step was like; the tensors stay on the device.

    Args:
        loss: () mean loss of its samples, over all processes.
        score: () hits, or the sum of squared errors for regression.
        size: Samples.
        norms: Norm of the gradient and of the weights by series, where this step measured them.
    """

    loss: Tensor
    score: Tensor
    size: int
    norms: dict[str, Tensor]


def check_finite(loss: Tensor, gradients: list[Tensor], found: Tensor, one: Tensor) -> None:
    """Set `found` to 1 when the loss or a gradient is not finite, without waiting for the device.

    Each has to be looked at: a squared error overflows long before its gradient does.

    The kernel is the one behind torch.amp.GradScaler; a fused optimiser skips its step while `found`
    is 1, and nothing sets it back: the weights stay the last finite ones.
    """
    torch._amp_foreach_non_finite_check_and_unscale_([*gradients, loss.detach()], found, one)


class Stepper:
    """Takes optimiser steps over batches of any size.

    Args:
        model: The network, on its device.
        config: How to train.
        data: Where samples come from.
        averaging: Gets to know every step.
        precision: `fp32`, `bf16` or `fp16`.
        ranks: The processes that share the samples of a step.
        look: Called between the batches of a step that has many: a sign of life.
    """

    def __init__(
        self,
        model: nn.Module,
        config: TrainConfig,
        data: TrainingData,
        averaging: Averaging,
        precision: str,
        ranks: Ranks | None = None,
        look: Callable[[], object] = bool,
    ) -> None:
        self.model, self.config, self.data, self._averaging = model, config, data, averaging
        self.ranks, self.look = ranks or Ranks(), look
        self._joined = self.ranks.wrap(model)
        self.device, self._task = data.device, data.pipeline.output.task
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        choice = optimizers.build(config.optimizer, config.optimizer_fields)
        self.optimizer = choice.build(self.parameters, config.learning_rate, config.weight_decay)
        self.loss_of = losses.build(config.loss, config.loss_fields).build(self._task, _class_counts(data))
        self._dense = DenseGradient.of(model, self.loss_of) if self.ranks.size == 1 else None
        self.found = torch.zeros((), device=self.device)
        self._one = torch.ones((), device=self.device)
        self.precision = ""
        self.scaler: torch.amp.GradScaler | None = None
        self._cast: AbstractContextManager[Any] = nullcontext()
        self.set_precision(precision)

    def set_precision(self, precision: str) -> None:
        """Compute in `fp32`, `bf16` or `fp16` from now on; a scaler that is in use stays."""
        if precision == self.precision:
            return
        self.precision = precision
        half = _HALF.get(precision)
        self._cast = torch.autocast(self.device.type, half) if half else nullcontext()
        self.scaler = torch.amp.GradScaler(self.device.type) if precision == "fp16" else None
        if self.scaler is None:
            self.optimizer.found_inf = self.found  # type: ignore[attr-defined]

    def scores(self, x: Tensor, model: nn.Module | None = None) -> Tensor:
        """Return (batch, outputs) float32 scores of prepared samples, of another model where one is given."""
        with self._cast:
            scores: Tensor = (model or self._joined)(x)
        return scores.float()

    def step(
        self, index: Tensor, rate: float, number: int, samples: tuple[Tensor, Tensor] | None = None
    ) -> Taken:
        """Take one step.

        Args:
            index: (samples,) places of the samples it is about.
            rate: Learning rate.
            number: Number of this step, from 1.
            samples: The samples and targets, where they are fetched already; used where they are one batch.
        """
        optimizer = self.optimizer
        for group in optimizer.param_groups:
            group["lr"] = rate
        for parameter in self.parameters:
            parameter.grad = None  # as zero_grad does, which costs a twentieth of a small step
        parts = self._parts(index)
        if len(parts) == 1:
            at_hand = samples if self.ranks.size == 1 else None
            loss, score = self._pass(parts[0], len(parts[0]) / len(index), (number, 0), at_hand)
        else:
            passed = [
                self._pass(part, len(part) / len(index), (number, place))
                for place, part in enumerate(self._watched(parts))
            ]
            loss = torch.stack([part[0] for part in passed]).sum()
            score = torch.stack([part[1] for part in passed]).sum()
        if self.ranks.size > 1:
            loss, score = self.ranks.add(torch.stack([loss, score.to(loss.dtype)])).unbind()
        norms = self._finish_gradient(loss, number)
        if self.scaler is None:
            optimizer.step()
        else:
            self.scaler.step(optimizer)
            self.scaler.update()
        self._averaging.after_step()
        return Taken(loss, score, len(index), norms)

    def has_diverged(self) -> bool:
        """Return whether a loss or gradient was not finite. Waits for the device."""
        if self.scaler is not None and self.scaler.get_scale() < _SMALLEST_SCALE:
            return True
        return bool(self.found.item())

    def forward_backward(self, index: Tensor) -> None:
        """Compute a gradient and leave the weights alone. For trials of speed."""
        self._pass(index, 1.0, (0, 0))
        self.optimizer.zero_grad(set_to_none=True)

    def _pass(
        self,
        index: Tensor,
        share: float,
        key: tuple[int, int],
        samples: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Add the gradient of one batch; returns its share of the loss, and its score.

        What is drawn at random follows from the seed, from `key` (the step and the batch in it) and from the
        process alone: a resumed run draws what it would have drawn.
        """
        x, y = self.data.training_batch(index, (self.config.seed, *key, self.ranks.rank), samples)
        if self._dense is not None and share == 1.0 and self._is_as_it_was_built(y):
            loss, scores = self._dense(x, y)
            return loss, score_of(scores, y, self._task)
        scores = self.scores(x)
        loss = self.loss_of(scores, y)
        if share != 1.0:
            loss = loss * share
        # The average over the processes becomes a sum of their shares.
        scaled = loss * self.ranks.size if self.ranks.size > 1 else loss
        if self.scaler is not None:
            scaled = self.scaler.scale(scaled)
        scaled.backward()  # type: ignore[no-untyped-call]
        return loss.detach(), score_of(scores.detach(), y, self._task)

    def _is_as_it_was_built(self, y: Tensor) -> bool:
        """Return whether the model computes in full precision, not compiled, and no labels are mixed."""
        plain = self.precision == "fp32" and self.model._compiled_call_impl is None
        return plain and not (self._task is Task.CLASSIFICATION and y.dim() == 2)

    def _finish_gradient(self, loss: Tensor, number: int) -> dict[str, Tensor]:
        if self.scaler is not None:
            self.scaler.unscale_(self.optimizer)
            torch._amp_foreach_non_finite_check_and_unscale_([loss.clone()], self.found, self._one)
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        if self.config.l1:
            signs = torch._foreach_sign([p.detach() for p in self.parameters if p.grad is not None])
            torch._foreach_add_(gradients, signs, alpha=self.config.l1)
        norms: dict[str, Tensor] = {}
        measures = number % NORMS_EVERY == 0
        if measures or self.config.clip_norm:
            total = nn.utils.get_total_norm(gradients)
            if measures:
                weights = nn.utils.get_total_norm([p.detach() for p in self.parameters])
                norms = {"gradient_norm": total, "weight_norm": weights}
            if self.config.clip_norm:
                nn.utils.clip_grads_with_norm_(self.parameters, self.config.clip_norm, total)
        if self.scaler is None:
            check_finite(loss, gradients, self.found, self._one)
        return norms

    def _parts(self, index: Tensor) -> Sequence[Tensor]:
        """Return the batches of this process, as many in every process: after each they add up."""
        largest, size = -(-len(index) // self.ranks.size), self.config.batch_size
        count = 1 if largest <= size + 1 else min(-(-largest // size), len(index) // self.ranks.size)
        return torch.tensor_split(self.ranks.part(index), count)

    def _watched(self, parts: Sequence[Tensor]) -> Iterator[Tensor]:
        for part in parts:
            self.look()
            yield part


def score_of(scores: Tensor, y: Tensor, task: Task) -> Tensor:
    """Return () what a measure is made of: hits, or the sum of squared errors.

    Where labels are (batch, classes) shares, a hit is the class with the largest share.
    """
    if task is Task.CLASSIFICATION:
        if y.dim() == 2:
            y = y.argmax(dim=1)
        return (scores.argmax(dim=1) == y).sum()
    return (scores - y).square().sum()


def samples_a_step(config: TrainConfig, count: int) -> int:
    """Return how many samples an optimiser step is about.

    Args:
        config: How to train.
        count: Samples of the training split.
    """
    whole = optimizers.get(config.optimizer).whole_dataset
    return max(1, count) if whole else config.batch_size * config.accumulation


def bounds_of(count: int, size: int, least: int = 2) -> list[int]:
    """Return where batches begin and end.

    Args:
        count: Samples.
        size: Samples of a batch.
        least: A smaller last batch joins the one before: batch norm needs two samples, each process some.
    """
    bounds = [*range(0, count, size), count]
    if len(bounds) > 2 and bounds[-1] - bounds[-2] < least:
        del bounds[-2]
    return bounds


def _class_counts(data: TrainingData) -> Tensor:
    if data.pipeline.output.task is not Task.CLASSIFICATION:
        return torch.zeros(0)
    labels = data.y[data.indices[Split.TRAIN]]
    return torch.bincount(labels, minlength=len(data.pipeline.output.classes)).to(data.device)
