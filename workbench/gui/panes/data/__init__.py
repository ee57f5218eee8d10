"""Data: what there is to learn from, what is wrong with it, and how it is divided."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from workbench.core.configs import SplitConfig
from workbench.core.errors import UserError
from workbench.core.events import BoardChanged, DatasetChanged, Event, JobChanged
from workbench.core.records import Dataset, Job
from workbench.core.states import JobState
from workbench.gui import background
from workbench.gui.actions import Action
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.panes.data.dataset_list import DatasetList
from workbench.gui.panes.data.detail import DatasetDetail
from workbench.gui.panes.data.import_card import ImportCard
from workbench.gui.panes.data.look import Look, outcome, read_look
from workbench.gui.panes.data.weighing import Weighing
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.undo_offer import offer_undo
from workbench.gui.widgets.cards import EmptyState
from workbench.gui.widgets.labels import tip
from workbench.gui.widgets.notices import Banner

if TYPE_CHECKING:
    from workbench.services.session import Session

_IMPORT = "import"
_LIST_WIDTH = 208


class DataPane(Pane):
    """The datasets of the project at the left, the selected one at the right, imports in place."""

    name: ClassVar[str] = "data"
    title: ClassVar[str] = "Data"
    purpose: ClassVar[str] = "What the models learn from, what is wrong with it, and how it is divided."
    icon_name: ClassVar[str] = "database"
    help: ClassVar[str] = (
        "Drop a folder of pictures, texts or recordings (one sub-folder a class) or a table on the window, "
        "or press Ctrl+I. The originals are only ever read. F2 renames a dataset, Delete puts it into the "
        "bin, where it can be restored. A new split can be undone; runs keep the split they were trained "
        "on. Each problem can become a risk, or be accepted with a reason that stands in the decision log."
    )
    events: ClassVar[tuple[type[Event], ...]] = (DatasetChanged, BoardChanged)

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self._datasets: dict[int, Dataset] = {}
        self._wanted: int | None = None
        self._newest_before: dict[int, int] = {}
        self._told: set[int] = set()
        self._news_of: int | None = None
        self._details_of: int | None = None
        self._results: list[tuple[str, str]] = []
        self._errors: list[str] = []
        self._import = self.header.add_action(tr("Import data"), "upload-simple")
        self._import.clicked.connect(self._on_import)
        self._primary = self.header.set_primary(tr("Choose a model"))
        self.header.primary_triggered.connect(self._on_choose_model)
        for button in (self._import, self._primary):
            button.hide()  # until it is known whether there is data
        self.news = Banner()
        self.news.action_triggered.connect(self._on_details)
        self.news.dismissed.connect(self._forget_news)
        self.importing = ImportCard()
        self.importing.cancelled.connect(self._on_cancelled)
        self.list = DatasetList()
        self.list.setFixedWidth(_LIST_WIDTH)
        self.detail = DatasetDetail()
        self._weighing = Weighing(self, self.detail, self._selected)
        self._connect_parts()
        self.empty = EmptyState(
            "database",
            tr("No data yet"),
            tr(
                "Drop a folder of pictures, texts or recordings (one sub-folder a class) or a table here. "
                "The originals are only ever read."
            ),
            tr("Import data"),
        )
        self.empty.triggered.connect(self.shell.import_data)
        self._lay_out()
        self.setFocusProxy(self.list.view)

    def subscribe(self) -> None:
        """Follow imports; one that failed before this pane was there is still told."""
        assert self.session is not None
        self._datasets, self._wanted = {}, None
        self._newest_before, self._told = {}, set()
        self._forget_news()
        self.listen(JobChanged, self._on_job_changed)
        self.importing.show_jobs(self._imports())
        job = self.session.jobs.last(_IMPORT)
        if job is not None and job.state is JobState.FAILED:
            self._tell_end(job)

    def reload(self) -> None:
        """Read the datasets again; the selected one stays selected."""
        session = self.session
        if session is None:
            self._show_datasets([])
            return
        self.attempt(lambda: self._show_datasets(session.datasets.all(include_deleted=True)))

    def select(self, **target: Any) -> None:
        """Show a dataset (`dataset_id`), the start of an import (`looking`, `importing`) or its `problem`.

        Args:
            target: `dataset_id`; `looking`: name of the source that is looked at, empty when that is over,
                with `first`, whether what was told of imports before is old now; `importing`: id of the
                job, with `newest`, the highest id of a dataset before it; `problem`: why something could
                not be imported.
        """
        if "dataset_id" in target:
            self._wanted = target["dataset_id"]
            if self._wanted in self._datasets:
                self.list.select(self._wanted)
                self._wanted = None
        if "looking" in target:
            self.importing.show_looking(target["looking"])
            if target.get("first") and not self._imports():
                self.banner.hide()
                self._forget_news()
        if "importing" in target:
            self._newest_before[target["importing"]] = target["newest"]
            self.importing.show_jobs(self._imports())
        if "problem" in target:
            self._tell_problem(target["problem"])

    def actions_of(self) -> list[Action]:
        """Return rename, delete and choosing a model; import is the window's."""
        return [
            Action(
                "datasets.rename", tr("Rename dataset"), self.list.rename_current, "F2", self.list.can_change
            ),
            Action(
                "datasets.delete", tr("Delete dataset"), self.list.delete_current, "", self.list.can_change
            ),
            Action("datasets.model", tr("Choose a model"), self._on_choose_model, "", self._has_dataset),
        ]

    def _show_datasets(self, datasets: list[Dataset]) -> None:
        may_change, refusal = self._may_change(), self._refusal()
        self._datasets = {dataset.id: dataset for dataset in datasets}
        if self._wanted is None and self.list.current_id is None and datasets:
            self._wanted = max((item.id for item in datasets if item.deleted_at is None), default=None)
        self._pages.setCurrentWidget(self._full if datasets else self.empty)
        self._import.setVisible(bool(datasets))
        self._primary.setVisible(bool(datasets))
        self._import.setEnabled(may_change)
        self._import.setToolTip(tip(tr("Import a folder or a table (Ctrl+I)") if may_change else refusal))
        self.empty.setEnabled(self.session is None or may_change)
        self.list.set_datasets(datasets, may_change, refusal)
        if self._wanted in self._datasets:
            self.list.select(self._wanted)
            self._wanted = None
        self._show_selected()

    def _show_selected(self) -> None:
        dataset = self._selected()
        self._primary.setEnabled(self._has_dataset())
        in_bin = dataset is not None and dataset.deleted_at is not None
        self._primary.setToolTip(tip(tr("Restore the dataset first.")) if in_bin else "")
        if dataset is None or self.session is None:
            self._right.setCurrentWidget(self._nothing)
            return
        session = self.session
        self.detail.show_dataset(dataset, self._may_edit(dataset), self._refusal())
        self._right.setCurrentWidget(self.detail)
        self._weighing.refresh(self._may_edit(dataset))
        background.query(
            lambda: read_look(session, dataset),
            lambda look: self._show_look(session, look),
            lambda error: self.tell(error) if session is self.session else None,
            owner=self,
            key="look",
        )

    def _show_look(self, session: "Session", look: Look) -> None:
        if session is not self.session or look.dataset.id != self.list.current_id:
            return
        dataset_id = look.dataset.id
        self.detail.show_look(
            look,
            lambda start, stop: session.datasets.rows(dataset_id, start, stop),
            self._may_edit(look.dataset),
            self._refusal(),
        )

    def _selected(self) -> Dataset | None:
        current = self.list.current_id
        return None if current is None else self._datasets.get(current)

    def _has_dataset(self) -> bool:
        dataset = self._selected()
        return dataset is not None and dataset.deleted_at is None

    def _may_change(self) -> bool:
        return self.session is None or not self.session.read_only

    def _may_edit(self, dataset: Dataset) -> bool:
        return self._may_change() and dataset.deleted_at is None

    def _refusal(self) -> str:
        if self._may_change():
            return tr("This dataset is in the bin: restore it to change it.")
        return tr("This project is open read-only: close it in the other window to change it here.")

    def _lay_out(self) -> None:
        self._nothing = EmptyState(
            "database", tr("No dataset left"), tr("Import data, or restore a dataset from the bin.")
        )
        self._right = QStackedWidget()
        self._right.addWidget(self._nothing)
        self._right.addWidget(self.detail)
        self._full = QWidget()
        row = QHBoxLayout(self._full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.list)
        row.addWidget(self._right, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._full)
        self.body.addWidget(self.importing)
        self.body.addWidget(self.news)
        self.body.addWidget(self._pages, 1)

    def _connect_parts(self) -> None:
        self.list.selected.connect(self._on_selected)
        self.list.renamed.connect(lambda which, name: self._change(lambda s: s.datasets.rename(which, name)))
        self.list.deleted.connect(self._on_deleted)
        self.list.restored.connect(self._on_restored)
        self.detail.split_applied.connect(self._on_split_applied)
        self.detail.notes_changed.connect(
            lambda which, text: self._change(lambda s: s.datasets.set_notes(which, text))
        )
        self.detail.failed.connect(self.tell)

    def _change(self, work: "Callable[[Session], object]", told: str = "") -> bool:
        session = self.session
        if session is None:
            return False
        self.banner.hide()
        if not told:
            return self.attempt(lambda: work(session))
        return self.attempt_with_undo(lambda: work(session), told)

    def _on_selected(self, dataset_id: int) -> None:
        if self._news_of is not None and dataset_id != self._news_of and self._wanted is None:
            self._forget_news()
        self._show_selected()

    def _on_import(self) -> None:
        self.shell.import_data()

    def _on_choose_model(self) -> None:
        if self._has_dataset():
            self.shell.go("models", dataset_id=self.list.current_id)

    def _on_deleted(self, dataset_id: int) -> None:
        name = self._datasets[dataset_id].name
        self._change(
            lambda session: session.datasets.delete(dataset_id), tr("{name} is in the bin.", name=name)
        )

    def _on_restored(self, dataset_id: int) -> None:
        name = self._datasets[dataset_id].name
        told = tr("{name} is back.", name=name)
        if self._change(lambda session: session.datasets.restore(dataset_id), told):
            self._wanted = dataset_id

    def _on_split_applied(self, split: SplitConfig) -> None:
        dataset = self._selected()
        session = self.session
        if dataset is None or session is None:
            return
        try:
            session.datasets.set_split(dataset.id, split)
        except UserError as error:
            if error.fields:
                self.detail.split.show_problems(error.fields)
            else:
                self.tell(error)
        else:
            # Apply is over and disabled: the keyboard would fall into the notes, and Ctrl+Z with it.
            self.setFocus()
            told = tr("{name} is divided anew.", name=dataset.name)
            offer_undo(self.shell, session, told, session.history.last)

    def _imports(self) -> list[Job]:
        if self.session is None:
            return []
        return [job for job in self.session.jobs.active() if job.subject == _IMPORT]

    def _on_cancelled(self, job_id: int) -> None:
        if self.session is not None:
            self.session.jobs.cancel(job_id)

    def _on_job_changed(self, event: JobChanged) -> None:
        job = event.job
        if job.subject != _IMPORT:
            return
        self.importing.show_jobs(self._imports())
        if job.state in (JobState.DONE, JobState.CANCELLED, JobState.FAILED) and job.id not in self._told:
            self._told.add(job.id)
            self._tell_end(job)

    def _tell_end(self, job: Job) -> None:
        """Say once how an import ended."""
        self._told.add(job.id)
        if job.state is JobState.FAILED:
            self._tell_problem(job.message)
        elif job.state is JobState.CANCELLED:
            self._tell_news(tr("{job} was cancelled; nothing of it was kept.", job=job.label), "info")
        elif self.session is not None:
            # The job has ended: its result is there, or will be in the same breath.
            dataset: Dataset = self.session.jobs.wait(job.id, 1.0)
            self._wanted = self._news_of = dataset.id
            self._tell_result(dataset, is_known=dataset.id <= self._newest_before.get(job.id, -1))
            self.mark_stale()

    def _tell_result(self, dataset: Dataset, *, is_known: bool) -> None:
        if is_known:
            text = tr("This is the same data as {name}, so nothing was imported twice.", name=dataset.name)
            self._tell_news(text, "info")
            return
        lacks = bool(dataset.imported.skipped)
        if lacks or dataset.imported.findings:
            self._details_of = dataset.id
        self._tell_news(outcome(dataset), "warning" if lacks else "good")

    def _tell_news(self, text: str, tone: str) -> None:
        """Show one more line of news; several imports in a row keep a line each."""
        self._results.append((text, tone))
        tones = [tone for _, tone in self._results]
        worst = next(tone for tone in ("warning", "info", "good") if tone in tones)
        details = tr("Details") if self._details_of is not None else ""
        self.news.tell("\n".join(text for text, _ in self._results), worst, details)

    def _tell_problem(self, text: str) -> None:
        """Show one more problem of the imports that were begun together."""
        self._errors.append(text)
        self.banner.tell("\n".join(self._errors))

    def _forget_news(self) -> None:
        self._results, self._errors = [], []
        self._news_of = self._details_of = None
        self.news.hide()

    def _on_details(self) -> None:
        if self._details_of is not None:
            # Chosen from the news, so that the news stays.
            self._news_of = self._details_of
            self.list.select(self._details_of)
        self.detail.show_problems(self._details_of)

    def hideEvent(self, event: QHideEvent) -> None:
        """Put good news away once it was seen; a minimised window has not been left."""
        if not event.spontaneous() and not self._imports():
            self._forget_news()
        super().hideEvent(event)
