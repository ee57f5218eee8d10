"""Samples whose label is probably wrong."""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import MOST_SAMPLES, Check, Subject, checks
from workbench.datasets.checks.features import MOST, features
from workbench.datasets.checks.quick_network import alone, network
from workbench.datasets.health import plural

_FOLDS = 4
_LEAST = 2 * _FOLDS
_FEW = 1_000
_MOST_TO_NETWORKS = 60_000


@checks.register("label_errors")
class LabelErrors(Check):
    """A simple model that has not seen a sample, and is sure of another class, is often right."""

    title: ClassVar[str] = "Likely label errors"
    codes: ClassVar[tuple[str, ...]] = ("label_errors",)

    doubt: float = Field(
        0.025,
        ge=0.0,
        le=1.0,
        title="Doubt below",
        description="How probable the given class may be at most for its label to be doubted. Default 0.025.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Use confident learning on out-of-fold predictions (Northcutt et al. 2021, by cleanlab)."""
        if len(subject.classes) < 2:
            return
        is_text = subject.dataset.schema.modality is Modality.TEXT
        index = subject.some(MOST if is_text else _MOST_TO_NETWORKS)
        y = np.asarray(subject.samples.y)[index]
        labels, counts = np.unique(y, return_counts=True)
        index = index[np.isin(y, labels[counts >= _LEAST])]
        given = np.asarray(subject.samples.y)[index]
        known, codes = np.unique(given, return_inverse=True)
        if len(known) < 2:
            return
        x = features(subject, index)
        said = alone(lambda: _out_of_fold(x, codes, subject))
        if not _is_able(codes, said):
            return
        doubted = _doubted(codes, said)
        doubted = doubted[said[doubted, codes[doubted]] <= self.doubt][:MOST_SAMPLES]
        if len(doubted):
            guesses = [subject.classes[known[k]] for k in said[doubted].argmax(axis=1)]
            text = (
                f"{plural(len(doubted), 'label is', 'labels are')} probably wrong: a model that had not seen "
                "the sample is sure of another class. Look, the surest first, and relabel."
            )
            yield subject.finding(
                "label_errors", Severity.WARNING, text, index[doubted], "relabel", labels=guesses
            )


def _out_of_fold(x: Any, codes: NDArray[np.int64], subject: Subject) -> NDArray[np.float64]:
    """Return (n, classes) probabilities, each from a model that was fitted without that sample."""
    from sklearn.model_selection import StratifiedKFold

    said = np.zeros((len(codes), int(codes.max()) + 1))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    for number, (train, test) in enumerate(folds.split(said, codes)):
        subject.token.check()

        def tell(share: float, number: int = number) -> None:
            subject.token.check()
            subject.tell((number + share) / _FOLDS)

        if isinstance(x, np.ndarray) and len(codes) >= _FEW:
            said[test] = network(x[train], codes[train], x[test], tell)
        else:
            said[test] = _regression(x[train], codes[train], x[test])
    return said


def _regression(x: Any, codes: NDArray[np.int64], new: Any) -> NDArray[np.float64]:
    """Return (n, classes) what a logistic regression says of new samples; for texts, and for few samples."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.utils._testing import ignore_warnings

    strength = 37.5 / len(codes) if isinstance(x, np.ndarray) else 3.0
    # Few steps are enough for a doubt, and a model that is not sharpened to the last doubts better.
    model = LogisticRegression(C=strength, max_iter=60)
    ignore_warnings(model.fit, category=ConvergenceWarning)(x, codes)
    found: NDArray[np.float64] = model.predict_proba(new)
    return found


def _is_able(codes: NDArray[np.int64], said: NDArray[np.float64]) -> bool:
    """Return whether the model gets a third of the way from chance to right: else it knows nothing."""
    from sklearn.metrics import balanced_accuracy_score

    return float(balanced_accuracy_score(codes, said.argmax(axis=1), adjusted=True)) > 1 / 3


def _doubted(codes: NDArray[np.int64], said: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the places of labels that are probably wrong, the surest first."""
    from cleanlab.filter import find_label_issues

    found: NDArray[np.int64] = find_label_issues(
        codes, said, filter_by="confident_learning", return_indices_ranked_by="normalized_margin", n_jobs=1
    )
    return found
