"""Where a project stands: its gate, its goal over time, its risks, its cost, what happened. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from workbench.board import exposure, gates
from workbench.board.gates import Gate
from workbench.board.view import JUDGED, ProjectView, better_high
from workbench.core.board import Card, Change, Criterion, Goal, Lane, Person
from workbench.core.records import Run
from workbench.core.risks import Link, Proposal, Risk

_RISKS = 5
_CARDS = 5
_COST_DAYS = 14
_FARTHEST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class GoalPoint:
    """A run that was measured against the goal.

    Args:
        at: When it was measured.
        value: What it reached.
        best: The best of all so far.
        run: The run.
    """

    at: datetime
    value: float
    best: float
    run: Run


@dataclass(frozen=True, slots=True)
class TopRisk:
    """One of the heaviest risks.

    Args:
        risk: The risk.
        level: Word for its score.
        owner: Its owner's name; empty where nobody answers for it.
        overdue: Whether its review should have been before today.
        change: How much heavier it is than at the last review; None for one that is new since.
    """

    risk: Risk
    level: str
    owner: str
    overdue: bool
    change: int | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What training has cost.

    Args:
        spent: So far; None where an hour has no price.
        budget: What it may cost; None where nobody has said.
        currency: Of both.
        runs_out: Day on which the budget is used up if training goes on as lately; None where it does not.
    """

    spent: float | None
    budget: float | None
    currency: str
    runs_out: date | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something since the last review: `decision`, `risk_noted`, `risk_closed` or `run`."""

    kind: str
    at: datetime
    title: str
    link: Link


@dataclass(frozen=True)
class Standing:
    """Where a project stands.

    Args:
        begun: Whether it has a board at all: lanes, risks, a goal or a criterion.
        gate: The gate of its stage.
        goal: What the model has to reach, if anything.
        points: Runs that were measured against the goal, oldest first.
        risks: The heaviest risks that count.
        counting: How many risks count.
        overdue: How many of them should have been reviewed before today.
        ownerless: How many of them nobody answers for.
        cost: What training has cost.
        since: Day of the last review, or of the project's beginning.
        reviewed: Whether there was a review.
        review_due: Day of the next review, if it is set.
        happened: What has happened since, newest first.
        due: Open cards with a date, the earliest first.
        late: How many open cards are overdue.
        proposals: What waits for an answer, with the title of its risk.
    """

    begun: bool
    gate: Gate
    goal: Goal | None
    points: Sequence[GoalPoint]
    risks: Sequence[TopRisk]
    counting: int
    overdue: int
    ownerless: int
    cost: Cost
    since: date
    reviewed: bool
    review_due: date | None
    happened: Sequence[Happening]
    due: Sequence[Card]
    late: int
    proposals: Sequence[tuple[Proposal, str]]

    @property
    def best(self) -> GoalPoint | None:
        """The run that is nearest to the goal, or furthest beyond it."""
        return next((point for point in self.points if point.value == self.points[-1].best), None)

    @property
    def reached(self) -> bool:
        """Whether the goal is reached."""
        if self.goal is None or not self.points:
            return False
        best, target = self.points[-1].best, self.goal.target
        return best >= target if better_high(self.goal.measure) else best <= target


def stand(view: ProjectView, changes: Sequence[Change], now: datetime) -> Standing:
    """Return where a project stands.

    Args:
        view: The project as it is now.
        changes: History of the risks, oldest first, from the beginning.
        now: The moment.
    """
    last = view.reviewed_at()
    reviewed = not isinstance(last, datetime)
    start = last if isinstance(last, datetime) else datetime.combine(last, time()).astimezone()
    state = view.state
    counting = [risk for risk in state.of(Risk).values() if risk.status.counts]
    cards = [card for card in state.of(Card).values() if card.done_at is None and card.archived_at is None]
    charter = view.charter
    titles = {risk.id: risk.title for risk in state.of(Risk).values()}
    return Standing(
        begun=bool(state.of(Lane) or titles or charter.goal or state.of(Criterion)),
        gate=gates.look(view, view.project.stage),
        goal=view.goal,
        points=goal_over_time(view),
        risks=_top(view, counting, changes, start, now),
        counting=len(counting),
        overdue=sum(risk.overdue(view.today) for risk in counting),
        ownerless=sum(risk.owner_id is None for risk in counting),
        cost=Cost(view.spent(), charter.budget, view.project.currency, runs_out(view)),
        since=start.astimezone().date(),
        reviewed=reviewed,
        review_due=charter.next_review,
        happened=happened(view, start),
        due=sorted((card for card in cards if card.due), key=lambda card: (card.due or date.max, card.id))[
            :_CARDS
        ],
        late=sum(card.overdue(view.today) for card in cards),
        proposals=[(item, titles.get(item.risk_id, "")) for item in state.open_proposals()],
    )


def goal_over_time(view: ProjectView) -> list[GoalPoint]:
    """Return the runs that were measured against the goal, oldest first, each with the best so far."""
    goal = view.goal
    if goal is None:
        return []
    found = []
    for run in view.runs:
        value = view.value(run, goal.measure, goal.split, goal.class_name) if run.state in JUDGED else None
        evaluation = view.evaluations.get((run.id, goal.split))
        at = evaluation.created_at if evaluation is not None else run.ended_at
        if value is not None and at is not None:
            found.append((at, run, value))
    found.sort(key=lambda item: (item[0], item[1].id))
    better = max if better_high(goal.measure) else min
    points: list[GoalPoint] = []
    for at, run, value in found:
        points.append(GoalPoint(at, value, better(value, points[-1].best) if points else value, run))
    return points


def runs_out(view: ProjectView) -> date | None:
    """Return the day on which the budget is used up if training costs as much as in the last two weeks."""
    spent, budget, price = view.spent(), view.charter.budget, view.project.price_per_hour
    if spent is None or budget is None or price is None:
        return None
    if spent >= budget:
        return view.today
    days = {run.id: _day(run) for run in view.runs}
    lately = [run for run in view.runs if (view.today - days[run.id]).days < _COST_DAYS]
    cost = sum(run.seconds for run in lately) / 3600 * price
    if cost <= 0:
        return None
    age = (view.today - min(days.values())).days + 1
    left = (budget - spent) / (cost / max(1, min(_COST_DAYS, age)))
    return view.today + timedelta(days=int(left)) if left <= _FARTHEST_DAYS else None


def happened(view: ProjectView, start: datetime) -> list[Happening]:
    """Return decisions, risks noted and closed, and runs that ended since a moment, newest first."""
    found = [
        Happening("decision", item.at, item.title, Link("decision", item.id))
        for item in view.decisions
        if item.at >= start
    ]
    for risk in view.state.of(Risk).values():
        link = Link("risk", risk.id)
        if risk.created_at is not None and risk.created_at >= start:
            found.append(Happening("risk_noted", risk.created_at, risk.title, link))
        if risk.closed_at is not None and risk.closed_at >= start:
            found.append(Happening("risk_closed", risk.closed_at, risk.title, link))
    found += [
        Happening("run", run.ended_at, run.name, Link("run", run.id))
        for run in view.runs
        if run.state in JUDGED and run.ended_at is not None and run.ended_at >= start
    ]
    return sorted(found, key=lambda item: item.at, reverse=True)


def _top(
    view: ProjectView, counting: Sequence[Risk], changes: Sequence[Change], start: datetime, now: datetime
) -> list[TopRisk]:
    moved = {item.risk_id: item for item in exposure.between(changes, start, now + timedelta(seconds=1))}
    people = view.state.of(Person)
    found = []
    for risk in sorted(counting, key=lambda item: (-item.score, item.id))[:_RISKS]:
        move = moved.get(risk.id)
        change = 0 if move is None else None if move.before is None else risk.score - move.before
        owner = people.get(risk.owner_id) if risk.owner_id is not None else None
        level = risk.level(view.charter.thresholds)
        name = owner.name if owner is not None else ""
        found.append(TopRisk(risk, level, name, risk.overdue(view.today), change))
    return found


def _day(run: Run) -> date:
    return (run.ended_at or run.started_at or run.created_at).astimezone().date()
