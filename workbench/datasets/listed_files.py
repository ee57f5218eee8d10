"""Pictures or recordings in one folder, and a list beside them that says the label of each."""

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Preview, Skipped
from workbench.datasets.health import plural
from workbench.datasets.label_list import (
    LIST_SUFFIXES,
    FileFinder,
    LabelList,
    find_file_column,
    find_label_column,
    leads_out,
    read_list,
)
from workbench.datasets.numerals import NUMBER_TYPES, usual_decimal
from workbench.datasets.ordering import natural_key
from workbench.datasets.part_folders import AS_GIVEN, GIVEN, are_parts, as_column, split_column
from workbench.datasets.picture_files import PictureFiles, find_pictures, shown
from workbench.datasets.targets import numbers_of

_MOST_LISTS = 8
_HEAD_ROWS = 20
_HEAD_BYTES = 1 << 16
_MOST_FOLDERS = 20
_MOST_FILES = 200
_LONGEST = 200
_SHOWN_ROWS = 50
# Whole numbers in such a column are the numbers of classes.
_CLASS_NAME = re.compile(r"(?i)class|label|categor|species|(^|[^a-z])id$|标签|类别")
_BETWEEN = re.compile(r"[,;:\t|]")


@dataclass(frozen=True, slots=True)
class LabelledFiles:
    """Files that have a label.

    Args:
        files: They, and the classes.
        target: The column that gave the labels; None where folders did.
        details: What `Imported.details` has to tell.
        values: Where labels are numbers, the value of each class of `files`: each number is one.
        columns: What other columns of the list say of each file.
    """

    files: PictureFiles
    target: str | None
    details: Mapping[str, str]
    values: tuple[float, ...] = ()
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(slots=True)
class ListedFiles:
    """A list that was read, the files beside it, and which column says what."""

    path: Path
    files: PictureFiles
    finder: FileFinder
    found: LabelList
    file_column: str
    label_column: str
    names_all: bool
    wish: str | None
    given: str | None

    @classmethod
    def of(
        cls, source: Path, config: ImportConfig, token: CancelToken, suffixes: frozenset[str]
    ) -> "ListedFiles":
        """Read the list in a folder, or the list that the source is.

        Args:
            source: The folder or the list.
            config: Which column says what, where the user said it.
            token: Looked at while files are listed and rows are read.
            suffixes: How the files end that are meant.

        Raises:
            DataError: There is no such list; the message says what to do.
            CancelledError: The token was cancelled.
        """
        if not source.exists():
            raise DataError(f"{source} does not exist: choose a folder with a list of labels in it.")
        lists = _lists(source)
        if not lists:
            raise DataError(
                f"There is no CSV or JSON lines file in {source.name}: put the list of labels there."
            )
        path = next((item for item in lists if _names_files(item, suffixes)), lists[0])
        files = find_pictures(path.parent, token)
        files.relative = [name for name in files.relative if name != path.name]
        finder = FileFinder(files.relative)
        found = read_list(path, config, token)
        file_column = find_file_column(found, finder, config.files)
        if config.target == file_column:
            raise DataError(
                f"The column {file_column!r} cannot be both file and label: choose another for one of them.",
                {"target": "is the column that names the files"},
            )
        others = [
            name
            for name in found.columns
            if name not in (file_column, config.target) and config.types.get(name, "unused") == "unused"
        ]
        given = split_column(others, found.values)
        label_column = find_label_column(found, file_column, config.target, given)
        wish = config.types.get(label_column)
        if wish not in (None, "category", *NUMBER_TYPES):
            raise DataError(
                f"The labels in {label_column!r} have to be numbers or categories: choose another type.",
                {"target": "has to be a number or a category"},
            )
        is_folder = source.is_dir()
        return cls(path, files, finder, found, file_column, label_column, is_folder, wish, given)

    def preview(self, kind: str, noun: tuple[str, str]) -> Preview:
        """Return classes and the first rows of the list, and which column says what.

        `types` says `file` and `split` of the columns that are this.

        Args:
            kind: Name of the dataset kind.
            noun: What the files are, as one and as several.
        """
        labelled = self.labelled()
        files, values = labelled.files, labelled.values
        words = [
            f"{plural(len(files.relative), *noun)} with a label in {self.path.name}",
            f"numbers from {min(values):g} to {max(values):g}"
            if values
            else plural(len(files.classes), "class", "classes"),
        ]
        if files.skipped:
            words.append(f"{plural(len(files.skipped), 'row or file', 'rows or files')} without the other")
        if GIVEN in labelled.details:
            words.append(as_column(self.given) if self.given else AS_GIVEN)
        roles = {
            **({self.given: "split"} if self.given else {}),
            self.file_column: "file",
            self.label_column: "number" if values else "category",
        }
        return Preview(
            kind=kind,
            title=", ".join(words),
            count=len(files.relative) + len(files.skipped),
            classes=() if values else tuple(files.classes),
            columns=self.found.columns,
            rows=tuple(self.found.rows[:_SHOWN_ROWS]),
            target=self.label_column,
            details={**self.found.details, "files": self.file_column},
            types=tuple(roles.get(name, "unused") for name in self.found.columns),
        )

    def labelled(self, *, keep_all: bool = False) -> LabelledFiles:
        """Return the files that have a label; rows without a file and files without a row are skipped.

        Args:
            keep_all: Whether files without a row stay, with no label.
        """
        rows, skipped = self._rows()
        values = self._values(rows, skipped)
        classes = sorted({label for _, label in rows.values() if label}, key=natural_key)
        codes = {name: code for code, name in enumerate(classes)}
        files = PictureFiles(self.files.root, classes, skipped=[*self.files.skipped, *skipped])
        places: list[int] = []
        for place, name in enumerate(self.files.relative):
            if place not in rows and keep_all:
                files.relative.append(name)
                files.labels.append(-1)
            elif place not in rows and self.names_all:
                files.skipped.append(Skipped(shown(name), f"is not named in {self.path.name}"))
            elif place in rows and rows[place][1]:
                files.relative.append(name)
                files.labels.append(codes[rows[place][1]])
                places.append(rows[place][0])
        details = {**self.found.details, "files": self.file_column, "label": self.label_column}
        details["label_type"] = "number" if values else "category"
        if self.given or _lie_in_parts(files.relative):
            details[GIVEN] = self.given or ""
        columns = {} if keep_all else self._columns(places)
        known = tuple(values[name] for name in classes if values)
        return LabelledFiles(files, self.label_column, details, known, columns)

    def _columns(self, numbers: Sequence[int]) -> dict[str, list[str]]:
        """Return what the columns beside file and label say in the rows of these numbers."""
        row_of = dict(zip(self.found.numbers, self.found.rows, strict=True))
        rows = [row_of[number] for number in numbers]
        return {
            name: [row[place] for row in rows]
            for place, name in enumerate(self.found.columns)
            if name not in (self.file_column, self.label_column)
        }

    def _values(self, rows: dict[int, tuple[int, str]], skipped: list[Skipped]) -> dict[str, float]:
        """Return the value of each label where they are numbers, else nothing; other words are skipped."""
        labels = [label for _, label in rows.values() if label]
        wish = self.wish
        if (
            wish is None
            and _CLASS_NAME.search(self.label_column)
            and not any("." in label for label in labels)
        ):
            wish = "category"
        numbers = numbers_of(labels, wish, usual=usual_decimal(self.found.details.get("separator", "")))
        if numbers is None:
            return {}
        values = dict(zip(labels, numbers.tolist(), strict=True))
        for place, (number, label) in list(rows.items()):
            if label and math.isnan(values[label]):
                reason = f"has no number but {label[:40]!r} for {self.files.relative[place]}"
                skipped.append(Skipped(f"row {number}", shown(reason)))
                rows[place] = number, ""
        return values

    def _rows(self) -> tuple[dict[int, tuple[int, str]], list[Skipped]]:
        """Return number and label of the row that names each file, by its place, and the rows left out."""
        file_at = self.found.columns.index(self.file_column)
        label_at = self.found.columns.index(self.label_column)
        rows: dict[int, tuple[int, str]] = {}
        skipped = list(self.found.skipped)
        for number, row in zip(self.found.numbers, self.found.rows, strict=True):
            value, label = row[file_at].strip(), row[label_at].strip()
            place = self.finder.find(value)
            if place is None:
                reason = _no_file(value)
            elif place in rows:
                about = "again" if rows[place][1] == label else "again, with another label"
                reason = f"names {value} {about}: row {rows[place][0]} has it already"
            else:
                rows[place] = number, label
                reason = "" if label else f"has no label for {value}"
            if reason:
                skipped.append(Skipped(f"row {number}", shown(reason)))
        return rows, skipped


def has_list(source: Path, suffixes: frozenset[str]) -> bool:
    """Return whether a list at the top of a folder, or the file itself, names files of this kind beside it.

    Args:
        source: The folder or file.
        suffixes: How the files end that are meant.
    """
    try:
        return any(_names_files(path, suffixes) for path in _lists(source))
    except (OSError, DataError):
        return False


def new_files(
    source: Path, details: Mapping[str, Any], token: CancelToken, suffixes: frozenset[str]
) -> PictureFiles | None:
    """Return the files to predict, with the labels that a list beside them has; None where there is no list.

    Args:
        source: The folder or the list.
        details: What the import of what was learnt from told of its list.
        token: Looked at while files are listed and rows are read.
        suffixes: How the files end that are meant.
    """
    label = details.get("label")
    types = {label: details["label_type"]} if label and "label_type" in details else {}
    config = ImportConfig.model_validate({"target": label, "files": details.get("files"), "types": types})
    try:
        return ListedFiles.of(source, config, token, suffixes).labelled(keep_all=True).files
    except DataError:
        return None


def _lie_in_parts(relative: Sequence[str]) -> bool:
    """Return whether every file lies in a folder that is named like a part."""
    return bool(relative) and are_parts({*(name.split("/")[0] if "/" in name else "" for name in relative)})


def _no_file(value: str) -> str:
    if not value:
        return "names no file"
    if leads_out(value):
        return f"names {value}, which leads out of the folder"
    return f"names {value}, which is not there"


def _lists(source: Path) -> list[Path]:
    """Return the files at the top of a folder that may be a list, or the file itself."""
    if source.is_file():
        return [source] if source.suffix.casefold() in LIST_SUFFIXES else []
    if not source.is_dir():
        return []
    with os.scandir(source) as entries:
        names = sorted(
            (entry.name for entry in entries if entry.name.casefold().endswith(LIST_SUFFIXES)),
            key=natural_key,
        )
    lists = [source / name for name in names[:_MOST_LISTS]]
    return [path for path in lists if path.is_file()]


def _names_files(path: Path, suffixes: frozenset[str]) -> bool:
    """Return whether half of the first rows of a file name such files near it; reads its head alone."""
    with path.open("rb") as file:
        lines = file.read(_HEAD_BYTES).decode("utf-8", "replace").splitlines()[:_HEAD_ROWS]
    folders = [path.parent, *islice((f for f in path.parent.iterdir() if f.is_dir()), _MOST_FOLDERS)]
    seen = {file.suffix for folder in folders for file in islice(folder.iterdir(), _MOST_FILES)}
    ends = [suffix for suffix in seen if suffix.casefold() in suffixes]
    hits = 0
    for line in lines:
        values = [value.strip(" \"'{}[]\\") for value in _BETWEEN.split(line)]
        hits += any(_is_there(folders, value, ends) for value in values if 0 < len(value) < _LONGEST)
    return 0 < len(lines) <= 2 * hits


def _is_there(folders: Sequence[Path], value: str, suffixes: Sequence[str]) -> bool:
    ends = [""] if os.path.splitext(value)[1] in suffixes else suffixes  # noqa: PTH122 - a value, no path yet
    if leads_out(value) or "\0" in value:
        return False
    value = value.replace("\\", "/")
    return any((folder / f"{value}{end}").is_file() for folder in folders for end in ends)
