"""Folders or a column that give the split, by words such as `train` and `test`."""

import os
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from workbench.core.states import Split

GIVEN = "given_split"
"""Where `Imported.details` say which column gives the split; empty where folders do."""

AS_GIVEN = "split as the folders give it"
_WORDS = {
    **dict.fromkeys(("train", "training"), Split.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), Split.VALIDATION),
    **dict.fromkeys(("test", "testing"), Split.TEST),
}
_HEADINGS = frozenset({"split", "subset", "partition", "data split", "dataset split", "数据划分", "划分"})
_MOST_FOLDERS = 20


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
