"""Steps that make new columns of those that there are."""

from itertools import combinations, islice, permutations
from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from workbench.core.errors import DataError
from workbench.core.records import Column, Schema
from workbench.transforms.base import State, TableStep, transforms, with_columns

_GROUP = "Construct columns"
_MOST = 200
_SIGNS = {"ratio": "/", "product": "×", "sum": "+", "difference": "−"}


@transforms.register("combine")
class Combine(TableStep):
    """Ratios, products, sums or differences of number columns become columns of their own, behind them."""

    title: ClassVar[str] = "Combine columns"
    group: ClassVar[str] = _GROUP

    operation: Literal["ratio", "product", "sum", "difference"] = Field(
        "ratio",
        title="How",
        description="What is made of each pair. Default: ratio, first by second.",
    )
    first: str = Field(
        "",
        max_length=500,
        title="First column",
        description="A column, or none for every number column. Default: every.",
        json_schema_extra={"choices": "columns", "empty": "every number"},
    )
    second: str = Field(
        "",
        max_length=500,
        title="Second column",
        description="A column, or none for every number column. Default: every.",
        json_schema_extra={"choices": "columns", "empty": "every number"},
    )

    def misfit(self, schema: Schema) -> str:
        """Return that there would be too many columns, or none."""
        if len(self._pairs(schema)) > _MOST:
            return f"That makes more than {_MOST} columns: choose the first or the second one."
        if self.fits(schema) and not self.lacking(schema) and not self._pairs(schema):
            return "There are no two columns of numbers here to combine: choose others."
        return super().misfit(schema)

    def lacking(self, schema: Schema) -> str:
        """Return which of the two columns is not there."""
        names = {column.name for column in schema.used_columns if column.kind == "number"}
        lacking = next((name for name in (self.first, self.second) if name and name not in names), "")
        return f"There is no number column {lacking} here: choose another one." if lacking else ""

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return the places of each pair, shape (pairs, 2).

        Raises:
            DataError: A column is lacking, or there are too many pairs.
        """
        if problem := self.misfit(schema) or self.lacking(schema):
            raise DataError(problem)
        return {"pairs": torch.tensor(self._pairs(schema), dtype=torch.long).reshape(-1, 2)}

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, wider) rows; a ratio by 0 is 0."""
        first, second = (x[:, places].double() for places in state["pairs"].T)
        if self.operation == "ratio":
            made = torch.where(second == 0, 0.0, first / torch.where(second == 0, 1.0, second))
        elif self.operation == "product":
            made = first * second
        else:
            made = first + second if self.operation == "sum" else first - second
        most = torch.finfo(torch.float32).max
        return torch.cat([x, made.clamp(-most, most).to(x.dtype)], dim=1)

    def output(self, schema: Schema) -> Schema:
        """Return the schema with the new columns behind the others."""
        columns, sign = list(schema.used_columns), _SIGNS[self.operation]
        names = [
            f"{self.first or columns[a].name} {sign} {self.second or columns[b].name}"
            for a, b in self._pairs(schema)
        ]
        return with_columns(schema, columns + [Column(name, "number") for name in names])

    def _pairs(self, schema: Schema) -> list[tuple[int, int]]:
        """Return the places of every pair that is wanted; both ways round only where that is not the same.

        At most one more than are allowed, as thousands of columns have millions. A column that is not there,
        perhaps since a step before has not learnt yet, has the place -1.
        """
        columns = schema.used_columns
        numbers = [place for place, column in enumerate(columns) if column.kind == "number"]
        if not self.first and not self.second:
            both = permutations if self.operation == "ratio" else combinations
            return list(islice(both(numbers, 2), _MOST + 1))
        named = {columns[place].name: place for place in numbers}
        firsts = [named.get(self.first, -1)] if self.first else numbers
        seconds = [named.get(self.second, -1)] if self.second else numbers
        return list(islice(((a, b) for a in firsts for b in seconds if a != b or a < 0), _MOST + 1))
