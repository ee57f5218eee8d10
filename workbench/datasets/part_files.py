"""A folder with a file for each part of the split, such as `train.csv` and `test.csv`: one dataset."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
from pyarrow import csv
from pydantic import PrivateAttr

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress, no_progress
from workbench.core.errors import DataError
from workbench.core.files import disk_error, make_folder
from workbench.core.records import Finding, Imported, Preview, Schema, Skipped
from workbench.core.states import Severity, Split
from workbench.datasets.base import DatasetKind, Encoded, Samples, kinds
from workbench.datasets.pace import Pace
from workbench.datasets.part_folders import are_parts, part_of
from workbench.datasets.table_files import find_layout, read_rows
from workbench.datasets.table_look import details_of
from workbench.datasets.targets import find_target

KINDS = ("table", "text")
_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_HEADINGS = ("split", "subset", "partition")
_FOLDER = ".parts"
_ORDER = list(Split)


def parts_in(folder: Path) -> list[Path]:
    """Return the files of a folder that are the parts of one dataset by their names, or none.

    They have one ending, and are training, and another part at least.
    """
    try:
        files = [path for path in folder.iterdir() if part_of(path.stem) is not None and path.is_file()]
    except OSError:
        return []
    for suffix in _SUFFIXES:
        alike = [path for path in files if path.suffix.casefold() == suffix]
        words = [part_of(path.stem) for path in alike]
        if are_parts(path.stem for path in alike) and len(set(words)) == len(words):
            return sorted(alike, key=_place)
    return []


class PartFiles(DatasetKind):
    """Files that are the parts of one table, or of one collection of texts.

    Not registered: their rows are put into one table with a column that says the part of each, and what is
    imported is of the kind of that.
    """

    name: ClassVar[str] = "part_files"
    title: ClassVar[str] = "A file for each part"
    _inside: str | None = PrivateAttr(None)

    def __init__(self, inside: str | None = None) -> None:
        super().__init__()
        self._inside = inside

    def sniff(self, source: Path) -> float:
        """Return 1: it is only built for a folder with such files."""
        return 1.0

    def inspect(self, source: Path, config: ImportConfig, token: CancelToken | None = None) -> Preview:
        """Show the file to train on, and how many rows there are in all."""
        files = parts_in(source)
        kind = self._kind(files[0])
        first, *others = [kind.inspect(path, config, token) for path in files]
        _require_alike(files, [first.columns, *(other.columns for other in others)])
        count = sum(preview.count for preview in (first, *others))
        title = f"{_listed(files)}, together {count:,} rows, split as the files give it. {first.title}"
        return replace(first, title=title, count=count)

    def load(
        self, source: Path, into: Path, config: ImportConfig, token: CancelToken, progress: Progress
    ) -> Imported:
        """Put all rows into one file inside `into`, import from there, and remove it."""
        files = parts_in(source)
        kind = self._kind(files[0])
        home = into / _FOLDER
        make_folder(home)
        try:
            joined = _join(files, home / f"{source.name}.csv", config, token, Pace(progress))
            config = joined.config
            if kind.name == "table":  # the new column stands last, and must not be taken for the target
                config = config.model_copy(update={"target": find_target(joined.header, config.target)})
            imported = kind.load(joined.path, into, config, token, progress)
        except OSError as error:
            raise disk_error(home, error) from error
        finally:
            for path in home.iterdir():
                path.unlink(missing_ok=True)
            home.rmdir()
        return replace(
            imported,
            found=imported.found + len(joined.skipped),
            skipped=(*joined.skipped, *imported.skipped),
            findings=(*imported.findings, joined.finding),
            details={**imported.details, **joined.details},
        )

    def open(self, folder: Path) -> Samples:
        """Never asked: a dataset is opened by the kind of its rows."""
        raise DataError("Files of parts are no dataset: import them first.")

    def rows(self, folder: Path, start: int, stop: int) -> list[list[str]]:
        """Never asked: a dataset is read by the kind of its rows."""
        raise DataError("Files of parts are no dataset: import them first.")

    def encode(
        self,
        source: Path,
        schema: Schema,
        details: Mapping[str, Any],
        token: CancelToken | None = None,
        progress: Progress = no_progress,
    ) -> Encoded:
        """Return the rows of all files as samples of `schema`."""
        files, token = parts_in(source), token or CancelToken()
        with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
            path = Path(folder) / f"{source.name}.csv"
            joined = _join(files, path, ImportConfig(), token, Pace(progress))
            encoded = self._kind(files[0]).encode(
                path, schema, {**details, "has_header": "yes"}, token, progress
            )
        return replace(encoded, skipped=(*joined.skipped, *encoded.skipped))

    def _kind(self, first: Path) -> DatasetKind:
        names = [self._inside] if self._inside in KINDS else KINDS
        return max((kinds.build(str(name)) for name in names), key=lambda kind: kind.sniff(first))


@dataclass(frozen=True, slots=True)
class _Joined:
    """All rows in one file, and what is to be told of where they come from."""

    path: Path
    header: Sequence[str]
    config: ImportConfig
    details: Mapping[str, Any]
    skipped: tuple[Skipped, ...]
    finding: Finding


def _join(files: Sequence[Path], path: Path, config: ImportConfig, token: CancelToken, pace: Pace) -> _Joined:
    """Write the rows of all files into one CSV file, the part of each in a column of its own."""
    layouts = [find_layout(file, config, token) for file in files]
    _require_alike(files, [layout.header for layout in layouts])
    header, first = layouts[0].header, layouts[0]
    heading = next(name for name in (*_HEADINGS, "split of the files") if name not in header)
    tables, skipped, said, row = [], list[Skipped](), [], 2
    for file, layout in zip(files, layouts, strict=True):
        _, found = read_rows(file, layout, layout.header, token, pace)
        skipped += [Skipped(f"{file.name} {item.path}", item.reason) for item in found.skipped]
        count = found.table.num_rows
        part = pa.repeat(pa.scalar(str(part_of(file.stem)), pa.large_string()), count)
        texts = found.table.select(list(header)).cast(
            pa.schema([(name, pa.large_string()) for name in header])
        )
        tables.append(texts.append_column(heading, part))
        said.append(f"rows {row:,} to {row + count - 1:,} are those of {file.name}")
        row += count
    separator = first.separator or ","
    csv.write_csv(pa.concat_tables(tables), path, csv.WriteOptions(delimiter=separator))
    text = f"The rows of all files are counted on: {'; '.join(said)}."
    named = {"encoding": "utf-8", "separator": separator, "header": True, "sheet": None}
    return _Joined(
        path,
        header,
        config.model_copy(update=named),
        details_of(first, ()) if first.form != "delimited" else {"encoding": first.encoding},
        tuple(skipped),
        Finding("part_files", Severity.INFO, len(files), text, tuple(file.name for file in files)),
    )


def _require_alike(files: Sequence[Path], headers: Sequence[Sequence[str]]) -> None:
    for path, header in zip(files, headers, strict=True):
        lacking = [name for name in headers[0] if name not in header]
        if lacking:
            raise DataError(
                f"{path.name} lacks the column {', '.join(lacking[:5])}, which {files[0].name} has: give all "
                "files the same columns, or import one of them alone."
            )


def _listed(files: Sequence[Path]) -> str:
    return ", ".join(path.name for path in files)


def _place(path: Path) -> int:
    part = part_of(path.stem)
    assert part is not None
    return _ORDER.index(part)
