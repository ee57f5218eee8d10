"""Steps for missing values of a table."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from workbench.core.records import Column, Schema
from workbench.transforms.base import (
    RowStep,
    State,
    TableStep,
    TrainingRows,
    is_number,
    transforms,
    with_columns,
)

_GROUP = "Missing values"


@transforms.register("fill_missing")
class FillMissing(TableStep):
    """A missing number becomes the median of its column in the training split, or another usual value."""

    title: ClassVar[str] = "Fill missing values"
    group: ClassVar[str] = _GROUP

    strategy: Literal["median", "mean", "most_frequent", "constant"] = Field(
        "median",
        title="With",
        description="What a missing number becomes. Default: the median, which outliers do not move.",
    )
    value: float = Field(
        0.0, ge=-1e9, le=1e9, title="Constant", description="What it becomes with Constant. Default 0."
    )
    categories: bool = Field(
        False,
        title="Fill categories too",
        description="A missing category becomes the most frequent one. Default no: it stays unknown.",
    )
    indicator: bool = Field(
        False,
        title="Add columns for what was missing",
        description="One column more, 0 or 1, for each column with gaps in the training split. Default no.",
    )

    @property
    def is_open(self) -> bool:
        """Whether there are columns for gaps, which only the training split knows."""
        return self.indicator

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return the values, shape (columns,), NaN-free, and the places of columns that had gaps."""
        number = is_number(schema)
        fill = torch.where(number, self._numbers(x), self._frequent(x) if self.categories else 0.0)
        state = {"fill": fill.float().nan_to_num(0.0)}
        if self.indicator:
            state["gaps"] = x.isnan().any(dim=0).nonzero().flatten()
        return state

    def known_state(self, state: State) -> State:
        """Return a saved state by its names of today: up to schema 3 the values were called `median`."""
        return {("fill" if name == "median" else name): value for name, value in state.items()}

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return the rows without missing numbers, and what was missing in columns behind them."""
        gone = x.isnan()
        missing = gone if self.categories else gone & is_number(schema).to(x.device)
        filled = torch.where(missing, state["fill"], x)
        return torch.cat([filled, gone[:, state["gaps"]].to(x.dtype)], dim=1) if self.indicator else filled

    def result(self, schema: Schema, state: State) -> Schema:
        """Return the schema with the columns that say what was missing."""
        if not self.indicator:
            return schema
        columns = list(schema.used_columns)
        names = [f"{columns[place].name} was missing" for place in state["gaps"].tolist()]
        return with_columns(schema, columns + [Column(name, "number", part_of=name) for name in names])

    def _numbers(self, x: Tensor) -> Tensor:
        if not len(x):
            return torch.zeros(x.shape[1])
        if self.strategy == "median":
            return x.float().nanmedian(dim=0).values
        if self.strategy == "mean":
            return x.double().nanmean(dim=0)
        return self._frequent(x) if self.strategy == "most_frequent" else torch.full_like(x[0], self.value)

    @staticmethod
    def _frequent(x: Tensor) -> Tensor:
        """Return the most frequent value of each column, the smallest of several; 0 where there is none."""
        if not len(x):
            return torch.zeros(x.shape[1])
        from sklearn.impute import SimpleImputer

        imputer = SimpleImputer(strategy="most_frequent", keep_empty_features=True)
        return torch.from_numpy(imputer.fit(x.numpy()).statistics_.astype("float32"))


@transforms.register("drop_missing")
class DropMissing(TableStep, RowStep):
    """Training rows with missing values are left out; in the other splits, and in new data, none is."""

    title: ClassVar[str] = "Drop rows with missing values"
    group: ClassVar[str] = _GROUP

    share: float = Field(
        0.0,
        ge=0.0,
        lt=1.0,
        title="Missing share allowed",
        description="A row stays while no larger share of its values is missing. Default 0: none may be.",
    )

    def training(self, rows: TrainingRows, schema: Schema, state: State) -> TrainingRows:
        """Return the rows without gaps."""
        missing = rows.x.isnan().float().mean(dim=1)
        return rows.at((missing <= self.share).nonzero().flatten())
