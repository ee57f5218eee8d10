"""Runs that differ in their seed alone: how they are made, and what they say together."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.records import Run
from workbench.core.states import RunState

MOST_SEEDS = 100
_LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Spread:
    """A measure over the finished runs of a group.

    Args:
        mean: Mean of the last values.
        deviation: Sample deviation (n - 1); None for a single value.
        count: How many runs have a value.
        of: How many runs the group has.
    """

    mean: float
    deviation: float | None
    count: int
    of: int


def spread(group: Sequence[Run]) -> dict[str, Spread]:
    """Return mean and deviation of each series over the finished runs of a group.

    A run that was stopped, failed or diverged says nothing of how a whole training ends, so it is left out.
    """
    values: dict[str, list[float]] = {}
    for run in group:
        if run.state is RunState.FINISHED:
            for name, value in run.metrics.items():
                if value is not None:
                    values.setdefault(name, []).append(value)
    return {
        name: Spread(
            statistics.fmean(found),
            statistics.stdev(found) if len(found) > 1 else None,
            len(found),
            len(group),
        )
        for name, found in values.items()
    }


def settings_of_each(train: TrainConfig, seeds: int) -> list[TrainConfig]:
    """Return the settings of each run of a group: the seed of `train` and those after it.

    Raises:
        UserError: So many seeds there are not.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        text = f"has to be 1 to {MOST_SEEDS}"
        raise UserError(f"The number of seeds {text}.", {"seeds": text})
    if train.seed + seeds - 1 > _LARGEST_SEED:
        text = f"has to leave room for {seeds} seeds up to {_LARGEST_SEED}"
        raise UserError(f"The seed {text}.", {"seed": text})
    return [train.model_copy(update={"seed": train.seed + number}) for number in range(seeds)]


def name_of(base: str, train: TrainConfig, seeds: int) -> str:
    """Return the name of a run of a group; a lone run keeps its base name."""
    return f"{base} seed {train.seed}" if seeds > 1 else base
