"""A list of files and their labels: CSV, TSV or JSON lines; which column says what is found by content."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, no_progress
from workbench.core.errors import DataError
from workbench.core.records import Skipped
from workbench.core.registry import nearest
from workbench.datasets.delimited import find_layout
from workbench.datasets.delimited_rows import read_text
from workbench.datasets.pace import Pace
from workbench.datasets.picture_files import shown
from workbench.datasets.targets import find_target
from workbench.datasets.text_file import find_encoding

JSON_SUFFIXES = (".jsonl", ".ndjson")
LIST_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", *JSON_SUFFIXES)
_HEAD = 50
_USUAL = ("labels", "class_name", "label_name", "category", "species", "breed", "标签", "类别")


@dataclass(slots=True)
class LabelList:
    """The rows of a list, every value as text.

    Args:
        columns: Headings, in order.
        rows: Values of each row, as many as there are columns.
        numbers: Number of each row as an editor shows it.
        skipped: Rows that could not be read.
        details: What was found out about the file: `encoding` and `separator` of a CSV.
    """

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: list[int]
    skipped: list[Skipped] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)

    def values(self, name: str) -> list[str]:
        """Return what a column says in all rows."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


class FileFinder:
    """Finds the file that a value of a list means: by its path, else by what only one file is called.

    Args:
        relative: Path of each file below the folder.
    """

    def __init__(self, relative: Sequence[str]) -> None:
        self._paths = {path: place for place, path in enumerate(relative)}
        self._names = _unique((os.path.basename(path), place) for path, place in self._paths.items())  # noqa: PTH119 - a million times
        self._stems = _unique((os.path.splitext(name)[0], place) for name, place in self._names.items())  # noqa: PTH122

    def find(self, value: str) -> int | None:
        """Return the place of the file among all, None where no file or more than one can be meant."""
        path = value.strip().replace("\\", "/").removeprefix("./")
        if path in self._paths:
            return self._paths[path]
        if leads_out(path):
            return None
        name = path.rsplit("/", 1)[-1]
        return self._names.get(name, self._stems.get(name))

    def sureness(self, value: str) -> float:
        """Return 1 for a file's name with its ending, less for one without, 0 for all else."""
        if not value.strip() or self.find(value) is None:
            return 0.0
        return 1.0 if os.path.splitext(value)[1] else 0.9  # noqa: PTH122 - a value, no path yet


def leads_out(value: str) -> bool:
    """Return whether a path in a list is not below the folder of the list."""
    path = value.strip().replace("\\", "/")
    return path.startswith("/") or path[1:2] == ":" or ".." in path.split("/")


def read_list(source: Path, config: ImportConfig, token: CancelToken) -> LabelList:
    """Return all rows of a list.

    Raises:
        DataError: It is no list with two columns and a row.
        CancelledError: The token was cancelled.
    """
    if source.suffix.casefold() in JSON_SUFFIXES:
        return _read_json_lines(source, config, token)
    layout = find_layout(source, config, token)
    table = read_text(source, layout, token, Pace(no_progress))
    values = [column.to_pylist() for column in table.table.columns]
    return LabelList(
        layout.header,
        list(zip(*values, strict=True)),
        table.numbers.tolist(),
        table.skipped,
        {"encoding": layout.encoding, "separator": layout.separator},
    )


def find_file_column(found: LabelList, finder: FileFinder, wanted: str | None) -> str:
    """Return the heading of the column that names the files.

    Raises:
        DataError: There is no such column, or no column names files.
    """
    if wanted is not None:
        if wanted in found.columns:
            return wanted
        raise DataError(
            f"There is no column {wanted!r} to name the files. {nearest(wanted, list(found.columns))}",
            {"files": "is not a column of the list"},
        )
    head = found.rows[:: max(1, len(found.rows) // _HEAD)]
    sure = [sum(finder.sureness(row[place]) for row in head) for place in range(len(found.columns))]
    if not any(sure):
        raise DataError("No column of the list names files of the folder: write their names into one.")
    return found.columns[sure.index(max(sure))]


def find_label_column(found: LabelList, files: str, wanted: str | None, given: str | None = None) -> str:
    """Return the heading of the label: the wanted one, one with a usual name, or the first that repeats.

    Args:
        found: The list.
        files: Heading of the column that names the files.
        wanted: What the user said.
        given: Heading of the column that gives the split; it is the label only where there is no other.

    Raises:
        DataError: The wanted column is not there.
    """
    others = [name for name in found.columns if name != files]
    others = [name for name in others if name != given] or others
    named = find_target([*others, ""], wanted)
    usual = {name.casefold(): name for name in others}
    named = named or next((usual[name] for name in _USUAL if name in usual), "")
    if named:
        return named
    # Columns behind the file first: what is written about a file mostly follows its name.
    place = found.columns.index(files)
    for name in (*found.columns[place + 1 :], *found.columns[:place]):
        if name in others and 1 < len({*found.values(name)}) <= len(found.rows) / 2:
            return name
    return others[0]


def _unique(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    pairs = list(pairs)
    counts = Counter(key for key, _ in pairs)
    return {key: place for key, place in pairs if counts[key] == 1}


def _read_json_lines(source: Path, config: ImportConfig, token: CancelToken) -> LabelList:
    encoding = find_encoding(source, config.encoding, token)
    columns: dict[str, None] = {}
    objects: list[tuple[int, dict[str, object]]] = []
    skipped = []
    with source.open(encoding=encoding) as file:
        for number, line in enumerate(file, start=1):
            if number % 1000 == 0:
                token.check()
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                skipped.append(Skipped(f"row {number}", "is not JSON"))
                continue
            if isinstance(value, dict):
                objects.append((number, value))
                columns.update(dict.fromkeys(value))
            else:
                skipped.append(Skipped(f"row {number}", "is not an object with a file and a label"))
    if len(columns) < 2:
        raise DataError(f"{source.name} has no row with a file and a label: write both into each row.")
    rows = [tuple(_text(value.get(name)) for name in columns) for _, value in objects]
    return LabelList(
        tuple(map(shown, columns)), rows, [number for number, _ in objects], skipped, {"encoding": encoding}
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
