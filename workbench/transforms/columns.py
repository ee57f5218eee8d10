"""Steps for the columns of a table."""

from dataclasses import replace

import torch
from torch import Tensor

from workbench.core.records import Column, Schema
from workbench.core.states import Modality
from workbench.transforms.base import State, Transform, transforms


def _is_number(schema: Schema) -> Tensor:
    return torch.tensor([column.kind == "number" for column in schema.used_columns], dtype=torch.bool)


class _TableStep(Transform):
    def fits(self, schema: Schema) -> bool:
        """Return whether samples are rows of a table."""
        return schema.modality is Modality.TABLE and bool(schema.columns)


@transforms.register("fill_missing")
class FillMissing(_TableStep):
    """A missing number becomes the median of its column in the training split."""

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return the medians, shape (columns,); 0 for a column without any value."""
        if not len(x):
            return {"median": torch.zeros(x.shape[1])}
        return {"median": x.float().nanmedian(dim=0).values.nan_to_num(0.0)}

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return the rows without missing numbers; a missing category stays missing."""
        missing = x.isnan() & _is_number(schema).to(x.device)
        return torch.where(missing, state["median"], x)


@transforms.register("standardize")
class Standardize(_TableStep):
    """Numbers get mean 0 and deviation 1 (z-score), as measured on the training split."""

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return mean and deviation, shape (columns,); 0 and 1 for categories and constants."""
        number = _is_number(schema)
        exact = x.double()
        mean = exact.mean(dim=0) if len(x) else torch.zeros(x.shape[1], dtype=torch.float64)
        deviation = exact.std(dim=0, correction=0) if len(x) else torch.ones_like(mean)
        keep = number & (deviation > 1e-12 * mean.abs().clamp(min=1e-12))
        return {
            "mean": torch.where(number, mean, 0.0).float(),
            "deviation": torch.where(keep, deviation, 1.0).float(),
        }

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return rows of the same shape."""
        return (x - state["mean"]) / state["deviation"]


@transforms.register("one_hot")
class OneHot(_TableStep):
    """A category becomes one column a value; a missing or unknown value is 0 in all of them."""

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return nothing: the schema knows the categories."""
        return {}

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, wider) rows, each category in the place of its column."""
        if all(column.kind == "number" for column in schema.used_columns):
            return x
        parts: list[Tensor] = []
        for index, column in enumerate(schema.used_columns):
            values = x[:, index : index + 1]
            if column.kind == "category":
                values = (values == torch.arange(len(column.categories), device=x.device)).to(x.dtype)
            parts.append(values)
        return torch.cat(parts, dim=1)

    def output(self, schema: Schema) -> Schema:
        """Return the schema with one number column a category value."""
        columns: list[Column] = []
        for column in schema.used_columns:
            if column.kind == "category":
                columns += [Column(f"{column.name} = {value}", "number") for value in column.categories]
            else:
                columns.append(column)
        return replace(schema, columns=tuple(columns), input_shape=(len(columns),))
