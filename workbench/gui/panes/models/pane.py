"""The Models pane."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.events import DatasetChanged, JobChanged
from workbench.core.models import FamilyCard, ModelCheck
from workbench.core.records import Dataset, Run
from workbench.core.states import Task
from workbench.gui import background
from workbench.gui.actions import Action
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.panes.models.check import CheckView
from workbench.gui.panes.models.dataset_row import DatasetRow
from workbench.gui.panes.models.finders import Finders
from workbench.gui.panes.models.gallery import FamilyGallery
from workbench.gui.panes.models.settings import Decision, SettingsPanel
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.cards import EmptyState
from workbench.gui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from workbench.core.registry import Choice
    from workbench.services.session import Session

_LAID_OUT_MS = 40
_Settings = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Models:
    """What the project says of the models for one dataset."""

    dataset_id: int
    task: Task
    cards: list[FamilyCard]
    families: "dict[str, type[Choice]]"
    choices: "dict[str, list[type[Choice]]]"


class ModelsPane(Pane):
    """Dataset on top, families at the left with the check below, settings at the right."""

    name: ClassVar[str] = "models"
    title: ClassVar[str] = "Models"
    purpose: ClassVar[str] = "Choose a model for your data, set it, and train it."
    icon_name: ClassVar[str] = "cube"
    help: ClassVar[str] = (
        "The cards are the model families that this program knows, the one to try first on top, with the "
        "reason. The settings at the right have defaults that work; Check model runs one batch and says how "
        "large and how fast the model is before you train it. Train starts a run and shows its curves."
    )
    events = (DatasetChanged,)

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self._models: _Models | None = None
        self._family = ""
        self._wanted_dataset: int | None = None
        self._wanted_family = ""
        self._remembered: dict[str, _Settings] = {}
        self._origins: dict[str, Run] = {}
        self._starting = self._checking = False
        self._datasets: list[Dataset] = []
        # Once the table of layers has its height, begin where the check begins.
        self._laid_out = QTimer(self)
        self._laid_out.setSingleShot(True)
        self._laid_out.setInterval(_LAID_OUT_MS)
        self._laid_out.timeout.connect(self._scroll_to_check)
        # From outside in: a widget that gets a parent only later is styled anew with all that is in it.
        self._stack = QStackedWidget(self)
        self._content = QWidget(self._stack)
        self._choice = QStackedWidget(self._content)
        self._chosen = QWidget(self._choice)
        self._left = QScrollArea(self._chosen)
        self._inner = QWidget(self._left.viewport())
        self._top, self.gallery = DatasetRow(self._content), FamilyGallery(self._inner)
        self.dataset = self._top.box
        self.check, self.settings = CheckView(self._inner), SettingsPanel(self._chosen)
        self.finders = Finders(self.settings, self._to_try, self)
        self._check_button = self.header.add_action(tr("Check model"), "magnifying-glass")
        self._check_button.clicked.connect(self.check_model)
        self._train_button = self.header.set_primary(tr("Train"))
        self.header.primary_triggered.connect(self.train)
        self._lay_out()
        self._top.chosen.connect(self._load_models)
        self.gallery.chosen.connect(self._on_chosen)
        self.settings.changed.connect(self._on_settings)
        self.setFocusProxy(self.dataset)
        self._refresh()

    def set_session(self, session: "Session | None") -> None:
        """Show the models for another project's data."""
        self._models, self._family = None, ""
        self._wanted_dataset, self._wanted_family = None, ""
        self._starting = self._checking = False
        self._origins.clear()
        self.check.clear()
        self.finders.clear()
        super().set_session(session)

    def subscribe(self) -> None:
        """Hear how far a search is."""
        self.listen(JobChanged, self.finders.on_job)

    def reload(self) -> None:
        """Read the datasets again; the chosen one stays, at first the newest is."""
        session = self.session
        self._datasets = list(reversed(session.datasets.all())) if session is not None else []
        self._top.set_datasets(self._datasets, self._wanted_dataset)
        self._wanted_dataset = None
        self._stack.setCurrentWidget(self._content if self._datasets else self._empty)
        self._refresh()
        self._load_models()

    def select(self, **target: Any) -> None:
        """Choose the dataset `dataset_id`, or take all settings of the run `clone_run_id`.

        `train` changes some of the run's training settings, such as `{"learning_rate": 1e-4}`.
        """
        if "dataset_id" in target:
            self._wanted_dataset = int(target["dataset_id"])
        if "clone_run_id" in target and self.session is not None:
            run = self.session.training.get(int(target["clone_run_id"]))
            train = run.train.model_dump() | dict(target.get("train") or {})
            self._wanted_dataset, self._wanted_family = run.dataset_id, run.family
            self._remembered[run.family] = (
                dict(run.family_fields),
                train | {"repeats": 1, "all_folds": False},
            )
            self._origins[run.family] = run
            dataset = self.session.datasets.get(run.dataset_id)
            if dataset.deleted_at is not None:
                self.banner.tell(
                    tr("{name}, the data of this run, is in the bin: restore it first.", name=dataset.name)
                )
        self.mark_stale()

    def actions_of(self) -> list[Action]:
        """Return what can be done here."""
        return [
            Action("models.train", tr("Train"), self.train, "Ctrl+Return; Ctrl+Enter", self._may_train),
            Action("models.check", tr("Check model"), self.check_model, "Ctrl+T", self._may_check),
        ]

    def train(self) -> None:
        """Start a run with the settings as they stand, and show it."""
        session, decided = self.session, self.settings.decided()
        if session is None or decided is None or not self._may_train():
            return
        dataset_id, family = self.dataset.currentData(), self._family
        parent_id = origin.id if (origin := self._origin()) is not None else None
        self._starting = True
        self.banner.hide()
        self._refresh()

        def started(run_id: int) -> None:
            self._starting = False
            self._refresh()
            if self.session is session:
                self.shell.go("train", run_id=run_id)

        background.query(
            lambda: _start(session.training, dataset_id, family, decided, parent_id),
            started,
            lambda error: self._on_refused(session, error),
            owner=self,
        )

    def check_model(self) -> None:
        """Run one batch beside the window and show what it says."""
        session, decided = self.session, self.settings.decided()
        if session is None or decided is None or not self._may_check():
            return
        dataset_id, family = self.dataset.currentData(), self._family
        asked = (dataset_id, family, self.settings.values())
        self._checking = True
        self.banner.hide()
        self.check.begin()
        self._refresh()

        def done(found: ModelCheck) -> None:
            self._checking = False
            self._refresh()
            if self.session is not session:
                return
            self._show_check(family, found, decided.train)
            if asked != (self.dataset.currentData(), self._family, self.settings.values()):
                self.check.mark_old()

        background.query(
            lambda: session.models.check(dataset_id, family, decided.fields, decided.train),
            done,
            lambda error: self._on_refused(session, error),
            owner=self,
            key="check",
        )

    def _show_check(self, family: str, found: ModelCheck, config: TrainConfig) -> None:
        self.check.show_check(self.gallery.title(family), found, config.epochs)
        self.settings.set_memory(number_format.size(found.memory_bytes))
        self._laid_out.start()

    def _scroll_to_check(self) -> None:
        self._left.verticalScrollBar().setValue(self.check.y())

    def _on_refused(self, session: "Session", error: Exception) -> None:
        self._starting = self._checking = False
        self.check.end()
        self._refresh()
        if self.session is not session:
            return
        if isinstance(error, UserError) and error.fields:
            self.settings.show_problems(error.fields)
        else:
            self.tell(error)

    def _load_models(self) -> None:
        session, dataset = self.session, self._top.current()
        self._top.describe()
        if session is None or dataset is None:
            return
        dataset_id, task = dataset.id, dataset.schema.task
        if self._models is None:
            self._choice.setCurrentWidget(self._loading)

        def read() -> _Models:
            cards = session.models.cards(dataset_id)
            families = {card.name: session.models.fields(card.name) for card in cards}
            return _Models(dataset_id, task, cards, families, session.models.choices())

        def failed(error: Exception) -> None:
            if self.session is session:
                self._loading.setText(tr("The models could not be loaded."))
                self.tell(error)

        def done(models: _Models) -> None:
            if self.session is session:
                self._on_models(models)

        background.query(read, done, failed, owner=self, key="models")

    def _on_models(self, models: _Models) -> None:
        moved = self._models is None or self._models.dataset_id != models.dataset_id
        self._models = models
        self.gallery.set_cards(models.cards)
        self._choice.setCurrentWidget(self._chosen)
        names = self.gallery.names()
        wanted, self._wanted_family = self._wanted_family, ""
        kept = self._family if self._family in names and not moved else ""
        family = next((name for name in (wanted, kept, *names) if name in names), "")
        if moved:
            self.check.clear()
        if wanted or moved or family != self._family:
            self._family = ""
        self.gallery.select(family)
        if family:
            self._on_chosen(family)
        self._refresh()
        background.query(_load_next_pane, lambda _: None, owner=self, key="next")

    def _on_chosen(self, family: str) -> None:
        if self._models is None or family == self._family:
            return
        self._family = family
        self.finders.clear()
        self.settings.show_family(self._models.families[family], self._models.choices, self._models.task)
        # Cards are made late, and Qt would put what is made late last.
        for before, after in pairwise([self.dataset, *self.gallery.cards()]):
            self.setTabOrder(before, after)
        if family in self._remembered:
            self.settings.fill(*self._remembered[family])
        self._show_origin()
        self._on_old()
        self._refresh()

    def _origin(self) -> Run | None:
        """Return the run whose settings stand there, changed or not: the parent of the run to come."""
        run = self._origins.get(self._family)
        return run if run is not None and run.dataset_id == self.dataset.currentData() else None

    def _show_origin(self) -> None:
        run = self._origin()
        self.settings.set_origin(
            tr("From {name}: change what you want to try", name=run.name) if run is not None else ""
        )

    def _on_settings(self) -> None:
        self._remembered[self._family] = self.settings.values()
        self._on_old()
        self.finders.mark_old()
        self._refresh()

    def _to_try(self) -> "tuple[Session, int, str] | None":
        if self.session is None or not self._family or not self._datasets:
            return None
        return self.session, self.dataset.currentData(), self._family

    def _on_old(self) -> None:
        self.settings.set_memory("")
        self.check.mark_old()

    def _may_check(self) -> bool:
        return bool(self.session and self._family and self._datasets) and not self._checking

    def _may_train(self) -> bool:
        writable = self.session is not None and not self.session.read_only
        return bool(writable and self._family and self._datasets) and not self._starting

    def _refresh(self) -> None:
        self._check_button.setEnabled(self._may_check())
        self._check_button.setToolTip(tr("Run one batch: layers, shapes, memory and time per epoch (Ctrl+T)"))
        self._train_button.setEnabled(self._may_train())
        dataset = next((it for it in self._datasets if it.id == self.dataset.currentData()), None)
        in_folds = dataset is not None and dataset.split.method == "folds"
        self.settings.set_folds(dataset.split.folds if dataset is not None and in_folds else 0)
        runs = self.settings.runs()
        words = tr("Train") if runs == 1 else tr("Train {count} runs", count=runs)
        reason = tr("Start with these settings (Ctrl+Return)")
        if self._starting:
            words = tr("Starting …")
        if self.session is not None and self.session.read_only:
            reason = tr("This project is open read-only: close it in the other window to change it here")
        elif not self._datasets:
            reason = tr("Import data first")
        self.header.set_primary(words, reason)
        self._check_button.setVisible(bool(self._datasets))

    def _lay_out(self) -> None:
        self._empty = EmptyState(
            "database",
            tr("No data to learn from yet"),
            tr("Import a folder of pictures or a table, and the models that fit it are offered here."),
            tr("Import data"),
        )
        self._empty.triggered.connect(self.shell.import_data)
        inner = self._inner
        inner.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        left = QVBoxLayout(inner)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(GAP)
        left.addWidget(self.gallery)
        left.addWidget(self.check)
        left.addStretch(1)
        self._left.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._left.setFrameShape(QFrame.Shape.NoFrame)
        self._left.setWidgetResizable(True)
        self._left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._left.setWidget(inner)
        self.settings.setMinimumWidth(320)
        self.settings.setMaximumWidth(400)
        row = QHBoxLayout(self._chosen)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self._left, 3)
        row.addWidget(self.settings, 2)
        self._loading = PlainLabel(tr("Loading models …"), "muted")
        self._loading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._choice.addWidget(self._loading)
        self._choice.addWidget(self._chosen)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self._top)
        column.addWidget(self._choice, 1)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._content)
        self.body.addWidget(self._stack, 1)


def _start(training: Any, dataset_id: int, family: str, decided: Decision, parent_id: int | None) -> int:
    """Start what was decided and return the first run's id."""
    more = {} if parent_id is None else {"parent_id": parent_id}
    if decided.repeats > 1 or decided.all_folds:
        settings = (dataset_id, family, decided.fields, decided.train, decided.repeats)
        runs = training.repeat(*settings, **more, **({"all_folds": True} if decided.all_folds else {}))
        return int(runs[0])
    return int(training.start(dataset_id, family, decided.fields, decided.train, **more))


def _load_next_pane() -> None:
    """Load the code of the pane that Train leads to, so that a click on it holds nothing up."""
    import workbench.gui.panes.training  # noqa: F401
