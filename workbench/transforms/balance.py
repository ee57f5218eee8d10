"""Steps against classes of unequal size: training samples are repeated, left out or made."""

from typing import Any, ClassVar, Literal

import numpy as np
import torch
from pydantic import Field

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
        return TableStep.fits(self, schema) and super().fits(schema) and bool(is_number(schema).any())

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
        found, counts = np.unique(labels, return_counts=True)
        wanted = {
            int(label): int(np.ceil(self.share * counts.max()))
            for label, count in zip(found, counts, strict=True)
            if count < int(np.ceil(self.share * counts.max()))
        }
        if not wanted:
            return rows
        require_complete(rows.x, self.title)
        least = min(counts[found == label][0] for label in wanted)
        if least < 2:
            raise DataError(
                "SMOTE needs two training rows of each class: take Over-sample rare classes instead."
            )
        made = self._maker(schema, wanted, min(self.neighbours, int(least) - 1))
        try:
            x, y = made.fit_resample(rows.x.numpy(), labels)
        except (ValueError, RuntimeError) as error:
            # ADASYN and Borderline find no row to begin with where classes lie apart.
            if self.method == "smote":
                raise
            raise DataError(f"{self.title} finds no rows where classes meet: choose SMOTE there.") from error
        origin = torch.cat([rows.origin, torch.full((len(x) - len(labels),), -1)])
        return TrainingRows(torch.from_numpy(x).to(rows.x.dtype), torch.from_numpy(y), origin, own=True)

    def _maker(self, schema: Schema, wanted: dict[int, int], neighbours: int) -> Any:
        from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, BorderlineSMOTE

        settings = {"sampling_strategy": wanted, "random_state": 0}
        category = (~is_number(schema)).numpy()
        if category.any():
            return SMOTENC(np.flatnonzero(category).tolist(), k_neighbors=neighbours, **settings)
        if self.method == "adasyn":
            return ADASYN(n_neighbors=neighbours, **settings)
        kind = SMOTE if self.method == "smote" else BorderlineSMOTE
        return kind(k_neighbors=neighbours, **settings)
