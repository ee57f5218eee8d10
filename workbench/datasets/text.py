"""Texts with labels: rows of a CSV, TSV or JSON lines file, or text files in a folder per class."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress, no_progress
from workbench.core.errors import DataError
from workbench.core.files import atomic_write
from workbench.core.records import Column, Finding, Imported, Preview, Schema, Skipped
from workbench.core.states import Modality, Severity, Task
from workbench.datasets.attributes import Attribute
from workbench.datasets.base import DatasetKind, Encoded, Samples, imported_files, kinds
from workbench.datasets.columns import Coded
from workbench.datasets.health import EXAMPLES, class_findings, plural, skipped_finding, value_findings
from workbench.datasets.names import FileNames, open_arrow, write_arrow
from workbench.datasets.numerals import usual_decimal
from workbench.datasets.pace import Pace
from workbench.datasets.part_folders import AS_GIVEN, GIVEN, as_column, split_column
from workbench.datasets.picture_files import PictureFiles, find_pictures, shown
from workbench.datasets.side_columns import open_columns, write_columns
from workbench.datasets.targets import new_labels, read_target
from workbench.datasets.text_file import encoding_title
from workbench.datasets.text_files import TEXT_SUFFIXES, TextReader, has_suffixes
from workbench.datasets.text_rows import find_head, head_title, holds_texts, read_rows
from workbench.datasets.texts import Texts

_TEXTS = "texts.arrow"
_LABELS = "labels.npy"
_BLOCK = 4096
_LAYOUT = "put the text files of each class into a sub-folder that is named after the class"


@dataclass(slots=True)
class _Found:
    """Texts with what is known of them, before copies are dropped."""

    names: list[str]
    texts: Any
    labels: NDArray[Any]
    task: Task
    classes: tuple[str, ...]
    target: str | None
    skipped: list[Skipped]
    column: str = "text"
    details: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@kinds.register("text")
class Text(DatasetKind):
    """One text a sample, in any language: rows of CSV, TSV or JSON lines with a label, or text files."""

    title = "Texts"

    def sniff(self, source: Path) -> float:
        """Return 0.95 for a file whose columns are a long text and a label, or a folder of text files."""
        try:
            if source.is_dir():
                return 0.95 if has_suffixes(source, TEXT_SUFFIXES) else 0.0
            return 0.95 if source.is_file() and holds_texts(source) else 0.0
        except OSError:
            return 0.0

    def inspect(self, source: Path, config: ImportConfig, token: CancelToken | None = None) -> Preview:
        """Return first rows, text and label column of a file; classes and number of files of a folder."""
        if source.is_dir():
            files = _files_in(source, token or CancelToken())
            count = len(files.relative) + len(files.skipped)
            title = f"{plural(count, 'text', 'texts')} in {plural(len(files.classes), 'class', 'classes')}"
            title += f", {AS_GIVEN}" if files.gives_split else ""
            return Preview(self.name, title, count, classes=tuple(files.classes))
        head = find_head(source, config, token or CancelToken())
        told = f", {as_column(head.given)}" if head.given else ""
        size = sum(len(" ".join(row).encode()) + len(head.header) for row in head.rows)
        estimate = round(source.stat().st_size / max(1, size) * len(head.rows))
        count, about = (estimate, "about ") if head.count is None else (head.count, "")
        return Preview(
            kind=self.name,
            title=f"{head_title(head)}, {about}{count:,} rows{told}",
            count=count,
            columns=head.header,
            rows=head.rows,
            target=head.target,
            details={**head.details, "text": head.text},
        )

    def load(
        self, source: Path, into: Path, config: ImportConfig, token: CancelToken, progress: Progress
    ) -> Imported:
        """Read every text once into `texts.arrow` and `labels.npy`; exact copies in one class are dropped."""
        pace = Pace(progress)
        pace(0, 0, "Looking for texts")
        found = (
            _read_folder(source, config, token, pace)
            if source.is_dir()
            else _read_file(source, config, token, pace)
        )
        count = len(found.names) + len(found.skipped)
        if not found.names:
            first = f"{found.skipped[0].path} {found.skipped[0].reason}" if found.skipped else "it is empty"
            raise DataError(f"No text in {source.name} can be read: {first}.")
        copies, findings = _drop_copies(found)
        columns_sha256, kept_columns = write_columns(into, found.columns, np.arange(len(found.names)), token)
        schema = Schema(
            found.task, (), found.classes, found.target, (Column(found.column, "text"),), Modality.TEXT
        )
        counts = (
            tuple(int(n) for n in np.bincount(found.labels, minlength=len(found.classes)))
            if (found.task is Task.CLASSIFICATION)
            else ()
        )
        pace(0, 0, "Writing")
        return Imported(
            kind=self.name,
            schema=schema,
            count=len(found.names),
            found=count,
            duplicates=copies,
            skipped=tuple(found.skipped),
            findings=(
                *found.findings,
                *(
                    class_findings(found.classes, counts)
                    if counts
                    else value_findings(found.target or "", found.labels)
                ),
                *findings,
                *skipped_finding(found.skipped, "text"),
            ),
            class_counts=counts,
            sha256=_write(into, found, schema, columns_sha256, token),
            details={**found.details, **kept_columns},
        )

    def open(self, folder: Path) -> Samples:
        """Return the texts and their labels, memory-mapped."""
        with imported_files():
            y = np.load(folder / _LABELS, mmap_mode="r", allow_pickle=False)
            names = FileNames(folder / _TEXTS)
            return Samples(Texts.open(folder / _TEXTS), y, names, column=open_columns(folder))

    def rows(self, folder: Path, start: int, stop: int) -> list[list[str]]:
        """Return text and label of samples [start, stop)."""
        with imported_files():
            table = open_arrow(folder / _TEXTS).slice(start, max(0, stop - start))
        columns = (table.column(name).to_pylist() for name in ("text", "class"))
        return [list(row) for row in zip(*columns, strict=True)]

    def attributes(self, samples: Samples, schema: Schema, token: CancelToken) -> Iterator[Attribute]:
        """Yield how long each text is, in letters."""
        lengths = np.zeros(len(samples))
        for start in range(0, len(samples), _BLOCK):
            token.check()
            block = samples.x[start : start + _BLOCK]
            lengths[start : start + len(block)] = [len(text) for text in block]
        yield Attribute("letters", lengths)

    def encode(
        self,
        source: Path,
        schema: Schema,
        details: Mapping[str, Any],
        token: CancelToken | None = None,
        progress: Progress = no_progress,
    ) -> Encoded:
        """Return new texts: rows of a file, a folder of text files, or one text file.

        A label is known where the file has the column of the labels, or a folder is named like a class.
        """
        token = token or CancelToken()
        if source.is_dir() or (source.suffix.casefold() in TEXT_SUFFIXES and "separator" not in details):
            return _new_files(source, schema, token, Pace(progress))
        config = ImportConfig()
        head = find_head(source, config, token, least_columns=1)
        rows = read_rows(source, config, token, Pace(progress), least=1)
        token.check()
        wanted = details.get("text", "")
        name = wanted if wanted in rows.table.column_names else head.text
        _drop_empty(rows, name)
        known = schema.target is not None and schema.target in rows.table.column_names
        y = new_labels(
            Coded.of(rows.table.column(schema.target)) if known else None, rows.table.num_rows, schema
        )
        names = [f"row {number}" for number in rows.numbers]
        return Encoded(Samples(Texts(rows.table.column(name)), y, names), tuple(_sorted(rows.skipped)))


def _read_file(source: Path, config: ImportConfig, token: CancelToken, pace: Pace) -> _Found:
    head = find_head(source, config, token)
    rows = read_rows(source, config, token, pace)
    _drop_empty(rows, head.text)
    target = read_target(rows, head.target, usual=usual_decimal(head.details.get("separator", "")))
    others = [name for name in rows.table.column_names if name not in (head.text, head.target)]
    columns = {name: rows.table.column(name) for name in others}
    given = split_column(others, lambda name: columns[name].unique().to_pylist())
    return _Found(
        names=[f"row {number}" for number in rows.numbers],
        texts=rows.table.column(head.text),
        labels=target.labels,
        task=target.task,
        classes=target.classes,
        target=head.target,
        skipped=_sorted(rows.skipped),
        column=head.text,
        details={**head.details, "text": head.text, **({GIVEN: given} if given else {})},
        columns=columns,
        findings=list(head.findings),
    )


def _drop_empty(rows: Any, name: str) -> None:
    """Skip and name the rows without text, and those with a NUL character in it."""
    trimmed = pc.utf8_trim_whitespace(rows.table.column(name))
    empty = pc.equal(trimmed, "").to_numpy()
    damaged = pc.match_substring(trimmed, "\0").to_numpy()
    for mask, reason in ((empty, "has no text"), (damaged & ~empty, "has a NUL character in its text")):
        rows.skipped += [Skipped(f"row {number}", reason) for number in rows.numbers[mask]]
    rows.keep(~(empty | damaged))


def _sorted(skipped: Sequence[Skipped]) -> list[Skipped]:
    return sorted(skipped, key=lambda item: int(item.path.removeprefix("row ")))


def _files_in(source: Path, token: CancelToken) -> PictureFiles:
    files = find_pictures(source, token)
    if not any(label >= 0 for label in files.labels):
        raise DataError(f"There are no text files in the sub-folders of {source}: {_LAYOUT}.")
    return files


def _read_folder(source: Path, config: ImportConfig, token: CancelToken, pace: Pace) -> _Found:
    files = _files_in(source, token)
    reader = TextReader(config.encoding)
    answers = reader.read(files.root, files.relative, token, pace)
    skipped, kept = list(files.skipped), []
    for place, answer in enumerate(answers):
        if files.labels[place] < 0:
            reason = "lies beside the class folders, so it has no class"
            skipped.append(Skipped(shown(files.relative[place]), reason))
        elif isinstance(answer, Skipped):
            skipped.append(answer)
        else:
            kept.append(place)
    used = sorted({files.labels[place] for place in kept})
    labels = np.searchsorted(used, [files.labels[place] for place in kept]).astype(np.int64)
    findings = []
    if reader.guessed:
        titles = tuple(dict.fromkeys(encoding_title(name) for name in reader.guessed))
        text = (
            f"Some files are not UTF-8 and were read as {', '.join(titles)}, found out from their bytes: "
            "look at words with accents or other letters, and save the files as UTF-8 if they are wrong."
        )
        findings.append(Finding("encoding_guessed", Severity.INFO, len(titles), text, titles))
    return _Found(
        names=[shown(files.relative[place]) for place in kept],
        texts=pa.chunked_array([pa.array([answers[place] for place in kept], pa.large_string())]),
        labels=labels,
        task=Task.CLASSIFICATION,
        classes=tuple(files.classes[label] for label in used),
        target=None,
        skipped=skipped,
        details={GIVEN: ""} if files.gives_split else {},
        findings=findings,
    )


def _new_files(source: Path, schema: Schema, token: CancelToken, pace: Pace) -> Encoded:
    if source.is_dir():
        files = find_pictures(source, token)
    elif source.exists():
        files = PictureFiles(source.parent.resolve(), relative=[source.name], labels=[-1])
    else:
        raise DataError(f"{source} does not exist: choose a text file or a folder of text files.")
    if not files.relative:
        raise DataError(f"There are no text files in {source}: choose a text file or a folder of text files.")
    answers = TextReader(None).read(files.root, files.relative, token, pace)
    kept = [place for place, answer in enumerate(answers) if isinstance(answer, str)]
    known = {name: label for label, name in enumerate(schema.classes)}
    labels = [files.labels[place] for place in kept]
    y = np.array([known.get(files.classes[label], -1) if label >= 0 else -1 for label in labels], np.int64)
    names = [shown(files.relative[place]) for place in kept]
    texts = Texts.of([str(answers[place]) for place in kept])
    skipped = [*files.skipped, *(answer for answer in answers if isinstance(answer, Skipped))]
    return Encoded(Samples(texts, y, names), tuple(skipped))


def _drop_copies(found: _Found) -> tuple[int, list[Finding]]:
    """Keep the first of texts that are equal in the same class; return how many went, and what was found."""
    codes = Coded.of(pc.utf8_trim_whitespace(found.texts)).codes
    _, answers = np.unique(found.labels, return_inverse=True)
    pairs, first = np.unique(codes * np.int64(answers.max() + 1) + answers, return_index=True)
    kept = np.sort(first)
    copies = np.setdiff1d(np.arange(len(codes)), kept)
    findings = []
    labels_of = np.bincount(pairs // (answers.max() + 1))
    torn = kept[labels_of[codes[kept]] > 1] if found.task is Task.CLASSIFICATION else kept[:0]
    if len(torn):
        text = (
            f"{len(torn):,} texts have exactly the same words but different labels, which no model can "
            "learn: keep each with its right label only, then import again."
        )
        examples = tuple(found.names[place] for place in torn[:EXAMPLES])
        findings.append(Finding("conflicting_labels", Severity.DANGER, len(torn), text, examples))
    if len(copies):
        text = (
            f"{plural(len(copies), 'text was', 'texts were')} left out, being an exact copy of another one "
            "with the same label, so that no copy can be in two splits."
        )
        examples = tuple(found.names[place] for place in copies[:EXAMPLES])
        findings.append(Finding("duplicates", Severity.INFO, len(copies), text, examples))
    found.names = [found.names[place] for place in kept]
    found.texts = found.texts.take(pa.array(kept))
    found.columns = {name: column.take(pa.array(kept)) for name, column in found.columns.items()}
    found.labels = found.labels[kept]
    return len(copies), findings


def _write(into: Path, found: _Found, schema: Schema, columns_sha256: str, token: CancelToken) -> str:
    if found.task is Task.CLASSIFICATION:
        words = pa.array(found.classes, pa.large_string()).take(pa.array(found.labels))
    else:
        words = pa.array([f"{value:g}" for value in found.labels], pa.large_string())
    table = pa.table({"name": pa.array(found.names, pa.large_string()), "class": words, "text": found.texts})
    digests = [
        write_arrow(into / _TEXTS, table, token),
        atomic_write(into / _LABELS, lambda file: np.save(file, found.labels, allow_pickle=False)),
    ]
    return hashlib.sha256("".join([*digests, columns_sha256, repr(schema)]).encode()).hexdigest()
