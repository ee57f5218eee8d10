"""Steps that scale the numbers of a table."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from workbench.core.records import Schema
from workbench.transforms.base import State, TableStep, is_number, transforms, without_dates


class _Scaling(TableStep):
    """Makes other numbers of numbers; what was a date is none any more."""

    group: ClassVar[str] = "Scale numbers"

    def output(self, schema: Schema) -> Schema:
        """Return the schema of as many columns."""
        return without_dates(schema)


@transforms.register("standardize")
class Standardize(_Scaling):
    """Numbers get mean 0 and deviation 1 (z-score), as measured on the training split."""

    title: ClassVar[str] = "Standardise"

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return mean and deviation, shape (columns,); 0 and 1 for categories and constants."""
        number = is_number(schema)
        exact = x.double()
        if exact.isnan().any():
            mean = exact.nanmean(dim=0).nan_to_num(0.0)
            deviation = (exact - mean).square().nanmean(dim=0).sqrt().nan_to_num(0.0)
        else:
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


@transforms.register("min_max")
class MinMax(_Scaling):
    """Numbers get from 0 to 1, the smallest to the largest of the training split."""

    title: ClassVar[str] = "Min–max"

    clip: bool = Field(
        False,
        title="Keep new numbers within 0 and 1",
        description="Numbers beyond those of the training split are cut off. Default no.",
    )

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return smallest value and range, shape (columns,); 0 and 1 for categories and constants."""
        number = is_number(schema)
        if not len(x):
            return {"low": torch.zeros(x.shape[1]), "range": torch.ones(x.shape[1])}
        low = x.nan_to_num(torch.inf, torch.inf, -torch.inf).amin(dim=0)
        spread = x.nan_to_num(-torch.inf, torch.inf, -torch.inf).amax(dim=0) - low
        known = number & low.isfinite() & spread.isfinite()
        return {
            "low": torch.where(known, low, 0.0),
            "range": torch.where(known & (spread > 0), spread, 1.0),
        }

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return rows of the same shape; a missing number stays missing."""
        scaled = (x - state["low"]) / state["range"]
        if not self.clip:
            return scaled
        return torch.where(is_number(schema).to(x.device), scaled.clamp(0.0, 1.0), scaled)


@transforms.register("log")
class Log(_Scaling):
    """Large numbers come closer together: the logarithm of 1 + |x|, with the sign of x."""

    title: ClassVar[str] = "Logarithm"

    only: Literal["skewed", "all"] = Field(
        "skewed",
        title="Columns",
        description="Which columns: those with a long tail (skewness beyond 1), or all. Default: skewed.",
        json_schema_extra={"words": {"skewed": "With a long tail", "all": "All numbers"}},
    )

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return which columns it changes, shape (columns,)."""
        number = is_number(schema)
        if self.only == "all" or not len(x):
            return {"columns": number}
        exact = x.double()
        centred = exact - exact.nanmean(dim=0)
        deviation = centred.square().nanmean(dim=0).sqrt()
        skewness = centred.pow(3).nanmean(dim=0) / deviation.pow(3)
        return {"columns": number & (skewness.abs() > 1.0)}

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return rows of the same shape."""
        return torch.where(state["columns"], x.sign() * x.abs().log1p(), x)
