"""How much of the gate before the project is met, counted beside the window when something has changed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.gui import background

if TYPE_CHECKING:
    from workbench.core.events import Event
    from workbench.services.gates import Gate
    from workbench.services.session import Session

_AT_MOST_EVERY_MS = 700


class GateCount(QObject):
    """Looks at the gate of the project's stage. `changed` carries how many criteria are met, and of how many.

    Args:
        window: Whose thread hears of it.
    """

    changed = Signal(int, int)

    def __init__(self, window: QObject) -> None:
        super().__init__(window)
        self._session: Session | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_AT_MOST_EVERY_MS)
        self._soon.timeout.connect(self._look)

    def attach(self, session: "Session | None") -> None:
        """Count for this project from now on; None counts nothing."""
        from workbench.core.events import (
            BoardChanged,
            DatasetChanged,
            EvaluationChanged,
            ProjectChanged,
            RunChanged,
        )

        self._session = session
        self._soon.stop()
        self.changed.emit(0, 0)
        if session is not None:
            for event in (BoardChanged, DatasetChanged, EvaluationChanged, ProjectChanged, RunChanged):
                session.bus.subscribe(event, self._on_changed)
            self._soon.start()

    def _on_changed(self, _event: "Event") -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _look(self) -> None:
        """Count at first without what has to be read in the data, then with it."""
        session = self._session
        if session is None:
            return

        def look(*, counted: bool) -> "tuple[Gate, bool]":
            return session.gates.look(view=session.views.now(counted=counted)), session.views.counted

        def show(found: "tuple[Gate, bool]") -> None:
            gate, is_whole = found
            if session is not self._session:
                return
            self.changed.emit(len(gate.items) - len(gate.lacks), len(gate.items))
            if not is_whole:
                background.query(lambda: look(counted=True), show_whole, _ignore, owner=self, key="whole")

        def show_whole(found: "tuple[Gate, bool]") -> None:
            if session is self._session:
                self.changed.emit(len(found[0].items) - len(found[0].lacks), len(found[0].items))

        background.query(lambda: look(counted=False), show, _ignore, owner=self, key="gate")


def _ignore(_error: Exception) -> None:
    """Show no count: the page of the gates says in place what could not be read."""
