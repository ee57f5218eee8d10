"""Values and samples far from all others."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import MOST_SAMPLES, Check, Subject, checks
from workbench.datasets.checks.features import MOST, features
from workbench.datasets.health import EXAMPLES, plural

_NEIGHBOURS = 20
_BLOCK = 512
_KEPT = 32
_MANY_FEATURES = 1_000


@checks.register("extreme_values")
class ExtremeValues(Check):
    """A value many deviations away is a slip of the pen, or something rare that has to be known."""

    title: ClassVar[str] = "Extreme values (z-score)"
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE,)
    codes: ClassVar[tuple[str, ...]] = ("extreme_values",)

    deviations: float = Field(
        6.0,
        ge=2.0,
        le=100.0,
        title="Deviations",
        description="How many standard deviations from the mean are extreme. Default 6.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Measure the distance from the mean in standard deviations, column by column."""
        worst, places = [], []
        for place, column in enumerate(subject.dataset.schema.used_columns):
            if column.kind != "number":
                continue
            subject.token.check()
            values = np.asarray(subject.samples.x[:, place], np.float64)
            deviation = np.nanstd(values) if np.isfinite(values).any() else 0.0
            if deviation > 0:
                far = np.flatnonzero(np.abs(values - np.nanmean(values)) > self.deviations * deviation)
                if len(far):
                    worst.append((len(far), column.name))
                    places.append(far)
        if worst:
            worst.sort(reverse=True)
            total = sum(n for n, _ in worst)
            text = (
                f"{plural(total, 'value is', 'values are')} more than {self.deviations:g} deviations away "
                "from the mean of the column: set slips right in the source, cap the rest while preparing."
            )
            examples = tuple(f"{name}: {n:,}" for n, name in worst[:EXAMPLES])
            where = tuple(np.unique(np.concatenate(places))[:MOST_SAMPLES].tolist())
            yield Finding(
                *("extreme_values", Severity.INFO, total, text, examples, where),
                *("add_step", {"step": "cap_outliers"}),
            )


@checks.register("outliers")
class Outliers(Check):
    """A sample that has no neighbour like it may not belong here."""

    title: ClassVar[str] = "Odd samples (local outlier factor)"
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE, Modality.PICTURE, Modality.AUDIO)
    codes: ClassVar[tuple[str, ...]] = ("odd_samples",)

    factor: float = Field(
        2.5,
        ge=1.1,
        le=100.0,
        title="Factor",
        description="How many times sparser than around its neighbours it has to be there. Default 2.5.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Compare the density around each sample with that around its neighbours (Breunig et al. 2000)."""
        index = subject.some(MOST)
        if len(index) < 50:
            return
        x = features(subject, index)
        if x.shape[1] > _KEPT:
            x = _reduced(x)
        # Copies have no distance at all, which makes every neighbour of theirs look far away.
        unique, back = np.unique(x, axis=0, return_inverse=True)
        if len(unique) < 50:
            return
        factor = _local_outlier_factor(unique, subject)[back.reshape(-1)]
        order = np.argsort(-factor)
        odd = index[order[factor[order] > self.factor]]
        if len(odd):
            text = (
                f"{plural(len(odd), 'sample is', 'samples are')} unlike all others: rare, or wrong? Look, "
                "the oddest first."
            )
            yield subject.finding("odd_samples", Severity.INFO, text, odd)


def _reduced(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (n, 32) the principal components of (n, d)."""
    from sklearn.decomposition import PCA

    # The randomised solver stops every other thread while it factorises, and a window with them.
    solver = "covariance_eigh" if x.shape[1] <= _MANY_FEATURES else "randomized"
    reduced: NDArray[np.float32] = PCA(_KEPT, svd_solver=solver, random_state=0).fit_transform(x)
    return reduced


def _local_outlier_factor(x: NDArray[np.float32], subject: Subject) -> NDArray[np.float64]:
    """Return (n,) what scikit-learn's LocalOutlierFactor gives, in blocks so that it can be cancelled."""
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=_NEIGHBOURS).fit(x)
    distance, places = np.empty((len(x), _NEIGHBOURS)), np.empty((len(x), _NEIGHBOURS), np.int64)
    for start in range(0, len(x), _BLOCK):
        subject.token.check()
        subject.tell(start / len(x))
        stop = min(start + _BLOCK, len(x))
        # Every sample is its own nearest neighbour, as no two are the same here.
        near, at = found.kneighbors(x[start:stop], _NEIGHBOURS + 1)
        distance[start:stop], places[start:stop] = near[:, 1:], at[:, 1:]
    reached = np.maximum(distance, distance[:, -1][places])
    density = 1.0 / (reached.mean(axis=1) + 1e-10)
    factor: NDArray[np.float64] = density[places].mean(axis=1) / density
    return factor
