"""Garbage is collected on the window's thread alone, since it may hold widgets."""

import gc

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from workbench.services.hardware import is_loading

_EVERY_MS = 100


class GarbageCollector(QObject):
    """Takes the place of Python's automatic collection.

    That one runs in whichever thread happens to make the next object, and would destroy a widget in a thread
    that decodes or trains: Qt aborts. Here young objects are looked at ten times a second, so that there are
    never many of them. While large libraries are loaded it rests: their many objects are walked in vain.

    Args:
        parent: What it lives as long as, such as the application.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._resting = False
        gc.disable()
        timer = QTimer(self)
        timer.setInterval(_EVERY_MS)
        timer.timeout.connect(self._collect)
        timer.start()

    def rest(self, resting: bool) -> None:
        """Collect nothing for the time being, or go on."""
        self._resting = resting

    def _collect(self) -> None:
        if self._resting or is_loading():
            return
        due = [count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if any(due):
            gc.collect(max(at for at, is_due in enumerate(due) if is_due))


def collect_garbage_here(app: QCoreApplication) -> GarbageCollector:
    """Collect garbage on this thread from now on, which has to be the application's."""
    found = app.findChild(GarbageCollector)
    return found if isinstance(found, GarbageCollector) else GarbageCollector(app)
