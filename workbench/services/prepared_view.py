"""What the steps of a preparation make of some training samples, as values that a pane can show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.core.configs import StepConfig
from workbench.core.errors import UserError
from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.services.row_texts import cell_texts
from workbench.services.token_texts import texts_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.datasets.base import Samples
    from workbench.transforms.base import TrainingRows, Transform

SAMPLE = 2000
"""So many training samples are looked at, at most; fewer of large ones."""
_MOST_BYTES = 16 << 20
_ROWS = 50
_PICTURES = 24
_COLUMNS = 200
_VALUES = 24


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column before or after a step.

    Args:
        name: Its heading.
        change: `added`, `removed`, `changed`, or empty where it is as it was.
        missing: Share of missing values, in [0, 1].
        mean: Mean; None for a category.
        deviation: Standard deviation; None for a category.
        low: Smallest value; None for a category.
        high: Largest value; None for a category.
    """

    name: str
    change: str
    missing: float
    mean: float | None
    deviation: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class SamplesView:
    """Some samples before or after a step, as rows of text, as pictures or as waveforms.

    Args:
        count: How many of the samples that were looked at there are.
        shape: Shape of one of them.
        headings: Headings of the rows; empty for pictures.
        rows: The first rows; each has a text a heading.
        pictures: (n, channels, height, width) uint8; None for all else.
        waves: (n, samples) of recordings, int16; None for all else.
        rate: Samples a second of audio; 0 for all else.
        tokens: Whether a sample is tokens of a text.
    """

    count: int
    shape: tuple[int, ...]
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    pictures: "NDArray[np.uint8] | None" = None
    waves: "NDArray[np.int16] | None" = None
    rate: int = 0
    tokens: bool = False


@dataclass(frozen=True, slots=True)
class PreparedView:
    """What one step does.

    Args:
        looked_at: How many training samples were looked at.
        of: How many there are.
        before: The samples as they come to the step.
        after: The samples as they leave it; as they come where it does not work.
        columns: Columns after the step, and those that it removed.
        numbers: The columns of numbers that come to the step, all of them.
        problems: One sentence by place of a step, for those that do not work.
        remarks: One sentence by place of a step, for those that do less than was wanted.
        fits: Why each step that is for such data cannot be taken after this one; empty when it can.
    """

    looked_at: int
    of: int
    before: SamplesView
    after: SamplesView
    columns: tuple[ColumnView, ...]
    numbers: tuple[str, ...] = ()
    problems: Mapping[int, str] = field(default_factory=dict)
    remarks: Mapping[int, str] = field(default_factory=dict)
    fits: Mapping[str, str] = field(default_factory=dict)


def view_of(
    samples: "Samples", train: "NDArray[np.int64]", schema: Schema, recipe: Sequence[StepConfig], at: int
) -> PreparedView:
    """Return what step `at` of a recipe makes of some training samples; steps that are off do nothing.

    Args:
        samples: All samples.
        train: Places of the training split.
        schema: What they are.
        recipe: The steps, right or wrong.
        at: Which one to look at; -1 for the samples as they were imported.
    """
    from workbench.transforms.base import NOT_FOR, transforms
    from workbench.transforms.pipeline import left_over

    rows = _some_rows(samples, train)
    before = after = (rows, schema)
    problems: dict[int, str] = {}
    remarks: dict[int, str] = {}
    learnt: list[Mapping[str, Any]] = []
    for place, config in enumerate(recipe[: at + 1]):
        before = after
        try:
            after = _taken(config, *before, learnt)
            if config.on and (remark := transforms.build(config.name, config.fields).remark(*before)):
                remarks[place] = remark
        except UserError as error:
            problems[place] = _short(str(error))
            break
    else:
        problems |= _later(recipe, at + 1, after[1])
        rest = left_over(after[1], after[0].x) if at == len(recipe) - 1 else ""
        problems |= {at: rest} if rest else {}
    misfits = {name: transforms.build(name).misfit(after[1]) for name in transforms.names()}
    return PreparedView(
        len(rows.x),
        len(train),
        _shown(*before, learnt),
        _shown(*after, learnt),
        _columns(before[0].x, before[1], after[0].x, after[1]),
        tuple(column.name for column in before[1].used_columns if column.kind == "number"),
        problems,
        remarks,
        {name: misfit for name, misfit in misfits.items() if misfit != NOT_FOR},
    )


def _some_rows(samples: "Samples", train: "NDArray[np.int64]") -> "TrainingRows":
    import numpy as np
    import torch

    from workbench.training.data import as_tensor
    from workbench.transforms.base import TrainingRows

    one = samples.x[:1]
    size = one.nbytes if isinstance(one, np.ndarray) and len(one) else 1
    most = max(_PICTURES, min(SAMPLE, _MOST_BYTES // size))
    some = train if len(train) <= most else np.sort(np.random.default_rng(0).choice(train, most, False))
    x = samples.x[some]
    y = torch.from_numpy(np.array(samples.y[some]))
    return TrainingRows.of(as_tensor(x) if isinstance(x, np.ndarray) else x, y)


def _taken(
    config: StepConfig, rows: "TrainingRows", schema: Schema, learnt: list[Mapping[str, Any]]
) -> "tuple[TrainingRows, Schema]":
    """Return training samples after a step; what it has learnt is added to `learnt`.

    Raises:
        UserError: It does not work there.
    """
    from workbench.transforms.base import transforms
    from workbench.transforms.pipeline import fit_to_rows

    step = transforms.build(config.name, config.fields)
    if not config.on:
        return rows, schema
    pipeline, rows = fit_to_rows([step], rows, schema, finish=True)
    learnt.extend(pipeline.states)
    return rows, pipeline.output


def _short(text: str) -> str:
    """Return a sentence without the name of the step, which stands beside it."""
    return text.partition(": ")[2] if text.startswith("Step 1 of the preparation") else text


def _later(recipe: Sequence[StepConfig], start: int, schema: Schema) -> dict[int, str]:
    """Return what is wrong with the steps behind, as far as it shows before they learn."""
    from workbench.transforms.base import transforms

    is_known = True
    for place, config in enumerate(recipe[start:], start):
        try:
            step: Transform = transforms.build(config.name, config.fields)
        except UserError as error:
            return {place: str(error)}
        if not config.on:
            continue
        if problem := step.misfit(schema) or (step.lacking(schema) if is_known else ""):
            return {place: problem}
        is_known = is_known and not step.is_open
        schema = step.output(schema)
    return {}


def _shown(rows: Any, schema: Schema, learnt: Sequence[Mapping[str, Any]]) -> SamplesView:
    import torch

    x, count = rows.x, len(rows.x)
    if not isinstance(x, torch.Tensor):
        return SamplesView(count, (), ("Text",), tuple((str(text),) for text in x[:_ROWS]))
    shape = tuple(x.shape[1:])
    if x.dim() in (3, 4) or (schema.modality is Modality.AUDIO and x.dim() == 2):
        # From all over the split: in a folder a class comes after the other.
        some = x[torch.linspace(0, count - 1, min(_PICTURES, count)).long()]
        if x.dim() == 2:
            return SamplesView(count, shape, waves=some.numpy(), rate=schema.rate)
        some = some if x.dim() == 4 else some.unsqueeze(1)
        if schema.modality is Modality.AUDIO:
            some = some.flip(-2)  # low tones are below
        return SamplesView(count, shape, pictures=_pixels(some), rate=schema.rate)
    if len(schema.used_columns) == x.shape[1]:
        columns = schema.used_columns[:_COLUMNS]
        cells = [cell_texts(x[:_ROWS, place].tolist(), column) for place, column in enumerate(columns)]
        names = tuple(column.name for column in columns)
        return SamplesView(count, shape, names, tuple(zip(*cells, strict=True)))
    if schema.vocabulary:
        words = tuple((text,) for text in texts_of(x[:_ROWS], learnt))
        return SamplesView(count, shape, ("Tokens",), words, tokens=True)
    words = tuple((" ".join(f"{value:.4g}" for value in row.tolist()),) for row in x[:_ROWS, :_VALUES])
    return SamplesView(count, shape, (f"First {min(_VALUES, x.shape[1])} values",), words)


def _pixels(x: Any) -> "NDArray[np.uint8]":
    """Return pictures as bytes; numbers with mean 0 are shown from -3 to 3 deviations."""
    import torch

    if x.dtype != torch.uint8:
        x = ((x.float() / 6 + 0.5).clamp(0, 1) * 255).to(torch.uint8)
    if x.shape[1] not in (1, 3):
        x = x[:, :1]
    pixels: NDArray[np.uint8] = x.contiguous().numpy()
    return pixels


def _columns(before: Any, at: Schema, after: Any, behind: Schema) -> tuple[ColumnView, ...]:
    """Return the columns after a step with what became of them, then those that it removed."""
    import torch

    if not isinstance(before, torch.Tensor) or not isinstance(after, torch.Tensor):
        return ()
    if after.dim() == 4 and before.dim() == 4:
        at, behind = _channels(before), _channels(after)
        before, after = _flat(before), _flat(after)
    elif after.dim() != 2 or not behind.columns or not at.columns or before.dim() != 2:
        return ()
    places = {column: place for place, column in enumerate(at.used_columns)}
    names = {column.name for column in at.used_columns}
    found = []
    for place, column in enumerate(behind.used_columns[:_COLUMNS]):
        old = places.get(column)
        change = "" if old is not None and _equal(before[:, old], after[:, place]) else "changed"
        found.append(
            _column(column.name, change if column.name in names else "added", after[:, place], column.kind)
        )
    kept = {column.name for column in behind.used_columns}
    for column, place in list(places.items())[:_COLUMNS]:
        if column.name not in kept:
            found.append(_column(column.name, "removed", before[:, place], column.kind))
    return tuple(found)


def _equal(first: Any, second: Any) -> bool:
    """Return whether a column holds what it did; that there are fewer or more rows is told elsewhere."""
    import torch

    return len(first) != len(second) or torch.equal(first.nan_to_num(-7.0), second.nan_to_num(-7.0))


def _column(name: str, change: str, values: Any, kind: str) -> ColumnView:
    known = values.double()
    known = known[~known.isnan()]
    missing = 1 - len(known) / max(1, len(values))
    if kind == "category" or not len(known):
        return ColumnView(name, change, missing, None, None, None, None)
    mean, deviation = float(known.mean()), float(known.std(correction=0))
    mean = 0.0 if abs(mean) < 1e-4 * deviation else mean  # what rounding leaves over
    return ColumnView(name, change, missing, mean, deviation, float(known.min()), float(known.max()))


def _channels(x: Any) -> Schema:
    """Return the channels of pictures as columns."""
    from workbench.core.records import Column
    from workbench.core.states import Task

    names = {1: ("Grey",), 3: ("Red", "Green", "Blue")}.get(
        x.shape[1], tuple(f"Channel {at + 1}" for at in range(x.shape[1]))
    )
    columns = tuple(Column(name, "number") for name in names)
    return Schema(Task.CLASSIFICATION, (len(columns),), columns=columns)


def _flat(x: Any) -> Any:
    """Return (pixels, channels)."""
    return x.float().permute(0, 2, 3, 1).reshape(-1, x.shape[1])
