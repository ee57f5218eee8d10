"""Steps in order, fitted together, stored with the run and applied the same way at prediction time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from workbench.core.configs import PrepareConfig
from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.base import State, Transform, transforms

_USUAL = {
    Modality.PICTURE: ("scale_pixels",),
    Modality.TABLE: ("fill_missing", "standardize", "one_hot"),
    Modality.TEXT: ("tokenize",),
    Modality.AUDIO: ("log_mel",),
}


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
    return _schemas(steps_of(preparation, schema), schema)[-1]


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
        return cls(tuple(steps), tuple(item["state"] for item in saved), _schemas(steps, schema))


def fit_pipeline(steps: Sequence[Transform], x: Any, schema: Schema) -> Pipeline:
    """Fit every step on what the steps before it make of the training samples.

    Args:
        steps: In order.
        x: (n, *schema.input_shape), or (n,) texts: the training split alone.
        schema: What `x` is.
    """
    states: list[State] = []
    schemas = _schemas(steps, schema)
    for index, step in enumerate(steps):
        states.append(step.fit(x, schemas[index]))
        if index + 1 < len(steps):
            x = step.apply(x, schemas[index], states[-1])
    return Pipeline(tuple(steps), tuple(states), schemas)


def _schemas(steps: Sequence[Transform], schema: Schema) -> tuple[Schema, ...]:
    schemas = [schema]
    for step in steps:
        schemas.append(step.output(schemas[-1]))
    return tuple(schemas)
