"""Finds a learning rate or a batch size on request: a button beside the field, the answer below it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QPushButton

from workbench.core.errors import CancelledError, UserError
from workbench.core.events import JobChanged
from workbench.core.states import JobState
from workbench.gui import background
from workbench.gui.panes.models.found import FoundView
from workbench.gui.panes.models.settings import Decision, SettingsPanel
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.services.session import Session

_WAIT_S = 10.0
Verb = Callable[["Session", Decision], int]
"""Queues a search for what was decided and returns its job's id. Runs in a thread."""


class Finder(QObject):
    """One search: asks for it, says how far it is, offers what it found.

    Args:
        panel: The settings, among them the field.
        name: The field of TrainConfig that is looked for.
        view: Where the answer is told.
        show: Shows a result in it.
    """

    def __init__(
        self, panel: SettingsPanel, name: str, view: FoundView, show: Callable[[Any], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.name, self.view = name, view
        self.button: QPushButton | None = None
        self._panel, self._show = panel, show
        self._session: Session | None = None
        self._job_id: int | None = None
        self._asked: Any = None
        # A search that was given up may still answer.
        self._number = 0
        view.used.connect(self._on_used)
        view.cancelled.connect(self.clear)
        view.dismissed.connect(self.clear)

    def begin(self, session: "Session", decided: Decision, verb: Verb) -> None:
        """Ask for a search with the settings as they stand."""
        self.clear()
        self._session, self._asked = session, self._settings()
        number = self._number
        self.view.begin()
        if self.button is not None:
            self.button.setEnabled(False)
        self.view.cancel.setFocus(Qt.FocusReason.OtherFocusReason)
        self._panel.bring_into_view(self.view)

        def submitted(job_id: int) -> None:
            if number != self._number:
                _give_up(session, job_id)
                return
            self._job_id = job_id
            self.on_job(JobChanged(session.jobs.get(job_id)))

        background.query(
            lambda: verb(session, decided), submitted, lambda error: self._on_error(number, error), owner=self
        )

    def on_job(self, event: JobChanged) -> None:
        """Say how far the search is, and take its answer when it has ended."""
        session, job, number = self._session, event.job, self._number
        if session is None or job.id != self._job_id:
            return
        if job.state in (JobState.WAITING, JobState.RUNNING, JobState.PAUSED):
            self.view.show_job(job)
            return
        self._job_id = None

        def done(found: Any) -> None:
            if number == self._number:
                here = self._has_focus()
                self._end()
                self._show(found)
                self.mark_old()
                if here:
                    self.view.take_focus()
                    self._panel.bring_into_view(self.view)

        # The answer is there a moment after the news of it.
        background.query(
            lambda: session.jobs.wait(job.id, _WAIT_S),
            done,
            lambda error: self._on_error(number, error, job.message),
            owner=self,
        )

    def mark_old(self) -> None:
        """Look whether what was found is still about the settings as they stand."""
        self.view.mark_old(self._asked != self._settings())

    def clear(self) -> None:
        """Give up what is being looked for, and take the answer away."""
        had_focus = self._has_focus()
        if self._job_id is not None and self._session is not None:
            _give_up(self._session, self._job_id)
        self._number += 1
        self._job_id = None
        self.view.hide()
        self._end()
        if had_focus and self.button is not None:
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _has_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.view.isAncestorOf(focus)

    def _settings(self) -> Any:
        fields, train = self._panel.values()
        return fields, {
            name: value for name, value in train.items() if name not in (self.name, "repeats", "all_folds")
        }

    def _on_used(self, value: float) -> None:
        form = self._panel.train
        self.clear()
        if form is not None:
            form.field(self.name).set_value(value)
            form.field(self.name).control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_error(self, number: int, error: Exception, message: str = "") -> None:
        if number != self._number:
            return
        self._end()
        if isinstance(error, CancelledError):
            self.view.hide()
        elif isinstance(error, UserError) and error.fields:
            self.view.hide()
            self._panel.show_problems(error.fields)
        else:
            self.view.show_problem(str(error) if isinstance(error, UserError) else message or str(error))

    def _end(self) -> None:
        if self.button is not None:
            self.button.setEnabled(True)


class Finders(QObject):
    """The searches of the settings panel.

    Args:
        panel: The settings.
        context: Returns the open project, dataset and model family; None while there is nothing to try.
    """

    def __init__(
        self, panel: SettingsPanel, context: Callable[[], tuple["Session", int, str] | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panel, self._context = panel, context
        rates = FoundView(tr("Trying learning rates"), panel)
        sizes = FoundView(tr("Measuring batch sizes"), panel)
        self.rate = Finder(panel, "learning_rate", rates, rates.show_rate, self)
        self.size = Finder(panel, "batch_size", sizes, sizes.show_sizes, self)
        panel.ready.connect(self._on_ready)

    def on_job(self, event: JobChanged) -> None:
        """Hand on how far work in the background is."""
        for finder in (self.rate, self.size):
            finder.on_job(event)

    def clear(self) -> None:
        """Give up what is being looked for: dataset, model or project are others now."""
        for finder in (self.rate, self.size):
            finder.clear()

    def mark_old(self) -> None:
        """Look whether what was found is still about the settings as they stand."""
        for finder in (self.rate, self.size):
            finder.mark_old()

    def find(self, finder: Finder) -> None:
        """Begin a search; each wrong setting is told at its field instead."""
        context, decided = self._context(), self._panel.decided()
        if context is None or decided is None:
            return
        session, dataset_id, family = context
        verb_name = f"find_{finder.name}"

        def verb(session: "Session", decided: Decision) -> int:
            search = getattr(session.models, verb_name)
            return int(search(dataset_id, family, decided.fields, decided.train))

        finder.begin(session, decided, verb)

    def _on_ready(self) -> None:
        form = self._panel.train
        if form is None or self.rate.button is not None:
            return
        tips = {
            "learning_rate": tr(
                "Try learning rates from tiny to huge on a model that is thrown away, and show where the "
                "loss falls fastest: the range test of Smith 2017"
            ),
            "batch_size": tr("Measure how many samples a second training gets through with each batch size"),
        }
        for finder in (self.rate, self.size):
            field = form.field(finder.name)
            finder.button = field.add_button(tr("Find"), tips[finder.name])
            finder.button.clicked.connect(lambda _=False, finder=finder: self.find(finder))
            field.add_below(finder.view)


def _give_up(session: "Session", job_id: int) -> None:
    if not session.jobs.withdraw(job_id):
        session.jobs.cancel(job_id)
