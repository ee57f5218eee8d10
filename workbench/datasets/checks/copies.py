"""Samples that are there more than once, by their decoded content."""

import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import MOST_SAMPLES, Check, Subject, checks
from workbench.datasets.health import plural

_CONTENT = "content"
_BLOCK_BYTES = 1 << 24


def contents(subject: Subject) -> NDArray[np.int64]:
    """Return (n,) for each sample the place of the first one of the same content."""
    if _CONTENT not in subject.shared:
        is_text = subject.dataset.schema.modality is Modality.TEXT
        subject.shared[_CONTENT] = _equal_texts(subject) if is_text else _equal_arrays(subject)
    known: NDArray[np.int64] = subject.shared[_CONTENT]
    return known


def _equal_texts(subject: Subject) -> NDArray[np.int64]:
    first: dict[bytes, int] = {}
    found = np.empty(len(subject.samples), np.int64)
    for start, block in subject.blocks():
        for place, text in enumerate(block, start):
            found[place] = first.setdefault(hashlib.blake2b(text.encode(), digest_size=16).digest(), place)
    return found


def _equal_arrays(subject: Subject) -> NDArray[np.int64]:
    """Find samples with the same sum, which costs a small part of a digest of each, then compare those."""
    if not len(subject.samples):
        return np.zeros(0, np.int64)
    row = np.ascontiguousarray(subject.samples.x[:1])
    many = max(1, _BLOCK_BYTES // max(1, row.nbytes))
    # Multilinear hashing (Lemire and Kaser 2014); what it takes for the same is compared byte by byte.
    weights = np.random.default_rng(0).integers(0, 1 << 64, _words(row).shape[1], np.uint64)
    sums = [_words(block).astype(np.uint64) @ weights for _, block in subject.blocks(many)]
    _, heads, group = np.unique(np.concatenate(sums), return_index=True, return_inverse=True)
    found = heads[group]
    again = np.flatnonzero(found != np.arange(len(found)))
    others: dict[bytes, int] = {}
    for start in range(0, len(again), many):
        subject.token.check()
        places = again[start : start + many]
        own, head = (_words(subject.samples.x[at]) for at in (places, found[places]))
        for place in np.flatnonzero((own != head).any(axis=1)).tolist():
            found[places[place]] = others.setdefault(own[place].tobytes(), int(places[place]))
    return found


def _words(samples: NDArray[Any]) -> NDArray[np.uint32]:
    """Return (n, words) the bytes of samples, filled up with zeros to whole words."""
    raw = np.ascontiguousarray(samples).reshape(len(samples), -1).view(np.uint8)
    if rest := -raw.shape[1] % 4:
        raw = np.pad(raw, ((0, 0), (0, rest)))
    return raw.view(np.uint32)


def across_parts(subject: Subject, group: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return the samples of validation and test of whose group an earlier part has one too, and that part.

    Args:
        subject: What is checked.
        group: (n,) samples that belong together have the same number, at most n.
    """
    earliest = np.full(len(group), 3, np.int8)
    np.minimum.at(earliest, group, subject.part_of)
    leaked = np.flatnonzero(subject.part_of > earliest[group])
    return leaked, earliest[group[leaked]]


@checks.register("duplicates")
class Duplicates(Check):
    """The same content twice counts twice; in two classes it cannot be learnt."""

    title: ClassVar[str] = "Exact duplicates"
    codes: ClassVar[tuple[str, ...]] = ("exact_duplicates", "duplicate_rows", "conflicting_labels")

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Compare the decoded content; rows of a table in all their columns."""
        first, y = contents(subject), np.asarray(subject.samples.y)
        copies = np.flatnonzero(first != np.arange(len(first)))
        if subject.dataset.schema.modality is Modality.TABLE:
            yield from _equal_rows(subject, first, copies)
            return
        differs = np.zeros(len(first), np.bool_)
        np.logical_or.at(differs, first, y != y[first])
        torn = np.flatnonzero(differs[first])
        torn = torn[np.argsort(first[torn], kind="stable")]
        copies = copies[~differs[first[copies]]]
        if len(copies):
            text = (
                f"{plural(len(copies), 'sample has', 'samples have')} exactly the content of another one: "
                "each counts twice, and may be in two splits. Remove the copies."
            )
            yield subject.finding("exact_duplicates", Severity.WARNING, text, copies, "drop_copies")
        if len(torn) and subject.classes:
            text = (
                f"{len(torn):,} samples have exactly the same content but different classes, which no model "
                "can learn: keep each in its right class only."
            )
            yield subject.finding("conflicting_labels", Severity.DANGER, text, torn, "drop_samples")


def _equal_rows(subject: Subject, first: NDArray[np.int64], copies: NDArray[np.int64]) -> Iterable[Finding]:
    """Rows with the same numbers may still differ in what is not learnt from, such as an id."""
    seen: dict[tuple[str, ...], int] = {}
    equal = []
    for place in np.union1d(first[copies], copies).tolist():
        subject.token.check()
        if seen.setdefault(tuple(subject.rows(place, place + 1)[0]), place) != place:
            equal.append(place)
    if equal:
        text = (
            f"{plural(len(equal), 'row is', 'rows are')} equal to an earlier row in every column and can be "
            "in two splits at once, which flatters the test: remove the copies unless they are real."
        )
        yield subject.finding("duplicate_rows", Severity.WARNING, text, equal, "drop_copies")


@checks.register("leak")
class Leak(Check):
    """What is judged on must not have been learnt from."""

    title: ClassVar[str] = "Duplicates across splits"
    codes: ClassVar[tuple[str, ...]] = ("split_leak",)

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Look for content of training in validation and test, and of validation in test."""
        leaked, parts = across_parts(subject, contents(subject))
        if len(leaked):
            text = (
                f"{plural(len(leaked), 'sample', 'samples')} of validation or test also "
                f"{'lies' if len(leaked) == 1 else 'lie'} in an earlier split, so the model is judged on "
                "what it has learnt by heart: move the copies to that split."
            )
            yield subject.finding(
                "split_leak", Severity.DANGER, text, leaked, "move", parts=parts[:MOST_SAMPLES].tolist()
            )
