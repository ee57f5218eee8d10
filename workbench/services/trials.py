"""A mitigation that is tried: a run and what ties it to its risk, written together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.board import edits as edit
from workbench.board import watches
from workbench.board.state import BoardState
from workbench.core.board import Edit
from workbench.core.risks import Link, Risk, Trial
from workbench.core.states import RiskStatus
from workbench.services.board import Reason

if TYPE_CHECKING:
    from workbench.board.mitigations.base import Mitigation, RunSettings
    from workbench.core.records import Run
    from workbench.services.session import Session


def start_trial(
    session: "Session", risk_id: int, mitigation: "Mitigation", base: "Run", changed: "RunSettings"
) -> int:
    """Queue a run with changed settings against a risk and return its id.

    Run and trial are one transaction: where the disk is full there is neither.

    Raises:
        UserError: The risk is gone, a setting is wrong, or the disk is full; nothing is queued.
    """
    watch = watches.compared(session.board.state.watches_of(risk_id))
    fact, fields = (watch.fact, watch.fields) if watch is not None else ("", {})

    def tie(write_run: Callable[[], int]) -> None:
        links: list[Link] = []

        def make(state: BoardState) -> Sequence[Edit]:
            risk = state.get(Risk, risk_id)
            links.append(Link("run", write_run()))
            trial = Trial(0, risk_id, mitigation.name, base.id, links[0].id, fact, fields)
            status = RiskStatus.MITIGATING if risk.status is RiskStatus.OPEN else risk.status
            tied = replace(risk, status=status, evidence=(*risk.evidence, *links))
            return [*edit.save(state, trial), *edit.save(state, tied)]

        label = f"Try {mitigation.title} against {session.risks.get(risk_id).title}"
        session.board.do(label, make, Reason(link=lambda: links[0]))

    made_of = (base.dataset_id, changed.family, changed.fields, changed.train)
    return session.training.start(*made_of, parent_id=base.id, within=tie, preparation=changed.preparation)
