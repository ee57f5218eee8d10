"""Which run came from which, and what was changed on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.core.augmentation import in_words
from workbench.core.configs import StepConfig, TrainConfig
from workbench.core.records import Run
from workbench.services.preparation import recipe_words, step_words

_WEIGHTIEST = ("dataset", "family", "learning_rate", "optimizer", "batch_size", "schedule", "epochs")
"""What tells most of a run, the weightiest first; all else comes behind in the order of the fields."""


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs from the parent's.

    Args:
        part: `model`, `family_fields`, `train`, `data`, `split` or `preparation`; for a setting of what is
            chosen in the training the field that holds it, such as `optimizer_fields`.
        name: The field.
        before: Its value in the parent; None where the parent has no such setting.
        after: Its value in the run; None where the run has no such setting.
    """

    part: str
    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Kin:
    """A run in the tree of its relatives.

    Args:
        run: The run.
        depth: How many generations it is below the first of them.
        changes: What differs from its parent; empty for the first.
        last: For each generation from the second to its own, whether no sibling follows below.
    """

    run: Run
    depth: int
    changes: tuple[Change, ...]
    last: tuple[bool, ...] = ()


def kin_of(runs: Mapping[int, Run], run_id: int) -> list[Kin]:
    """Return all that descends from a run's first ancestor: parents before children, in order of making.

    A parent is always older than its child, so that there are no circles; a row that says otherwise is
    taken as one without a parent.

    Args:
        runs: All runs by id, those in the bin as well.
        run_id: One of them.
    """
    children: dict[int, list[Run]] = {}
    for run in sorted(runs.values(), key=lambda run: run.id, reverse=True):
        parent = _parent(runs, run)
        if parent is not None:
            children.setdefault(parent.id, []).append(run)
    first = runs[run_id]
    while (parent := _parent(runs, first)) is not None:
        first = parent
    found: list[Kin] = []
    # A stack of its own: a thousand generations are no reason to fail.
    waiting: list[tuple[Run, tuple[bool, ...]]] = [(first, ())]
    while waiting:
        run, last = waiting.pop()
        parent = _parent(runs, run)
        found.append(Kin(run, len(last), changes(parent, run) if parent is not None else (), last))
        below = children.get(run.id, [])
        waiting += [(child, (*last, place == 0)) for place, child in enumerate(below)]
    return found


def changes(parent: Run, run: Run) -> tuple[Change, ...]:
    """Return the settings in which a run differs from its parent, the weightiest first."""
    found = []
    if parent.dataset_id != run.dataset_id:
        found.append(Change("data", "dataset", parent.dataset_id, run.dataset_id))
    before, after = (_augmented(parent), _augmented(run))
    if before != after:
        found.append(Change("preparation", "augmentation", before, after))
    if parent.family != run.family:
        found.append(Change("model", "family", parent.family, run.family))
    else:
        found += _differing("family_fields", parent.family_fields, run.family_fields)
    found += _differing("train", parent.train.model_dump(), run.train.model_dump())
    if parent.dataset_id == run.dataset_id:
        found += _differing("split", parent.split.model_dump(), run.split.model_dump())
    found += _prepared_otherwise(parent, run)
    return tuple(sorted(found, key=_weight))


def _prepared_otherwise(parent: Run, run: Run) -> list[Change]:
    """Return which steps are others, or which settings of the same ones."""
    before, after = recipe_words(parent.preparation), recipe_words(run.preparation)
    if before != after:
        return [Change("preparation", "preparation", before, after)]
    found: list[Change] = []
    for old, new in zip(_steps(parent), _steps(run), strict=True):
        for change in _differing("preparation", old.fields, new.fields):
            found.append(replace(change, name=f"{change.name} of {step_words(new.name)}"))
    return found


def _steps(run: Run) -> list[StepConfig]:
    recipe = run.preparation.recipe if run.preparation is not None else None
    return [step for step in recipe or () if step.on]


def _weight(change: Change) -> int:
    return _WEIGHTIEST.index(change.name) if change.name in _WEIGHTIEST else len(_WEIGHTIEST)


def _differing(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    found = []
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if part == "train" and isinstance(new, dict):
            owner = owner_of(name)
            # Settings of something else that is chosen now cannot be compared.
            found += _differing(name, old or {}, new) if before.get(owner) == after.get(owner) else []
        else:
            found.append(Change(part, name, old, new))
    return found


def _augmented(run: Run) -> str | None:
    """Return how the training samples of a run are augmented, in words; None where they are not."""
    return in_words(run.preparation.augmentation) or None if run.preparation is not None else None


def owner_of(field: str) -> str:
    """Return the field of TrainConfig whose choice has its settings in `field`; empty when there is none."""
    for name, info in TrainConfig.model_fields.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and extra.get("settings") == field:
            return name
    return ""


def _parent(runs: Mapping[int, Run], run: Run) -> Run | None:
    return runs.get(run.parent_id) if run.parent_id is not None and run.parent_id < run.id else None
