"""Measures of a whole split, computed by scikit-learn."""

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from workbench.core.registry import Choice, Registry
from workbench.core.states import Task


class Measure(Choice):
    """One number that says how good predictions are."""

    task: ClassVar[Task] = Task.CLASSIFICATION
    higher_is_better: ClassVar[bool] = True

    @abstractmethod
    def compute(self, actual: NDArray[Any], predicted: NDArray[Any], classes: int) -> float:
        """Return the measure; NaN where it is not defined.

        Args:
            actual: (n,) int labels, or float values for regression; n is at least 1.
            predicted: (n,) of the same kind.
            classes: Number of classes; 0 for regression.
        """


measures: Registry[Measure] = Registry("measure", "workbench.evaluation.measures")


@measures.register("accuracy")
class Accuracy(Measure):
    """Share of samples whose class was predicted."""

    def compute(self, actual: NDArray[Any], predicted: NDArray[Any], classes: int) -> float:
        """Return a share in [0, 1]."""
        return float(np.mean(actual == predicted))


class _PerClass(Measure):
    which: ClassVar[int] = 0
    weighted: ClassVar[bool] = False

    def compute(self, actual: NDArray[Any], predicted: NDArray[Any], classes: int) -> float:
        """Return the mean over the classes that occur among actual or predicted labels, in [0, 1]."""
        from sklearn.metrics import precision_recall_fscore_support

        # Each cell of the confusion matrix once, by its weight: the same numbers, however many samples.
        counts = np.bincount(actual.astype(np.int64) * classes + predicted.astype(np.int64))
        cells = np.flatnonzero(counts)
        scores = precision_recall_fscore_support(
            cells // classes,
            cells % classes,
            average="weighted" if self.weighted else "macro",
            sample_weight=counts[cells],
            zero_division=0.0,
        )
        return float(scores[self.which])


@measures.register("precision_macro")
class PrecisionMacro(_PerClass):
    """Precision of each class, averaged: how often a prediction of the class is right."""

    title: ClassVar[str] = "Precision (macro)"


@measures.register("recall_macro")
class RecallMacro(_PerClass):
    """Recall of each class, averaged: how much of the class is found. Also called balanced accuracy."""

    title: ClassVar[str] = "Recall (macro)"
    which: ClassVar[int] = 1


@measures.register("f1_macro")
class F1Macro(_PerClass):
    """F1 of each class, averaged: every class counts the same."""

    title: ClassVar[str] = "F1 (macro)"
    which: ClassVar[int] = 2


@measures.register("f1_weighted")
class F1Weighted(_PerClass):
    """F1 of each class, averaged by the number of its samples."""

    title: ClassVar[str] = "F1 (weighted)"
    which: ClassVar[int] = 2
    weighted: ClassVar[bool] = True


class _Regression(Measure):
    task: ClassVar[Task] = Task.REGRESSION


@measures.register("mae")
class MeanAbsoluteError(_Regression):
    """Mean distance between prediction and truth, in the target's unit."""

    title: ClassVar[str] = "MAE"
    higher_is_better: ClassVar[bool] = False

    def compute(self, actual: NDArray[Any], predicted: NDArray[Any], classes: int) -> float:
        """Return the mean absolute error."""
        from sklearn.metrics import mean_absolute_error

        return float(mean_absolute_error(actual, predicted))


@measures.register("rmse")
class RootMeanSquaredError(_Regression):
    """Root of the mean squared error, in the target's unit: large misses weigh more."""

    title: ClassVar[str] = "RMSE"
    higher_is_better: ClassVar[bool] = False

    def compute(self, actual: NDArray[Any], predicted: NDArray[Any], classes: int) -> float:
        """Return the root mean squared error."""
        from sklearn.metrics import root_mean_squared_error

        return float(root_mean_squared_error(actual, predicted))


@measures.register("r2")
class R2(_Regression):
    """Share of the target's variance that is explained; 0 is as good as always saying the mean."""

    title: ClassVar[str] = "R²"

    def compute(self, actual: NDArray[Any], predicted: NDArray[Any], classes: int) -> float:
        """Return R², at most 1. NaN with fewer than two samples."""
        from sklearn.metrics import r2_score

        return float(r2_score(actual, predicted)) if len(actual) > 1 else float("nan")
