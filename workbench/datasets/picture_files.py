"""Finding the files of a picture folder: in a fixed order, and never outside of it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Skipped
from workbench.datasets.ordering import natural_order
from workbench.datasets.part_folders import are_parts

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
_CHECKED = 1000  # files listed between two looks at the token
_JUNK = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin"})


@dataclass(slots=True)
class PictureFiles:
    """The files of one folder.

    Args:
        root: The folder, resolved.
        classes: Names of the class folders in natural order, those without files as well.
        relative: Path of each file from `root`, in natural order, as the system spells it.
        labels: Place in `classes` for each file; -1 for a file beside the class folders.
        skipped: What can be told to be no picture of this folder without opening it.
        gives_split: Whether the folders at the top are the parts of a split, and `classes` those in them.
    """

    root: Path
    classes: list[str] = field(default_factory=list)
    relative: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    gives_split: bool = False

    @property
    def paths(self) -> list[str]:
        """Absolute path of each file."""
        root = os.path.join(self.root, "")  # noqa: PTH118 - a million times, so plain text
        return [root + relative for relative in self.relative]

    @property
    def names(self) -> list[str]:
        """Relative path of each file as text that any file and database can hold."""
        return [shown(relative) for relative in self.relative]


def shown(name: str) -> str:
    """Return a file name as valid Unicode; bytes that are none are shown as their codes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("utf-8", "backslashreplace")
    return name


def find_pictures(source: Path, token: CancelToken) -> PictureFiles:
    """List every file in the sub-folders of `source`, hidden files and system junk left out.

    Raises:
        DataError: The folder cannot be read.
        CancelledError: The token was cancelled.
    """
    files = PictureFiles(source.resolve())
    try:
        entries = _entries(str(files.root))
    except OSError as error:
        raise DataError(
            f"The folder {source} could not be read ({error.strerror}): allow reading it."
        ) from error
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and not _leads_out(entry, files.root):
            files.classes.append(shown(entry.name))
            label = len(files.classes) - 1
        else:
            label = -1
        files.relative += _walk(entry, entry.name, files, token)
        files.labels += [label] * (len(files.relative) - len(files.labels))
    _take_parts(files)
    return files


def _take_parts(files: PictureFiles) -> None:
    """Where the folders at the top are parts with a folder per class in each, take the classes from there."""
    filled = {label for label in files.labels if label >= 0}
    if not are_parts(files.classes[label] for label in filled):
        return
    inner = [shown(name.split("/", 2)[1]) if name.count("/") > 1 else "" for name in files.relative]
    if filled != {label for name, label in zip(inner, files.labels, strict=True) if name}:
        return
    files.classes = natural_order({*inner} - {""}, str)
    places = {name: place for place, name in enumerate(files.classes)}
    files.labels = [places.get(name, -1) for name in inner]
    files.gives_split = True


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    with os.scandir(folder) as found:
        entries = [e for e in found if not e.name.startswith(".") and e.name.casefold() not in _JUNK]
    return natural_order(entries, lambda entry: entry.name)


def _walk(entry: "os.DirEntry[str]", relative: str, files: PictureFiles, token: CancelToken) -> Iterator[str]:
    token.check()
    if entry.is_symlink() or entry.is_dir(follow_symlinks=False):
        reason = _link_problem(entry, files.root)
        if reason:
            files.skipped.append(Skipped(shown(relative), reason))
            return
    if not entry.is_dir(follow_symlinks=False):
        yield relative
        return
    try:
        inside = _entries(entry.path)
    except OSError as error:
        files.skipped.append(
            Skipped(shown(relative), f"is a folder that could not be read ({error.strerror})")
        )
        return
    for start in range(0, len(inside), _CHECKED):
        token.check()
        for child in inside[start : start + _CHECKED]:
            if child.is_file(follow_symlinks=False):  # nearly all are, and this asks the disk nothing
                yield f"{relative}/{child.name}"
            else:
                yield from _walk(child, f"{relative}/{child.name}", files, token)


def _link_problem(entry: "os.DirEntry[str]", root: Path) -> str:
    """Return why a link is not followed; a link to a file inside the folder is."""
    if _leads_out(entry, root):
        return "is a link that leads out of the folder, so it was not followed"
    if not entry.is_symlink():
        return ""
    # Not by the entry itself, which raises at links that lead round in a circle.
    if Path(entry.path).is_dir():
        return "is a link to a folder, so it was not followed"
    return "" if Path(entry.path).exists() else "is a link to a file that is not there"


def _leads_out(entry: "os.DirEntry[str]", root: Path) -> bool:
    # realpath also sees through Windows junctions, which are no symbolic links.
    try:
        return not Path(os.path.realpath(entry.path)).is_relative_to(root)
    except OSError:  # a link that may not even be read, such as those of other processes in /proc
        return True
