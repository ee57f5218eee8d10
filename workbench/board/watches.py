"""Risks that follow measured numbers: what moves, what is only proposed, and why."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from workbench.board.facts.base import facts
from workbench.board.state import BoardState, edited
from workbench.board.view import JUDGED, Measured, ProjectView
from workbench.core.board import Edit
from workbench.core.errors import CancelledError, UserError
from workbench.core.risks import Link, Proposal, Risk, Trial, Watch
from workbench.core.states import Condition, ProposalKind, RunState, Split, Verdict

Lacking = tuple[int, Split]
"""A run and a split on which it has to be judged."""

_OF_MODEL = ("latency", "size")
_OPEN_RUN = (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED, RunState.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Move:
    """What a look at the numbers does to the board, and why.

    A `quiet` one only notes a number that is on the same side of its limit as before: no line of history.
    """

    edits: tuple[Edit, ...]
    label: str
    reason: str
    link: Link | None = None
    quiet: bool = False


def read(view: ProjectView, watch: Watch) -> Measured:
    """Return a watched number as it is now."""
    return measure(view, watch.fact, watch.fields)


def measure(view: ProjectView, fact: str, fields: Mapping[str, Any]) -> Measured:
    """Return a number as it is now; a fact that is not known here, or that fails, cannot be told."""
    try:
        return facts.build(fact, fields).read(view)
    except UserError as error:
        return Measured(None, str(error))
    except CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - a plug-in's fault is its own; the other numbers go on
        view.on_fault(error)
        return Measured(None, f"{fact} could not be measured: a report on the fault lies in the project.")


def verdict(watch: Watch, value: float | None) -> Verdict:
    """Return on which side of its limit a number is; on the limit is right."""
    if value is None:
        return Verdict.UNKNOWN
    wrong = value < watch.limit if watch.condition is Condition.BELOW else value > watch.limit
    return Verdict.NOT_MET if wrong else Verdict.MET


def phrase(watch: Watch) -> str:
    """Return what is watched, such as `recall of malignant on the test split below 0.9`."""
    return f"{name_of(watch.fact, watch.fields)} {watch.condition} {watch.limit:g}"


def name_of(fact: str, fields: Mapping[str, Any]) -> str:
    """Return what a fact is in a few words; its name where it is not known here, or does not say."""
    try:
        return facts.build(fact, fields).phrase()
    except Exception:  # noqa: BLE001 - of a plug-in; `measure` reports what is wrong with it
        return fact


def compared(found: Iterable[Watch]) -> Watch | None:
    """Return the watch whose number a mitigation should better: of a run, and one that is wrong first."""
    of_runs = [watch for watch in found if _of_runs(watch.fact)]
    return min(of_runs, key=lambda watch: watch.verdict is not Verdict.NOT_MET, default=None)


def look(view: ProjectView, now: datetime) -> list[Move]:
    """Return what the numbers as they are now do to the risks.

    A number that crosses its limit moves its risk's probability at once; one that comes back only proposes.
    Nothing moves twice for one cause, and what stays as it was moves nothing. What was proposed and no longer
    holds is taken away, unless it is answered.

    Args:
        view: The project as it is now.
        now: The moment, for what is proposed.
    """
    moves: list[Move] = []
    state = view.state
    # Many risks may watch the same; a proposal is of one watch only.
    numbers: dict[tuple[str, str], Measured] = {}
    proposed: dict[int | None, list[Proposal]] = {}
    for proposal in state.of(Proposal).values():
        proposed.setdefault(proposal.watch_id, []).append(proposal)
    for watch in list(state.of(Watch).values()):
        risk = state.of(Risk).get(watch.risk_id)
        if risk is None or not risk.status.counts:
            continue
        what = (watch.fact, repr(sorted(watch.fields.items())))
        if what not in numbers:
            numbers[what] = read(view, watch)
        move = _look_at(risk, watch, proposed.get(watch.id, []), numbers[what], now)
        if move is not None:
            moves.append(move)
            state = state.apply(_numbered(move.edits))
    return moves


def answer(state: BoardState, proposal: Proposal, accepted: bool) -> list[Edit]:
    """Return the edits with which the user accepts a proposal, or puts back what it has moved.

    Raises:
        UserError: It is answered already, or not there any more.
    """
    proposal = state.get(Proposal, proposal.id)
    if proposal.answer is not None:
        raise UserError("This proposal is answered already.")
    risk = state.get(Risk, proposal.risk_id)
    probability, impact = proposal.after
    edits: list[Edit] = []
    if proposal.kind is ProposalKind.RAISED:
        if not accepted and risk.probability == probability:
            edits = edited(risk, probability=proposal.before[0])
    elif accepted and proposal.kind is ProposalKind.LOWER:
        edits = edited(risk, probability=min(risk.probability, probability))
    elif accepted:
        edits = edited(risk, residual_probability=probability, residual_impact=impact)
    return [*edits, *edited(proposal, answer=accepted)]


def compare(view: ProjectView, now: datetime, waiting: Set[Lacking] | None = None) -> list[Move]:
    """Return what the mitigations that were tried have come to, for those whose runs have ended.

    Args:
        view: The project as it is now.
        now: The moment, for what is proposed.
        waiting: What is being judged, or will be; None where that is not known.
    """
    moves = []
    for trial in view.state.of(Trial).values():
        risk = view.state.of(Risk).get(trial.risk_id)
        if waits(trial) and risk is not None:
            move = _compare(view, risk, trial, now, waiting)
            if move is not None:
                moves.append(move)
    return moves


def waits(trial: Trial) -> bool:
    """Return whether a trial may still be compared: a run that failed may have been resumed since."""
    return not trial.ended or (bool(trial.fact) and trial.after is None)


def lacking(view: ProjectView, trial: Trial) -> list[Lacking]:
    """Return what has to be judged before the runs of a trial can be compared."""
    split = _judged_on(trial)
    if split is None:
        return []
    splits = tuple(Split) if trial.fact in _OF_MODEL else (split,)
    done = [run.id for run in view.runs if run.state in JUDGED]
    return [
        (run_id, split)
        for run_id in (trial.base_run_id, trial.run_id)
        if run_id in done and not any((run_id, each) in view.evaluations for each in splits)
    ]


def _judged_on(trial: Trial) -> Split | None:
    """Return the split on which the runs of a trial have to be judged; None where their training tells."""
    if trial.fact in _OF_MODEL:
        return Split.TEST
    try:
        split = getattr(facts.build(trial.fact, trial.fields), "split", None) if trial.fact else None
    except UserError:
        return None
    return Split(split) if split else None


def _look_at(
    risk: Risk, watch: Watch, own: Sequence[Proposal], measured: Measured, now: datetime
) -> Move | None:
    found = verdict(watch, measured.value)
    seen = edited(watch, verdict=found, value=measured.value, cause=measured.cause)
    side = "is" if found is Verdict.NOT_MET else "is no longer"
    said = measured.beside(watch.limit)
    why = f"{name_of(watch.fact, watch.fields)} {side} {watch.condition} {watch.limit:g}: {said}"
    edits = list(seen)
    if found is Verdict.NOT_MET:
        edits += [Edit(item, None) for item in _open(own, ProposalKind.LOWER)]
        level = watch.raises_to if watch.verdict is not found and _is_new(own, measured) else 0
        if level > risk.probability:
            edits += edited(risk, probability=level)
            edits.append(_proposal(risk, watch, ProposalKind.RAISED, why, level, measured, now))
    elif found is Verdict.MET:
        edits += [Edit(item, replace(item, answer=True)) for item in _open(own, ProposalKind.RAISED)]
        level = _lower(risk, watch, own, measured)
        if level < risk.probability and not _open(own, ProposalKind.LOWER):
            edits.append(_proposal(risk, watch, ProposalKind.LOWER, why, level, measured, now))
    if not edits:
        return None
    crossed = found is not watch.verdict and Verdict.NOT_MET in (found, watch.verdict)
    told = len(edits) > len(seen) or (crossed and found is not Verdict.UNKNOWN)
    quiet = len(edits) == len(seen) and found is watch.verdict
    return Move(tuple(edits), f"Watch: {risk.title}", why if told else measured.text, measured.link, quiet)


def _open(proposals: Iterable[Proposal], kind: ProposalKind) -> list[Proposal]:
    return [item for item in proposals if item.kind is kind and item.answer is None]


def _is_new(own: Iterable[Proposal], measured: Measured) -> bool:
    """Return whether a watch has not raised its risk for this cause before."""
    return all(item.cause != measured.cause for item in own if item.kind is ProposalKind.RAISED)


def _lower(risk: Risk, watch: Watch, own: Sequence[Proposal], measured: Measured) -> int:
    """Return the probability to propose when the number is right; the risk's own where there is nothing to.

    What the watch has raised goes back to what it was, unless the user did so, or has said no since. A risk
    that the watch found high already goes down by one.
    """
    raised = max((item for item in own if item.kind is ProposalKind.RAISED), key=_number, default=None)
    lower = [item for item in own if item.kind is ProposalKind.LOWER]
    is_back = watch.verdict is Verdict.NOT_MET and all(item.cause != measured.cause for item in lower)
    since = [item for item in lower if raised is not None and item.id > raised.id]
    if raised is None or any(item.answer for item in since):
        return max(1, risk.probability - 1) if is_back else risk.probability
    stands = raised.answer is None or (raised.answer and watch.verdict is not Verdict.MET)
    return raised.before[0] if stands and (is_back or not since) else risk.probability


def _number(proposal: Proposal) -> int:
    return proposal.id


def _proposal(
    risk: Risk,
    watch: Watch,
    kind: ProposalKind,
    why: str,
    probability: int,
    measured: Measured,
    now: datetime,
) -> Edit:
    return Edit(
        None,
        Proposal(
            *(0, risk.id, kind, _sentence(why)),
            before=(risk.probability, risk.impact),
            after=(probability, risk.impact),
            at=now,
            link=measured.link,
            watch_id=watch.id,
            cause=measured.cause,
        ),
    )


def _compare(
    view: ProjectView, risk: Risk, trial: Trial, now: datetime, waiting: Set[Lacking] | None
) -> Move | None:
    run = next((item for item in view.runs if item.id == trial.run_id), None)
    # A run in the bin may come back, one that was cut short may go on.
    if run is None or run.state in _OPEN_RUN:
        return None
    if run.state in (RunState.FAILED, RunState.DIVERGED):
        return _given_up(risk, trial, f"{run.name} {run.state}.")
    if not _of_runs(trial.fact):
        return _given_up(risk, trial, "It watches no number of a run.")
    before, after = (_of_run(view, trial, run_id) for run_id in (trial.base_run_id, trial.run_id))
    lacks = {run_id for run_id, split in lacking(view, trial) if (run_id, split) in (waiting or ())}
    if after.value is None:
        is_final = waiting is not None and trial.run_id not in lacks and trial.fact in facts.names()
        return _given_up(risk, trial, _sentence(after.text)) if is_final else None
    if before.value is None and (trial.base_run_id in lacks or _is_at_work(view, trial.base_run_id)):
        return None
    watch = _watch_like(view.state, trial)
    probability = _residual(risk, watch, before.value, after.value)
    limit = f", limit {watch.limit:g}" if watch is not None else ""
    was = "unknown" if before.value is None else f"{before.value:.3g}"
    said = f"{after.value:.3g}"
    now_is = replace(after, text=said, number=said).beside(watch.limit) if watch is not None else said
    text = f"{name_of(trial.fact, trial.fields)}: {was} before, {now_is} with {run.name}{limit}"
    link = Link("run", run.id)
    proposal = Proposal(
        *(0, risk.id, ProposalKind.RESIDUAL, _sentence(text)),
        before=(risk.probability, risk.impact),
        after=(probability, risk.impact),
        at=now,
        link=link,
        watch_id=watch.id if watch else None,
        cause=f"trial {trial.id}",
    )
    done = edited(trial, ended=True, before=before.value, after=after.value)
    return Move((*done, Edit(None, proposal)), f"Mitigation of {risk.title}", _sentence(text), link)


def _given_up(risk: Risk, trial: Trial, text: str) -> Move | None:
    """Return the move that ends a trial without a number; None where it has ended so already."""
    edits = tuple(edited(trial, ended=True))
    return Move(edits, f"Mitigation of {risk.title}", text) if edits else None


def _is_at_work(view: ProjectView, run_id: int) -> bool:
    return any(run.id == run_id and run.state.active for run in view.runs)


def _of_runs(fact: str) -> bool:
    """Return whether a fact is one of a single run; one that is not known here may be."""
    try:
        return bool(fact) and "run_id" in facts.get(fact).model_fields
    except UserError:
        return True


def _of_run(view: ProjectView, trial: Trial, run_id: int) -> Measured:
    return measure(view, trial.fact, dict(trial.fields) | {"run": "this", "run_id": run_id})


def _watch_like(state: BoardState, trial: Trial) -> Watch | None:
    own = state.watches_of(trial.risk_id)
    return next((item for item in own if item.fact == trial.fact and item.fields == trial.fields), None)


def _residual(risk: Risk, watch: Watch | None, before: float | None, after: float) -> int:
    """Return the probability that a tried mitigation leaves: 2 less within the limit, 1 less if better."""
    if watch is not None and verdict(watch, after) is Verdict.MET:
        return max(1, risk.probability - 2)
    if before is None or watch is None:
        return risk.probability
    better = after > before if watch.condition is Condition.BELOW else after < before
    return max(1, risk.probability - 1) if better else risk.probability


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def _numbered(edits: Iterable[Edit]) -> list[Edit]:
    """Give what has no number yet a passing one, so that a look over several watches sees it."""
    return [
        Edit(None, replace(edit.after, id=next(_passing)))
        if edit.before is None and edit.after is not None and edit.after.id == 0
        else edit
        for edit in edits
    ]


_passing = count(-1, -1)
