"""Folders or a column that give the split, by words such as `train` and `test`."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from workbench.core.states import Split

GIVEN = "given_split"
"""Where `Imported.details` say which column gives the split; empty where folders do."""

AS_GIVEN = "split as the folders give it"
_WORDS = {
    **dict.fromkeys(("train", "training", "训练", "训练集"), Split.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "验证", "验证集"), Split.VALIDATION),
    **dict.fromkeys(("test", "testing", "测试", "测试集"), Split.TEST),
}
_HEADINGS = frozenset(
    {
        *("split", "subset", "set", "fold", "part", "partition", "phase", "usage"),
        *("data split", "dataset split", "data set", "dataset", "数据划分", "划分", "数据集", "集合"),
    }
)
_MOST_FOLDERS = 20


def as_column(heading: str) -> str:
    """Return in words that a column gives the split."""
    return f"split as the column {heading} gives it"


def part_of(word: str) -> Split | None:
    """Return the part that a word stands for."""
    return _WORDS.get(word.strip().casefold())


def are_parts(names: Iterable[str]) -> bool:
    """Return whether names are those of parts and nothing else: training, and another one at least."""
    parts = {part_of(name) for name in names}
    return None not in parts and Split.TRAIN in parts and len(parts) > 1


def split_column(
    headings: Iterable[str], values: Callable[[str], Iterable[str]], *, in_part: bool = False
) -> str | None:
    """Return the column that is named like a split and says nothing but parts.

    Args:
        headings: The columns that it may be.
        values: Returns what a column says.
        in_part: Whether that is what the first rows say alone, so that one part is enough.
    """
    for heading in headings:
        if " ".join(heading.replace("_", " ").split()).casefold() in _HEADINGS:
            words = set(values(heading))
            if are_parts(words) or (in_part and words and all(part_of(word) is not None for word in words)):
                return heading
    return None


def with_split(
    header: Sequence[str],
    target: str,
    types: Mapping[str, str],
    values: Callable[[str], Iterable[str]],
    *,
    in_part: bool = False,
) -> tuple[Mapping[str, str], str | None]:
    """Return the types with that of the column that gives the split, which is left out, and its name."""
    others = [name for name in header if name != target and types.get(name, "unused") == "unused"]
    given = split_column(others, values, in_part=in_part)
    return ({**types, given: "unused"} if given else types), given


def class_folders(source: Path) -> list[str]:
    """Return the first folders that hold the samples of a class each; in none of them need there be any.

    Raises:
        OSError: The folder cannot be read.
    """
    folders = _folders(str(source))
    if are_parts(os.path.basename(folder) for folder in folders):  # noqa: PTH119 - plain text from scandir
        return [inner for folder in folders for inner in _folders(folder)] or folders
    return folders


def _folders(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        # Neither hidden folders nor links are followed when files are looked for.
        seen = (e for e in entries if e.is_dir(follow_symlinks=False) and not e.name.startswith("."))
        return [entry.path for entry in islice(seen, _MOST_FOLDERS)]
