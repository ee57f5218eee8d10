"""How samples are dealt to training, validation and test."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import SplitConfig
from workbench.core.states import Split, Task

_ORDER = (Split.TRAIN, Split.VALIDATION, Split.TEST)


def split_indices(labels: NDArray[Any], task: Task, config: SplitConfig) -> dict[Split, NDArray[np.int64]]:
    """Deal every sample to exactly one part; the same labels and config give the same parts anywhere.

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
    totals = _largest_remainder(shares * count, count)
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


def _largest_remainder(ideal: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Round to whole numbers that add up to `total`; ties go to the earlier place."""
    ideal = np.round(ideal, 9)  # 0.7 * 10 has to be 7 on every platform
    whole = np.floor(ideal).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(-(ideal - whole), kind="stable")[:missing]] += 1
    return whole


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
