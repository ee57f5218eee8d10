"""Steps that make numbers of the categories of a table."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from workbench.core.errors import DataError
from workbench.core.records import Column, Schema
from workbench.core.states import Task
from workbench.transforms.base import State, TableStep, TrainingRows, is_number, transforms, with_columns

_GROUP = "Encode categories"


@transforms.register("one_hot")
class OneHot(TableStep):
    """A category becomes one column a value; a missing or unknown value is 0 in all of them."""

    title: ClassVar[str] = "One-hot"
    group: ClassVar[str] = _GROUP

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
                columns += [
                    Column(f"{column.name} = {value}", "number", part_of=column.name)
                    for value in column.categories
                ]
            else:
                columns.append(column)
        return with_columns(schema, columns)


@transforms.register("ordinal")
class Ordinal(TableStep):
    """A category becomes the number of its place in the list of values, from 0; unknown ones become -1."""

    title: ClassVar[str] = "Ordinal numbers"
    group: ClassVar[str] = _GROUP

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return rows of the same shape."""
        counts = torch.tensor([len(column.categories) for column in schema.used_columns], device=x.device)
        known = (x >= 0) & (x < counts)
        return torch.where(is_number(schema).to(x.device) | known, x, -1.0)

    def output(self, schema: Schema) -> Schema:
        """Return the schema with numbers alone."""
        return with_columns(schema, [Column(column.name, "number") for column in schema.used_columns])


@transforms.register("target_encode")
class TargetEncode(TableStep):
    """A category becomes the mean target of its training rows; each training row gets that of other folds."""

    title: ClassVar[str] = "Target encoding"
    group: ClassVar[str] = _GROUP
    changes_training: ClassVar[bool] = True

    folds: int = Field(
        5,
        ge=2,
        le=20,
        title="Folds",
        description="Training rows are encoded by what other folds say, so that none sees its own target. "
        "Default 5.",
    )
    smoothing: float = Field(
        0.0,
        ge=0.0,
        le=10_000.0,
        title="Smoothing",
        description="So many rows of the overall mean are mixed into each category. Default 0: found out "
        "from the data.",
        json_schema_extra={"zero": "automatic"},
    )

    def fit_to(self, x: Tensor, y: Tensor, schema: Schema) -> State:
        """Return for each category column the encodings, shape (values + 1, outputs); last is unknown."""
        return {f"column_{at}": table for at, table in enumerate(self._tables(x, y, schema))}

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, wider) rows, each category in the place of its column."""
        return _encoded(x, schema, list(state.values()))

    def training(self, rows: TrainingRows, schema: Schema, state: State) -> TrainingRows:
        """Return the rows encoded by what other folds say; copies of a row are in one fold with it.

        Raises:
            DataError: There are rows that were made of others, whose target they would tell.
        """
        from sklearn.model_selection import KFold

        if (rows.origin < 0).any():
            raise DataError("Rows that SMOTE made would tell the target of others: put this step before it.")
        known, of = np.unique(rows.origin.numpy(), return_inverse=True)
        if len(known) < self.folds or not _categories(schema):
            return replace(rows, x=self.apply(rows.x, schema, state))
        out = rows.x.new_empty(len(rows.x), len(self.output(schema).columns))
        for _, some in KFold(self.folds, shuffle=True, random_state=0).split(known):
            fold = torch.from_numpy(np.isin(of, some))
            tables = self._tables(rows.x[~fold], rows.y[~fold], schema)
            out[fold] = _encoded(rows.x[fold], schema, tables)
        return replace(rows, x=out, own=True)

    def output(self, schema: Schema) -> Schema:
        """Return the schema with one number a category; with three classes or more one number a class."""
        columns: list[Column] = []
        for column in schema.used_columns:
            if column.kind != "category":
                columns.append(column)
            elif self._width(schema) == 1:
                columns.append(Column(f"mean target of {column.name}", "number"))
            else:
                columns += [
                    Column(f"share of {label} in {column.name}", "number") for label in schema.classes
                ]
        return with_columns(schema, columns)

    def _tables(self, x: Tensor, y: Tensor, schema: Schema) -> list[Tensor]:
        from sklearn.preprocessing import TargetEncoder

        places = _categories(schema)
        sizes = [len(schema.used_columns[place].categories) for place in places]
        wanted = _outputs(y, schema, self._width(schema))
        if not len(x) or not places:
            return [torch.zeros(size + 1, self._width(schema)) for size in sizes]
        codes = x[:, places].nan_to_num(-1.0).numpy()
        every = np.full((max(sizes) + 1, len(places)), -1.0)
        for at, size in enumerate(sizes):
            every[:size, at] = np.arange(size)
        columns: list[list[NDArray[np.float64]]] = [[] for _ in places]
        for target in wanted.T:
            encoder = TargetEncoder(
                categories=[np.arange(-1.0, size) for size in sizes],
                target_type="continuous",
                smooth=self.smoothing or "auto",
            )
            encoded = encoder.fit(codes, target).transform(every)
            for at, size in enumerate(sizes):
                # What was never seen, or is missing, is worth the overall mean.
                columns[at].append(np.append(encoded[:size, at], target.mean()))
        return [torch.from_numpy(np.stack(column, axis=1)).float() for column in columns]

    @staticmethod
    def _width(schema: Schema) -> int:
        return len(schema.classes) if schema.task is Task.CLASSIFICATION and len(schema.classes) > 2 else 1


def _outputs(y: Tensor, schema: Schema, width: int) -> NDArray[np.float64]:
    """Return (n, width): the values, whether it is the second of two classes, or whether it is each class."""
    if schema.task is Task.REGRESSION:
        return y.double().reshape(-1, 1).numpy()
    wanted = torch.arange(width) if width > 1 else torch.tensor([1])
    return (y.reshape(-1, 1) == wanted).double().numpy()


def _encoded(x: Tensor, schema: Schema, tables: Sequence[Tensor]) -> Tensor:
    """Return rows in which each category is replaced by its row of a table, in the place of its column."""
    left = iter(tables)
    parts = []
    for place, column in enumerate(schema.used_columns):
        code = x[:, place]
        if column.kind == "category":
            table = next(left)
            known = (code >= 0) & (code < len(table) - 1)
            parts.append(table[torch.where(known, code, len(table) - 1).long()].to(x.dtype))
        else:
            parts.append(code.unsqueeze(1))
    return torch.cat(parts, dim=1)


def _categories(schema: Schema) -> list[int]:
    return [place for place, column in enumerate(schema.used_columns) if column.kind == "category"]
