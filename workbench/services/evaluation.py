"""Verbs on judging: evaluate a run on a split, look at its samples, predict new data."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress
from workbench.core.errors import DataError
from workbench.core.events import EvaluationChanged
from workbench.core.files import atomic_write, make_folder
from workbench.core.records import Evaluation, Run, Skipped
from workbench.core.states import Split, Task
from workbench.services.sources import reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.core.registry import Choice
    from workbench.services.session import Session
    from workbench.training.checkpoints import TrainedModel


_WARM_UP = 5
_TIMED = 30

_INCOMPLETE = "a value is missing that the recipe of the run does not fill"


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model said of each sample of a split.

    Args:
        index: (n,) places of the samples in the dataset.
        actual: (n,) labels or values.
        predicted: (n,) labels or values.
        confidence: (n,) probability of the predicted class, in [0, 1]; NaN for regression.
    """

    index: "NDArray[np.int64]"
    actual: "NDArray[Any]"
    predicted: "NDArray[Any]"
    confidence: "NDArray[np.float32]"

    def cell(self, actual: int, predicted: int) -> "NDArray[np.int64]":
        """Return the places in the dataset of the samples in one cell, the most certain first."""
        import numpy as np

        hits = np.flatnonzero((self.actual == actual) & (self.predicted == predicted))
        return self.index[hits[np.argsort(-self.confidence[hits], kind="stable")]]


@dataclass(frozen=True, slots=True)
class PredictResult:
    """Where predictions were written, how many, and what could not be read.

    Args:
        path: The file.
        count: How many predictions are in it.
        skipped: What has no prediction, and why.
        unread: One sentence for each column with values that were taken as missing.
    """

    path: Path
    count: int
    skipped: tuple[Skipped, ...]
    unread: tuple[str, ...] = ()


class EvaluationService:
    """Evaluations of the runs of an open project."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def evaluate(self, run_id: int, split: Split = Split.TEST) -> int:
        """Judge a run's best checkpoint in the background; the job's result is the Evaluation."""
        session = self._session
        session.require_writable()
        run = session.training.get(run_id)

        def work(token: CancelToken, progress: Progress) -> Evaluation:
            return self._evaluate(run, split, token, progress)

        return session.jobs.submit("evaluate", f"Evaluate {run.name}", work, subject=f"evaluation:{run_id}")

    def measures(self) -> "list[type[Choice]]":
        """Return what is measured, each for its tasks; loads what measures."""
        from workbench.evaluation.measures import measures

        return [measures.get(name) for name in measures.names()]

    def latest(self, run_id: int, split: Split = Split.TEST) -> Evaluation | None:
        """Return the newest evaluation of a run on a split, if there is one."""
        return self._session.store.evaluations.latest(run_id, split)

    def all(self, run_id: int) -> list[Evaluation]:
        """Return all evaluations of a run, oldest first."""
        return self._session.store.evaluations.list(run_id)

    def predictions(self, evaluation: Evaluation) -> "Predictions":
        """Return what the model said of each sample of the split."""
        import numpy as np

        path = self._session.folder.resolve(evaluation.predictions)
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return Predictions(
                    arrays["index"], arrays["actual"], arrays["predicted"], arrays["confidence"]
                )
        except (OSError, ValueError, KeyError) as error:
            raise DataError(
                "The predictions of this evaluation are missing or damaged: evaluate again."
            ) from error

    def predict(self, run_id: int, source: Path, out: Path) -> int:
        """Write a CSV with predictions for new data in the background; its result is a PredictResult."""
        run = self._session.training.get(run_id)
        if _same_file(out, source):
            raise DataError(f"{out} holds the data itself: choose another file for the predictions.")
        if out.resolve().is_relative_to(self._session.folder.root.resolve()):
            raise DataError(f"{out} lies inside the project: choose a place outside for the predictions.")
        if out.is_dir() or not out.parent.is_dir():
            wrong = f"{out} is a folder" if out.is_dir() else f"There is no folder {out.parent}"
            raise DataError(f"{wrong}: choose another place for the predictions.")

        def work(token: CancelToken, progress: Progress) -> PredictResult:
            return self._predict(run, source.absolute(), out.absolute(), token, progress)

        return self._session.jobs.submit(
            "evaluate", f"Predict {source.name}", work, subject=f"predict:{run_id}"
        )

    def _model(self, run: Run) -> "TrainedModel":
        from workbench.training.checkpoints import read_checkpoint, trained_model
        from workbench.training.devices import find_device

        checkpoint = self._session.store.checkpoints.get(run.id, "best")
        if checkpoint is None:
            raise DataError(f"{run.name} has no checkpoint yet: train it at least one epoch.")
        state = read_checkpoint(self._session.folder.resolve(checkpoint.path), checkpoint.sha256)
        model = trained_model(state, find_device(run.train.device))
        if model.schema != self._session.datasets.get(run.dataset_id).schema:
            raise DataError(f"The checkpoint of {run.name} belongs to other data: train it again.")
        return model

    def _evaluate(self, run: Run, split: Split, token: CancelToken, progress: Progress) -> Evaluation:
        import numpy as np

        from workbench.evaluation.judge import judge

        session = self._session
        dataset = session.datasets.get(run.dataset_id)
        index = session.datasets.split_indices(dataset.id, run.split)[split]
        if not len(index):
            raise DataError(f"The {split} split of {dataset.name} is empty: give it a share and train again.")
        samples = session.datasets.samples(dataset.id)
        model = self._model(run)
        outputs = []
        for start in range(0, len(index), 4096):
            token.check()
            outputs.append(model.predict(samples.x[index[start : start + 4096]]))
            progress(min(start + 4096, len(index)), len(index), "samples")
        actual = np.asarray(samples.y[index])
        predicted, confidence = _said(np.concatenate(outputs), dataset.schema.task)
        judgement = judge(actual, predicted, dataset.schema)
        now = datetime.now(UTC)
        folder = session.folder.run(run.id)
        make_folder(folder)
        path = folder / f"evaluation-{split}-{now:%Y%m%dT%H%M%S%f}.npz"
        buffer = io.BytesIO()
        np.savez(buffer, index=index, actual=actual, predicted=predicted, confidence=confidence)
        atomic_write(path, buffer.getvalue())
        evaluation = session.store.evaluations.add(
            run_id=run.id,
            split=split,
            epoch=model.epoch,
            count=len(index),
            metrics=dict(judgement.metrics) | _spent(model, samples.x[index[:1]], token),
            labels=dataset.schema.classes,
            counts=judgement.counts,
            per_class=judgement.per_class,
            predictions=session.folder.relative(path),
        )
        session.bus.publish(EvaluationChanged(run.id))
        return evaluation

    def _predict(
        self, run: Run, source: Path, out: Path, token: CancelToken, progress: Progress
    ) -> "PredictResult":
        import numpy as np
        import pandas

        from workbench.datasets.sniff import find_kind

        dataset = self._session.datasets.get(run.dataset_id)
        model = self._model(run)
        with reading(source):
            kind = find_kind(source, ImportConfig(kind=dataset.imported.kind))
            encoded = kind.encode(source, dataset.schema, dataset.imported.details, token, progress)
        token.check()
        outputs, names = model.predict(encoded.samples.x), list(encoded.samples.names)
        told = np.isfinite(outputs.reshape(len(outputs), -1)).all(axis=1)
        unsaid = [Skipped(names[place], _INCOMPLETE) for place in np.flatnonzero(~told)]
        outputs, names = outputs[told], [name for name, is_told in zip(names, told, strict=True) if is_told]
        predicted, confidence = _said(outputs, dataset.schema.task)
        columns: dict[str, Any] = {"sample": names}
        if dataset.schema.task is Task.CLASSIFICATION:
            classes = dataset.schema.classes
            columns |= {"predicted": [classes[int(label)] for label in predicted], "probability": confidence}
            columns |= {f"probability {name}": outputs[:, index] for index, name in enumerate(classes)}
        else:
            columns["predicted"] = predicted
        text = pandas.DataFrame(columns).to_csv(index=False)
        atomic_write(out, text.encode())
        return PredictResult(out, len(outputs), (*encoded.skipped, *unsaid), encoded.unread)


def _spent(model: "TrainedModel", sample: "NDArray[Any]", token: CancelToken) -> dict[str, float]:
    """Return how long one answer takes and how large the model is, behind the measures of how good it is.

    Args:
        model: The model, on the device that it is judged on.
        sample: (1, *shape), a raw sample: its preparation is part of the answer.
        token: Looked at before each prediction.
    """
    times = []
    for _ in range(_WARM_UP + _TIMED):
        token.check()
        begin = perf_counter()
        model.predict(sample)
        times.append(perf_counter() - begin)
    return {"latency_ms": median(times[_WARM_UP:]) * 1000, "size_mb": model.size_bytes / 1e6}


def _same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _said(outputs: "NDArray[Any]", task: Task) -> "tuple[NDArray[Any], NDArray[np.float32]]":
    """Return predicted labels and their probability; for regression the values and NaN."""
    import numpy as np

    if task is Task.REGRESSION:
        return outputs, np.full(len(outputs), np.nan, dtype=np.float32)
    return outputs.argmax(axis=1), outputs.max(axis=1).astype(np.float32)
