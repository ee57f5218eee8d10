"""Steps that make few new columns of many: linear projections, learnt with scikit-learn."""

import warnings
from abc import abstractmethod
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from workbench.core.records import Column, Schema
from workbench.core.states import Task
from workbench.transforms.base import NumberStep, State, TrainingRows, transforms, with_columns
from workbench.transforms.complete import require_complete

_GROUP = "Project"
Linear = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Mean (columns,) and matrix (columns, components)."""


class _Projection(NumberStep):
    """Each new column is a weighted sum of the columns, less their means."""

    group: ClassVar[str] = _GROUP

    def fit_to(self, x: Tensor, y: Tensor, schema: Schema) -> State:
        """Return mean, shape (columns,), and matrix, shape (columns, components).

        Components that so few samples do not have are 0 everywhere.

        Raises:
            DataError: There are missing values; the message says what to do.
        """
        require_complete(x, self.title)
        width = self._components(schema)
        matrix = torch.zeros(x.shape[1], width)
        if len(x) < 2:
            return {"mean": torch.zeros(x.shape[1]), "matrix": matrix}
        mean, learnt = self._learn(x.double().numpy(), y.numpy(), min(width, len(x)))
        found = torch.from_numpy(np.nan_to_num(learnt)).float()[:, :width]
        matrix[:, : found.shape[1]] = found
        return {"mean": torch.from_numpy(mean).float(), "matrix": matrix}

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, components) rows."""
        # In double precision one row alone gives, once rounded, the same bits as in a batch.
        return ((x.double() - state["mean"].double()) @ state["matrix"].double()).float()

    def output(self, schema: Schema) -> Schema:
        """Return the schema of the components."""
        count = self._components(schema)
        return with_columns(schema, [Column(f"{self.title} {at + 1}", "number") for at in range(count)])

    @abstractmethod
    def _components(self, schema: Schema) -> int:
        """Return how many there are."""

    @abstractmethod
    def _learn(self, x: NDArray[np.float64], y: NDArray[np.float64], count: int) -> Linear:
        """Return mean and matrix of at most so many components."""


class _Counted(_Projection):
    count: int = Field(
        8,
        ge=1,
        le=1024,
        title="Components",
        description="How many columns come out. Default 8; never more than there are columns.",
    )

    def _components(self, schema: Schema) -> int:
        return min(self.count, len(schema.used_columns))

    def remark(self, rows: TrainingRows, schema: Schema) -> str:
        """Return that there are fewer components than wanted."""
        there = len(schema.used_columns)
        return (
            f"There are only {there} columns, so {there} components come out." if self.count > there else ""
        )


@transforms.register("pca")
class PrincipalComponents(_Counted):
    """The directions in which the data varies most. Standardise before, or large numbers decide alone."""

    title: ClassVar[str] = "PCA"

    whiten: bool = Field(
        False, title="Same variance for all", description="Every component gets variance 1. Default no."
    )

    def _learn(self, x: NDArray[np.float64], y: NDArray[np.float64], count: int) -> Linear:
        from sklearn.decomposition import PCA

        with np.errstate(all="ignore"):  # shares of no variance at all, which nobody reads
            made = PCA(count, random_state=0).fit(x)
        matrix = made.components_.T
        if self.whiten:
            matrix = matrix / np.sqrt(np.maximum(made.explained_variance_, 1e-12))
        return made.mean_, matrix


@transforms.register("ica")
class IndependentComponents(_Counted):
    """Sources that are mixed in the columns and independent of each other: FastICA."""

    title: ClassVar[str] = "ICA"

    def _learn(self, x: NDArray[np.float64], y: NDArray[np.float64], count: int) -> Linear:
        from sklearn.decomposition import FastICA
        from sklearn.exceptions import ConvergenceWarning

        rank = int(np.linalg.matrix_rank(x - x.mean(axis=0)))
        if not rank:
            return x.mean(axis=0), np.zeros((x.shape[1], 0))
        # A column without spread divides by 0 in parts that are not used.
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # Sources that are not quite apart are still a basis of the data.
            warnings.simplefilter("ignore", ConvergenceWarning)
            made = FastICA(max(1, min(count, rank)), whiten="unit-variance", random_state=0).fit(x)
        return made.mean_, made.components_.T

    def remark(self, rows: TrainingRows, schema: Schema) -> str:
        """Return that the sources were not told apart, or that there are fewer than wanted."""
        from sklearn.decomposition import FastICA

        x, count = rows.x.double().numpy(), self._components(schema)
        if len(x) > 1 and np.isfinite(x).all():
            with warnings.catch_warnings(record=True) as told, np.errstate(all="ignore"):
                warnings.simplefilter("always")
                count = min(count, max(1, int(np.linalg.matrix_rank(x - x.mean(axis=0)))))
                FastICA(count, whiten="unit-variance", random_state=0).fit(x)
            if any("did not converge" in str(one.message) for one in told):
                return "The sources are not quite apart (FastICA did not converge): take fewer, or PCA."
        return super().remark(rows, schema)


@transforms.register("lda")
class Discriminants(_Projection):
    """The directions that keep the classes apart: one fewer than there are classes."""

    title: ClassVar[str] = "LDA"
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSIFICATION,)

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are rows of numbers with classes."""
        return super().fits(schema) and len(schema.classes) > 1 and schema.task is Task.CLASSIFICATION

    def misfit(self, schema: Schema) -> str:
        """Return what is lacking."""
        if schema.task is Task.REGRESSION:
            return "LDA tells classes apart, and the target is a number: take PCA instead."
        return super().misfit(schema)

    def _components(self, schema: Schema) -> int:
        return max(1, min(len(schema.classes) - 1, len(schema.used_columns)))

    def _learn(self, x: NDArray[np.float64], y: NDArray[np.float64], count: int) -> Linear:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        classes = np.unique(y)
        if len(classes) < 2 or len(x) <= len(classes) or not np.ptp(x, axis=0).any():
            return x.mean(axis=0), np.zeros((x.shape[1], 0))
        with warnings.catch_warnings():
            # Columns that say the same twice are not refused: their weights are shared.
            warnings.filterwarnings("ignore", message="Variables are collinear")
            made = LinearDiscriminantAnalysis().fit(x, y)
        return made.xbar_, made.scalings_[:, :count]

    def remark(self, rows: TrainingRows, schema: Schema) -> str:
        """Return that there is nothing to tell apart."""
        is_one = len(np.unique(rows.y.numpy())) < 2
        return "All training rows are of one class, so every value is 0: take PCA instead." if is_one else ""
