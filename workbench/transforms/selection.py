"""Steps that keep the columns that matter."""

from abc import abstractmethod
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.transforms.base import (
    NumberStep,
    State,
    TableStep,
    TrainingRows,
    is_number,
    transforms,
    with_columns,
)
from workbench.transforms.complete import require_complete

_GROUP = "Select columns"
_MOST_ROWS = 20_000
_LEAST_ROWS = 8  # of fewer, no column says more of the target than another


class _Selection(TableStep):
    """Keeps some of the columns, in their order."""

    group: ClassVar[str] = _GROUP

    @property
    def is_open(self) -> bool:
        """Always: which columns stay is what it learns."""
        return True

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, fewer) rows."""
        return x[:, state["columns"]]

    def result(self, schema: Schema, state: State) -> Schema:
        """Return the schema of the columns that stay."""
        columns = schema.used_columns
        return with_columns(schema, [columns[place] for place in state["columns"].tolist()])


@transforms.register("select_variance")
class SelectVariance(_Selection):
    """Numbers that hardly change are left out; categories stay."""

    title: ClassVar[str] = "By variance"

    least: float = Field(
        0.0,
        ge=0.0,
        le=1e6,
        title="Least variance",
        description="Columns with no more are left out. Default 0: only those that never change. Standardise "
        "after this step, not before: it makes all variances 1.",
    )

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return the places of the columns that stay; one at least."""
        exact = x.double()
        variance = (exact - exact.nanmean(dim=0)).square().nanmean(dim=0).nan_to_num(0.0)
        stays = ~is_number(schema) | (variance > self.least) | (len(x) == 0)
        if not stays.any():
            stays[int(variance.argmax())] = True
        return {"columns": stays.nonzero().flatten()}


class _Scored(_Selection, NumberStep):
    """Keeps the columns with the highest score."""

    count: int = Field(
        10,
        ge=1,
        le=10_000,
        title="Columns to keep",
        description="The best so many stay. Default 10; all where there are no more.",
    )

    def fit_to(self, x: Tensor, y: Tensor, schema: Schema) -> State:
        """Return the places of the columns that stay.

        Raises:
            DataError: There are missing values; the message says what to do.
        """
        require_complete(x, self.title)
        count = min(self.count, x.shape[1])
        if count == x.shape[1] or len(x) < _LEAST_ROWS:
            return {"columns": torch.arange(count)}
        # A part is enough to order columns, and a fixed one gives the same order every time.
        some = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))[:_MOST_ROWS]
        scores = self._scores(x[some], y[some], schema)
        return {"columns": scores.argsort(descending=True, stable=True)[:count].sort().values}

    def remark(self, rows: TrainingRows, schema: Schema) -> str:
        """Return that nothing is left out."""
        there = len(schema.used_columns)
        return f"There are only {there} columns, so all stay." if self.count >= there else ""

    def output(self, schema: Schema) -> Schema:
        """Return a schema with so many columns; which ones is known once the step has learnt."""
        return with_columns(schema, list(schema.used_columns[: self.count]))

    @abstractmethod
    def _scores(self, x: Tensor, y: Tensor, schema: Schema) -> Tensor:
        """Return (columns,), higher for columns that say more of the target."""


@transforms.register("select_information")
class SelectInformation(_Scored):
    """The columns that say most of the target, each by itself: mutual information.

    Source: Kraskov et al. 2004; Ross 2014, as in scikit-learn.
    """

    title: ClassVar[str] = "By mutual information"
    text: ClassVar[str] = "The columns that say most of the target, each by itself: mutual information."

    def _scores(self, x: Tensor, y: Tensor, schema: Schema) -> Tensor:
        from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

        score = mutual_info_regression if schema.task is Task.REGRESSION else mutual_info_classif
        return torch.from_numpy(score(x.numpy(), y.numpy(), discrete_features=False, random_state=0))


@transforms.register("select_model")
class SelectModel(_Scored):
    """The columns that a forest of random trees uses most, also those that matter only together."""

    title: ClassVar[str] = "By a forest of trees"

    def _scores(self, x: Tensor, y: Tensor, schema: Schema) -> Tensor:
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        kind = ExtraTreesRegressor if schema.task is Task.REGRESSION else ExtraTreesClassifier
        forest = kind(100, max_depth=12, random_state=0, n_jobs=1).fit(x.numpy(), y.numpy())
        return torch.from_numpy(forest.feature_importances_)
