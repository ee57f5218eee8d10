"""Texts in the rows of a file: which column holds them, which their labels, and reading JSON lines."""

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Finding, Skipped
from workbench.core.registry import nearest
from workbench.datasets.delimited import SEPARATORS, TextTable, find_layout
from workbench.datasets.delimited_rows import read_text
from workbench.datasets.pace import Pace
from workbench.datasets.part_folders import split_column
from workbench.datasets.text_file import encoding_title, find_encoding

_HEAD_BYTES = 1 << 18
_HEAD_ROWS = 200
_TEXT_NAMES = ("text", "content", "sentence", "review", "body", "message", "文本", "内容")
_LABEL_NAMES = (*("label", "target", "class", "category", "topic", "sentiment", "intent"), "标签", "类别")
_LONG = 20  # letters of a text that is more than a word; one of Chinese says as much as two
_MOST_OTHER_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class TextHead:
    """The beginning of a file of texts.

    Args:
        text: Heading of the texts.
        target: Heading of the labels; empty where there is no other column.
        header: All headings.
        rows: First rows, as text.
        count: Rows of the file; None where it is long.
        details: What was detected: `encoding`, and `separator` but for JSON lines.
        findings: What is odd about the header.
    """

    text: str
    target: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int | None
    details: dict[str, str]
    findings: tuple[Finding, ...] = ()

    @property
    def given(self) -> str | None:
        """Heading of the column that gives the split, by the first rows; None where none does."""
        return _given(self.header, self.rows, (self.text, self.target))


def holds_texts(source: Path) -> bool:
    """Return whether a file has one column of long texts, few labels and hardly anything else."""
    try:
        header, rows = _glance(source)
        if len(rows) < 2 or not 2 <= len(header) <= 2 + _MOST_OTHER_COLUMNS:
            return False
        text, target = choose_columns(header, rows, ImportConfig.model_validate({}))
    except (OSError, ValueError, DataError, csv.Error):
        return False
    texts, labels = ([row[header.index(name)] for row in rows] for name in (text, target))
    is_long = float(np.median([_length(value) for value in texts])) >= _LONG
    is_varied = len(set(texts)) > 0.7 * len(texts)
    are_labels = len(set(labels)) <= max(2, len(labels) // 2) and max(map(len, labels)) <= 60
    return is_long and is_varied and are_labels


def is_json_lines(source: Path) -> bool:
    """Return whether the first line of a file is a JSON object."""
    with source.open("rb") as file:
        head = file.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{"):
        return False
    line = head.split(b"\n", 1)[0]
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return len(line) >= _HEAD_BYTES - 4  # a first text that is longer than what was read


def find_head(source: Path, config: ImportConfig, token: CancelToken, *, least_columns: int = 2) -> TextHead:
    """Find out how texts lie in a file.

    Args:
        source: A CSV, TSV or JSON lines file.
        config: What the user named of it.
        token: Looked at while a long file is read.
        least_columns: 2 for texts with labels; 1 for new texts.

    Raises:
        DataError: It has no column of texts, or none of labels; the message says what to do.
        CancelledError: The token was cancelled.
    """
    if not source.is_file():
        raise DataError(f"{source} is not a file: choose a CSV, TSV or JSON lines file with texts.")
    if not is_json_lines(source):
        layout = find_layout(source, config, token, least_columns=least_columns)
        text, target = choose_columns(layout.header, layout.head, config, least_columns=least_columns)
        details = {"encoding": layout.encoding, "separator": layout.separator}
        return TextHead(text, target, layout.header, layout.head, layout.count, details, layout.findings)
    encoding = find_encoding(source, config.encoding, token)
    with source.open(encoding=encoding) as file:
        objects = [found for line in islice(file, _HEAD_ROWS) if (found := _object(line)) is not None]
    header, rows = _as_rows(objects)
    if not rows:
        raise DataError(f"{source.name} begins with no row that is a JSON object: write one object a line.")
    text, target = choose_columns(header, rows, config, least_columns=least_columns)
    count = _lines(source, encoding, token)
    return TextHead(text, target, header, tuple(rows[:50]), count, {"encoding": encoding})


def read_rows(
    source: Path, config: ImportConfig, token: CancelToken, pace: Pace, least: int = 2
) -> TextTable:
    """Read all rows of a CSV, TSV or JSON lines file as text; those that do not fit are skipped and named.

    Raises:
        DataError: There are no rows.
        CancelledError: The token was cancelled.
    """
    if not is_json_lines(source):
        return read_text(source, find_layout(source, config, token, least_columns=least), token, pace)
    encoding = find_encoding(source, config.encoding, token)
    objects, numbers, skipped = [], [], []
    with source.open(encoding=encoding) as file:
        for number, line in enumerate(file, start=1):
            if number % 1000 == 0:
                token.check()
                pace(0, 0, f"Reading row {number:,}")
            if not line.strip():
                continue
            found = _object(line)
            if found is None:
                skipped.append(Skipped(f"row {number}", "is not a JSON object"))
                continue
            objects.append(found)
            numbers.append(number)
    if not objects:
        raise DataError(f"{source.name} has no row that is a JSON object: write one object a line.")
    header, rows = _as_rows(objects)
    columns = [pa.array([row[place] for row in rows], pa.large_string()) for place in range(len(header))]
    return TextTable(pa.table(dict(zip(header, columns, strict=True))), np.array(numbers, np.int64), skipped)


def choose_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], config: ImportConfig, *, least_columns: int = 2
) -> tuple[str, str]:
    """Return the headings of the texts and of their labels; the latter empty where there is one column.

    Args:
        header: All headings.
        rows: First rows, as text.
        config: What the user named.
        least_columns: 2 where a column of labels has to be there.

    Raises:
        DataError: A named column is not there, or there is no column of labels.
    """
    for name, field in ((config.text, "text"), (config.target, "target")):
        if name is not None and name not in header:
            raise DataError(
                f"There is no column {name!r}. {nearest(name, list(header))}",
                {field: "is not a column of the file"},
            )
    values = {name: [row[place] for row in rows if place < len(row)] for place, name in enumerate(header)}
    lengths = {name: float(np.mean([_length(v) for v in found] or [0])) for name, found in values.items()}
    inputs = [name for name in header if name != config.target] or list(header)
    usual = [name for name in inputs if name.casefold() in _TEXT_NAMES]
    text = config.text or max(usual or inputs, key=lambda name: lengths[name])
    others = [name for name in header if name != text]
    given = _given(header, rows, (text,)) if config.target is None else None
    others = [name for name in others if name != given] or others
    if not others and least_columns > 1:
        raise DataError(
            "There is only one column: texts to learn from need a second column with their labels."
        )
    named = {name.casefold(): name for name in reversed(others)}
    known = next((named[name] for name in _LABEL_NAMES if name in named), None)
    fewest = min(others, key=lambda name: (len(set(values[name])), -header.index(name)), default="")
    target = config.target or known or fewest
    if target == text:
        raise DataError(
            f"The column {text!r} cannot be both text and label: choose another one.",
            {"target": "is the column of the texts"},
        )
    return text, target


def _given(header: Sequence[str], rows: Sequence[Sequence[str]], taken: tuple[str, ...]) -> str | None:
    width = len(header)
    return split_column(
        [name for name in header if name not in taken],
        lambda name: [row[header.index(name)] for row in rows if len(row) == width],
        in_part=True,
    )


def head_title(head: TextHead) -> str:
    """Return in a line what was found, such as `Texts, CSV, UTF-8, 2,225 rows`."""
    form = "CSV" if "separator" in head.details else "JSON lines"
    words = ["Texts", form, encoding_title(head.details["encoding"])]
    if "separator" in head.details:
        words.append(SEPARATORS.get(head.details["separator"], head.details["separator"]))
    return ", ".join(words)


def _length(text: str) -> int:
    """Return about how many letters a text has; one of Chinese, Japanese or Korean counts twice."""
    return len(text) + sum(letter >= "\u2e80" for letter in text[:1000])


def _glance(source: Path) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Return headings and first rows from the beginning of a file alone: milliseconds, whatever its size."""
    with source.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    sample = head.decode(encoding, "replace")
    if "\0" in sample:
        return (), ()
    if sample.lstrip().startswith("{"):
        lines = sample.splitlines()[: _HEAD_ROWS + 1]
        return _as_rows([found for line in lines if (found := _object(line)) is not None])
    best: list[list[str]] = []
    for separator in SEPARATORS:
        records = [
            r for r in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), 200) if r
        ]
        if len(head) == _HEAD_BYTES:
            records = records[:-1]
        fitting = [record for record in records if len(record) == len(records[0])] if records else []
        if len(fitting) >= 0.9 * len(records) and fitting and len(fitting[0]) > (len(best[0]) if best else 1):
            best = fitting
    return (best[0], best[1:]) if best else ((), ())


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _as_rows(objects: Sequence[dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return headings in the order of their first appearance, and the values as text."""
    header = tuple(Counter(key for found in objects for key in found))
    return header, [tuple(_word(found.get(key)) for key in header) for found in objects]


def _word(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair can be stored nowhere


def _lines(source: Path, encoding: str, token: CancelToken) -> int | None:
    """Return the number of lines of a short file that are not empty."""
    if source.stat().st_size > 1 << 20:
        return None
    with source.open(encoding=encoding) as file:
        return sum(1 for line in file if line.strip())
