"""Numbers measured on runs."""

from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from workbench.board.facts.base import Fact, facts
from workbench.board.view import JUDGED, Measured, ProjectView, better_high
from workbench.core.board import Goal
from workbench.core.records import Run
from workbench.core.risks import Link
from workbench.core.slices import LEAST_SAMPLES
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
    """A measure of a run on one split: of all samples, of one class, or of one slice."""

    title: ClassVar[str] = "Measure of a run"
    text: ClassVar[str] = (
        "Accuracy, recall, F1, error and the like, of all samples, of one class or of one slice."
    )
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
    slice_name: str = Field(
        "",
        max_length=400,
        title="Slice",
        json_schema_extra={"choices": "slices", "empty": "all samples"},
        description="Samples that have something in common, such as the lowest quarter of a column. "
        "Default all samples.",
    )

    @field_validator("slice_name")
    @classmethod
    def _one_of_both(cls, value: str, info: ValidationInfo) -> str:
        if value and info.data.get("class_name"):
            raise ValueError("has to be empty where a class is chosen")
        return value

    def read(self, view: ProjectView) -> Measured:
        """Return the measure."""
        run = self._run(view, self.measure, self.split, self.class_name)
        if run is None:
            return self._missing()
        if self.slice_name:
            return self._of_slice(view, run)
        value = view.value(run, self.measure, self.split, self.class_name)
        link = Link("run", run.id, self.split.value)
        if value is None:
            if self.class_name and (run.id, self.split) in view.evaluations:
                return Measured(None, f"{run.name} knows no class {self.class_name}.", link)
            return Measured(None, f"{run.name} is not evaluated on the {self.split} split yet.", link)
        evaluation = view.evaluations.get((run.id, self.split))
        where = f"evaluation {evaluation.id}" if evaluation else f"run {run.id} epoch {run.epochs}"
        number = f"{value:.3f}"
        return Measured(value, f"{number} ({run.name})", link, where, number)

    def _of_slice(self, view: ProjectView, run: Run) -> Measured:
        """Return the measure of one slice of the run that is best on all of the split."""
        link = Link("run", run.id, self.split.value)
        evaluation = view.evaluations.get((run.id, self.split))
        if evaluation is None:
            return Measured(None, f"{run.name} is not evaluated on the {self.split} split yet.", link)
        part = view.slice(run, self.split, self.slice_name)
        if part is None:
            return Measured(
                None, f"{run.name} has no slice {self.slice_name} on the {self.split} split.", link
            )
        if part.count < LEAST_SAMPLES:
            few = f"{part.count} samples are too few to tell: {LEAST_SAMPLES} are needed ({run.name})."
            return Measured(None, few, link)
        value = part.metrics.get(self.measure)
        if value is None:
            return Measured(None, f"{self.measure} is not measured by slice ({run.name}).", link)
        number = f"{value:.3f}"
        about = ", ".join(text for text in (run.name, f"{part.count} samples", part.extent) if text)
        return Measured(value, f"{number} ({about})", link, f"evaluation {evaluation.id}", number)

    def phrase(self) -> str:
        """Return what it is."""
        of = f" of {self.class_name}" if self.class_name else ""
        where = f" where {self.slice_name}" if self.slice_name else ""
        return f"{self.measure.replace('_', ' ')}{of} on the {self.split} split{where}"


@facts.register("gap")
class GapFact(_OfRun):
    """How much better a run is on what it has learnt from."""

    title: ClassVar[str] = "Gap between training and validation"
    text: ClassVar[str] = (
        "Training minus validation accuracy, or the loss the other way round; of an error in the target's "
        "unit the share by which it is smaller in training."
    )

    measure: Literal["auto", "accuracy", "loss", "mae", "rmse"] = Field(
        "auto",
        title="Measure",
        description="What is compared. Default auto: the goal's measure where both splits are judged by it, "
        "else accuracy for classes and RMSE for numbers.",
    )

    def read(self, view: ProjectView) -> Measured:
        """Return by how much training is better than validation."""
        goal = view.goal
        if self.measure != "auto":
            run = self._run(view, self.measure, Split.VALIDATION)
        elif goal is not None and view.best(goal.measure, goal.split, goal.class_name) is not None:
            run = self._run(view, goal.measure, goal.split, goal.class_name)
        else:
            found = (name for name in _RECORDED if view.best(name, Split.VALIDATION) is not None)
            run = self._run(view, next(found, "loss"), Split.VALIDATION)
        if run is None:
            return self._missing()
        link = Link("run", run.id)
        known = self._gap(view, run)
        if known is None:
            what = "measure" if self.measure == "auto" else self.measure
            return Measured(None, f"{run.name} has no {what} on both splits.", link)
        number = f"{known[0]:.3f}"
        return Measured(known[0], f"{number} {known[1]} ({run.name})", link, known[2], number)

    def _gap(self, view: ProjectView, run: Run) -> tuple[float, str, str] | None:
        """Return the gap, its measure and what it was measured on."""
        goal = view.goal
        judged = [view.evaluations.get((run.id, split)) for split in (Split.TRAIN, Split.VALIDATION)]
        if self.measure == "auto" and goal is not None and judged[0] is not None and judged[1] is not None:
            values = [item.metrics.get(goal.measure) for item in judged if item is not None]
            if values[0] is not None and values[1] is not None:
                cause = f"evaluations {judged[0].id} and {judged[1].id}"
                return _difference(goal.measure, values[0], values[1]), goal.measure, cause
        known = gap_of(run, goal, self.measure)
        return (*known, f"run {run.id} epoch {run.epochs}") if known is not None else None

    def phrase(self) -> str:
        """Return what it is."""
        of = "" if self.measure == "auto" else f" in {self.measure}"
        return f"gap{of} between training and validation"


_RECORDED = ("accuracy", "rmse", "loss")
_IN_UNITS = ("mae", "rmse")


def gap_of(run: Run, goal: Goal | None = None, measure: str = "auto") -> tuple[float, str] | None:
    """Return by how much training is better than validation at the end of a run, and in which measure.

    Args:
        run: The run.
        goal: What the project wants; its measure comes first where the training records it.
        measure: The one that is compared, or `auto`.
    """
    wanted = (measure,) if measure != "auto" else (*((goal.measure,) if goal else ()), *_RECORDED)
    for name in wanted:
        trained, judged = (run.metrics.get(f"{split}/{name}") for split in (Split.TRAIN, Split.VALIDATION))
        if trained is not None and judged is not None:
            return _difference(name, trained, judged), name
    return None


def _difference(measure: str, trained: float, judged: float) -> float:
    if better_high(measure):
        return trained - judged
    # Whatever the target's unit is, a third less is a third less.
    return (judged - trained) / judged if measure in _IN_UNITS and judged else judged - trained


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
                number = f"{value:.3g}"
                text = f"{number} {self.unit} ({run.name})"
                return Measured(value, text, link, f"evaluation {evaluation.id}", number)
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
