"""Numbers measured on runs."""

from typing import ClassVar, Literal

from pydantic import Field

from workbench.board.facts.base import Fact, facts
from workbench.board.view import JUDGED, Measured, ProjectView
from workbench.core.records import Run
from workbench.core.risks import Link
from workbench.core.states import Condition, RunState, Split

_RECENT = 10


class _OfRun(Fact):
    """A fact of one run: the best, the last, or the one that was released."""

    run: Literal["best", "last", "released", "this"] = Field(
        "best",
        title="Run",
        description="Which run is looked at: the best in the measure, the last one, the released one, or "
        "this one alone. Default best.",
    )
    run_id: int = Field(
        0,
        ge=0,
        le=2**31,
        title="Number of the run",
        json_schema_extra={"advanced": True},
        description="The run, where this one alone is looked at. Default 0: none.",
    )

    def _run(self, view: ProjectView, measure: str, split: Split, class_name: str = "") -> Run | None:
        if self.run == "released":
            return view.released()
        if self.run == "this":
            return next((run for run in view.runs if run.id == self.run_id), None)
        if self.run == "last":
            return next((run for run in reversed(view.runs) if run.state in JUDGED), None)
        # With nothing measured in it, there is still a run to measure.
        return view.best(measure, split, class_name) or self._latest(view)

    def _latest(self, view: ProjectView) -> Run | None:
        return next((run for run in reversed(view.runs) if run.state in JUDGED), None)

    def _missing(self) -> Measured:
        words = {"this": "The run is not there any more", "released": "No run is released yet"}
        return Measured(None, f"{words.get(self.run, 'No run has finished yet')}.", Link("run", 0))


@facts.register("measure")
class MeasureFact(_OfRun):
    """A measure of a run on one split, of all classes or of one."""

    title: ClassVar[str] = "Measure of a run"
    text: ClassVar[str] = "Accuracy, recall, F1, error and the like, of all classes or of one."
    wrong: ClassVar[Condition] = Condition.BELOW

    measure: str = Field(
        "accuracy",
        max_length=64,
        title="Measure",
        json_schema_extra={"choices": "measures"},
        description="What is measured, such as accuracy, recall_macro or mae; of one class precision, "
        "recall or f1. Default accuracy.",
    )
    split: Split = Field(
        Split.TEST,
        title="Split",
        description="Where it is measured. Default test: what the model has never seen.",
    )
    class_name: str = Field(
        "",
        max_length=300,
        title="Class",
        json_schema_extra={"choices": "classes", "empty": "all classes"},
        description="One class, or empty for all. Default all.",
    )

    def read(self, view: ProjectView) -> Measured:
        """Return the measure."""
        run = self._run(view, self.measure, self.split, self.class_name)
        if run is None:
            return self._missing()
        value = view.value(run, self.measure, self.split, self.class_name)
        link = Link("run", run.id, self.split.value)
        if value is None:
            if self.class_name and (run.id, self.split) in view.evaluations:
                return Measured(None, f"{run.name} knows no class {self.class_name}.", link)
            return Measured(None, f"{run.name} is not evaluated on the {self.split} split yet.", link)
        evaluation = view.evaluations.get((run.id, self.split))
        where = f"evaluation {evaluation.id}" if evaluation else f"run {run.id} epoch {run.epochs}"
        return Measured(value, f"{value:.3f} ({run.name})", link, where)

    def phrase(self) -> str:
        """Return what it is."""
        of = f" of {self.class_name}" if self.class_name else ""
        return f"{self.measure.replace('_', ' ')}{of} on the {self.split} split"


@facts.register("gap")
class GapFact(_OfRun):
    """How much better a run is on what it has learnt from."""

    title: ClassVar[str] = "Gap between training and validation"
    text: ClassVar[str] = "Training minus validation accuracy, or the loss the other way round."

    measure: Literal["accuracy", "loss", "mae", "rmse"] = Field(
        "accuracy", title="Measure", description="What is compared. Default accuracy."
    )

    def read(self, view: ProjectView) -> Measured:
        """Return by how much training is better than validation."""
        run = self._run(view, self.measure, Split.VALIDATION)
        if run is None:
            return self._missing()
        trained, judged = (
            run.metrics.get(f"{split.value}/{self.measure}") for split in (Split.TRAIN, Split.VALIDATION)
        )
        link = Link("run", run.id)
        if trained is None or judged is None:
            return Measured(None, f"{run.name} has no {self.measure} on both splits.", link)
        gap = trained - judged if self.measure == "accuracy" else judged - trained
        return Measured(gap, f"{gap:.3f} ({run.name})", link, f"run {run.id} epoch {run.epochs}")

    def phrase(self) -> str:
        """Return what it is."""
        return f"gap in {self.measure} between training and validation"


class _Spent(_OfRun):
    """A fact that an evaluation measures of the model itself."""

    metric: ClassVar[str] = ""

    def read(self, view: ProjectView) -> Measured:
        """Return what an evaluation of the best run has measured, whatever the split."""
        goal = view.goal
        measure = goal.measure if goal else "accuracy"
        run = self._run(view, measure, goal.split if goal else Split.TEST, goal.class_name if goal else "")
        if run is None:
            return self._missing()
        for split in (Split.TEST, Split.VALIDATION, Split.TRAIN):
            evaluation = view.evaluations.get((run.id, split))
            value = evaluation.metrics.get(self.metric) if evaluation else None
            if evaluation is not None and value is not None:
                link = Link("run", run.id, split.value)
                return Measured(
                    value, f"{value:.3g} {self.unit} ({run.name})", link, f"evaluation {evaluation.id}"
                )
        return Measured(None, f"{run.name} has to be evaluated first.", Link("run", run.id, "test"))


@facts.register("latency")
class LatencyFact(_Spent):
    """How long an answer takes."""

    title: ClassVar[str] = "Latency"
    text: ClassVar[str] = "Time for one sample on the device that it was evaluated on."
    unit: ClassVar[str] = "ms"
    metric: ClassVar[str] = "latency_ms"

    def phrase(self) -> str:
        """Return what it is."""
        return "time for one answer"


@facts.register("size")
class SizeFact(_Spent):
    """How large the model is."""

    title: ClassVar[str] = "Size of the model"
    text: ClassVar[str] = "Its weights, in megabytes."
    unit: ClassVar[str] = "MB"
    metric: ClassVar[str] = "size_mb"

    def phrase(self) -> str:
        """Return what it is."""
        return "size of the model"


@facts.register("failures")
class FailureFact(Fact):
    """How often training goes wrong."""

    title: ClassVar[str] = "Share of runs that failed"
    text: ClassVar[str] = "Of the last ten runs that ended, those that failed, diverged or were cut short."

    def read(self, view: ProjectView) -> Measured:
        """Return the share in [0, 1]."""
        bad = (RunState.FAILED, RunState.DIVERGED, RunState.INTERRUPTED)
        ended = [run for run in view.runs if run.state in (*bad, *JUDGED)][-_RECENT:]
        if not ended:
            return Measured(None, "No run has ended yet.", Link("run", 0))
        count = sum(run.state in bad for run in ended)
        link = Link("run", next((run.id for run in reversed(ended) if run.state in bad), ended[-1].id))
        cause = ", ".join(f"run {run.id} {run.state}" for run in ended)
        return Measured(count / len(ended), f"{count} of {len(ended)} runs", link, cause)

    def phrase(self) -> str:
        """Return what it is."""
        return "share of runs that failed"
