"""An open project: its folder, store, bus, jobs and the verbs on it."""

import contextlib
import platform
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

from workbench import __version__
from workbench.core.control import CancelToken
from workbench.core.errors import UserError
from workbench.core.events import Event, EventBus, ProjectChanged
from workbench.core.files import atomic_write
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Project
from workbench.core.states import RunState
from workbench.services.augmentation import AugmentationService
from workbench.services.board import BoardService
from workbench.services.datasets import DatasetService
from workbench.services.evaluation import EvaluationService
from workbench.services.exchange import ExchangeService
from workbench.services.gates import GateService
from workbench.services.health import HealthService
from workbench.services.history import History
from workbench.services.jobs import Jobs
from workbench.services.models import ModelService
from workbench.services.preparation import PreparationService
from workbench.services.project_view import ProjectViews
from workbench.services.relabelling import RelabelService
from workbench.services.risks import RiskService
from workbench.services.slices import Slices
from workbench.services.targets.workers import Workers
from workbench.services.training import TrainingService
from workbench.services.training_run import describe_ended
from workbench.services.versions import VersionService
from workbench.services.watching import Watching
from workbench.store.store import Store


class Session:
    """A project that is open in this process.

    Args:
        folder: Where the project lies.
        store: Its database, open.
        read_only: Whether nothing may be changed.
    """

    def __init__(self, folder: ProjectFolder, store: Store, *, read_only: bool = False) -> None:
        self.folder = folder
        self.store = store
        self.read_only = read_only
        self.bus = EventBus()
        # What reads all of the data beside the window stops when the project closes.
        self.closing = CancelToken()
        self._reported: set[tuple[str, int | None]] = set()
        self.jobs = Jobs(self.bus, self.report_fault)
        self.workers = Workers()
        self.history = History(self.bus)
        self.datasets = DatasetService(self)
        self.versions = VersionService(self)
        self.relabelling = RelabelService(self)
        self.health = HealthService(self)
        self.preparation = PreparationService(self)
        self.models = ModelService(self)
        self.training = TrainingService(self)
        self.evaluation = EvaluationService(self)
        self.slices = Slices(self)
        self.board = BoardService(self)
        self.views = ProjectViews(self)
        self.gates = GateService(self)
        self.risks = RiskService(self)
        self.exchange = ExchangeService(self)
        self.augmentation = AugmentationService(self)
        self.watching = Watching(self)
        self.bus.on_publish = self.watching.notice
        if not read_only:
            self.interrupted = store.runs.interrupt_active()
            self.datasets.remove_unfinished()
            self.described = describe_ended(self)

    @property
    def project(self) -> Project:
        """The project's own row."""
        return self.store.project.get()

    def rename(self, name: str) -> None:
        """Rename the project. Can be undone."""
        before, name = self.project.name, self.checked_name(name)
        if name != before:
            rows = self.store.project
            self.change(
                f"Rename {before}",
                lambda: rows.update(name=name),
                lambda: rows.update(name=before),
                ProjectChanged(),
            )

    def set_price(self, per_hour: float | None, currency: str = "") -> None:
        """Set what an hour of training costs; None takes the price away. Can be undone.

        Raises:
            UserError: The price is no amount, or has no currency.
        """
        currency = " ".join(currency.split()) if per_hour is not None else ""
        wrong = {}
        if per_hour is not None and not 0 <= per_hour <= 1e6:
            wrong["price"] = "has to be an amount from 0 to 1,000,000"
        if per_hour is not None and not 1 <= len(currency) <= 8:
            wrong["currency"] = "has to have 1 to 8 characters, such as EUR"
        if wrong:
            raise UserError(" ".join(f"The {name} {text}." for name, text in wrong.items()), wrong)
        before, rows = self.project, self.store.project
        if (before.price_per_hour, before.currency) != (per_hour, currency):
            self.change(
                "Price per hour",
                lambda: rows.set_price(per_hour, currency),
                lambda: rows.set_price(before.price_per_hour, before.currency),
                ProjectChanged(),
            )

    def change(
        self, label: str, action: Callable[[], object], undo: Callable[[], object], changed: Event
    ) -> None:
        """Change the project so that it can be undone; the event follows each commit."""
        self.require_writable()

        def told(step: Callable[[], object]) -> Callable[[], None]:
            def run() -> None:
                step()
                self.bus.publish(changed)

            return run

        self.history.do(label, told(action), told(undo), lambda: frozenset({changed}))

    def require_writable(self) -> None:
        """Refuse a change in a project that was opened read-only.

        Raises:
            UserError: It was.
        """
        if self.read_only:
            raise UserError("This project is open read-only: close it in the other window to change it here.")

    def checked_name(self, name: str) -> str:
        """Return a name without blanks around it.

        Raises:
            UserError: It is empty or longer than 200 characters.
        """
        name = " ".join(name.split())
        if not name or len(name) > 200:
            text = "has to have 1 to 200 characters"
            raise UserError(f"A name {text}.", {"name": text})
        return name

    def report_fault(self, error: BaseException) -> str:
        """Write a report on a fault of ours into the project and return the sentence for the user."""
        now = datetime.now(UTC)
        path = self.folder.reports / f"fault-{now:%Y%m%d-%H%M%S-%f}.txt"
        text = "".join(traceback.format_exception(error))
        about = (
            f"Workbench {__version__} · Python {platform.python_version()} · {platform.platform()}\n{now}\n\n"
        )
        try:
            self.folder.reports.mkdir(parents=True, exist_ok=True)
            atomic_write(path, (about + text).encode())
        except (UserError, OSError):
            return f"Something went wrong in Workbench itself ({type(error).__name__}); nothing was lost."
        return f"Something went wrong in Workbench itself; nothing was lost. The report is {path}."

    def report_once(self, error: BaseException) -> None:
        """Write one report on a fault of what looks at numbers, however often it is met."""
        at = traceback.extract_tb(error.__traceback__)[-1]
        if (at.filename, at.lineno) not in self._reported:
            self._reported.add((at.filename, at.lineno))
            self.report_fault(error)

    def close(self) -> None:
        """Interrupt all work, let it save what it has, and let go of the project."""
        with contextlib.suppress(UserError):  # a full disk: the next opening says it instead
            self.training.leave_queue()
        self.jobs.close()
        self.watching.close()
        self.closing.cancel()
        self.workers.close()
        self.store.close()

    def working(self) -> list[str]:
        """Return the names of the runs that are at work, for asking before the window closes."""
        live = (RunState.RUNNING, RunState.PAUSED, RunState.QUEUED)
        return [run.name for run in self.training.all() if run.state in live]

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
