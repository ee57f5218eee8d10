"""Splits by what samples say of themselves: their group, their time, or the part that they are meant for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import SplitConfig
from workbench.core.errors import DataError
from workbench.core.states import Split
from workbench.datasets.base import Samples
from workbench.datasets.part_folders import part_of

_ORDER = (Split.TRAIN, Split.VALIDATION, Split.TEST)
Parts = dict[Split, NDArray[np.int64]]


def divided_by_what_samples_say(samples: Samples, config: SplitConfig) -> Parts:
    """Divide samples by group, by time, or as they are given.

    Raises:
        DataError: They do not say it, or cannot be divided so; the message says what to do.
    """
    if config.method == "by_time":
        return _by_time(_texts(samples, config.column, "time"), config)
    if config.method == "given":
        return _given(samples, config)
    if config.column:
        groups: Sequence[str] = _texts(samples, config.column, "group")
    elif samples.texts is not None:
        raise DataError("Choose the column that says which rows belong together.")
    else:
        groups = [_group_of(name, config.until) for name in samples.names]
    return _by_group(groups, config)


def largest_remainder(ideal: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Round to whole numbers that add up to `total`; ties go to the earlier place."""
    ideal = np.round(ideal, 9)  # 0.7 * 10 has to be 7 on every platform
    whole = np.floor(ideal).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(-(ideal - whole), kind="stable")[:missing]] += 1
    return whole


def _by_group(groups: Sequence[str], config: SplitConfig) -> Parts:
    """Deal whole groups, the largest first, each to the part that lacks most."""
    names, codes, counts = np.unique(
        np.asarray(groups, dtype=object).astype(str), return_inverse=True, return_counts=True
    )
    wanted = np.array([config.share(split) for split in _ORDER]) * len(codes)
    parts = int((wanted > 0).sum())
    if len(names) < parts:
        raise DataError(
            f"There are only {len(names)} groups for {parts} parts: choose another column, or a share of 0."
        )
    largest = int(counts.argmax())
    if counts[largest] > wanted.max() and len(codes) > parts:
        raise DataError(
            f"The group {str(names[largest])!r} has {counts[largest]:,} of {len(codes):,} samples, more than "
            "any part is to have: choose another column."
        )
    random = np.random.Generator(np.random.PCG64(config.seed))
    mixed = random.permutation(len(names))
    part_of, lacking = np.zeros(len(names), dtype=np.int64), wanted.copy()
    for group in mixed[np.argsort(-counts[mixed], kind="stable")]:
        part = int(lacking.argmax())
        part_of[group] = part
        lacking[part] -= counts[group]
    dealt = {split: np.flatnonzero(part_of[codes] == place) for place, split in enumerate(_ORDER)}
    for place, split in enumerate(_ORDER):
        if wanted[place] > 0 and not len(dealt[split]):
            raise DataError(
                f"No group is left for the {split} part: the groups are too large. Choose another column, or "
                "give that part a larger share."
            )
    return dealt


def _by_time(texts: Sequence[str], config: SplitConfig) -> Parts:
    """Put the earliest samples into training and the latest into test; those of one time as they come."""
    times = _times(texts)
    if missing := int(np.isnan(times).sum()):
        place = int(np.flatnonzero(np.isnan(times))[0])
        raise DataError(
            f"{missing:,} of {len(times):,} rows have no date or number in {config.column}, such as "
            f"{str(texts[place])[:40]!r}: choose another column, or mend them and import again."
        )
    order = np.argsort(times, kind="stable").astype(np.int64)
    shares = np.array([config.share(split) for split in _ORDER])
    ends = np.cumsum(largest_remainder(shares * len(order), len(order)))[:-1]
    return {split: np.sort(part) for split, part in zip(_ORDER, np.split(order, ends), strict=True)}


def _times(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return numbers as they are and dates as seconds; NaN where it is neither."""
    import pandas

    words = pandas.Series(list(texts), dtype="object").astype("string").str.strip()
    numbers = pandas.to_numeric(words, errors="coerce")
    if numbers.notna().sum() * 2 > len(words):
        return np.asarray(numbers.astype("float64").to_numpy(na_value=np.nan), dtype=np.float64)
    dates = pandas.to_datetime(words, errors="coerce", format="mixed", utc=True)
    seconds = (dates - pandas.Timestamp("1970-01-01", tz="UTC")) / pandas.Timedelta(seconds=1)
    return np.asarray(seconds, dtype=np.float64)


def _given(samples: Samples, config: SplitConfig) -> Parts:
    """Put each sample where its column or one of its folders says."""
    by_column = bool(config.column)
    if not by_column and samples.texts is not None:
        raise DataError("Choose the column that says train, validation or test.")
    texts: Sequence[Any] = _texts(samples, config.column, "part") if by_column else samples.names
    known: dict[str, int] = {}
    codes = np.empty(len(texts), dtype=np.int64)
    for place, text in enumerate(texts):
        word = str(text) if by_column else str(text).rpartition("/")[0]
        if word not in known:
            known[word] = _part_of([word] if by_column else word.split("/"))
        codes[place] = known[word]
        if codes[place] < 0:
            where = f"says {str(text)[:40]!r} in {config.column}" if by_column else "lies in no such folder"
            raise DataError(
                f"{samples.names[place]} {where}: every sample has to be in train, validation or test."
            )
    return {split: np.flatnonzero(codes == place) for place, split in enumerate(_ORDER)}


def _part_of(words: Sequence[str]) -> int:
    found = next((part for word in words if (part := part_of(word)) is not None), None)
    return -1 if found is None else _ORDER.index(found)


def _group_of(name: str, until: str) -> str:
    """Return the folder of a file, or the beginning of its name with the folder before it."""
    folder, _, file = name.rpartition("/")
    if not until:
        return folder
    return file.partition(until)[0]


def _texts(samples: Samples, column: str, what: str) -> Sequence[str]:
    if samples.column is None:
        raise DataError(f"There are no columns here that could say the {what}: divide in another way.")
    if not column:
        raise DataError(f"Choose the column that says the {what} of each row.")
    return samples.column(column)
