"""Verbs on risks: take, make, watch, answer, review, accept, try a mitigation, see how they weigh."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from workbench.board import edits as edit
from workbench.board import exposure, suggestions, watches
from workbench.board.exposure import Difference, Exposure
from workbench.board.facts.base import Fact, facts
from workbench.board.facts.runs import gap_of
from workbench.board.mitigations.base import Mitigation, RunSettings, mitigations
from workbench.board.state import BoardState
from workbench.board.view import Measured, accepted_in, standing_of
from workbench.core.board import Card, Change, Decision, Edit, Meeting
from workbench.core.errors import UserError
from workbench.core.records import Run
from workbench.core.risks import Link, MitigationIdea, Proposal, Risk, RiskIdea, Watch
from workbench.core.states import DecisionKind, Response, RiskStatus, RunState, Split, Stage, Verdict
from workbench.services.board import Reason
from workbench.services.risk_choices import Offered, choices_of
from workbench.services.trials import start_trial

if TYPE_CHECKING:
    from workbench.board.view import ProjectView
    from workbench.services.session import Session

__all__ = ["REVIEW_DAYS", "Difference", "Exposure", "Fact", "Measured", "Mitigation", "RiskService"]

REVIEW_DAYS = 14
"""How long after it is noted a risk is looked at again, unless another day is said."""


class RiskService:
    """The risks of an open project."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def all(self) -> list[Risk]:
        """Return the risks, the heaviest first."""
        found = self._session.board.state.of(Risk).values()
        return sorted(found, key=lambda risk: (not risk.status.counts, -risk.score, risk.id))

    def get(self, risk_id: int) -> Risk:
        """Return one risk."""
        return self._session.board.state.get(Risk, risk_id)

    def save(self, risk: Risk, reason: str = "") -> int:
        """Add a risk, or give a known one these values; returns its id. Can be undone."""
        now = datetime.now(UTC)
        if risk.id == 0:
            risk = replace(risk, created_at=risk.created_at or now)
        closed = risk.status is RiskStatus.CLOSED
        risk = replace(risk, closed_at=(risk.closed_at or now) if closed else None)
        return self._session.board.save(risk, reason)

    def take(
        self,
        idea: RiskIdea,
        owner_id: int | None = None,
        *,
        lane_id: int | None = None,
        cards: bool = True,
        watch: bool = True,
    ) -> int:
        """Add a risk that is ready to be taken, with its watch and its mitigations as cards; returns its id.

        Args:
            idea: Out of the catalogue, or made from a finding.
            owner_id: Who answers for it.
            lane_id: Where its cards go; by default the first lane of the project's stage.
            cards: Whether mitigations become cards.
            watch: Whether its number is watched.
        """
        session = self._session
        today = date.today()
        risk = replace(
            idea.risk,
            id=0,
            owner_id=owner_id if owner_id is not None else idea.risk.owner_id,
            next_review=idea.risk.next_review or today + timedelta(days=REVIEW_DAYS),
            created_at=datetime.now(UTC),
            source=idea.code,
        )
        board = session.board
        with session.history.together(f"Add {risk.title}"):
            actions: tuple[int, ...] = ()
            if cards and idea.mitigations:
                lane = lane_id or self.lane()
                new = [
                    Card(0, lane, item.title, text=item.text, owner_id=risk.owner_id, tags=("risk",))
                    for item in idea.mitigations
                ]
                actions = tuple(board.save_all(new))
            risk_id = board.save(replace(risk, actions=actions))
            if watch and idea.watch is not None:
                board.save(replace(idea.watch, id=0, risk_id=risk_id))
        return risk_id

    def set_watch(self, watch: Watch) -> int:
        """Add a watch to a risk, or change one; it is looked at anew. Returns its id. Can be undone.

        Raises:
            UserError: There is no such fact, or a field is wrong.
        """
        known = facts.build(watch.fact, watch.fields)
        fresh = Watch(
            *(watch.id, watch.risk_id, watch.fact, known.model_dump(mode="json")),
            *(watch.condition, watch.limit, watch.raises_to),
        )
        return self._session.board.save_with(f"Watch {known.phrase()}", fresh)

    def answer(self, proposal_id: int, accepted: bool) -> None:
        """Accept what a number proposes, or put back what it has moved. Can be undone."""
        proposal = self._session.board.state.get(Proposal, proposal_id)
        risk = self.get(proposal.risk_id)
        word = "Accept" if accepted else "Put back"
        self._session.board.do(
            f"{word}: {risk.title}",
            lambda state: watches.answer(state, proposal, accepted),
            Reason(proposal.text, proposal.link),
        )

    def accept(self, risk_id: int, reason: str) -> None:
        """Accept a risk as it is; it still counts, and the decision log says why. Can be undone.

        Raises:
            UserError: No reason is given.
        """
        if not reason.strip():
            raise UserError("Say why the risk is accepted.", {"reason": "has to be given"})
        board, risk = self._session.board, self.get(risk_id)
        decision = board.decision(
            DecisionKind.RISK_ACCEPTED, f"Risk accepted: {risk.title}", reason, (Link("risk", risk_id),)
        )
        board.change(
            *(f"Accept {risk.title}", Risk, risk_id, Reason(reason, decided=(decision,))),
            status=RiskStatus.ACCEPTED,
            response=Response.ACCEPT,
        )

    def review(self, risk_id: int, next_review: date, note: str = "") -> None:
        """Note that a risk was looked at, and when it is looked at again. Can be undone."""
        label = f"Review {self.get(risk_id).title}"
        self._session.board.change(label, Risk, risk_id, Reason(note), next_review=next_review)

    def history(self, risk_id: int) -> list[Change]:
        """Return every change of a risk, oldest first."""
        return self._session.board.history("risk", risk_id)

    def trend(self, risk_id: int) -> list[tuple[datetime, int]]:
        """Return when a risk's score changed and to what, oldest first."""
        return exposure.scores(self.history(risk_id), risk_id)

    def moved(self) -> dict[int, int | None]:
        """Return by how much each risk's score changed since the last review; None for one noted since.

        Reads the history since then: not on the window's thread.
        """
        since = self.reviewed_at()
        if since <= self._session.project.created_at:
            # Before its first review a project has new risks alone.
            return {risk.id: None for risk in self.all()}
        own: dict[int, list[Change]] = {}
        for change in self._session.board.changes_since(since, "risk"):
            own.setdefault(change.item_id, []).append(change)
        return {risk.id: exposure.moved(risk, own.get(risk.id, ())) for risk in self.all()}

    def reviewed_at(self) -> datetime:
        """Return when the risks were last reviewed in a meeting; before that, when the project began."""
        today = date.today()
        meetings = self._session.board.state.of(Meeting).values()
        days = [meeting.day for meeting in meetings if meeting.review and meeting.day <= today]
        if not days:
            return self._session.project.created_at
        return datetime.combine(max(days), datetime.min.time()).astimezone(UTC)

    def exposure(self) -> list[Exposure]:
        """Return how much all risks weighed, one entry for each day on which one changed."""
        return exposure.over_time(self._session.board.history("risk"))

    def difference(self, start: datetime, end: datetime) -> list[Difference]:
        """Return the risks that weigh otherwise at the end of a time than at its beginning."""
        return exposure.between(self._session.board.history("risk"), start, end)

    def facts(self) -> list[type[Fact]]:
        """Return what can be watched."""
        return [facts.get(name) for name in facts.names()]

    def measured(self, watch: Watch) -> Measured:
        """Return a watched number as it is now. Reads the whole project: not on the window's thread."""
        return watches.read(self._session.views.now(), watch)

    def seen(self, watch: Watch, view: "ProjectView") -> "tuple[Measured, Verdict]":
        """Return a watched number in a view of the project, and on which side of its limit it is."""
        measured = watches.read(view, watch)
        return measured, watches.verdict(watch, measured.value)

    def phrase(self, watch: Watch) -> str:
        """Return what is watched, such as `recall of malignant on the test split below 0.9`."""
        return watches.phrase(watch)

    def name_of(self, fact: str, fields: Mapping[str, Any]) -> str:
        """Return what a fact is in a few words, such as `recall of malignant on the test split`."""
        return watches.name_of(fact, fields)

    def title_of(self, mitigation: str) -> str:
        """Return what an experiment is called; its name where it is not known here."""
        return mitigations.get(mitigation).title if mitigation in mitigations.names() else mitigation

    def choices(self, kind: str) -> Offered:
        """Return value and title of what a field of a fact can be. Not on the window's thread.

        Args:
            kind: What the field says in `choices`, such as `measures` or `classes`.
        """
        return choices_of(self._session, kind)

    def catalogue(self, words: str = "", category: str = "", product: str = "") -> list[RiskIdea]:
        """Return the ready risks in which all words occur, of one category and kind of product if given."""
        # Only who looks into the catalogue reads its file.
        from workbench.board.catalogue import find

        return find(words, category, product)

    def products(self) -> tuple[str, ...]:
        """Return the kinds of products that a ready risk can belong to."""
        from workbench.board.catalogue import PRODUCTS

        return PRODUCTS

    def idea_from_finding(self, dataset_id: int, code: str) -> RiskIdea:
        """Return a risk made from a finding of a dataset."""
        dataset = self._session.datasets.get(dataset_id)
        return suggestions.from_finding(dataset, self._session.health.finding(dataset_id, code))

    def idea_from_confusion(self, run_id: int, split: Split, actual: int, predicted: int) -> RiskIdea:
        """Return a risk made from a cell of a confusion matrix."""
        evaluation = self._session.evaluation.latest(run_id, split)
        if evaluation is None:
            raise UserError("The run is not evaluated on this split any more.")
        run = self._session.training.get(run_id)
        return suggestions.from_confusion(run, evaluation, actual, predicted)

    def idea_from_class(self, run_id: int, split: Split, label: str) -> RiskIdea:
        """Return a risk made from a class that is found too seldom."""
        evaluation = self._session.evaluation.latest(run_id, split)
        if evaluation is None:
            raise UserError("The run is not evaluated on this split any more.")
        return suggestions.from_class(self._session.training.get(run_id), evaluation, label)

    def idea_from_curve(self, run_id: int) -> RiskIdea:
        """Return a risk made from a run's curves."""
        return suggestions.from_curve(self._session.training.get(run_id), self._session.board.state.charter)

    def idea_from_model(self, run_id: int, split: Split, fact: str) -> RiskIdea:
        """Return a risk made from a model that is slow or large; `fact` is `latency` or `size`."""
        evaluation = self._session.evaluation.latest(run_id, split)
        name = "latency_ms" if fact == "latency" else "size_mb"
        value = evaluation.metrics.get(name) if evaluation is not None else None
        if value is None:
            raise UserError("This was not measured yet: evaluate the run again.")
        limit: float | None = getattr(self._session.board.state.charter, name)
        return suggestions.from_model(self._session.training.get(run_id), fact, value, limit)

    def shows_in_curve(self, run: Run) -> bool:
        """Return whether a run diverged, or is better in training than the project allows."""
        charter = self._session.board.state.charter
        known = gap_of(run, charter.goal)
        return run.state is RunState.DIVERGED or (known is not None and known[0] > charter.gap)

    def accept_finding(self, dataset_id: int, code: str, reason: str) -> None:
        """Accept a finding of a dataset as it is; the decision log says why. Can be undone.

        Raises:
            UserError: No reason is given.
        """
        if not reason.strip():
            raise UserError("Say why the finding is accepted.", {"reason": "has to be given"})
        dataset = self._session.datasets.get(dataset_id)
        title = f"Finding accepted: {code.replace('_', ' ')} in {dataset.title}"
        link = Link("dataset", dataset_id, code)
        board = self._session.board
        board.decide(board.decision(DecisionKind.FINDING_ACCEPTED, title, reason.strip(), (link,)))

    def accepted_findings(self, dataset_id: int) -> dict[str, Decision]:
        """Return by code the findings of a dataset that were accepted, with the decision that stands."""
        session = self._session
        line = [(item.id, session.health.findings(item.id)) for item in session.versions.line(dataset_id)]
        return accepted_in(line, standing_of(session.board.decisions()))

    def mitigations_for(self, risk_id: int) -> list[tuple[type[Mitigation], str]]:
        """Return the experiments against a risk's category, each with why it cannot be tried, or nothing."""
        risk, base = self.get(risk_id), self.base_run()
        found = []
        for name in mitigations.names():
            kind = mitigations.get(name)
            if risk.category in kind.against or risk.category not in ("market", "operational"):
                misfit = "There is no run to change yet." if base is None else self._misfit(kind, base)
                found.append((kind, misfit))
        return found

    def base_run(self) -> Run | None:
        """Return the run that a mitigation changes: the best by the goal, else the last that finished."""
        view = self._session.views.now(counted=False)
        goal = view.goal
        if goal is not None:
            best = view.best(goal.measure, goal.split, goal.class_name)
            if best is not None:
                return best
        best = view.best("accuracy", Split.VALIDATION)
        done = (RunState.FINISHED, RunState.STOPPED)
        return best or next((run for run in reversed(view.runs) if run.state in done), None)

    def try_mitigation(self, risk_id: int, name: str, fields: Mapping[str, Any] | None = None) -> int:
        """Clone the best run with a change that may make a risk smaller, queue it and tie it to the risk.

        Loads torch the first time: not for the window's thread. Returns the new run's id; when it has ended
        and is judged, the number before and after stands in the risk with a proposed residual score.

        Raises:
            UserError: There is no run to change, or the change cannot be made.
        """
        session, base = self._session, self.base_run()
        self.get(risk_id)
        if base is None:
            raise UserError("There is no finished run to change: train one first.")
        known = mitigations.build(name, fields or {})
        settings = self._settings(base)
        misfit = known.misfit(base, settings)
        if misfit:
            raise UserError(f"{known.title}: {misfit}")
        changed = known.change(settings)
        # All this took a while: no run is begun against what is gone by now.
        self.get(risk_id)
        if changed.preparation == settings.preparation:
            changed = replace(changed, preparation=session.preparation.as_begun(base))
        return start_trial(session, risk_id, known, base, changed)

    def add_action(self, risk_id: int, idea: MitigationIdea) -> int:
        """Write a mitigation as a card and tie it to a risk; returns the card's id. Can be undone."""
        board, risk = self._session.board, self.get(risk_id)

        def tie(state: BoardState) -> Sequence[Edit]:
            now = state.get(Risk, risk_id)
            return edit.save(state, replace(now, actions=(*now.actions, card_id)))

        with self._session.history.together(f"Add {idea.title}"):
            card = Card(0, self.lane(), idea.title, text=idea.text, owner_id=risk.owner_id, tags=("risk",))
            card_id = board.save(card)
            board.do(f"Change {risk.title}", tie)
        return card_id

    def lane(self) -> int:
        """Return the lane for new cards against risks: that of the stage; made where there is none."""
        lanes = self._session.board.state.lanes
        if not lanes:
            return self._session.board.add_lane("To do")
        stage: Stage = self._session.project.stage
        return next((lane.id for lane in lanes if lane.stage is stage), lanes[0].id)

    def _settings(self, run: Run) -> RunSettings:
        from workbench.models.base import families

        fields = families.build(run.family, run.family_fields).model_dump()
        schema = self._session.datasets.get(run.dataset_id).schema
        return RunSettings(run.family, fields, run.train, self._session.preparation.of_run(run), schema)

    def _misfit(self, kind: type[Mitigation], base: Run) -> str:
        task = self._session.datasets.get(base.dataset_id).schema.task
        if task not in kind.tasks:
            return "The model tells no classes."
        return kind().misfit(base, self._settings(base))
