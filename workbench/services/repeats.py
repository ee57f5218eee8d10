"""Runs that differ in their seed or their fold alone: how they are made, and what they say together."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.configs import SplitConfig, TrainConfig
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


@dataclass(frozen=True, slots=True)
class Member:
    """One run of a group. `suffix` is what its name has behind that of the group; a lone run has none."""

    train: TrainConfig
    split: SplitConfig
    suffix: str


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


def group_of(train: TrainConfig, seeds: int, split: SplitConfig, *, all_folds: bool) -> list[Member]:
    """Return what each run of a group is made of: every seed on every fold, or on the split as it is.

    Raises:
        UserError: So many runs there are not, or the split has no folds.
    """
    if all_folds and split.method != "folds":
        raise UserError("The dataset is not divided in folds: choose them in its split first.")
    splits = (
        [split.model_copy(update={"fold": at + 1}) for at in range(split.folds)] if all_folds else [split]
    )
    if len(splits) * seeds > MOST_SEEDS:
        text = f"and folds make {len(splits) * seeds} runs: {MOST_SEEDS} is the most"
        raise UserError(f"Repeats {text}.", {"seeds": text})
    return [
        Member(one, part, f" seed {one.seed}" * (seeds > 1) + f" fold {part.fold}" * all_folds)
        for one in settings_of_each(train, seeds)
        for part in splits
    ]
