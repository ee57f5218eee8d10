"""Steps for numbers far from all others."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from workbench.core.records import Schema
from workbench.transforms.base import RowStep, State, TableStep, TrainingRows, is_number, transforms

_GROUP = "Outliers"


class _Outliers(TableStep):
    """Finds the limits beyond which a number is an outlier."""

    group: ClassVar[str] = _GROUP

    method: Literal["iqr", "z_score", "quantiles"] = Field(
        "iqr",
        title="Limits by",
        description="Quartiles: so many times the distance of the quartiles beyond them (Tukey). Z-score: so "
        "many deviations from the mean. Quantiles: the outermost share on either side. Default: quartiles.",
        json_schema_extra={
            "words": {"iqr": "Quartiles (IQR)", "z_score": "Z-score", "quantiles": "Quantiles"}
        },
    )
    times: float = Field(
        3.0,
        ge=0.5,
        le=20.0,
        title="Times",
        description="How many distances or deviations. Default 3; 1.5 is usual in box plots.",
    )
    share: float = Field(
        0.01,
        ge=0.0,
        le=0.25,
        title="Share on either side",
        description="With Quantiles: what is beyond it is an outlier. Default 0.01.",
    )

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return the limits, shape (columns,); the largest float32 where a column has none."""
        most = torch.finfo(torch.float32).max
        low, high = self._limits(x.double()) if len(x) else (x.new_full(x.shape[1:], torch.nan),) * 2
        known = is_number(schema) & low.isfinite() & high.isfinite()
        return {
            "low": torch.where(known, low, -most).clamp(-most, most).float(),
            "high": torch.where(known, high, most).clamp(-most, most).float(),
        }

    def _limits(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if self.method == "z_score":
            mean = x.nanmean(dim=0)
            reach = self.times * (x - mean).square().nanmean(dim=0).sqrt()
            return mean - reach, mean + reach
        if self.method == "quantiles":
            return _quantile(x, self.share), _quantile(x, 1 - self.share)
        first, third = _quantile(x, 0.25), _quantile(x, 0.75)
        reach = self.times * (third - first)
        return first - reach, third + reach


@transforms.register("cap_outliers")
class CapOutliers(_Outliers):
    """A number beyond the limits becomes the limit, as measured on the training split."""

    title: ClassVar[str] = "Cap outliers"

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return rows of the same shape; what is missing stays missing."""
        return torch.minimum(torch.maximum(x, state["low"]), state["high"])


@transforms.register("drop_outliers")
class DropOutliers(_Outliers, RowStep):
    """Training rows with a number beyond the limits are left out; in the other splits none is."""

    title: ClassVar[str] = "Drop rows with outliers"

    def training(self, rows: TrainingRows, schema: Schema, state: State) -> TrainingRows:
        """Return the rows within the limits."""
        beyond = (rows.x < state["low"]) | (rows.x > state["high"])
        return rows.at((~beyond.any(dim=1)).nonzero().flatten())


def _quantile(x: Tensor, share: float) -> Tensor:
    """Return a quantile of each column; `torch.nanquantile` takes no more than 16 million values."""
    return torch.stack([column.nanquantile(share) for column in x.unbind(dim=1)])
