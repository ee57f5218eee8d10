"""Whether the samples of one dataset can be added to another, what is done to them for it, and doing it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.core.errors import DataError
from workbench.core.records import Column, Dataset, Schema
from workbench.core.states import Modality, Task

if TYPE_CHECKING:
    from workbench.datasets.fitting import Fit
    from workbench.datasets.selection import Selection

_NOUNS = {
    Modality.PICTURE: "pictures",
    Modality.TABLE: "rows",
    Modality.TEXT: "texts",
    Modality.AUDIO: "recordings",
}
_MOST_NAMES = 5


def misfit(mine: Dataset, other: Dataset) -> str:
    """Return why the samples of another dataset cannot be added, and what to do; empty where they can."""
    ours, theirs = mine.schema, other.schema
    if mine.id == other.id:
        return "it is the same dataset: choose another one."
    if ours.modality is not theirs.modality:
        return (
            f"it holds {_NOUNS[theirs.modality]}, not {_NOUNS[ours.modality]}: choose one of the same kind."
        )
    if ours.task is not theirs.task:
        wanted, found = ("numbers", "classes") if ours.task is Task.REGRESSION else ("classes", "numbers")
        return f"its labels are {found}, not {wanted}: import it again with the right column as the label."
    return _columns_misfit(ours, theirs) if ours.modality is Modality.TABLE else ""


def adaptations(mine: Dataset, other: Dataset) -> list[str]:
    """Return what is done to the samples of another dataset that fits, a sentence each."""
    ours, theirs = mine.schema, other.schema
    words = []
    if ours.modality is Modality.PICTURE:
        words = _picture_words(ours, theirs)
    elif ours.modality is Modality.AUDIO:
        words = _sound_words(ours, theirs)
    elif ours.modality is Modality.TABLE:
        words = _column_words(ours, theirs)
    new = [name for name in theirs.classes if name not in ours.classes]
    if new:
        words.append(f"{_listed(new)} {'is a new class' if len(new) == 1 else 'are new classes'}.")
    if mine.split.method == "given" and not _says_part(other, mine.split.column):
        words.append("It gives no such split: its samples are shuffled into the parts.")
    return words


def _says_part(other: Dataset, column: str) -> bool:
    """Return whether a dataset may say the parts of its samples, in that column or by folders."""
    from workbench.datasets.part_folders import GIVEN
    from workbench.datasets.side_columns import COLUMNS

    details = other.imported.details
    if not column:
        return details.get(GIVEN) == ""
    return column in (*details.get(COLUMNS, ()), *(known.name for known in other.schema.columns))


def joined_schema(mine: Schema, other: Schema) -> Schema:
    """Return the schema of both: classes and categories that are new come last."""
    known = {column.name: column for column in other.columns}

    def widened(column: Column) -> Column:
        if column.kind != "category" or mine.modality is not Modality.TABLE:
            return column
        new = [name for name in known[column.name].categories if name not in set(column.categories)]
        return replace(column, categories=(*column.categories, *new))

    ours = set(mine.classes)
    classes = (*mine.classes, *(name for name in other.classes if name not in ours))
    return replace(mine, classes=classes, columns=tuple(map(widened, mine.columns)))


def joined(
    mine: Dataset,
    selection: "Selection",
    other: Dataset,
    added: "Selection",
    headings: tuple[Sequence[str], Sequence[str]],
    width: int,
) -> "Selection":
    """Return the samples of both, those of the other one made like those of the first.

    Args:
        mine: The version to which samples are added.
        selection: Its samples.
        other: A dataset that fits.
        added: Its samples.
        headings: Those of both tables, in the order of their rows of text; empty for all else.
        width: How many columns the import of the version has for models, those taken out since included.

    Raises:
        DataError: Both hold the same samples.
    """
    import numpy as np

    from workbench.datasets.fitting import Fit, fit_of

    if set(selection.folders) & set(added.folders):
        raise DataError(f"{other.name} shares samples with {mine.name}, so they cannot be added again.")
    labels, schema = added.labels, joined_schema(mine.schema, other.schema)
    if schema.classes:
        places = {name: place for place, name in enumerate(schema.classes)}
        labels = np.array([places[name] for name in other.schema.classes], np.int64)[added.labels]
    inner: tuple[Fit | None, ...] = added.fits or (None,) * len(added.folders)
    if mine.schema.modality is Modality.TABLE:
        fit: Fit | None = _table_fit(mine.schema, selection, other.schema, added, headings, width)
    else:
        fit = fit_of(mine.schema, other.schema)
    return replace(
        selection,
        folders=(*selection.folders, *added.folders),
        counts=(*selection.counts, *added.counts),
        positions=np.concatenate([selection.positions, added.positions + sum(selection.counts)]),
        labels=np.concatenate([selection.labels, labels]),
        parts=np.concatenate([selection.parts, added.parts]),
        relabelled=np.concatenate([selection.relabelled, added.relabelled]),
        fits=(
            *(selection.fits or (None,) * len(selection.folders)),
            *(each if fit is None else fit.after(each) for each in inner),
        ),
    )


def _table_fit(
    mine: Schema,
    selection: "Selection",
    other: Schema,
    added: "Selection",
    headings: tuple[Sequence[str], Sequence[str]],
    width: int,
) -> "Fit":
    from workbench.datasets.fitting import Fit

    both = joined_schema(mine, other)
    theirs = {column.name: place for place, column in enumerate(other.used_columns)}
    # A selection may leave out columns of its import; those stay empty here.
    kept = selection.columns or tuple(range(len(mine.used_columns)))
    sources = added.columns or tuple(range(len(other.used_columns)))
    columns = [-1] * width
    codes: list[tuple[int, ...] | None] = [None] * width
    for place, column in zip(kept, both.used_columns, strict=True):
        at = theirs[column.name]
        columns[place] = sources[at]
        if column.kind == "category":
            new = {name: code for code, name in enumerate(column.categories)}
            codes[place] = tuple(new[name] for name in other.used_columns[at].categories)
    where = {name: place for place, name in enumerate(headings[1])}
    texts = tuple(where.get(name, -1) for name in headings[0])
    return Fit(columns=tuple(columns), codes=tuple(codes), texts=texts)


def _columns_misfit(ours: Schema, theirs: Schema) -> str:
    if ours.target != theirs.target:
        return (
            f"its target is {theirs.target}, not {ours.target}: import it again with {ours.target} as target."
        )
    known = {column.name: column for column in theirs.columns}
    missing = [column.name for column in ours.used_columns if column.name not in known]
    if missing:
        return (
            f"it has no column {_listed(missing)}, from which models of {ours.target} learn: add "
            f"{'it' if len(missing) == 1 else 'them'} to its file, or take the column out of this dataset."
        )
    for column in ours.used_columns:
        found, wanted = _kind(known[column.name]), _kind(column)
        if found != wanted:
            return (
                f"its column {column.name} is {found}, not {wanted}: import it again and choose the type of "
                "that column."
            )
    return ""


def _kind(column: Column) -> str:
    return {"number": "a date" if column.is_date else "a number", "category": "a category"}.get(
        column.kind, "not used"
    )


def _column_words(ours: Schema, theirs: Schema) -> list[str]:
    mine, known = [column.name for column in ours.columns], [column.name for column in theirs.columns]
    words = []
    if [name for name in known if name in mine] != [name for name in mine if name in known]:
        words.append("Its columns are put into the order of this dataset.")
    if missing := [name for name in mine if name not in known]:
        words.append(f"It has no column {_listed(missing)}, which is not learnt from: it stays empty.")
    if more := [name for name in known if name not in mine]:
        words.append(f"Its column {_listed(more)} is left out, as this dataset has none.")
    both = joined_schema(ours, theirs).used_columns
    wider = [new.name for new, old in zip(both, ours.used_columns, strict=True) if new != old]
    if wider:
        words.append(f"The column {_listed(wider)} gets new categories.")
    return words


def _picture_words(ours: Schema, theirs: Schema) -> list[str]:
    (channels, height, width), (other_channels, other_height, other_width) = (
        ours.input_shape,
        theirs.input_shape,
    )
    words = []
    if (height, width) != (other_height, other_width):
        words.append(
            f"Its pictures of {other_width}×{other_height} are scaled to cover {width}×{height} and cropped "
            "around the centre."
        )
    if channels != other_channels:
        words.append(
            f"Its pictures are read {'in grey' if channels == 1 else 'as colour'}, as those here are."
        )
    return words


def _sound_words(ours: Schema, theirs: Schema) -> list[str]:
    words = []
    if ours.rate != theirs.rate:
        words.append(
            f"Its recordings are resampled from {theirs.rate / 1000:g} kHz to {ours.rate / 1000:g} kHz."
        )
    mine, other = ours.input_shape[0] / ours.rate, theirs.input_shape[0] / theirs.rate
    if abs(mine - other) > 1 / ours.rate:
        how = "cut" if other > mine else "filled up with silence"
        words.append(f"Its recordings of {other:.3g} s are {how} to {mine:.3g} s.")
    return words


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
