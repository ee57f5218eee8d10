"""Labels that are set right one by one: each is safe at once, and all become one version in the end."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.errors import DataError, UserError
from workbench.core.events import LabelsChanged
from workbench.core.files import atomic_write
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.services.class_names import added_classes, class_name, coded_labels
from workbench.services.versions import Also

if TYPE_CHECKING:
    from workbench.services.history import Change
    from workbench.services.session import Session

_FILE = "new_labels.json"
_MOST = 20_000

Label = str | float
Steps = tuple[Mapping[int, Label], ...]


class RelabelService:
    """Keeps new labels of a dataset until a version is made of them.

    They lie beside the samples of the dataset as a list of steps, written whole before anybody is told, so
    that a step can be taken back also after the project was closed or the process was killed.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._known: dict[int, Steps] = {}
        self._changes: dict[int, list[Change]] = {}

    def labels(self, dataset_id: int) -> dict[int, Label]:
        """Return by number of the sample the labels that are no longer those of the dataset.

        Raises:
            DataError: What was kept cannot be read.
        """
        steps = self._steps(dataset_id)
        if not steps:
            return {}
        merged = _merged(steps)
        y = self._session.datasets.samples(dataset_id).y
        codes = coded_labels(self._schema(dataset_id, merged), merged)
        return {place: label for place, label in merged.items() if y[place] != y.dtype.type(codes[place])}

    def set(self, dataset_id: int, places: Sequence[int], label: Label, *, is_new_class: bool = False) -> int:
        """Give samples another class or value, kept until a version is made. Can be undone.

        Args:
            dataset_id: The version.
            places: Numbers of the samples.
            label: The class or value.
            is_new_class: Whether it may be a class that there is not yet.

        Returns:
            How many samples have another label than before.

        Raises:
            UserError: There is no such class or sample, they are too many, or the project is read-only.
        """
        import numpy as np

        session = self._session
        session.require_writable()
        dataset, y = session.datasets.get(dataset_id), session.datasets.samples(dataset_id).y
        before = self._steps(dataset_id)
        now = _merged(before)
        known = self._schema(dataset_id, now)
        if is_new_class and isinstance(label, str) and label not in known.classes:
            label = class_name(label)
            known = replace(known, classes=(*known.classes, label))
        (code,) = coded_labels(known, {0: label}).values()
        if dataset.schema.task is Task.REGRESSION:
            label = float(code)
        wanted = np.unique(np.asarray(places, np.int64)).tolist()
        if len(wanted) > _MOST:
            raise UserError(f"{len(wanted):,} samples are too many at once: choose {_MOST:,} at most.")
        if wanted and not 0 <= wanted[0] <= wanted[-1] < len(y):
            raise UserError("A chosen sample is not in this version: look at it again.")
        step = {
            place: label
            for place in wanted
            if (now[place] != label if place in now else y[place] != y.dtype.type(code))
        }
        if not step:
            return 0
        if sum(map(len, before)) + len(step) > _MOST:
            raise UserError(
                f"More than {_MOST:,} labels would wait: make a version of those that are changed first, or "
                "choose fewer samples."
            )
        words = "1 sample" if len(step) == 1 else f"{len(step):,} samples"
        self._do(dataset_id, f"Label {words} of {dataset.name} {_said(label)}", before, (*before, step))
        return len(step)

    def undo(self, dataset_id: int) -> None:
        """Take the last step back, also one from before the project was opened.

        Raises:
            UserError: There is none.
        """
        changes = self._changes.get(dataset_id, [])
        while changes:
            try:
                self._session.history.take_back(changes.pop())
            except UserError:
                continue  # taken back already, by the undo of the window
            return
        steps = self._steps(dataset_id)
        if not steps:
            raise UserError("No label is changed.")
        name = self._session.datasets.get(dataset_id).name
        self._do(dataset_id, f"Take back labels of {name}", steps, steps[:-1], remember=False)

    def discard(self, dataset_id: int) -> None:
        """Forget all new labels. Can be undone."""
        steps = self._steps(dataset_id)
        if steps:
            name = self._session.datasets.get(dataset_id).name
            self._do(dataset_id, f"Discard new labels of {name}", steps, (), remember=False)

    def make_version(self, dataset_id: int) -> int:
        """Make one version of all new labels and return the job's id; undo brings them back to wait here.

        Raises:
            UserError: There are none.
        """
        steps, labels = self._steps(dataset_id), self.labels(dataset_id)
        known = self._session.datasets.get(dataset_id).schema.classes
        if not labels:
            raise UserError("No label is changed: set one right first.")

        def take() -> None:
            now = self._steps(dataset_id)
            # What was set right while the version was made stays for the next one.
            self._write(dataset_id, now[len(steps) :] if now[: len(steps)] == steps else now)

        def give_back() -> None:
            self._write(dataset_id, (*steps, *self._steps(dataset_id)))

        new = self._schema(dataset_id, labels).classes[len(known) :]
        return self._session.versions.relabel(dataset_id, labels, Also(take, give_back), new)

    def _do(self, dataset_id: int, label: str, before: Steps, after: Steps, *, remember: bool = True) -> None:
        self._session.require_writable()
        history = self._session.history
        history.do(
            label,
            lambda: self._write(dataset_id, after),
            lambda: self._write(dataset_id, before),
            lambda: frozenset({LabelsChanged(dataset_id)}),
        )
        if remember and history.last is not None:
            self._changes.setdefault(dataset_id, []).append(history.last)

    def _schema(self, dataset_id: int, labels: Mapping[int, Label]) -> Schema:
        """Return the schema of a version with the classes that these labels add to it, the last ones."""
        schema = self._session.datasets.get(dataset_id).schema
        return replace(schema, classes=(*schema.classes, *added_classes(schema, labels.values())))

    def _path(self, dataset_id: int) -> Path:
        session = self._session
        return session.folder.resolve(session.datasets.get(dataset_id).folder) / _FILE

    def _steps(self, dataset_id: int) -> Steps:
        if dataset_id not in self._known:
            self._known[dataset_id] = _read(self._path(dataset_id))
        return self._known[dataset_id]

    def _write(self, dataset_id: int, steps: Steps) -> None:
        atomic_write(self._path(dataset_id), json.dumps({"steps": steps}, ensure_ascii=False).encode())
        self._known[dataset_id] = steps
        self._session.bus.publish(LabelsChanged(dataset_id))


def _read(path: Path) -> Steps:
    if not path.is_file():
        return ()
    try:
        steps = json.loads(path.read_bytes())["steps"]
        return tuple({int(place): label for place, label in step.items()} for step in steps)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"The new labels in {path} cannot be read: remove this file to go on.") from error


def _merged(steps: Steps) -> dict[int, Label]:
    return {place: label for step in steps for place, label in step.items()}


def _said(label: Label) -> str:
    return label if isinstance(label, str) else f"{label:g}"
