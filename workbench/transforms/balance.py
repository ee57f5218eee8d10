"""Steps against classes of unequal size: training samples are repeated, left out or made."""

from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from workbench.core.errors import DataError
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.transforms.base import RowStep, State, TableStep, TrainingRows, is_number, transforms
from workbench.transforms.complete import require_complete

_GROUP = "Balance classes"
_SHARE = "Every class gets at least so many times the samples of the largest one. Default 1: all the same."


class _Balance(RowStep):
    """For classes alone."""

    group: ClassVar[str] = _GROUP
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSIFICATION,)

    def fits(self, schema: Schema) -> bool:
        """Return whether there are classes."""
        return schema.task is Task.CLASSIFICATION

    def misfit(self, schema: Schema) -> str:
        """Return that there are no classes."""
        if schema.task is Task.REGRESSION:
            return "The target is a number, so there are no classes to balance: remove this step."
        return super().misfit(schema)


@transforms.register("over_sample")
class OverSample(_Balance):
    """Training samples of rare classes are drawn several times, at random."""

    title: ClassVar[str] = "Over-sample rare classes"

    share: float = Field(1.0, gt=0.0, le=1.0, title="Share of the largest class", description=_SHARE)

    def training(self, rows: TrainingRows, schema: Schema, state: State) -> TrainingRows:
        """Return all rows, and those drawn once more behind them."""
        labels, random = rows.y.numpy(), np.random.default_rng(0)
        found, counts = np.unique(labels, return_counts=True)
        wanted = int(np.ceil(self.share * counts.max())) if len(counts) else 0
        drawn = [np.arange(len(labels))]
        for label, count in zip(found, counts, strict=True):
            if count < wanted:
                drawn.append(random.choice(np.flatnonzero(labels == label), wanted - count))
        return rows.at(torch.from_numpy(np.concatenate(drawn)))


@transforms.register("under_sample")
class UnderSample(_Balance):
    """Training samples of frequent classes are left out, at random."""

    title: ClassVar[str] = "Under-sample frequent classes"

    times: float = Field(
        1.0,
        ge=1.0,
        le=1000.0,
        title="Times the smallest class",
        description="No class keeps more than so many times the samples of the smallest one. Default 1.",
    )

    def training(self, rows: TrainingRows, schema: Schema, state: State) -> TrainingRows:
        """Return the rows that stay, in their order."""
        labels, random = rows.y.numpy(), np.random.default_rng(0)
        found, counts = np.unique(labels, return_counts=True)
        most = int(np.ceil(self.times * counts.min())) if len(counts) else 0
        kept = [random.permutation(np.flatnonzero(labels == label))[:most] for label in found]
        return rows.at(torch.from_numpy(np.sort(np.concatenate(kept or [np.zeros(0, int)]))))


@transforms.register("smote")
class Smote(_Balance, TableStep):
    """New training rows of rare classes are made between neighbours of the same class.

    Source: Chawla et al. 2002; Han et al. 2005 (borderline); He et al. 2008 (ADASYN), as in imbalanced-learn.
    """

    title: ClassVar[str] = "SMOTE"
    text: ClassVar[str] = "New training rows of rare classes are made between neighbours of the same class."

    method: Literal["smote", "borderline", "adasyn"] = Field(
        "smote",
        title="Where",
        description="SMOTE: anywhere in the class. Borderline: where classes meet. ADASYN: most where a "
        "class is hardest to tell. Default SMOTE; rows with categories always take SMOTE-NC.",
        json_schema_extra={"words": {"smote": "SMOTE", "borderline": "Borderline", "adasyn": "ADASYN"}},
    )
    neighbours: int = Field(
        5,
        ge=1,
        le=100,
        title="Neighbours",
        description="Between a row and how many of its neighbours. Default 5; fewer in a smaller class.",
    )
    share: float = Field(1.0, gt=0.0, le=1.0, title="Share of the largest class", description=_SHARE)

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are rows of a table with classes and a number among their columns."""
        return TableStep.fits(self, schema) and super().fits(schema) and bool(_measured(schema).any())

    def misfit(self, schema: Schema) -> str:
        """Return why no rows can be made."""
        if schema.task is Task.CLASSIFICATION and not self.fits(schema):
            return "SMOTE makes rows of numbers: take Over-sample rare classes instead."
        return super().misfit(schema)

    def training(self, rows: TrainingRows, schema: Schema, state: State) -> TrainingRows:
        """Return all rows, and the new ones behind them.

        Raises:
            DataError: Values are missing, or a class has a single row.
        """
        labels = rows.y.numpy()
        wanted, least = self._wanted(labels)
        if not wanted:
            return rows
        measured = _measured(schema)
        require_complete(rows.x[:, is_number(schema)], self.title)
        if least < 2:
            raise DataError(
                "SMOTE needs two training rows of each class: take Over-sample rare classes instead."
            )
        # Half a colour is none: each category goes in as one code, in as many columns as it has become.
        categories = _categories(schema)
        codes, values = _coded(rows.x, categories)
        some = np.column_stack([rows.x[:, measured].numpy(), *codes])
        made = self._maker(int(measured.sum()), len(codes), wanted, min(self.neighbours, least - 1))
        try:
            found, y = made.fit_resample(some, labels)
        except (ValueError, RuntimeError) as error:
            # ADASYN and Borderline find no row to begin with where classes lie apart.
            if self.method == "smote":
                raise
            raise DataError(f"{self.title} finds no rows where classes meet: choose SMOTE there.") from error
        new = torch.from_numpy(found[len(labels) :]).to(rows.x.dtype)
        x = rows.x.new_empty(len(new), rows.x.shape[1])
        x[:, measured] = new[:, : int(measured.sum())]
        for places, known, code in zip(categories, values, new[:, int(measured.sum()) :].T, strict=True):
            x[:, places] = known[code.long()]
        origin = torch.cat([rows.origin, torch.full((len(new),), -1)])
        return TrainingRows(torch.cat([rows.x, x]), torch.from_numpy(y), origin, own=True)

    def remark(self, rows: TrainingRows, schema: Schema) -> str:
        """Return in which class there are fewer neighbours than wanted."""
        wanted, least = self._wanted(rows.y.numpy())
        if not wanted or least > self.neighbours:
            return ""
        rare = next(label for label in wanted if int((rows.y == label).sum()) == least)
        return (
            f"{schema.classes[rare]} has only {least} training rows, so new rows lie between {least - 1} "
            f"neighbours and not {self.neighbours}: they are much alike."
        )

    def _wanted(self, labels: NDArray[Any]) -> tuple[dict[int, int], int]:
        """Return how many rows each class is to have that has fewer, and how few the rarest of them has."""
        found, counts = np.unique(labels, return_counts=True)
        most = int(np.ceil(self.share * counts.max())) if len(counts) else 0
        short = counts < most
        return dict.fromkeys(found[short].tolist(), most), int(counts[short].min(initial=most))

    def _maker(self, numbers: int, categories: int, wanted: dict[int, int], neighbours: int) -> Any:
        from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, BorderlineSMOTE

        settings = {"sampling_strategy": wanted, "random_state": 0}
        if categories:
            places = list(range(numbers, numbers + categories))
            return SMOTENC(places, k_neighbors=neighbours, **settings)
        if self.method == "adasyn":
            return ADASYN(n_neighbors=neighbours, **settings)
        kind = SMOTE if self.method == "smote" else BorderlineSMOTE
        return kind(k_neighbors=neighbours, **settings)


def _measured(schema: Schema) -> Tensor:
    """Return (columns,), whether a column is a number that was measured, and no part of a category."""
    whole = torch.tensor([not column.part_of for column in schema.used_columns], dtype=torch.bool)
    return is_number(schema) & whole


def _categories(schema: Schema) -> list[list[int]]:
    """Return the places of the columns of each category: one, or those that an encoding made of it."""
    found: dict[tuple[bool, str], list[int]] = {}
    for place, column in enumerate(schema.used_columns):
        if column.kind == "category" or column.part_of:
            found.setdefault((bool(column.part_of), column.part_of or column.name), []).append(place)
    return list(found.values())


def _coded(x: Tensor, categories: list[list[int]]) -> tuple[list[NDArray[Any]], list[Tensor]]:
    """Return for each category (n,) codes of what its columns say, and (codes, its columns) what that is.

    Missing is one of the things that they can say.
    """
    codes, values = [], []
    for places in categories:
        known, code = np.unique(x[:, places].numpy(), axis=0, return_inverse=True, equal_nan=True)
        codes.append(code.astype(np.float32).reshape(-1))
        values.append(torch.from_numpy(known))
    return codes, values
