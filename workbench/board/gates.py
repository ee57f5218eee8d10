"""Gates: what a stage's exit asks, and whether it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workbench.board.criteria.base import criteria
from workbench.board.view import Judged, ProjectView
from workbench.core.board import Criterion, Decision, Figure
from workbench.core.errors import CancelledError, UserError
from workbench.core.risks import Link
from workbench.core.states import DecisionKind, Stage, Verdict


@dataclass(frozen=True, slots=True)
class CriterionState:
    """One criterion of a gate as it is now."""

    criterion: Criterion
    title: str
    judged: Judged


@dataclass(frozen=True, slots=True)
class Gate:
    """The exit of a stage as it is now.

    Args:
        stage: The stage that it ends.
        items: Its criteria in order.
        passed: The decision with which the project last left the stage, if it did.
        overrides: The decisions with which the project left earlier stages although something lacked.
    """

    stage: Stage
    items: Sequence[CriterionState]
    passed: Decision | None = None
    overrides: Sequence[Decision] = ()

    @property
    def open(self) -> bool:
        """Whether the project may leave the stage; a gate without criteria stands open."""
        return all(item.judged.verdict is Verdict.MET for item in self.items)

    @property
    def lacks(self) -> list[CriterionState]:
        """What is not met, or cannot be told yet."""
        return [item for item in self.items if item.judged.verdict is not Verdict.MET]


def look(view: ProjectView, stage: Stage) -> Gate:
    """Return a stage's gate as it is now."""
    own = [item for item in view.state.of(Criterion).values() if item.stage is stage]
    own.sort(key=lambda item: (item.place, item.id))
    return Gate(
        stage,
        [judge(view, item) for item in own],
        _passed(view.standing, stage),
        overrides(view.standing, stage),
    )


def judge(view: ProjectView, criterion: Criterion) -> CriterionState:
    """Return a criterion as it is now; one that is not known here, such as of a plug-in, cannot be told."""
    try:
        known = criteria.build(criterion.name, criterion.fields)
        # What a criterion asks of a stage, it asks of the one that its gate ends.
        view = replace(view, project=replace(view.project, stage=criterion.stage))
        return CriterionState(criterion, known.phrase(), known.judge(view))
    except UserError as error:
        return CriterionState(criterion, criterion.name, Judged(Verdict.UNKNOWN, str(error)))
    except CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - a plug-in's fault is its own; the other criteria go on
        view.on_fault(error)
        text = "It could not be judged: a report on the fault lies in the project."
        return CriterionState(criterion, criterion.name, Judged(Verdict.UNKNOWN, text))


def overrides(standing: Sequence[Decision], stage: Stage) -> list[Decision]:
    """Return the decisions with which a project left the stages before this one past an unmet gate.

    Args:
        standing: The decisions that nobody has taken back, oldest first.
        stage: Where the project is.
    """
    before = list(Stage)[: list(Stage).index(stage)]
    left = (_passed(standing, earlier) for earlier in before)
    return [item for item in left if item is not None and item.kind is DecisionKind.GATE_OVERRIDDEN]


def next_stage(stage: Stage) -> Stage | None:
    """Return the stage that follows; None after the last."""
    stages = list(Stage)
    at = stages.index(stage) + 1
    return stages[at] if at < len(stages) else None


def decide(gate: Gate, who: str, reason: str, now: datetime) -> Decision:
    """Return the line of the log with which the project leaves a stage.

    Args:
        gate: As it is now.
        who: Who sits here.
        reason: Why it is left although something lacks; may be empty where nothing does.
        now: The moment.

    Raises:
        UserError: Something lacks, and no reason is given.
    """
    if not gate.open and not reason.strip():
        raise UserError(
            "The gate is not met: say why the project goes on all the same.", {"reason": "has to be given"}
        )
    following = next_stage(gate.stage)
    if following is None:
        raise UserError("Operations is the last stage.")
    word = "passed" if gate.open else "overridden"
    return Decision(
        0,
        now,
        who,
        DecisionKind.GATE_PASSED if gate.open else DecisionKind.GATE_OVERRIDDEN,
        f"{gate.stage.value.capitalize()} gate {word}: on to {following.value}",
        reason.strip(),
        tuple(
            Figure(item.title, item.judged.text, item.judged.verdict, item.judged.link) for item in gate.items
        ),
        _sources(gate),
        gate.stage,
    )


def _sources(gate: Gate) -> tuple[Link, ...]:
    links = (item.judged.link for item in gate.items)
    return tuple(dict.fromkeys(link for link in links if link is not None and link.id))


def _passed(decisions: Sequence[Decision], stage: Stage) -> Decision | None:
    kinds = (DecisionKind.GATE_PASSED, DecisionKind.GATE_OVERRIDDEN)
    return next((d for d in reversed(decisions) if d.stage is stage and d.kind in kinds), None)
