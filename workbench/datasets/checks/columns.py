"""Columns that say nothing, say the same, or give the answer away."""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import Check, Subject, checks
from workbench.datasets.health import EXAMPLES, plural

_TABLE = (Modality.TABLE,)
_ROWS = 5_000


def _names(subject: Subject) -> list[str]:
    return [column.name for column in subject.dataset.schema.used_columns]


@checks.register("missing_values")
class MissingValues(Check):
    """What is missing has to be filled in, or the row left out."""

    title: ClassVar[str] = "Missing values"
    modalities: ClassVar[tuple[Modality, ...]] = _TABLE
    codes: ClassVar[tuple[str, ...]] = ("missing_values",)

    much: float = Field(
        0.05,
        ge=0.0,
        le=1.0,
        title="Much from",
        description="Share of the rows from which missing values are a warning. Default 0.05.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Count what is missing in each column that is learnt from."""
        rows = len(subject.samples)
        counts, places = np.zeros(subject.samples.x.shape[1], np.int64), []
        for start, block in subject.blocks(65_536):
            missing = np.isnan(block)
            counts += missing.sum(axis=0)
            places.append(start + np.flatnonzero(missing.any(axis=1)))
        worst = sorted(zip(counts.tolist(), _names(subject), strict=True), reverse=True)
        worst = [item for item in worst if item[0]]
        if worst:
            text = (
                f"{plural(len(worst), 'column lacks values', 'columns lack values')}, in "
                f"{worst[0][0] / rows:.1%} of the rows at worst: training fills them in; collect them if "
                "they matter."
            )
            severity = Severity.INFO if worst[0][0] <= self.much * rows else Severity.WARNING
            examples = tuple(f"{name}: {n:,} ({n / rows:.1%})" for n, name in worst[:EXAMPLES])
            where = tuple(np.concatenate(places)[:10_000].tolist())
            total = sum(n for n, _ in worst)
            yield Finding(
                "missing_values", severity, total, text, examples, where, "add_step", {"step": "fill_missing"}
            )


@checks.register("equal_columns")
class EqualColumns(Check):
    """A column that never changes, or that repeats another, brings nothing."""

    title: ClassVar[str] = "Constant and duplicated columns"
    modalities: ClassVar[tuple[Modality, ...]] = _TABLE
    codes: ClassVar[tuple[str, ...]] = ("duplicated_columns",)

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Compare every column with all others by its content."""
        names, seen = _names(subject), dict[bytes, str]()
        constant, repeated = [], []
        for place, name in enumerate(names):
            subject.token.check()
            values = np.ascontiguousarray(subject.samples.x[:, place])
            known = values[~np.isnan(values)]
            if not len(known) or known.min() == known.max():
                constant.append(name)
                continue
            other = seen.setdefault(values.tobytes(), name)
            if other != name:
                repeated.append((name, other))
        if constant:
            text = (
                f"{plural(len(constant), 'column has', 'columns have')} the same value in every row or none "
                "at all, so nothing can be learnt there: take it out."
            )
            yield _columns("constant_column", Severity.WARNING, text, constant)
        if repeated:
            text = (
                f"{plural(len(repeated), 'column repeats', 'columns repeat')} another one value by value: "
                "take out the copy."
            )
            pairs = [f"{name} = {other}" for name, other in repeated]
            yield _columns("duplicated_columns", Severity.WARNING, text, [n for n, _ in repeated], pairs)


@checks.register("target_leak")
class TargetLeak(Check):
    """A column that tells the target by itself was often written down after it."""

    title: ClassVar[str] = "Columns that leak the target"
    modalities: ClassVar[tuple[Modality, ...]] = _TABLE
    codes: ClassVar[tuple[str, ...]] = ("target_leak",)

    score: float = Field(
        0.98,
        ge=0.5,
        le=1.0,
        title="Suspicious from",
        description="Balanced accuracy, or R², that one column alone must not reach. Default 0.98.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Try to tell the target from each column alone, out of fold, with a small decision tree."""
        names = _names(subject)
        if len(names) < 2:
            return
        index = subject.some(_ROWS)
        x, y = np.asarray(subject.samples.x[index]), np.asarray(subject.samples.y)[index]
        found = []
        for place, name in enumerate(names):
            subject.token.check()
            value = _alone(np.nan_to_num(x[:, [place]], nan=-1e30), y, bool(subject.classes))
            if value >= self.score:
                found.append((name, value))
        if found:
            text = (
                f"{plural(len(found), 'column tells', 'columns tell')} the target almost alone: if it is "
                "known only after the target, take it out, since it will be missing when the model is used."
            )
            words = [f"{name}: {value:.3f} alone" for name, value in found]
            yield _columns("target_leak", Severity.DANGER, text, [name for name, _ in found], words)


def _alone(x: NDArray[Any], y: NDArray[Any], is_class: bool) -> float:
    """Return how well one column (n, 1) tells the target, out of fold."""
    from sklearn.metrics import balanced_accuracy_score, r2_score
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if is_class:
        labels, counts = np.unique(y, return_counts=True)
        kept = np.isin(y, labels[counts >= 3])
        x, y = x[kept], y[kept]
        if len(np.unique(y)) < 2:
            return 0.0
        folds = StratifiedKFold(3, shuffle=True, random_state=0)
        said = cross_val_predict(DecisionTreeClassifier(max_depth=6, random_state=0), x, y, cv=folds)
        return float(balanced_accuracy_score(y, said))
    if len(y) < 10 or y.min() == y.max():
        return 0.0
    folds = KFold(3, shuffle=True, random_state=0)
    tree = DecisionTreeRegressor(min_samples_leaf=2, random_state=0)
    return float(r2_score(y, cross_val_predict(tree, x, y, cv=folds)))


def _columns(
    code: str, severity: Severity, text: str, names: list[str], examples: Iterable[str] = ()
) -> Finding:
    shown = tuple(list(examples) or names)[:EXAMPLES]
    return Finding(code, severity, len(names), text, shown, (), "drop_columns", {"columns": names})
