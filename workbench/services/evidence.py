"""What can be seen of a risk's evidence: pictures, rows, a curve. Read from where it lies, never copied."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.core.errors import UserError
from workbench.core.records import Dataset, Evaluation, Finding, Points, Run
from workbench.core.risks import Link
from workbench.core.states import Modality, Split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.services.session import Session

MOST_PICTURES = 8
MOST_ROWS = 3
_OF_A_CLASS = 4
_FIRST_LETTERS = 200
_CURVE_POINTS = 200
_CURVES = ("train/loss", "validation/loss")
_SAMPLES = "samples"


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture.

    Args:
        pixels: (channels, height, width), uint8.
        caption: Its class.
        name: Where it came from.
    """

    pixels: "NDArray[np.uint8]"
    caption: str
    name: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What can be seen of one piece of evidence; all is empty where it is only named.

    Args:
        link: The piece of evidence.
        gone: Whether what it points to was deleted, or its files are missing.
        pictures: Some of its pictures.
        headings: Headings of its rows.
        rows: Some of its rows, as text; the first cell says which row it is.
        curves: Series of a run by name.
        words: What else is known of it, in short lines.
    """

    link: Link
    gone: bool = False
    pictures: Sequence[Thumbnail] = ()
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    curves: Mapping[str, Points] = field(default_factory=dict)
    words: Sequence[str] = ()


def exhibits(session: "Session", links: Iterable[Link]) -> list[Exhibit]:
    """Return what can be seen of each link. Reads samples and curves: not on the window's thread."""
    links = tuple(links)
    # Samples that were noted with the risk stand for what the run says of them today.
    noted = any(link.noun == _SAMPLES for link in links)
    return [_exhibit(session, link, noted=noted) for link in links]


def with_samples(session: "Session", links: Iterable[Link]) -> tuple[Link, ...]:
    """Return links, behind each confusion or missed class one to the samples that show it today.

    A run can be judged again, a dataset never changes: what is noted are the samples' places in it. Reads
    predictions: not on the window's thread.
    """
    found: list[Link] = []
    for link in links:
        found.append(link)
        if link.noun == "run" and link.detail:
            try:
                run = session.training.get(link.id)
                places = _confused(session, run, link.detail)
            except UserError:
                continue
            if places:
                detail = ", ".join(str(place) for place in places)
                found.append(Link(_SAMPLES, run.dataset_id, detail))
    return tuple(found)


def places_of(link: Link) -> list[int]:
    """Return the places in the dataset that a link to samples names; what is no number is left out."""
    words = (word.strip() for word in link.detail.split(","))
    return [int(word) for word in words if word.isascii() and word.isdecimal()]


def _exhibit(session: "Session", link: Link, *, noted: bool) -> Exhibit:
    read = _READERS.get(link.noun)
    if read is None or not link.id:
        return Exhibit(link)
    try:
        return read(session, link, noted)
    except UserError:
        return Exhibit(link, gone=True)


def _of_samples(session: "Session", link: Link, _noted: bool) -> Exhibit:
    dataset = session.datasets.get(link.id)
    if dataset.deleted_at is not None:
        return Exhibit(link, gone=True)
    return _seen(session, link, dataset, places_of(link))


def _of_dataset(session: "Session", link: Link, _noted: bool) -> Exhibit:
    dataset = session.datasets.get(link.id)
    if dataset.deleted_at is not None:
        return Exhibit(link, gone=True)
    finding = next((i for i in session.health.findings(dataset.id) if i.code == link.detail), None)
    if finding is None:
        return Exhibit(link)
    places = finding.samples or _named(session, dataset, finding.examples)
    if places:
        return _seen(session, link, dataset, places)
    return Exhibit(link, pictures=_of_classes(session, dataset, finding), words=finding.examples[:MOST_ROWS])


def _of_run(session: "Session", link: Link, noted: bool) -> Exhibit:
    run = session.training.get(link.id)
    if run.deleted_at is not None:
        return Exhibit(link, gone=True)
    if not link.detail:
        series = session.training.series(run.id)
        wanted = [name for name in _CURVES if name in series]
        curves = {name: session.training.overview(run.id, name, _CURVE_POINTS) for name in wanted}
        return Exhibit(link, curves=curves)
    places = [] if noted else _confused(session, run, link.detail)
    if not places:
        return Exhibit(link)
    return _seen(session, link, session.datasets.get(run.dataset_id), places)


def _seen(session: "Session", link: Link, dataset: Dataset, places: Sequence[int]) -> Exhibit:
    """Return samples of a dataset as pictures or as rows."""
    samples = session.datasets.samples(dataset.id)
    places = [place for place in places if place < len(samples)]
    if dataset.schema.modality is Modality.PICTURE:
        return Exhibit(link, pictures=_pictures(session, dataset, places[:MOST_PICTURES]))
    # The row of a recording begins with its name, which is told already.
    first = 1 if dataset.schema.modality is Modality.AUDIO else 0
    rows = [
        (
            samples.names[place],
            *map(_one_line, session.datasets.rows(dataset.id, place, place + 1)[0][first:]),
        )
        for place in places[:MOST_ROWS]
    ]
    return Exhibit(link, headings=("", *(session.datasets.headings(dataset.id) or ("",))), rows=rows)


def _one_line(cell: str) -> str:
    return " ".join(cell[:_FIRST_LETTERS].split())


def _pictures(session: "Session", dataset: Dataset, places: Iterable[int]) -> list[Thumbnail]:
    import numpy as np

    samples, classes = session.datasets.samples(dataset.id), dataset.schema.classes
    found = []
    for place in places:
        label = int(samples.y[place]) if classes else -1
        caption = classes[label] if 0 <= label < len(classes) else ""
        found.append(Thumbnail(np.array(samples.x[place]), caption, str(samples.names[place])))
    return found


def _named(session: "Session", dataset: Dataset, names: Sequence[str]) -> list[int]:
    """Return where samples of these names lie, in the order of the names."""
    if not names:
        return []
    wanted = dict.fromkeys(names, -1)
    for place, name in enumerate(session.datasets.samples(dataset.id).names):
        if wanted.get(name) == -1:
            wanted[name] = place
    return [place for place in wanted.values() if place >= 0]


def _of_classes(session: "Session", dataset: Dataset, finding: Finding) -> list[Thumbnail]:
    """Return the first pictures of the classes that a finding names."""
    import numpy as np

    if dataset.schema.modality is not Modality.PICTURE:
        return []
    labels, places = session.datasets.samples(dataset.id).y, list[int]()
    for example in finding.examples:
        name = example.rsplit(":", 1)[0]
        if name in dataset.schema.classes:
            label = dataset.schema.classes.index(name)
            places += np.flatnonzero(np.asarray(labels) == label)[:_OF_A_CLASS].tolist()
    return _pictures(session, dataset, places[:MOST_PICTURES])


def _confused(session: "Session", run: Run, detail: str) -> list[int]:
    """Return the samples behind `test: malignant → benign` or `test: malignant`, the most certain first."""
    split, _, said = detail.partition(": ")
    evaluation = session.evaluation.latest(run.id, Split(split)) if split in set(Split) else None
    cells = _cells(evaluation, said) if evaluation is not None and said else []
    if not cells or evaluation is None:
        return []
    predictions = session.evaluation.predictions(evaluation)
    return [int(place) for cell in cells for place in predictions.cell(*cell)[:MOST_PICTURES]][:MOST_PICTURES]


def _cells(evaluation: Evaluation, said: str) -> list[tuple[int, int]]:
    """Return the cells of the confusion matrix that words mean; class names may hold arrows themselves."""
    labels = list(evaluation.labels)
    if said in labels:
        actual = labels.index(said)
        row = evaluation.counts[actual]
        missed = [other for other in range(len(labels)) if other != actual and row[other]]
        return [(actual, other) for other in sorted(missed, key=lambda other: -row[other])]
    parts = said.split(" → ")
    for at in range(1, len(parts)):
        was, taken = " → ".join(parts[:at]), " → ".join(parts[at:])
        if was in labels and taken in labels:
            return [(labels.index(was), labels.index(taken))]
    return []


_READERS: Mapping[str, Callable[["Session", Link, bool], Exhibit]] = {
    "samples": _of_samples,
    "dataset": _of_dataset,
    "run": _of_run,
}
