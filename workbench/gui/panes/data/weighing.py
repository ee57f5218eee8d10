"""What becomes of the problems of a dataset: each is made a risk, or accepted with a reason."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog

from workbench.gui import background
from workbench.gui.panes.data.health import Known
from workbench.gui.risk_dialog import make_risk
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.core.records import Dataset
    from workbench.gui.panes.base import Pane
    from workbench.gui.panes.data.detail import DatasetDetail


class Weighing:
    """Carries out *Make a risk* and *Accept* in the list of problems.

    Args:
        pane: Whose session is asked, and who tells what went wrong.
        detail: Where the problems are shown.
        selected: Returns the dataset that is shown.
    """

    def __init__(
        self, pane: "Pane", detail: "DatasetDetail", selected: "Callable[[], Dataset | None]"
    ) -> None:
        self._pane = pane
        self._detail = detail
        self._selected = selected
        detail.findings.risk_requested.connect(self._make_risk)
        detail.findings.accept_requested.connect(self._accept)

    def refresh(self, may_change: bool) -> None:
        """Read beside the window what is known of the health of the dataset, and what was accepted."""
        session, dataset = self._pane.session, self._selected()
        if session is None or dataset is None:
            return

        def read() -> Known:
            decisions = session.risks.accepted_findings(dataset.id)
            accepted = {code: _words(decision.reason, decision.who) for code, decision in decisions.items()}
            report = session.health.report(dataset.id)
            fixable = session.health.fixable(dataset, report.findings) if report else []
            return Known(report, accepted, tuple(fixable))

        def show(known: Known) -> None:
            if self._pane.session is session:
                self._detail.show_known(dataset, known, may_change)

        background.query(read, show, self._pane.tell, owner=self._detail, key="accepted")

    def _make_risk(self, code: str) -> None:
        pane, session, dataset = self._pane, self._pane.session, self._selected()
        if session is not None and dataset is not None:
            pane.attempt(
                lambda: make_risk(pane.shell, session, session.risks.idea_from_finding(dataset.id, code))
            )

    def _accept(self, code: str) -> None:
        pane, session, dataset = self._pane, self._pane.session, self._selected()
        if session is None or dataset is None:
            return
        asked = tr(
            "Why can {dataset} be used as it is? The reason stands in the decision log.", dataset=dataset.name
        )
        reason, said = QInputDialog.getText(pane, tr("Accept finding"), asked)
        if said:
            pane.attempt_with_undo(
                lambda: session.risks.accept_finding(dataset.id, code, reason), tr("The finding is accepted.")
            )


def _words(reason: str, who: str) -> str:
    return f"{reason} ({who})" if who else reason
