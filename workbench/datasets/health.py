"""Findings that several kinds of datasets share. One sentence each: what it is and what to do."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.core.records import Finding, Skipped
from workbench.core.states import Severity

EXAMPLES = 10
_IMBALANCE = 5.0
_SMALL_CLASS = 10


def class_findings(classes: Sequence[str], counts: Sequence[int]) -> list[Finding]:
    """Return what is wrong with the classes of a dataset.

    Args:
        classes: Names, in the order of their labels.
        counts: Imported samples of each class, none of them 0.
    """
    findings = []
    if len(classes) == 1:
        text = f"All samples are of one class ({classes[0]}): a model needs at least two, so add another."
        findings.append(Finding("one_class", Severity.DANGER, 1, text, (classes[0],)))
    small = sorted((n, name) for name, n in zip(classes, counts, strict=True) if n < _SMALL_CLASS)
    if small:
        text = (
            f"{plural(len(small), 'class has', 'classes have')} fewer than {_SMALL_CLASS} samples, too few "
            "to learn and to judge: collect more or merge classes."
        )
        examples = tuple(f"{name}: {n}" for n, name in small[:EXAMPLES])
        findings.append(Finding("small_class", Severity.WARNING, len(small), text, examples))
    if len(classes) > 1 and max(counts) > _IMBALANCE * min(counts):
        most, least = (counts.index(limit) for limit in (max(counts), min(counts)))
        text = (
            f"Class {classes[most]} has {max(counts) / min(counts):,.1f} times as many samples as class "
            f"{classes[least]}: look at the measures of each class, and collect more of the small ones."
        )
        rare = sum(1 for n in counts if n * _IMBALANCE < max(counts))
        examples = tuple(f"{classes[k]}: {counts[k]}" for k in (most, least))
        findings.append(Finding("class_imbalance", Severity.WARNING, rare, text, examples))
    return findings + _similar_classes(classes, counts)


def value_findings(target: str, values: NDArray[np.float32]) -> list[Finding]:
    """Return what is wrong with the values (n,) of a numeric target."""
    if values.min() < values.max():
        return []
    text = (
        f"The target {target} has the same value in every row, so there is nothing to learn: choose another "
        "target column."
    )
    return [Finding("constant_target", Severity.DANGER, 1, text, (target,))]


def _similar_classes(classes: Sequence[str], counts: Sequence[int]) -> list[Finding]:
    """Return which classes are the same but for capitals or spaces; the largest can become all of them."""
    alike: dict[str, list[str]] = defaultdict(list)
    for _, name in sorted(zip(counts, classes, strict=True), key=lambda item: -item[0]):
        alike[" ".join(name.casefold().split())].append(name)
    groups = [names for names in alike.values() if len(names) > 1]
    if not groups:
        return []
    text = (
        f"{plural(len(groups), 'group of classes differs', 'groups of classes differ')} only in capitals or "
        "spaces: if they mean the same, make them one class, or spell them alike and import again."
    )
    examples = tuple(" / ".join(repr(name) for name in names) for names in groups[:EXAMPLES])
    merged = {name: names[0] for names in groups for name in names[1:]}
    return [
        Finding(
            *("similar_classes", Severity.WARNING, len(groups), text, examples),
            fix="merge_classes",
            fields={"classes": merged},
        )
    ]


def skipped_finding(skipped: Sequence[Skipped], noun: str) -> list[Finding]:
    """Return the finding that says how many files or rows were left out; none when all came in."""
    if not skipped:
        return []
    text = (
        f"{plural(len(skipped), noun + ' was', noun + 's were')} not imported: "
        "the list says why for each; mend them and import again, or leave them out."
    )
    examples = tuple(f"{item.path} {item.reason}" for item in skipped[:EXAMPLES])
    return [Finding("skipped", Severity.WARNING, len(skipped), text, examples)]


def plural(count: int, one: str, many: str) -> str:
    """Return `1 class has` or `3 classes have`."""
    return f"{count:,} {one if count == 1 else many}"
