"""What the pane shows of a dataset beyond its row: read in a thread, samples memory-mapped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.records import Dataset, Finding, HealthReport, Schema
from workbench.core.states import Modality, Severity, Split, Task
from workbench.gui.modalities import counted
from workbench.gui.panes.data.formats import encoding_title, separator_title
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

if TYPE_CHECKING:
    from workbench.services.session import Session

_BINS = 10
_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Look:
    """A dataset with what takes a moment to read.

    Args:
        dataset: Its row.
        samples: Its samples, memory-mapped.
        parts: Indices of the samples in each part.
        bars: Names of the classes, or of the ranges of a numeric target.
        counts: For each part the number of samples in each bar.
        summary: The five-number summary of a numeric target; empty for classes.
        headings: Headings of a table in the order of its rows; empty for pictures.
        table: A table to sort and search, and its columns in numbers; None for pictures.
        new_labels: Labels that wait for a version, by number of the sample.
    """

    dataset: Dataset
    samples: Any
    parts: Mapping[Split, Any]
    bars: tuple[str, ...]
    counts: Mapping[Split, Sequence[int]]
    summary: str
    headings: tuple[str, ...]
    table: Any = None
    new_labels: Mapping[int, Any] = field(default_factory=dict)

    def new_classes(self, new: Mapping[int, Any]) -> tuple[str, ...]:
        """Return the classes that labels which wait add, by number of the sample."""
        known = set(self.dataset.schema.classes)
        if not known:
            return ()
        return tuple(dict.fromkeys(label for label in new.values() if label not in known))

    def labels(self, new: Mapping[int, Any]) -> Any:
        """Return (n,) labels or values with those that wait, as they will be in the version made of them."""
        if not new:
            return self.samples.y
        names = (*self.dataset.schema.classes, *self.new_classes(new))
        codes: Mapping[Any, Any] = {name: code for code, name in enumerate(names)}
        labels = np.array(self.samples.y)
        labels[list(new)] = [codes[label] if codes else label for label in new.values()]
        return labels


def is_table(dataset: Dataset) -> bool:
    """Return whether a dataset has rows and columns, not pictures."""
    return dataset.schema.modality is Modality.TABLE


def dividing_columns(dataset: Dataset) -> tuple[list[str], bool]:
    """Return the columns by which samples can be divided, and whether samples are files."""
    if is_table(dataset):
        return [column.name for column in dataset.schema.columns], False
    listed = list(dataset.imported.details.get("columns", ()))
    return listed, "text" not in dataset.imported.details


def read_look(session: "Session", dataset: Dataset) -> Look:
    """Read a dataset as the pane shows it; loads its kind, so not for the window's thread."""
    samples = session.datasets.samples(dataset.id)
    parts = session.datasets.split_indices(dataset.id)
    counts: Mapping[Split, Sequence[int]]
    if dataset.schema.task is Task.CLASSIFICATION:
        bars, counts, summary = dataset.schema.classes, session.datasets.class_counts(dataset.id), ""
    else:
        bars, counts = _histogram(samples.y, parts)
        summary = _five_numbers(samples.y)
    table = session.datasets.table(dataset.id) if is_table(dataset) else None
    headings = table.headings if table is not None else ()
    new = session.relabelling.labels(dataset.id)
    return Look(dataset, samples, parts, bars, counts, summary, headings, table, new)


def facts(dataset: Dataset) -> str:
    """Return one line of what a dataset is."""
    schema, imported = dataset.schema, dataset.imported
    words = [counted(schema.modality, imported.count), *_more_words(schema)]
    if written := _written(imported.details):
        words.append(written)
    when = number_format.date_time(dataset.created_at)
    if dataset.parent_id is not None:
        number, change = dataset.version, dataset.change
        words.append(tr("version {number}: {change}, {when}", number=number, change=change, when=when))
    words.append(tr("from {source}", source=Path(dataset.source).name))
    if dataset.parent_id is None:
        words.append(tr("imported {when}", when=when))
    return " · ".join(words)


def _written(details: Mapping[str, Any]) -> str:
    """Return how the file of a table was written; empty for what is no table."""
    form = details.get("form", "delimited")
    if form == "excel":
        return tr("Excel, sheet {sheet}", sheet=details["sheet"])
    if form == "parquet":
        return "Parquet"
    if "encoding" not in details:
        return ""
    encoding = encoding_title(str(details["encoding"]))
    if form == "json lines":
        return f"JSON lines, {encoding}"
    if "separator" not in details:
        return tr("encoding {encoding}", encoding=encoding)
    separator = separator_title(str(details["separator"]))
    return tr("encoding {encoding}, {separator}", encoding=encoding, separator=separator)


def _more_words(schema: Schema) -> list[str]:
    """Return what there is to say of such samples beyond their number."""
    if schema.modality is Modality.TABLE:
        used = tr("{used} of {all} columns used", used=len(schema.used_columns), all=len(schema.columns))
        return [used, _target_words(schema)]
    classes = tr("{count} classes", count=number_format.count(len(schema.classes)))
    if schema.task is Task.REGRESSION:
        classes = tr("target {name}", name=schema.target or "")
    if schema.modality is Modality.PICTURE:
        channels, height, width = schema.input_shape
        return [classes, f"{width}×{height} " + (tr("grey") if channels == 1 else tr("colour"))]
    if schema.modality is Modality.AUDIO:
        seconds = number_format.number(round(schema.input_shape[0] / schema.rate, 2))
        rate = number_format.number(schema.rate / 1000)
        return [classes, tr("{seconds} s each, {rate} kHz", seconds=seconds, rate=rate)]
    return [classes]


def short_facts(dataset: Dataset) -> str:
    """Return the few words below a dataset's name in the list."""
    schema = dataset.schema
    if dataset.parent_id is not None:
        return tr("v{number} · {change}", number=dataset.version, change=dataset.change)
    number = counted(schema.modality, dataset.imported.count)
    if schema.task is Task.REGRESSION:
        return f"{number} · {schema.target}"
    return number + " · " + tr("{count} classes", count=number_format.count(len(schema.classes)))


def problems(dataset: Dataset, report: HealthReport | None = None) -> list[Finding]:
    """Return all that is known to be wrong; what was skipped is one finding, with reasons.

    Args:
        dataset: The version.
        report: Its last health check; before there is one, what its import found is known.
    """
    known = dataset.imported.findings if report is None else report.findings
    findings = [finding for finding in known if finding.code != "skipped"]
    skipped = dataset.imported.skipped
    if skipped:
        text = (
            tr("Rows that were skipped: mend them and import again, or leave them out.")
            if skipped[0].path.startswith("row ")
            else tr("Files that were skipped: mend them and import again, or leave them out.")
        )
        shown = [f"{item.path}: {item.reason}" for item in skipped[:_EXAMPLES]]
        if len(skipped) > _EXAMPLES:
            shown.append(tr("… and {count} more", count=number_format.count(len(skipped) - _EXAMPLES)))
        findings.append(Finding("skipped", Severity.WARNING, len(skipped), text, tuple(shown)))
    return findings


def outcome(dataset: Dataset) -> str:
    """Return what an import brought, in one sentence."""
    imported = dataset.imported
    text = tr(
        "{name}: {count} of {found} imported",
        name=dataset.name,
        count=number_format.count(imported.count),
        found=number_format.count(imported.found),
    )
    parts = []
    if imported.duplicates:
        copies = number_format.count(imported.duplicates)
        one = imported.duplicates == 1
        parts.append(
            tr("1 exact copy left out") if one else tr("{count} exact copies left out", count=copies)
        )
    if imported.skipped:
        parts.append(tr("{count} skipped", count=number_format.count(len(imported.skipped))))
    return "; ".join([text, *parts]) + "."


def _target_words(schema: Schema) -> str:
    if schema.task is Task.REGRESSION:
        return tr("target {target}, a number", target=schema.target)
    return tr("target {target}, {count} classes", target=schema.target, count=len(schema.classes))


def _histogram(y: Any, parts: Mapping[Split, Any]) -> tuple[tuple[str, ...], dict[Split, Sequence[int]]]:
    finite = y[np.isfinite(y)]
    if not len(finite):
        return (), {}
    edges = np.histogram_bin_edges(finite.astype(np.float64), bins=_BINS)
    names = tuple(f"≥ {number_format.number(low)}" for low in edges[:-1].tolist())
    counts: dict[Split, Sequence[int]] = {
        split: np.histogram(y[index].astype(np.float64), bins=edges)[0].tolist()
        for split, index in parts.items()
    }
    return names, counts


def _five_numbers(y: Any) -> str:
    finite = y[np.isfinite(y)]
    if not len(finite):
        return ""
    low, first, middle, third, high = (
        number_format.number(float(value)) for value in np.quantile(finite, [0.0, 0.25, 0.5, 0.75, 1.0])
    )
    return tr(
        "from {low} to {high} · median {middle} · half between {first} and {third}",
        low=low,
        high=high,
        middle=middle,
        first=first,
        third=third,
    )
