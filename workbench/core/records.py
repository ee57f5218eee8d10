"""Frozen records that cross layers. Plain values only: no rows, no tensors, no widgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.core.states import JobState, LogLevel, Modality, RunState, Severity, Split, Stage, Task

if TYPE_CHECKING:
    # Not at run time: the window paints before pydantic is loaded.
    from workbench.core.configs import PrepareConfig, SplitConfig, TrainConfig


@dataclass(frozen=True, slots=True)
class Project:
    """The project that one folder holds.

    `price_per_hour` is what an hour of training costs, in `currency`; None where nobody has said it.
    """

    name: str
    created_at: datetime
    stage: Stage = Stage.INITIATION
    starter: str | None = None
    price_per_hour: float | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One input column of a table.

    Args:
        name: Heading, as in the file.
        kind: `number`, `category` or `unused` (an id or free text: kept, shown, not learnt from).
        categories: Values in the order of their codes, for a category.
        is_date: Whether the numbers are days since 1970-01-01.
        part_of: The category that became several columns of numbers, of which this is one; empty for others.
    """

    name: str
    kind: str
    categories: tuple[str, ...] = ()
    is_date: bool = field(default=False, repr=False)  # older imports are known by their repr
    part_of: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Schema:
    """What goes into a model and what has to come out.

    Args:
        task: Classification or regression.
        input_shape: Without the batch: (channels, height, width) for pictures and for log-mel pictures of
            audio, (columns,) for tables, (samples,) for audio, () for text and (tokens,) for tokenised text.
        classes: Class names in the order of their labels; empty for regression.
        target: Name of the target column; None where folders name the classes.
        columns: Used and unused input columns of a table, in file order; `input_shape` counts the used ones.
        kind_of_sample: What one sample is; found out from the shape where it is not given.
        rate: Samples a second of audio; 0 for all else.
        vocabulary: How many different tokens tokenised text has, the padding 0 included; 0 for all else.
    """

    task: Task
    input_shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    target: str | None = None
    columns: tuple[Column, ...] = ()
    kind_of_sample: Modality | None = None
    rate: int = 0
    vocabulary: int = 0

    @property
    def modality(self) -> Modality:
        """What one sample is."""
        if self.kind_of_sample is not None:
            return self.kind_of_sample
        return Modality.PICTURE if len(self.input_shape) == 3 else Modality.TABLE

    @property
    def outputs(self) -> int:
        """Number of values that a model gives for one sample."""
        return len(self.classes) if self.task is Task.CLASSIFICATION else 1

    @property
    def used_columns(self) -> tuple[Column, ...]:
        """The columns that go into the model, in order."""
        return tuple(column for column in self.columns if column.kind != "unused")


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem found in data.

    Args:
        code: Stable word for the kind of problem, such as `constant_column`.
        severity: How much it matters.
        count: How many samples, columns or classes it concerns.
        message: One sentence that says what it is and what to do.
        examples: Some of the places, at most ten.
        samples: Numbers of the samples it concerns, as far as they are known; at most ten thousand.
        fix: Name of the fix that can be applied, such as `drop_samples`; empty where there is none.
        fields: What the fix has to know, by field name.
    """

    code: str
    severity: Severity
    count: int
    message: str
    examples: tuple[str, ...] = ()
    samples: tuple[int, ...] = ()
    fix: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What a health check of a dataset version found.

    Args:
        dataset_id: The version.
        created_at: When it was checked.
        findings: The worst first.
        split: How it was divided then; leaks are between these parts.
    """

    dataset_id: int
    created_at: datetime
    findings: tuple[Finding, ...]
    split: "SplitConfig"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Steps that were saved with a name, for other datasets of the same kind."""

    id: int
    name: str
    modality: Modality
    preparation: "PrepareConfig"
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or row that was not imported, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Starter:
    """A dataset to begin with.

    Args:
        name: Stable word, for the command line.
        title: Title of its card.
        text: One or two sentences: what it is and whose.
        source_name: Name of the file or folder that it is written as.
    """

    name: str
    title: str
    text: str
    source_name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A quick look at a source, before anything is decoded.

    Args:
        kind: Name of the dataset kind.
        title: One line that says what was found, such as `CSV, UTF-8, comma, 569 rows`.
        count: Files or rows found; for a large table an estimate.
        classes: Class names, where folders give them.
        columns: Headings of a table.
        rows: First rows of a table, as text.
        target: Proposed target column of a table.
        details: What was detected and can be corrected: `encoding`, `separator`, `decimal`, `has_header`,
            `sheet` and, one a line, `sheets`; `files` for the column of a list that names the files;
            `extra_rows` where totals or second headers are left out.
        types: What the first columns of a table are, in the order of `columns`; of a long table by its first
            rows.
        written: How the numbers of these columns are written, in a few words; empty for plain ones.
        notes: What should be seen before the import, a sentence each.
    """

    kind: str
    title: str
    count: int
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    target: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found and wrote; found = count + duplicates + skipped."""

    kind: str
    schema: Schema
    count: int
    found: int
    duplicates: int
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]
    class_counts: tuple[int, ...]
    sha256: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One version of a dataset.

    `folder` is relative to the project folder. `parent_id` is the version that this one was made of and
    `change` says how, such as `Relabelled 3 samples`; both are empty for an import. `preparation` is what its
    runs begin with; None is the usual one.
    """

    id: int
    name: str
    version: int
    source: str
    folder: str
    imported: Imported
    split: "SplitConfig"
    created_at: datetime
    notes: str = ""
    deleted_at: datetime | None = None
    parent_id: int | None = None
    change: str = ""
    licence: str = ""
    owner: str = ""
    preparation: "PrepareConfig | None" = None

    @property
    def title(self) -> str:
        """Its name, and which version it is where it is not the first."""
        return f"{self.name} v{self.version}" if self.version > 1 else self.name

    @property
    def schema(self) -> Schema:
        """What goes in and out of a model for this dataset."""
        return self.imported.schema


@dataclass(frozen=True, slots=True)
class Run:
    """One training of one model on one dataset version.

    `metrics` holds the last value of each series; a value that is not finite is None. `parent_id` is the run
    that it was cloned from, `group_id` the first of the runs that differ in their seed alone; `queue_place`
    orders those that wait, the smallest first. `precision` is what it computes in, such as `bf16`;
    `energy_wh` is an estimate. `preparation` is how its samples are prepared; None is the usual way.
    """

    id: int
    name: str
    dataset_id: int
    family: str
    family_fields: Mapping[str, Any]
    train: "TrainConfig"
    split: "SplitConfig"
    state: RunState
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    message: str = ""
    epochs: int = 0
    steps: int = 0
    best_epoch: int | None = None
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    seconds: float = 0.0
    device: str = ""
    threads: int = 0
    parameters: int = 0
    weights_sha256: str = ""
    starred: bool = False
    notes: str = ""
    deleted_at: datetime | None = None
    parent_id: int | None = None
    group_id: int | None = None
    queue_place: int = 0
    precision: str = ""
    energy_wh: float = 0.0
    preparation: "PrepareConfig | None" = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a run's log."""

    id: int
    run_id: int
    at: datetime
    level: LogLevel
    text: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint file of a run.

    `path` is relative to the project folder; `role` is `last`, `best`, or `epoch-12` for one that is kept.
    """

    run_id: int
    role: str
    path: str
    sha256: str
    epoch: int
    step: int


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one series: three sequences of the same length.

    Args:
        steps: Optimiser steps, rising.
        values: Values; NaN where the value was not a number.
        times_s: Seconds of training since the run began.
    """

    steps: Sequence[int]
    values: Sequence[float]
    times_s: Sequence[float]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.steps)


@dataclass(frozen=True, slots=True)
class ClassMeasures:
    """Measures of one class. A measure that is not defined (no such sample) is None."""

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run's best checkpoint judged on one split.

    Args:
        metrics: accuracy, precision_macro, recall_macro, f1_macro, ... or mae, rmse, r2, then latency_ms and
            size_mb; None is not defined.
        labels: Class names; empty for regression.
        counts: Confusion matrix, rows actual, columns predicted; empty for regression.
        predictions: File with one row per sample, relative to the project folder.
    """

    id: int
    run_id: int
    split: Split
    epoch: int
    count: int
    metrics: Mapping[str, float | None]
    created_at: datetime
    labels: tuple[str, ...] = ()
    counts: tuple[tuple[int, ...], ...] = ()
    per_class: tuple[ClassMeasures, ...] = ()
    predictions: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """Work in the background, as the job strip shows it.

    `subject` is what it works on, such as `run:3` or `dataset:1`; `total` 0 means not known yet. `lane` is
    where it runs; empty while it waits.
    """

    id: int
    label: str
    state: JobState
    subject: str = ""
    done: int = 0
    total: int = 0
    text: str = ""
    left_s: float | None = None
    message: str = ""
    lane: str = ""
