"""The training loop, the only one. Runs alike in a thread, in a process and without a window."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from workbench.core.configs import TrainConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Points
from workbench.core.states import LogLevel, RunState, Split, Task
from workbench.models.base import families
from workbench.models.summary import parameters_of
from workbench.training.checkpoints import load_weights, model_state, weights_sha256, write_checkpoint
from workbench.training.data import TrainingData
from workbench.training.devices import device_title, suitable_threads
from workbench.training.optimizers import optimizers
from workbench.training.recorder import MetricRecorder
from workbench.training.schedulers import schedules

CHECKPOINT_EVERY_S = 1.0
_EPOCH_FLUSH_S = 0.05


@dataclass(frozen=True, slots=True)
class FitJob:
    """Everything one training needs.

    Args:
        family: Name of the model family, with its `fields`.
        config: How to train.
        data: Prepared samples on the device.
        folder: Where checkpoints go.
        resume: State of the checkpoint to go on from.
        threads: CPU threads to compute with; 0 takes as many as the model is worth.
    """

    family: str
    fields: Mapping[str, Any]
    config: TrainConfig
    data: TrainingData
    folder: Path
    resume: Mapping[str, Any] | None = None
    threads: int = 0


def _ignore(*_: Any) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What the loop tells while it runs; each is called on the training thread.

    Args:
        on_start: (device, threads, parameters, precision) once the model is built.
        on_points: (points by series, epoch, step); returns once they are durable.
        on_checkpoint: (role, path, sha256, epoch, step) after the file is safely on disk.
        on_progress: (steps done, steps in all, text).
        on_hold: True when training holds still, False when it goes on.
        on_best: (epoch) when an epoch is better than all before.
        on_log: (level, text) for the run's log.
    """

    on_start: Callable[[str, int, int, str], None] = _ignore
    on_points: Callable[[dict[str, Points], int, int], None] = _ignore
    on_checkpoint: Callable[[str, Path, str, int, int], None] = _ignore
    on_progress: Callable[[int, int, str], None] = _ignore
    on_hold: Callable[[bool], None] = _ignore
    on_best: Callable[[int], None] = _ignore
    on_log: Callable[[LogLevel, str], None] = _ignore


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training ended. `weights_sha256` is of the last weights, in name order."""

    state: RunState
    message: str
    epochs: int
    steps: int
    best_epoch: int | None
    weights_sha256: str
    seconds: float


class _DivergedError(Exception):
    """The loss is no longer a number."""


@dataclass(slots=True)
class _Place:
    """Where training is; together with weights, optimiser and random state it is all there is to resume."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    elapsed_s: float = 0.0
    sums: tuple[float, int, int] = field(default=(0.0, 0, 0))


def fit(job: FitJob, callbacks: Callbacks, token: CancelToken) -> Outcome:
    """Train until the epochs are done, the user stops it, patience ends or the loss diverges.

    The same seed, device and thread count give the same weights to the bit, also across a resume.

    Raises:
        DataError: The checkpoint to resume from belongs to another model.
        DiskError: A checkpoint could not be written; the last good one is untouched.
    """
    before = torch.get_num_threads()
    try:
        return _Loop(job, callbacks, token).run()
    finally:
        torch.set_num_threads(before)


def check_finite(loss: Tensor, parameters: list[nn.Parameter], found: Tensor, one: Tensor) -> None:
    """Set `found` to 1 when the loss or a gradient is not finite, without waiting for the device.

    Each has to be looked at: a squared error overflows long before its gradient does.

    The kernel is the one behind torch.amp.GradScaler; a fused optimiser skips its step while `found`
    is 1, and nothing sets it back: the weights stay the last finite ones.
    """
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    torch._amp_foreach_non_finite_check_and_unscale_([*gradients, loss.detach()], found, one)


class _Loop:
    def __init__(self, job: FitJob, callbacks: Callbacks, token: CancelToken) -> None:
        self.job, self.callbacks, self.token = job, callbacks, token
        self.config, self.data, self.device = job.config, job.data, job.data.device
        self.place = _Place()
        torch.manual_seed(self.config.seed)
        family = families.build(job.family, job.fields)
        self.model = family.build(self.data.pipeline.output).to(self.device)
        if len(self.data.pipeline.output.input_shape) == 3:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = optimizers.build(self.config.optimizer).build(
            self.parameters, self.config.learning_rate, self.config.weight_decay
        )
        self.schedule = schedules.build(self.config.schedule)
        self.classifies = self.data.pipeline.output.task is Task.CLASSIFICATION
        self.loss: nn.Module = nn.CrossEntropyLoss() if self.classifies else nn.MSELoss()
        self.found = torch.zeros((), device=self.device)
        self.one = torch.ones((), device=self.device)
        self.optimizer.found_inf = self.found  # type: ignore[attr-defined]
        self.bounds = _bounds(len(self.data.indices[Split.TRAIN]), self.config.batch_size)
        self.total_steps = self.config.epochs * (len(self.bounds) - 1)
        self.started = time.perf_counter()
        self.recorder = MetricRecorder(callbacks.on_points, self._elapsed)
        self.checkpoint_at = time.perf_counter()
        self.checkpoint_step = -1
        self.best: dict[str, Any] | None = None
        self.good = self._weights()

    def run(self) -> Outcome:
        if self.job.resume is not None:
            self._restore(self.job.resume)
        if self.device.type == "cpu":
            shape, size = self.data.pipeline.output.input_shape, self.config.batch_size
            torch.set_num_threads(self.job.threads or suitable_threads(self.model, shape, size))
        title, parameters = device_title(self.device), parameters_of(self.model)
        self.callbacks.on_start(title, torch.get_num_threads(), parameters, "fp32")
        try:
            state, message = self._epochs()
        except _DivergedError:
            state, message = self._diverged()
        self.recorder.flush(self.place.epoch, self.place.step)
        self._checkpoint()
        place = self.place
        return Outcome(
            state, message, place.epoch, place.step, place.best_epoch or None,
            weights_sha256(self.model.state_dict()), self._elapsed(),
        )  # fmt: skip

    def _epochs(self) -> tuple[RunState, str]:
        while self.place.epoch < self.config.epochs:
            if not self._train_epoch():
                state = RunState.INTERRUPTED if self.token.interrupted else RunState.STOPPED
                return state, f"Stopped in epoch {self.place.epoch + 1}."
            self._end_epoch()
            if self.token.stopping_after_epoch:
                return RunState.STOPPED, f"Stopped after epoch {self.place.epoch}."
            waited = self.place.epoch - self.place.best_epoch
            if self.config.patience and waited >= self.config.patience:
                return RunState.FINISHED, f"No better validation loss for {waited} epochs."
        return RunState.FINISHED, ""

    def _train_epoch(self) -> bool:
        """Train to the end of the epoch; False when asked to stop before."""
        place, token, recorder, data = self.place, self.token, self.recorder, self.data
        model, loss_of, optimizer = self.model, self.loss, self.optimizer
        waits = self.device.type == "cpu"
        order = self._order(place.epoch)
        recorder.start_epoch(*place.sums)
        model.train()
        for batch in range(place.batch, len(self.bounds) - 1):
            if (token.paused or token.cancelled) and not self._hold():
                return False
            rate = self.config.learning_rate * self.schedule.factor(place.step / self.total_steps)
            for group in optimizer.param_groups:
                group["lr"] = rate
            x, y = data.batch(order[self.bounds[batch] : self.bounds[batch + 1]])
            scores = model(x)
            loss = loss_of(scores, y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            check_finite(loss, self.parameters, self.found, self.one)
            optimizer.step()
            place.batch, place.step = batch + 1, place.step + 1
            hits = (scores.argmax(dim=1) == y).sum() if self.classifies else None
            recorder.step(place.step, loss.detach(), hits, len(y))
            due = recorder.due()
            if (waits or due) and self.found.item():
                raise _DivergedError
            if due:
                self._report()
        return True

    def _report(self) -> None:
        self.recorder.flush(self.place.epoch, self.place.step)
        text = f"epoch {min(self.place.epoch + 1, self.config.epochs)} of {self.config.epochs}"
        self.callbacks.on_progress(self.place.step, self.total_steps, text)
        if time.perf_counter() - self.checkpoint_at > 120:
            self._checkpoint()

    def _end_epoch(self) -> None:
        place, recorder = self.place, self.recorder
        recorder.drain()
        if self.found.item():
            raise _DivergedError
        measured = self._validate()
        train_loss = recorder.loss_sum / recorder.sample_sum
        if self.classifies:
            recorder.log("train/accuracy", place.step, recorder.hit_sum / recorder.sample_sum)
        else:
            recorder.log("train/rmse", place.step, math.sqrt(train_loss) * self.data.scale.deviation)
        for name, value in measured.items():
            recorder.log(f"validation/{name}", place.step, value)
        recorder.log("learning_rate", place.step, self.optimizer.param_groups[0]["lr"])
        judged = measured.get("loss", train_loss)
        if not math.isfinite(judged):
            raise _DivergedError
        place.epoch, place.batch, place.sums = place.epoch + 1, 0, (0.0, 0, 0)
        self.good = self._weights()
        if judged < place.best_loss:
            place.best_loss, place.best_epoch = judged, place.epoch
            self.best = self._model_state()
            self.callbacks.on_best(place.epoch)
        if recorder.due(_EPOCH_FLUSH_S):
            self._report()
        if time.perf_counter() - self.checkpoint_at > CHECKPOINT_EVERY_S:
            self._checkpoint()

    def _validate(self) -> dict[str, float]:
        """Return loss and accuracy, or loss and RMSE, on the validation split; empty without one."""
        count = len(self.data.indices[Split.VALIDATION])
        if not count:
            return {}
        loss_sum = torch.zeros((), device=self.device)
        hits = torch.zeros((), dtype=torch.int64, device=self.device)
        self.model.eval()
        with torch.inference_mode():
            for x, y in self.data.batches(Split.VALIDATION):
                scores = self.model(x)
                loss_sum += self.loss(scores, y) * len(y)
                if self.classifies:
                    hits += (scores.argmax(dim=1) == y).sum()
        loss = loss_sum.item() / count
        if self.classifies:
            return {"loss": loss, "accuracy": hits.item() / count}
        return {"loss": loss, "rmse": math.sqrt(loss) * self.data.scale.deviation}

    def _hold(self) -> bool:
        """Hold still while paused; False when training has to stop."""
        if self.token.paused:
            self._checkpoint()
            held_at = time.perf_counter()
            self.callbacks.on_hold(True)
            self.token.wait_while_paused()
            self.started += time.perf_counter() - held_at
            if not self.token.cancelled:
                self.callbacks.on_hold(False)
        return not self.token.cancelled

    def _diverged(self) -> tuple[RunState, str]:
        weights = self.model.state_dict()
        if not all(bool(torch.isfinite(value).all()) for value in weights.values()):
            load_weights(self.model, self.good)
        rate = self.config.learning_rate
        return RunState.DIVERGED, (
            f"The loss stopped being a number at step {self.place.step}; the last good weights are kept. "
            f"Try a smaller learning rate, such as {rate / 10:.1g} instead of {rate:g}."
        )

    def _order(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + epoch)
        index = self.data.indices[Split.TRAIN]
        return index[torch.randperm(len(index), generator=generator).to(index.device)]

    def _elapsed(self) -> float:
        return self.place.elapsed_s + time.perf_counter() - self.started

    def _weights(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.model.state_dict().items()}

    def _model_state(self) -> dict[str, Any]:
        return model_state(self.model, self.job.family, self.job.fields, self.data, self.place.epoch)

    def _checkpoint(self) -> None:
        """Write the best weights so far, then the state to resume from.

        The points up to here become durable first: a run that is killed now goes on behind them.
        """
        recorder, place = self.recorder, self.place
        if place.step == self.checkpoint_step:
            return
        recorder.flush(place.epoch, place.step)
        if self.best is None and place.best_epoch == 0:
            self.best = self._model_state()
        if self.best is not None:
            self._write("best", self.best, int(self.best["epoch"]))
            self.best = None
        sums = (recorder.loss_sum, recorder.hit_sum, recorder.sample_sum) if place.batch else (0.0, 0, 0)
        cuda = self.device.type == "cuda"
        state = self._model_state() | {
            "optimizer": self.optimizer.state_dict(),
            "config": self.config.model_dump_json(),
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state(self.device) if cuda else None,
            "place": [
                place.epoch,
                place.batch,
                place.step,
                place.best_epoch,
                place.best_loss,
                self._elapsed(),
            ],
            "sums": list(sums),
            "threads": torch.get_num_threads(),
        }
        self._write("last", state, place.epoch)
        self.checkpoint_step = place.step
        self.checkpoint_at = time.perf_counter()

    def _write(self, role: str, state: dict[str, Any], epoch: int) -> None:
        path = self.job.folder / f"{role}-{self.place.step}.pt"
        sha256 = write_checkpoint(path, state)
        self.callbacks.on_checkpoint(role, path, sha256, epoch, self.place.step)

    def _restore(self, state: Mapping[str, Any]) -> None:
        if state.get("family") != self.job.family or "optimizer" not in state:
            raise DataError("The checkpoint belongs to another model, so the run cannot go on from it.")
        load_weights(self.model, state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        epoch, batch, step, best_epoch, best_loss, elapsed_s = state["place"]
        self.place = _Place(epoch, batch, step, best_epoch, best_loss, elapsed_s, tuple(state["sums"]))
        self.checkpoint_step = step
        self.good = self._weights()
        torch.set_rng_state(state["random"])
        if state["random_cuda"] is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(state["random_cuda"], self.device)


def _bounds(count: int, size: int) -> list[int]:
    """Return where batches begin and end; a lone last sample joins the batch before: batch norm needs two."""
    bounds = [*range(0, count, size), count]
    if len(bounds) > 2 and bounds[-1] - bounds[-2] == 1:
        del bounds[-2]
    return bounds
