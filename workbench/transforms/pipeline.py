"""Steps in order, fitted together, stored with the run and applied the same way at prediction time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from workbench.core.configs import PrepareConfig
from workbench.core.errors import DataError
from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.base import State, TrainingRows, Transform, transforms

_USUAL = {
    Modality.PICTURE: ("scale_pixels",),
    Modality.TABLE: ("fill_missing", "standardize", "one_hot"),
    Modality.TEXT: ("tokenize",),
    Modality.AUDIO: ("log_mel",),
}

_BEYOND = (ArithmeticError, IndexError, MemoryError, RuntimeError, ValueError)


def default_steps(schema: Schema) -> list[Transform]:
    """Return the steps that such samples need before a network can learn from them."""
    return [transforms.build(name) for name in _USUAL[schema.modality]]


def steps_of(preparation: PrepareConfig | None, schema: Schema) -> list[Transform]:
    """Return the steps of a recipe that are on, or the usual ones where there is none."""
    if preparation is None or preparation.recipe is None:
        return default_steps(schema)
    return [transforms.build(step.name, step.fields) for step in preparation.recipe if step.on]


def prepared_schema(preparation: PrepareConfig | None, schema: Schema) -> Schema:
    """Return what samples of `schema` are after a preparation, which is what a model gets."""
    for step in steps_of(preparation, schema):
        schema = step.output(schema)
    return schema


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Fitted steps. `schemas` holds what goes into each step and, last, what comes out."""

    steps: tuple[Transform, ...]
    states: tuple[State, ...]
    schemas: tuple[Schema, ...]

    @property
    def output(self) -> Schema:
        """What the model gets."""
        return self.schemas[-1]

    def apply(self, x: Tensor | Sequence[str], device: torch.device | None = None) -> Tensor:
        """Return prepared samples: float32, or int64 numbers of tokens.

        Args:
            x: (batch, *schemas[0].input_shape), or (batch,) texts.
            device: Where to compute; where `x` is when it is not given.
        """
        if isinstance(x, Tensor):
            x = x.to(device) if device is not None else x
        else:
            device = device or torch.device("cpu")
        for step, state, schema in zip(self.steps, self.states, self.schemas, strict=False):
            home = x.device if isinstance(x, Tensor) else device
            x = step.apply(x, schema, {name: value.to(home) for name, value in state.items()})  # type: ignore[arg-type]
        assert isinstance(x, Tensor), "the first step of texts makes numbers of them"
        return x

    def to_state(self) -> list[dict[str, Any]]:
        """Return the steps and what they learnt, as plain values and tensors for a checkpoint."""
        return [
            {"name": step.name, "fields": step.model_dump(mode="json"), "state": dict(state)}
            for step, state in zip(self.steps, self.states, strict=True)
        ]

    @classmethod
    def from_state(cls, saved: Sequence[dict[str, Any]], schema: Schema) -> "Pipeline":
        """Return the pipeline that `to_state` described, for samples of `schema`."""
        steps = [transforms.build(item["name"], item["fields"]) for item in saved]
        states = tuple(step.known_state(item["state"]) for step, item in zip(steps, saved, strict=True))
        schemas = [schema]
        for step, state in zip(steps, states, strict=True):
            schemas.append(step.result(schemas[-1], state))
        return cls(tuple(steps), states, tuple(schemas))


def fit_pipeline(steps: Sequence[Transform], x: Any, schema: Schema, y: Tensor | None = None) -> Pipeline:
    """Fit every step, and return them alone; see `fit_to_rows`.

    Args:
        steps: In order.
        x: (n, *schema.input_shape), or (n,) texts: the training split alone.
        schema: What `x` is.
        y: (n,) its labels or values; only for steps that do not look at them it may be left out.
    """
    return fit_to_rows(steps, TrainingRows.of(x, torch.zeros(len(x)) if y is None else y), schema)[0]


def fit_to_rows(
    steps: Sequence[Transform], rows: TrainingRows, schema: Schema, *, finish: bool = False
) -> tuple[Pipeline, TrainingRows]:
    """Fit every step on what the steps before it make of the training samples.

    Args:
        steps: In order.
        rows: The training split alone.
        schema: What they are.
        finish: Whether the samples are wanted as the last step leaves them, and not only where they are
            their own: it costs the memory of all of them.

    Returns:
        The fitted steps, and the training samples: which of them are learnt from and how often, and, where
        they hold values of their `own`, those values, prepared.

    Raises:
        DataError: A step cannot be taken there; the message says which and what to do.
    """
    states: list[State] = []
    schemas = [schema]
    for index, step in enumerate(steps):
        where = f"Step {index + 1} of the preparation, {step.title}"
        if problem := step.misfit(schemas[-1]) or step.lacking(schemas[-1]):
            raise DataError(f"{where}: {problem}")
        is_wanted = step.changes_training or rows.own or finish or index + 1 < len(steps)
        try:
            state = step.fit_to(rows.x, rows.y, schemas[-1])
            rows = step.training(rows, schemas[-1], state) if is_wanted else rows
        except _BEYOND as error:
            # What a library says of values that nobody thought of; the user has to know at which step.
            reason = str(error).partition("\n")[0][:160]
            raise DataError(
                f"{where}: it does not work with these values ({reason}). Change its settings, or remove it."
            ) from error
        if not len(rows.x) and step.changes_training:
            raise DataError(f"{where}: no training sample is left. Remove it.")
        states.append(state)
        schemas.append(step.result(schemas[-1], state))
    return Pipeline(tuple(steps), tuple(states), tuple(schemas)), rows


def left_over(schema: Schema, x: Tensor | None = None) -> str:
    """Return what keeps a model from learning from prepared rows, in one sentence; empty when nothing does.

    Args:
        schema: What came out of the last step.
        x: (n, columns) prepared rows, where they are at hand.
    """
    columns = schema.used_columns
    if schema.modality is not Modality.TABLE:
        return ""
    if schema.input_shape == (0,):
        return "No column is left to learn from: remove the step that takes them away."
    if not columns:
        return ""
    category = next((column.name for column in columns if column.kind == "category"), "")
    if category:
        return f"{category} is still a category: add a step that encodes categories."
    if x is None or (known := x.isfinite().all(dim=0)).all():
        return ""
    name = columns[int((~known).nonzero()[0])].name
    return f"{name} still has missing values: add Fill missing values."


def check_steps(steps: Sequence[Transform], schema: Schema) -> dict[int, str]:
    """Return what is wrong with steps as far as it shows before they learn: a sentence by place."""
    is_known = True
    for index, step in enumerate(steps):
        if problem := step.misfit(schema) or (step.lacking(schema) if is_known else ""):
            return {index: problem}
        is_known = is_known and not step.is_open
        schema = step.output(schema)
    return {}
