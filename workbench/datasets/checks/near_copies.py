"""Pictures that are almost the same: compressed, brightened or scaled anew."""

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from workbench.core.control import CancelToken
from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import MOST_SAMPLES, Check, Subject, checks
from workbench.datasets.checks.copies import across_parts, contents
from workbench.datasets.checks.features import shrunk
from workbench.datasets.health import plural

_MOST = 100_000
_SIDE = 32
_LOW = 8
_LOWEST = 14
_ROUNDING = 2e-3
# In a smaller picture too little can be seen to tell two of a kind from one saved twice.
_LEAST_SIDE = 12
_BLOCKS = 8
# Of so many pictures two equal blocks of the hash are no rarity any more.
_MANY = 50_000
_BLUR = 0.7


@checks.register("near_duplicates")
class NearDuplicates(Check):
    """A picture saved again is the same picture to a model."""

    title: ClassVar[str] = "Near duplicates (perceptual hash)"
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.PICTURE,)
    codes: ClassVar[tuple[str, ...]] = ("near_duplicates", "near_leak")

    bits: int = Field(
        8, ge=0, le=16, title="Bits", description="Of the 64 bits of the hash so many may differ. Default 8."
    )
    likeness: float = Field(
        0.996,
        ge=0.5,
        le=1.0,
        title="Likeness",
        description="Correlation of the pixels, a little blurred, that makes two the same. Default 0.996.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Compare pictures whose hashes are close, one of each content."""
        if min(subject.dataset.schema.input_shape[1:]) < _LEAST_SIDE:
            return
        first = contents(subject)
        index = np.unique(first[subject.some(_MOST)])
        hashes, waves, pixels = _looks(subject, index)
        # Two whose lowest waves alone lie further apart than this cannot be so much alike in all of them.
        apart = 2 * (1 - self.likeness) + _ROUNDING
        lowest = np.ascontiguousarray(waves[:, :_LOWEST])

        def may_be_like(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
            near: NDArray[np.bool_] = np.square(lowest[a] - lowest[b]).sum(axis=1) <= apart
            return near

        pairs = close_pairs(hashes, self.bits, subject.token, may_be_like, subject.tell)
        pairs = pairs[np.square(waves[pairs[:, 0]] - waves[pairs[:, 1]]).sum(axis=1) <= apart]
        pairs = pairs[_likeness(pixels, pairs, subject.token) >= self.likeness]
        if not len(pairs):
            return
        group = _groups(pairs, index, first)
        near = index[np.flatnonzero(group[index] != index)]
        text = (
            f"{plural(len(near), 'picture is', 'pictures are')} almost the same as another one, such as "
            "saved again or made brighter: look, and remove the copies."
        )
        originals = group[near][:MOST_SAMPLES].tolist()
        yield subject.finding(
            "near_duplicates", Severity.WARNING, text, near, "drop_copies", originals=originals
        )
        leaked, parts = across_parts(subject, group)
        mine = np.isin(leaked, near)
        leaked, parts = leaked[mine], parts[mine]
        if len(leaked):
            text = (
                f"{plural(len(leaked), 'picture', 'pictures')} of validation or test "
                f"{'is' if len(leaked) == 1 else 'are'} almost the same as one of an earlier split, which "
                "flatters the measures: move the copies to that split."
            )
            yield subject.finding(
                "near_leak", Severity.WARNING, text, leaked, "move", parts=parts[:MOST_SAMPLES].tolist()
            )


def _looks(
    subject: Subject, index: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.float32], NDArray[np.float16]]:
    """Return (n,) hashes, (n, 63) lowest waves first and (n, pixels) of grey pictures of mean 0 and length 1.

    The hash says of the 63 lowest frequencies (discrete cosine transform) which are above their median; the
    mean brightness is left out (Zauner 2010, pHash).
    """
    from scipy.fft import dctn
    from scipy.ndimage import gaussian_filter

    hashes, waves, pixels = [], [], []
    order = np.argsort(np.add.outer(np.arange(_LOW), np.arange(_LOW)).ravel()[1:], kind="stable")
    weights = np.left_shift(np.uint64(1), np.arange(_LOW * _LOW - 1, dtype=np.uint64))
    for start in range(0, len(index), 2048):
        subject.token.check()
        pictures = shrunk(np.asarray(subject.samples.x[index[start : start + 2048]]), _SIDE).mean(axis=1)
        pictures = gaussian_filter(pictures, (0, _BLUR, _BLUR))
        low = dctn(pictures, axes=(1, 2), norm="ortho")[:, :_LOW, :_LOW]
        low = low.reshape(len(pictures), -1)[:, 1:]
        above = low > np.median(low, axis=1, keepdims=True)
        hashes.append((above * weights).sum(axis=1, dtype=np.uint64))
        flat = pictures.reshape(len(pictures), -1)
        flat = flat - flat.mean(axis=1, keepdims=True)
        length = np.linalg.norm(flat, axis=1, keepdims=True)
        length = np.where(length > 0, length, 1.0)
        waves.append(low[:, order] / length)
        pixels.append((flat / length).astype(np.float16))
        subject.tell(start / len(index) / 2)
    return np.concatenate(hashes), np.concatenate(waves), np.concatenate(pixels)


def close_pairs(
    hashes: NDArray[np.uint64],
    bits: int,
    token: CancelToken,
    may_be: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]] | None = None,
    tell: Callable[[float], None] = lambda _: None,
) -> NDArray[np.int64]:
    """Return the pairs of hashes that differ in at most so many bits, as good as all of them.

    Each hash is cut into eight blocks; two that agree in two of them (of very many pictures in three) are
    compared in full. Those that differ in up to six (five) bits always agree so.

    Args:
        hashes: (n,) of 64 bits.
        bits: How many may differ.
        token: Looked at now and then.
        may_be: Says of such pairs, by their places, which are worth a closer look; all of them by default.
        tell: Is told which share is done, from a half on.

    Returns:
        (pairs, 2) places, the smaller one first, without repetition.
    """
    count = len(hashes)
    blocks = (hashes[:, None] >> np.arange(0, 64, 64 // _BLOCKS, dtype=np.uint64)) & np.uint64(0xFF)
    found: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    every = list(combinations(range(_BLOCKS), 2 if count <= _MANY else 3))
    for number, chosen in enumerate(every):
        tell((1 + number / len(every)) / 2)
        key = np.zeros(count, np.uint64)
        for block in chosen:
            key = (key << np.uint64(8)) | blocks[:, block]
        order = np.argsort(key, kind="stable")
        ordered, left, lag = key[order], np.arange(count - 1), 1
        while len(left := left[left + lag < count]):
            token.check()
            left = left[ordered[left] == ordered[left + lag]]
            a, b = order[left], order[left + lag]
            close = np.bitwise_count(hashes[a] ^ hashes[b]) <= bits
            a, b = a[close], b[close]
            if may_be is not None:
                like = may_be(a, b)
                a, b = a[like], b[like]
            found.append(np.minimum(a, b) * count + np.maximum(a, b))
            lag += 1
    both = np.unique(np.concatenate(found))
    return np.stack([both // max(1, count), both % max(1, count)], axis=1)


def _likeness(
    pixels: NDArray[np.float16], pairs: NDArray[np.int64], token: CancelToken
) -> NDArray[np.float32]:
    parts = []
    for start in range(0, len(pairs), 8192):
        token.check()
        a, b = (pixels[pairs[start : start + 8192, side]].astype(np.float32) for side in (0, 1))
        parts.append(np.einsum("ij,ij->i", a, b))
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _groups(
    pairs: NDArray[np.int64], index: NDArray[np.int64], first: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return (n,) for each sample the first one that it is like, over any number of others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(index)
    edges = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, labels = connected_components(edges, directed=False)
    _, heads = np.unique(labels, return_index=True)
    group = first.copy()
    group[index] = index[heads[labels]]
    group = group[first]
    return group
