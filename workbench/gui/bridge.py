"""Brings events from the session's bus to the window's thread, thirty times a second."""

from PySide6.QtCore import QObject, QTimer

from workbench.core.events import EventBus

TICK_MS = 33
BUDGET_S = 0.010


class Bridge(QObject):
    """Empties a bus on the window's thread, ten milliseconds at most each time."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._bus: EventBus | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)

    def attach(self, bus: EventBus | None) -> None:
        """Serve this bus from now on; None serves none."""
        self._bus = bus
        if bus is None:
            self._timer.stop()
        else:
            self._timer.start()

    def _on_tick(self) -> None:
        if self._bus is not None:
            self._bus.dispatch(BUDGET_S)
