"""How samples are dealt to training, validation and test."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import SplitConfig
from workbench.core.errors import DataError
from workbench.core.states import Split, Task
from workbench.datasets.base import Samples
from workbench.datasets.belonging import divided_by_what_samples_say, largest_remainder

_ORDER = (Split.TRAIN, Split.VALIDATION, Split.TEST)


def split_indices(
    labels: NDArray[Any], task: Task, config: SplitConfig, samples: Samples | None = None
) -> dict[Split, NDArray[np.int64]]:
    """Deal every sample to exactly one part; the same data and config give the same parts anywhere.

    Args:
        labels: (n,) class labels, or values for regression.
        task: Only classification can be stratified.
        config: How to divide.
        samples: What knows names and columns, for the methods that look at them.

    Returns:
        Sorted indices of each part; a part whose share is too small for one sample is empty.

    Raises:
        DataError: The samples cannot be divided so; the message says what to do.
    """
    if config.method == "shuffled":
        return _shuffled(labels, task, config)
    if config.method == "folds":
        return _folds(labels, task, config)
    if samples is None:
        raise DataError("Only a dataset that was opened can be divided by what its samples are called.")
    return divided_by_what_samples_say(samples, config)


def _shuffled(labels: NDArray[Any], task: Task, config: SplitConfig) -> dict[Split, NDArray[np.int64]]:
    """Deal samples at random.

    The sizes of the parts follow the shares by largest remainder. Stratified, each class is dealt in the
    same shares, as closely as whole samples allow, and no class is without a training sample.

    Args:
        labels: (n,) class labels, or values for regression.
        task: Only classification can be stratified.
        config: Shares, seed, and whether to stratify.

    Returns:
        Sorted indices of each part; a part whose share is too small for one sample is empty.
    """
    count = len(labels)
    random = np.random.Generator(np.random.PCG64(config.seed))
    order = random.permutation(count)
    shares = np.array([config.share(split) for split in _ORDER])
    totals = largest_remainder(shares * count, count)
    if task is Task.CLASSIFICATION and config.stratified and count:
        order, quotas = _by_class(np.asarray(labels), order, shares, totals)
    else:
        quotas = totals[None, :]
    parts: dict[Split, list[NDArray[np.int64]]] = {split: [] for split in _ORDER}
    start = 0
    for quota in quotas:
        for split, size in zip(_ORDER, quota, strict=True):
            parts[split].append(order[start : start + size])
            start += int(size)
    return {split: np.sort(np.concatenate(pieces)).astype(np.int64) for split, pieces in parts.items()}


def _folds(labels: NDArray[Any], task: Task, config: SplitConfig) -> dict[Split, NDArray[np.int64]]:
    """Put the test share apart and deal the rest to folds; one validates, the others train."""
    apart = config.model_copy(update={"train": 1.0 - config.test, "validation": 0.0})
    parts = _shuffled(labels, task, apart)
    rest = parts[Split.TRAIN]
    if len(rest) < config.folds:
        raise DataError(
            f"There are only {len(rest)} samples to deal to {config.folds} folds: take fewer folds."
        )
    rest = rest[np.random.Generator(np.random.PCG64(config.seed)).permutation(len(rest))]
    if task is Task.CLASSIFICATION and config.stratified:
        # Dealt class by class like cards, each fold gets its share of each.
        rest = rest[np.argsort(np.asarray(labels)[rest], kind="stable")]
    held = np.arange(len(rest)) % config.folds == config.fold - 1
    if task is Task.CLASSIFICATION and config.stratified:
        # The only sample of a class trains in every fold, as it does when samples are shuffled.
        _, codes, counts = np.unique(np.asarray(labels)[rest], return_inverse=True, return_counts=True)
        held &= counts[codes] > 1
    return {
        Split.TRAIN: np.sort(rest[~held]),
        Split.VALIDATION: np.sort(rest[held]),
        Split.TEST: parts[Split.TEST],
    }


def _by_class(
    labels: NDArray[Any], order: NDArray[np.int64], shares: NDArray[np.float64], totals: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the shuffled samples grouped by class, and (classes, 3) sizes of their parts."""
    _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    grouped = order[np.argsort(codes[order], kind="stable")]
    ideal = np.round(counts[:, None] * shares[None, :], 9)
    quotas = np.floor(ideal).astype(np.int64)
    # Training first: no class may be missing there.
    bare = quotas[:, 0] == 0
    quotas[bare, 0] = 1
    for place in np.flatnonzero(quotas.sum(axis=1) > counts):
        quotas[place] = (counts[place], 0, 0)
    _hand_out_rest(quotas, ideal, counts, totals)
    return grouped, quotas


def _hand_out_rest(
    quotas: NDArray[np.int64],
    ideal: NDArray[np.float64],
    counts: NDArray[np.int64],
    totals: Sequence[int] | Any,
) -> None:
    """Give the samples that rounding left over to the parts that still lack most, class by class in place.

    Each class hands out at most two, to the parts with its largest remainders among those not yet full.
    """
    left = counts - quotas.sum(axis=1)
    lacking = np.asarray(totals) - quotas.sum(axis=0)
    wishes = sorted(
        ((ideal[k, part] - quotas[k, part], k, part) for k in np.flatnonzero(left) for part in range(3)),
        key=lambda wish: (-wish[0], wish[1], wish[2]),
    )
    for _, k, part in wishes:
        if left[k] and lacking[part] > 0:
            quotas[k, part] += 1
            left[k] -= 1
            lacking[part] -= 1
    for k in np.flatnonzero(left):
        while left[k]:
            part = int(np.argmax(lacking))
            quotas[k, part] += 1
            left[k] -= 1
            lacking[part] -= 1
