"""What every transform does: learn a state from training samples, apply it to any batch."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from workbench.core.records import Column, Schema
from workbench.core.registry import Choice, Registry
from workbench.core.states import Modality

State = dict[str, Tensor]

NOT_FOR = "This step is not for such data: remove it."
"""What a step says of data of another kind, which nothing before it would change."""


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """The training samples on their way through the steps.

    Args:
        x: (n, ...) as the step before left them; (n,) texts before they are numbers.
        y: (n,) labels, or values for regression.
        origin: (n,) places among the training samples as they were; -1 for one that a step has made.
        own: Whether some hold other values than `Pipeline.apply` gives for what they were made of.
    """

    x: Any
    y: Tensor
    origin: Tensor
    own: bool = False

    @classmethod
    def of(cls, x: Any, y: Tensor) -> "TrainingRows":
        """Return training samples before the first step."""
        return cls(x, y, torch.arange(len(x)))

    def at(self, places: Tensor) -> "TrainingRows":
        """Return some of them, some perhaps several times.

        Args:
            places: (m,) places in these rows.
        """
        x = self.x[places] if isinstance(self.x, Tensor) else self.x[places.numpy()]
        return replace(self, x=x, y=self.y[places], origin=self.origin[places])


class Transform(Choice):
    """One step of preparation. Stateless itself: what it learnt lies in the state.

    `changes_training` says that the training samples go on otherwise than `apply` gives them: some are left
    out, repeated, made, or treated without their own label.
    """

    changes_training: ClassVar[bool] = False

    @property
    def is_open(self) -> bool:
        """Whether which columns come out is known only once the step has learnt."""
        return False

    def known_state(self, state: State) -> State:
        """Return a saved state by its names of today."""
        return state

    @abstractmethod
    def fits(self, schema: Schema) -> bool:
        """Return whether the step makes sense for such samples."""

    def misfit(self, schema: Schema) -> str:
        """Return in one sentence why the step cannot be taken there and what to do; empty when it can."""
        return "" if self.fits(schema) else NOT_FOR

    def lacking(self, schema: Schema) -> str:
        """Return in one sentence which column it is set to use is not there; empty when none is lacking."""
        return ""

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return what the step has to know, learnt from training samples alone; nothing by default.

        Args:
            x: (n, *schema.input_shape), as the step before left them.
            schema: What `x` is.
        """
        return {}

    def fit_to(self, x: Tensor, y: Tensor, schema: Schema) -> State:
        """Return what the step has to know, for one that looks at the target too.

        Args:
            x: (n, *schema.input_shape).
            y: (n,) labels or values of these samples.
            schema: What `x` is.

        Raises:
            DataError: Such samples cannot be learnt from; the message says what to do.
        """
        return self.fit(x, schema)

    @abstractmethod
    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return prepared samples; each depends on itself and the state alone.

        Args:
            x: (batch, *schema.input_shape).
            schema: What `x` is, the same as in `fit`.
            state: What `fit` returned, on the device of `x`.
        """

    def training(self, rows: TrainingRows, schema: Schema, state: State) -> TrainingRows:
        """Return the training samples as they go on; other than `apply` only with `changes_training`."""
        return replace(rows, x=self.apply(rows.x, schema, state))

    def remark(self, rows: TrainingRows, schema: Schema) -> str:
        """Return in one sentence what the user should know of the step on such samples; mostly nothing.

        Args:
            rows: Training samples, or some of them, as they come to the step.
            schema: What they are.
        """
        return ""

    def output(self, schema: Schema) -> Schema:
        """Return what the samples are after the step, as far as that is known before it has learnt."""
        return schema

    def result(self, schema: Schema, state: State) -> Schema:
        """Return what the samples are after the step."""
        return self.output(schema)


class TableStep(Transform):
    """A step for the rows of a table."""

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are rows of a table."""
        return schema.modality is Modality.TABLE and bool(schema.columns)


class NumberStep(TableStep):
    """A step for rows in which every column is a number."""

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are rows of numbers."""
        return super().fits(schema) and all(is_number(schema))

    def misfit(self, schema: Schema) -> str:
        """Return what has to come before."""
        if TableStep.fits(self, schema) and not self.fits(schema):
            return "There are categories left: put a step that encodes them before this one."
        return super().misfit(schema)


class RowStep(Transform):
    """A step that leaves out, repeats or makes training samples; it changes no sample, and no other split."""

    changes_training: ClassVar[bool] = True

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return the samples as they are: nothing is left out at evaluation or prediction."""
        return x


def is_number(schema: Schema) -> Tensor:
    """Return (columns,), whether each column in use is a number."""
    return torch.tensor([column.kind == "number" for column in schema.used_columns], dtype=torch.bool)


def without_dates(schema: Schema) -> Schema:
    """Return the schema of rows whose dates are any other numbers by now."""
    return with_columns(schema, [replace(column, is_date=False) for column in schema.used_columns])


def with_columns(schema: Schema, columns: list[Column]) -> Schema:
    """Return the schema of rows with exactly these columns."""
    return replace(schema, columns=tuple(columns), input_shape=(len(columns),))


transforms: Registry[Transform] = Registry("transform", "workbench.transforms")
