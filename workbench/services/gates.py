"""Verbs on gates: look, set their criteria, pass them, or go on all the same with a reason."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workbench.board import gates
from workbench.board.criteria.base import GateCriterion, criteria
from workbench.board.gates import CriterionState, Gate, next_stage
from workbench.board.state import BoardState, edited
from workbench.board.view import standing_of
from workbench.core.board import Criterion, Decision, Edit
from workbench.core.errors import UserError
from workbench.core.events import ProjectChanged
from workbench.core.states import Stage
from workbench.services.board import Reason

if TYPE_CHECKING:
    from workbench.board.view import ProjectView
    from workbench.services.session import Session

__all__ = ["CriterionState", "Gate", "GateService", "next_stage"]


class GateService:
    """The gates of an open project. Looking reads the whole project: not on the window's thread."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def look(self, stage: Stage | None = None, view: "ProjectView | None" = None) -> Gate:
        """Return a stage's gate as it is now, by default that of the project's own stage."""
        view = view or self._session.views.now()
        return gates.look(view, stage or view.project.stage)

    def all(self, view: "ProjectView | None" = None) -> list[Gate]:
        """Return all gates as they are now, in the order of the stages."""
        view = view or self._session.views.now()
        return [gates.look(view, stage) for stage in Stage]

    def overrides(self) -> list[Decision]:
        """Return the decisions with which the project came past an unmet gate on its way to where it is."""
        session = self._session
        return gates.overrides(standing_of(session.board.decisions()), session.project.stage)

    def kinds(self) -> list[type[GateCriterion]]:
        """Return what can be asked at a gate."""
        return [criteria.get(name) for name in criteria.names()]

    def judge(self, stage: Stage, name: str, fields: Mapping[str, Any]) -> CriterionState:
        """Return how a criterion that is not saved yet would be judged. Not on the window's thread.

        Raises:
            UserError: There is no such criterion, or a field is wrong.
        """
        known = criteria.build(name, fields)
        record = Criterion(0, stage, name, known.model_dump(mode="json"))
        return gates.judge(self._session.views.now(), record)

    def save(self, stage: Stage, name: str, fields: Mapping[str, Any], criterion_id: int = 0) -> int:
        """Add a criterion to a gate, or change one; returns its id. Can be undone.

        Raises:
            UserError: There is no such criterion, or a field is wrong.
        """
        known = criteria.build(name, fields)
        state = self._session.board.state
        if criterion_id:
            place = state.get(Criterion, criterion_id).place
        else:
            own = [item.place for item in state.of(Criterion).values() if item.stage is stage]
            place = max(own, default=0.0) + 1
        record = Criterion(criterion_id, stage, name, known.model_dump(mode="json"), place)
        verb = "Change" if criterion_id else "Add"
        return self._session.board.save_with(f"{verb} criterion {known.title}", record)

    def remove(self, criterion_id: int) -> None:
        """Take a criterion away. Can be undone."""
        self._session.board.remove(self._session.board.state.get(Criterion, criterion_id))

    def move(self, criterion_id: int, place: int) -> None:
        """Put a criterion at a place among those of its gate, 0 the first. Can be undone."""

        def make(state: BoardState) -> list[Edit]:
            moved = state.get(Criterion, criterion_id)
            others = [item for item in state.of(Criterion).values() if item.stage is moved.stage]
            order = sorted(others, key=lambda item: (item.place, item.id))
            order.remove(moved)
            order.insert(max(0, place), moved)
            return [step for at, item in enumerate(order, start=1) for step in edited(item, place=float(at))]

        self._session.board.do("Move criterion", make)

    def advance(self, reason: str = "") -> Stage:
        """Move the project to the next stage, note it in the log and return the stage. Can be undone.

        Args:
            reason: Why it goes on although the gate is not met.

        Raises:
            UserError: The gate is not met and no reason is given, or this is the last stage.
        """
        session = self._session
        gate = self.look()
        following = next_stage(gate.stage)
        decision = gates.decide(gate, session.board.who, reason, datetime.now(UTC))
        if following is None:
            raise UserError("Operations is the last stage.")
        self._move(following, gate.stage, Reason(reason.strip(), decided=(decision,)))
        return following

    def _move(self, to: Stage, back_to: Stage, reason: Reason) -> None:
        rows = self._session.store.project

        def leave() -> None:
            if rows.get().stage is not back_to:
                raise UserError(f"The project is in another stage by now than {back_to}: look at its gate.")
            rows.update(stage=to)

        moves = (leave, lambda: rows.update(stage=back_to))
        why = replace(reason, also=moves, tells=ProjectChanged())
        self._session.board.do(f"Move the project to {to.value}", lambda _: (), why)
