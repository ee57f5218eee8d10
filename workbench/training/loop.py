"""The training loop, the only one. Runs alike in a thread, in a process and without a window."""

import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from workbench.core.control import CancelToken
from workbench.core.host_memory import freed_memory_kept
from workbench.core.states import LogLevel, RunState, Split
from workbench.models.base import families
from workbench.models.summary import parameters_of
from workbench.training.averaging import Averaging
from workbench.training.checkpoints import load_weights, model_state, weights_sha256, write_checkpoint
from workbench.training.devices import bit_for_bit, device_title, suitable_threads
from workbench.training.epoch_clock import EpochClock
from workbench.training.initialization import initialize
from workbench.training.job import Callbacks, FitJob, Outcome
from workbench.training.monitor import LAST_SAMPLE_S, Monitor, disk_is_nearly_full
from workbench.training.ranks import Ranks
from workbench.training.recorder import MetricRecorder
from workbench.training.resume import Place, restore, resume_state
from workbench.training.schedulers import rate_factor, schedules
from workbench.training.stepper import Stepper, bounds_of, samples_a_step
from workbench.training.trials import compile_model, find_precision
from workbench.training.validation import measure_of, validate

CHECKPOINT_EVERY_S = 1.0
LOOK_AGAIN_S = 2.0
_LONG_EPOCH_S = 120.0
_EPOCH_FLUSH_S = 0.05


class _DivergedError(Exception):
    """The loss is no longer a number."""


def fit(job: FitJob, callbacks: Callbacks, token: CancelToken) -> Outcome:
    """Train until the epochs or the time are used up, the user stops it, patience ends or the loss diverges.

    The same seed, device, precision and thread count give the same weights to the bit, also across a resume.

    Raises:
        DataError: The checkpoint to resume from belongs to another model.
        DiskError: A checkpoint could not be written; the last good one is untouched.
    """
    before = torch.get_num_threads()
    try:
        with bit_for_bit(job.config.deterministic), freed_memory_kept():
            return _Loop(job, callbacks, token).run()
    finally:
        torch.set_num_threads(before)


class _Loop:
    def __init__(self, job: FitJob, callbacks: Callbacks, token: CancelToken) -> None:
        self.job, self.callbacks, self.token = job, callbacks, token
        self.config, self.data, self.device = job.config, job.data, job.data.device
        self.place, self.ranks = Place(), job.ranks or Ranks()
        torch.manual_seed(self.config.seed)
        family = families.build(job.family, job.fields)
        self.model = family.build(self.data.pipeline.output)
        initialize(self.model, self.config.initialization)
        self.model = self.model.to(self.device)
        if len(self.data.pipeline.output.input_shape) == 3:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.averaging = Averaging(self.model, self.config.averaging)
        precision = "fp32" if self.config.precision == "auto" else self.config.precision
        self.stepper = Stepper(
            *(self.model, self.config, self.data, self.averaging, precision),
            self.ranks,
            lambda: token.cancelled,
        )
        self.schedule = schedules.build(self.config.schedule, self.config.schedule_fields)
        count = len(self.data.indices[Split.TRAIN])
        self.bounds = bounds_of(count, samples_a_step(self.config, count), least=2 * self.ranks.size)
        self.total_steps = self.config.epochs * (len(self.bounds) - 1)
        self.scale = 1.0
        self.compiled = self.over = False
        self.started = time.perf_counter()
        self.recorder = MetricRecorder(callbacks.on_points, self._elapsed)
        self.monitor = Monitor(self.device)
        self.clock = EpochClock()
        self.checkpoint_at = self.disk_at = time.perf_counter()
        self.checkpoint_step, self.checkpoint_bytes = -1, 0
        self.best: dict[str, Any] | None = None
        self.good = self._weights()

    def run(self) -> Outcome:
        self._get_ready()
        try:
            state, message = self._epochs()
        except _DivergedError:
            state, message = self._diverged()
        if self.monitor.due(LAST_SAMPLE_S):
            self._log_hardware()
        self.recorder.flush(self.place.epoch, self.place.step)
        self._tell_progress()
        self._checkpoint()
        place = self.place
        return Outcome(
            state, message, place.epoch, place.step, place.best_epoch or None,
            weights_sha256(self.model.state_dict()), self._elapsed(),
        )  # fmt: skip

    def _get_ready(self) -> None:
        resume = self.job.resume
        if resume is not None:
            self.place = restore(resume, self.job.family, self.stepper, self.averaging)
            self.scale = self.schedule.scale(self.place.judged)
            self.checkpoint_step = self.place.step
            self.good = self._weights()
            self._log(
                LogLevel.INFO, f"Goes on from step {self.place.step:,} in epoch {self.place.epoch + 1}."
            )
        if self.device.type == "cpu":
            shape, size = self.data.pipeline.output.input_shape, self.config.batch_size
            torch.set_num_threads(self.job.threads or suitable_threads(self.model, shape, size))
        index = self.data.indices[Split.TRAIN][: 4 * self.config.batch_size]
        batches = [part for part in torch.split(index, self.config.batch_size) if len(part) > 1]
        if resume is None and self.config.precision == "auto" and not self.config.deterministic:
            if self.job.precision:
                self.stepper.set_precision(self.job.precision)
            else:
                find_precision(self.stepper, batches, self.total_steps)
        compiles = self.config.compiled if resume is None else resume.get("compiled", False)
        if compiles and batches and self.ranks.size == 1:
            tell = partial(self._log, LogLevel.INFO)
            self.compiled = compile_model(self.stepper, batches, tell, tried=resume is not None)
        self.callbacks.on_start(
            device_title(self.device),
            torch.get_num_threads(),
            parameters_of(self.model),
            self.stepper.precision,
        )
        self.started = time.perf_counter()
        self.monitor.pause()

    def _epochs(self) -> tuple[RunState, str]:
        while self.place.epoch < self.config.epochs:
            if not self._train_epoch() or not self._end_epoch():
                if self.over:
                    return RunState.FINISHED, f"The time budget of {self.config.budget_min:g} min is used up."
                state = RunState.INTERRUPTED if self.token.interrupted else RunState.STOPPED
                return state, f"Stopped in epoch {self.place.epoch + 1}."
            if self.ranks.any(self.token.stopping_after_epoch)[0]:
                return RunState.STOPPED, f"Stopped after epoch {self.place.epoch}."
            waited = self.place.epoch - self.place.best_epoch
            if self.config.patience and waited >= self.config.patience:
                return RunState.FINISHED, f"No better validation loss for {waited} epochs."
        return RunState.FINISHED, ""

    def _train_epoch(self) -> bool:
        """Train to the end of the epoch; False when asked to stop before, or when the time is used up."""
        place, token, recorder, stepper = self.place, self.token, self.recorder, self.stepper
        waits = self.device.type == "cpu"
        drawn = self.data.drawn(self._order(place.epoch), self.bounds[place.batch :])
        recorder.start_epoch(*place.sums)
        self.clock.start(place.batch, len(self.bounds) - 1)
        self.model.train()
        for index, samples in drawn:
            held, self.over, due = self.ranks.any(
                token.paused or token.cancelled, self._is_over_budget(), recorder.due()
            )
            if due:
                self._report()
            if self.over or (held and not self._hold()):
                return False
            number = place.step + 1
            taken = stepper.step(index, self._rate(), number, samples)
            place.batch, place.step = place.batch + 1, number
            recorder.step(number, taken.loss, taken.score, taken.size)
            for name, norm in taken.norms.items():
                recorder.note(name, number, norm)
            self.monitor.count(taken.size)
            if (waits or due) and stepper.has_diverged():
                raise _DivergedError
        self.clock.trained()
        return True

    def _rate(self) -> float:
        share = 1 / self.total_steps
        progress = self.place.step * share
        progress = max(progress, self._share_of_time())
        factor = rate_factor(self.schedule, progress, self.config.warmup, share)
        return self.config.learning_rate * self.scale * factor

    def _share_of_time(self) -> float:
        """Return the share of the time budget that is used up, in [0, 1]; 0 without one."""
        if self.config.budget_min is None:
            return 0.0
        return self.ranks.first(min(1.0, self._elapsed() / (60 * self.config.budget_min)))

    def _stops_alone(self) -> bool:
        """Return whether to stop now; several processes stop where they agree on it, between steps."""
        return self.token.cancelled and self.ranks.size == 1

    def _is_over_budget(self) -> bool:
        budget = self.config.budget_min
        return budget is not None and self._elapsed() >= 60 * budget

    def _report(self) -> None:
        if self.monitor.due():
            self._log_hardware()
        self.recorder.flush(self.place.epoch, self.place.step)
        self._tell_progress()
        now = time.perf_counter()
        if self.ranks.any(now - self.checkpoint_at > _LONG_EPOCH_S)[0]:
            self._checkpoint()
        if self.ranks.rank == 0 and now - self.disk_at > LOOK_AGAIN_S:
            self._look_at_disk()

    def _tell_progress(self) -> None:
        text = f"epoch {min(self.place.epoch + 1, self.config.epochs)} of {self.config.epochs}"
        self.callbacks.on_progress(self.place.step, self.total_steps, text, self._left_s())

    def _log_hardware(self) -> None:
        for name, value in self.monitor.sample().items():
            # All processes work alike, each with a device of its own.
            times = self.ranks.size if name.endswith("power_w") else 1
            self.recorder.log(name, self.place.step, value * times)

    def _end_epoch(self) -> bool:
        """Judge the epoch; False when asked to stop meanwhile: it is judged when the run goes on."""
        place, recorder = self.place, self.recorder
        recorder.drain()
        if self.stepper.has_diverged():
            raise _DivergedError
        self.averaging.after_epoch(max((place.epoch + 1) / self.config.epochs, self._share_of_time()))
        judged = self._judge_epoch()
        if judged is None:
            self.averaging.forget_epoch()
            return False
        place.epoch, place.batch, place.sums = place.epoch + 1, 0, (0.0, 0.0, 0)
        place.judged.append(judged)
        self._drop_rate()
        self.good = self._weights()
        if judged < place.best_loss:
            place.best_loss, place.best_epoch = judged, place.epoch
            self.best = self._model_state()
            self.callbacks.on_best(place.epoch)
        if self.config.keep_every and place.epoch % self.config.keep_every == 0:
            self._write(f"epoch-{place.epoch}", self._model_state(), place.epoch)
        due, old = self.ranks.any(
            recorder.due(_EPOCH_FLUSH_S), time.perf_counter() - self.checkpoint_at > CHECKPOINT_EVERY_S
        )
        if old:
            self._checkpoint()
        self.clock.end()
        if due:
            self._report()
        return True

    def _judge_epoch(self) -> float | None:
        """Log what an epoch's end tells and return the loss it is judged by; None when asked to stop."""
        place, recorder = self.place, self.recorder
        measured = validate(self.stepper, self.averaging.model, self._stops_alone)
        if measured is None:
            return None
        trained = measure_of(self.stepper, recorder.score_sum / recorder.sample_sum)
        series = {f"train/{name}": value for name, value in trained.items()}
        series |= {f"validation/{name}": value for name, value in measured.items()}
        for name, value in series.items():
            recorder.log(name, place.step, value)
        recorder.log("learning_rate", place.step, self.stepper.optimizer.param_groups[0]["lr"])
        judged = measured.get("loss", recorder.loss_sum / recorder.sample_sum)
        if not math.isfinite(judged):
            raise _DivergedError
        return judged

    def _drop_rate(self) -> None:
        scale = self.schedule.scale(self.place.judged)
        if scale < self.scale:
            rate = self.config.learning_rate * scale
            self._log(
                LogLevel.INFO, f"The validation loss no longer falls: learning rate {rate:.3g} from now."
            )
        self.scale = scale

    def _hold(self) -> bool:
        """Hold still while paused; False when training has to stop."""
        if self.ranks.any(self.token.paused)[0]:
            self._report()
            self._checkpoint()
            self._stand_still("", self.token.wait_while_paused)
        return not self.ranks.any(self.token.cancelled)[0]

    def _look_at_disk(self) -> None:
        """Hold still while the disk is nearly full; a checkpoint is not tried, it would not fit."""
        folder, size = self.job.folder, self.checkpoint_bytes
        if disk_is_nearly_full(folder, size):
            why = "The disk is nearly full: free some space and the run goes on by itself."
            self._log(LogLevel.WARNING, why)

            def wait() -> None:
                while disk_is_nearly_full(folder, size) and not self.token.wait_cancelled(LOOK_AGAIN_S):
                    pass

            self._stand_still(why, wait)
        self.disk_at = time.perf_counter()

    def _stand_still(self, why: str, wait: Callable[[], None]) -> None:
        held_at = time.perf_counter()
        self.callbacks.on_hold(True, why)
        self._log(LogLevel.INFO, f"Holds still at step {self.place.step:,}.")
        wait()
        self.started += time.perf_counter() - held_at
        self.clock.skip(time.perf_counter() - held_at)
        self.monitor.pause()
        if not self.token.cancelled:
            self._log(LogLevel.INFO, "Goes on.")
            self.callbacks.on_hold(False, "")

    def _diverged(self) -> tuple[RunState, str]:
        weights = self.model.state_dict()
        if not all(bool(torch.isfinite(value).all()) for value in weights.values()):
            load_weights(self.model, self.good)
        if self.place.best_epoch == 0:
            # An average may have taken in what is no number.
            self.best = self._model_state(last=True)
        rate, smaller = self.config.learning_rate, self.config.smaller_learning_rate
        return RunState.DIVERGED, (
            f"The loss stopped being a number at step {self.place.step}; the last good weights are kept. "
            f"Try a smaller learning rate, such as {smaller:g} instead of {rate:g}."
        )

    def _left_s(self) -> float | None:
        left_s = self.clock.left_s(self.place.batch, self.config.epochs - self.place.epoch)
        if left_s is not None and self.config.budget_min is not None:
            left_s = min(left_s, max(0.0, 60 * self.config.budget_min - self._elapsed()))
        return left_s

    def _order(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + epoch)
        index = self.data.indices[Split.TRAIN]
        return index[torch.randperm(len(index), generator=generator).to(index.device)]

    def _elapsed(self) -> float:
        return self.place.elapsed_s + time.perf_counter() - self.started

    def _log(self, level: LogLevel, text: str) -> None:
        self.callbacks.on_log(level, text)

    def _weights(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.model.state_dict().items()}

    def _model_state(self, *, last: bool = False) -> dict[str, Any]:
        model = self.model if last else self.averaging.model
        return model_state(model, self.job.family, self.job.fields, self.data, self.place.epoch)

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
        sums = (recorder.loss_sum, recorder.score_sum, recorder.sample_sum)
        place.sums = sums if place.batch else (0.0, 0.0, 0)
        now = resume_state(self.stepper, self.averaging, place, self._elapsed(), self.compiled)
        self._write("last", self._model_state(last=True) | now, place.epoch)
        self.checkpoint_step = place.step
        self.checkpoint_at = time.perf_counter()

    def _write(self, role: str, state: dict[str, Any], epoch: int) -> None:
        if self.ranks.rank > 0:
            return
        path = self.job.folder / f"{role}-{self.place.step}.pt"
        sha256 = write_checkpoint(path, state)
        self.checkpoint_bytes = max(self.checkpoint_bytes, path.stat().st_size)
        self.callbacks.on_checkpoint(role, path, sha256, epoch, self.place.step)
