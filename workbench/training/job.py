"""What a training is given, what it tells on the way, and how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.configs import TrainConfig
from workbench.core.records import Points
from workbench.core.states import LogLevel, RunState
from workbench.training.data import TrainingData
from workbench.training.ranks import Ranks


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
        ranks: The processes that train together; None is this one alone.
        precision: What was found before for the same run, which then is not tried again; empty is nothing.
    """

    family: str
    fields: Mapping[str, Any]
    config: TrainConfig
    data: TrainingData
    folder: Path
    resume: Mapping[str, Any] | None = None
    threads: int = 0
    ranks: Ranks | None = None
    precision: str = ""


def _ignore(*_: Any) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What the loop tells while it runs; each is called on the training thread.

    Args:
        on_start: (device, threads, parameters, precision) once the model is built.
        on_points: (points by series, epoch, step); returns once they are durable.
        on_checkpoint: (role, path, sha256, epoch, step) after the file is safely on disk.
        on_progress: (steps done, steps in all, text, seconds left or None while that is not known).
        on_hold: (True, why) when training holds still, (False, "") when it goes on; the reason is empty
            where the user asked for it.
        on_best: (epoch) when an epoch is better than all before.
        on_log: (level, text) for the run's log.
    """

    on_start: Callable[[str, int, int, str], None] = _ignore
    on_points: Callable[[dict[str, Points], int, int], None] = _ignore
    on_checkpoint: Callable[[str, Path, str, int, int], None] = _ignore
    on_progress: Callable[[int, int, str, float | None], None] = _ignore
    on_hold: Callable[[bool, str], None] = _ignore
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
