"""Classes that are too small, or too unequal."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from workbench.core.records import Finding
from workbench.core.states import Severity
from workbench.datasets.checks.base import Check, Subject, checks
from workbench.datasets.health import EXAMPLES, class_findings, plural, value_findings


@checks.register("classes")
class Classes(Check):
    """A class that is rare is learnt badly, and judged by chance."""

    title: ClassVar[str] = "Size of classes"
    codes: ClassVar[tuple[str, ...]] = (
        *("one_class", "small_class", "class_imbalance", "empty_class", "similar_classes"),
        *("constant_target", "unjudged_class"),
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Count the samples of each class, in all and in each part."""
        y = np.asarray(subject.samples.y)
        if not subject.classes:
            yield from value_findings(subject.dataset.schema.target or "", y)
            return
        counts = np.bincount(y, minlength=len(subject.classes))
        there = np.flatnonzero(counts)
        yield from class_findings([subject.classes[k] for k in there], counts[there].tolist())
        empty = [subject.classes[k] for k in np.flatnonzero(counts == 0)]
        if empty:
            text = (
                f"{plural(len(empty), 'class has', 'classes have')} no sample, so it can never be told: add "
                "samples, or leave it as it is."
            )
            yield Finding("empty_class", Severity.WARNING, len(empty), text, tuple(empty[:EXAMPLES]))
        yield from self._unjudged(subject, counts)

    def _unjudged(self, subject: Subject, counts: np.ndarray) -> Iterable[Finding]:
        y = np.asarray(subject.samples.y)
        missing = set()
        for index in subject.parts.values():
            if len(index):
                here = np.bincount(y[index], minlength=len(counts))
                missing |= set(np.flatnonzero((here == 0) & (counts > 0)).tolist())
        if missing:
            names = tuple(subject.classes[k] for k in sorted(missing))
            text = (
                f"{plural(len(names), 'class is', 'classes are')} missing in a split, so it is not learnt or "
                "not judged there: collect more of it, or give that split a larger share."
            )
            yield Finding("unjudged_class", Severity.WARNING, len(names), text, names[:EXAMPLES])
