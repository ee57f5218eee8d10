"""Values and samples far from all others."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from pydantic import Field

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import MOST_SAMPLES, Check, Subject, checks
from workbench.datasets.checks.features import MOST, features
from workbench.datasets.health import EXAMPLES, plural


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
                "from the mean of the column: look whether they are slips; else cap them while preparing."
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
        from sklearn.decomposition import PCA
        from sklearn.neighbors import LocalOutlierFactor

        index = subject.some(MOST)
        if len(index) < 50:
            return
        x = features(subject, index)
        if x.shape[1] > 32:
            x = PCA(32, svd_solver="randomized", random_state=0).fit_transform(x)
        subject.token.check()
        model = LocalOutlierFactor(n_neighbors=20)
        # Copies have no distance at all, which makes every neighbour of theirs look far away.
        unique, back = np.unique(x, axis=0, return_inverse=True)
        if len(unique) < 50:
            return
        model.fit(unique)
        factor = -model.negative_outlier_factor_[back.reshape(-1)]
        order = np.argsort(-factor)
        odd = index[order[factor[order] > self.factor]]
        if len(odd):
            text = (
                f"{plural(len(odd), 'sample is', 'samples are')} unlike all others: look whether they belong "
                "here, the oddest first."
            )
            yield subject.finding("odd_samples", Severity.INFO, text, odd)
