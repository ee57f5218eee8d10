"""Data: what there is to learn from, what is wrong with it, and how it is divided."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from workbench.core.configs import SplitConfig
from workbench.core.errors import UserError
from workbench.core.events import BoardChanged, DatasetChanged, Event, FirstSamplesDecoded, JobChanged
from workbench.core.records import Dataset, Job
from workbench.core.states import JobState
from workbench.gui import background
from workbench.gui.actions import Action
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.panes.data.augment import Augmenting
from workbench.gui.panes.data.dataset_list import DatasetList
from workbench.gui.panes.data.detail import DatasetDetail
from workbench.gui.panes.data.import_card import ImportCard
from workbench.gui.panes.data.import_news import ImportNews
from workbench.gui.panes.data.look import Look, read_look
from workbench.gui.panes.data.mending import Mending
from workbench.gui.panes.data.preparing import Preparing
from workbench.gui.panes.data.relabelling import Relabelling
from workbench.gui.panes.data.source_note import SourceNote
from workbench.gui.panes.data.weighing import Weighing
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.undo_offer import offer_undo
from workbench.gui.widgets.cards import EmptyState
from workbench.gui.widgets.labels import tip

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
        "Drop a folder of pictures, texts or recordings (one sub-folder a class, or a list of labels in it), "
        "a zip or tar archive of one, or a table on the window, or press Ctrl+I. The originals are only ever "
        "read. F2 renames a dataset, Delete puts it into the bin, where it can be restored. A new split can "
        "be undone; runs keep the split they were trained on. Prepare lists the steps before a model: drag "
        "or Ctrl+Up and Ctrl+Down move one, Space switches it, Delete removes it. Each problem can become a "
        "risk, or be accepted with a reason that stands in the decision log."
    )
    events: ClassVar[tuple[type[Event], ...]] = (DatasetChanged, BoardChanged)

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self._datasets: dict[int, Dataset] = {}
        self._wanted: int | None = None
        self._newest_before: dict[int, int] = {}
        self._told: set[int] = set()
        self._import = self.header.add_action(tr("Import data"), "upload-simple")
        self._import.clicked.connect(self._on_import)
        self._primary = self.header.set_primary(tr("Choose a model"))
        self.header.primary_triggered.connect(self._on_choose_model)
        for button in (self._import, self._primary):
            button.hide()  # until it is known whether there is data
        self.news = ImportNews()
        self.news.action_triggered.connect(self._on_details)
        self.news.dismissed.connect(self.news.forget)
        self.importing = ImportCard()
        self.importing.cancelled.connect(self._on_cancelled)
        self.list = DatasetList()
        self.list.setFixedWidth(_LIST_WIDTH)
        # From the outside to the inside: a part that is moved has the style of all in it worked out again.
        self._pages = QStackedWidget(self)
        self._full = QWidget(self._pages)
        self._right = QStackedWidget(self._full)
        self.detail = DatasetDetail(self._right)
        self._weighing = Weighing(self, self.detail, self._selected)
        self.source = SourceNote(self, self._selected)
        self.detail.add_note(self.source)
        self._mending = Mending(self, self.detail, self._selected, self._show_version)
        self._relabelling = Relabelling(self, self.detail, self._mending, self._selected)
        self._preparing = Preparing(self, self.detail.prepare, self._selected)
        self._connect_parts()
        self._augmenting = Augmenting(self, self.detail.augment, self._selected)
        self.empty = EmptyState(
            "database",
            tr("No data yet"),
            tr(
                "Drop a folder of pictures, texts or recordings (one sub-folder a class, or a list of labels "
                "in it), an archive of one, or a table here. The originals are only ever read."
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
        self.news.forget()
        self.listen(JobChanged, self._on_job_changed)
        self.listen(
            FirstSamplesDecoded, lambda event: self.importing.show_samples(event.label, event.samples)
        )
        self._mending.follow()
        self._relabelling.follow()
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
                with `stop`, which ends that, and `first`, whether what was told of imports before is old
                now; `importing`: id of the job, with `newest`, the highest id of a dataset before it;
                `problem`: why something could not be imported.
        """
        if "dataset_id" in target:
            self._wanted = target["dataset_id"]
            if self._wanted in self._datasets:
                self.list.select(self._wanted)
                self._wanted = None
        if "looking" in target:
            self.importing.show_looking(target["looking"], target.get("stop"))
            if target.get("first") and not self._imports():
                self.banner.hide()
                self.news.forget()
        if "importing" in target:
            self._newest_before[target["importing"]] = target["newest"]
            self.importing.show_jobs(self._imports())
        if "problem" in target:
            self.banner.tell(self.news.with_problem(target["problem"]))

    def actions_of(self) -> list[Action]:
        """Return rename, delete and choosing a model; import is the window's."""
        return [
            Action(
                "datasets.rename", tr("Rename dataset"), self.list.rename_current, "F2", self.list.can_change
            ),
            Action(
                "datasets.delete", tr("Delete dataset"), self.list.delete_current, "", self.list.can_change
            ),
            Action(
                "datasets.relocate", tr("Relocate source"), self.source.relocate, "", self.list.can_change
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
        self.source.refresh(self._may_edit(dataset))
        self._mending.refresh()
        self._preparing.refresh(self._may_edit(dataset), self._refusal())
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
        self._relabelling.refresh()

    def _show_version(self, dataset_id: int) -> None:
        self._wanted = dataset_id
        if self.detail.tabs.currentIndex() == 1:  # what was mended there is looked at there again
            self.detail.show_problems(dataset_id)
        self.mark_stale()

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
        self._right.addWidget(self._nothing)
        self._right.addWidget(self.detail)
        row = QHBoxLayout(self._full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.list)
        row.addWidget(self._right, 1)
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
        self.list.relocated.connect(self.source.relocate)
        self.list.join_wanted.connect(self._mending.join)
        self.detail.split_applied.connect(self._on_split_applied)
        self.detail.notes_changed.connect(
            lambda which, text: self._change(lambda s: s.datasets.set_notes(which, text))
        )
        self.detail.origin.changed.connect(
            lambda which, name, word: self._change(lambda s: s.datasets.set_origin(which, **{name: word}))
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
        if self.news.dataset_id is not None and dataset_id != self.news.dataset_id and self._wanted is None:
            self.news.forget()
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

        def done(_: object) -> None:
            # Apply is over and disabled: the keyboard would fall into the notes, and Ctrl+Z with it.
            self.setFocus()
            told = tr("{name} is divided anew.", name=dataset.name)
            offer_undo(self.shell, session, told, session.history.last)

        def refused(error: Exception) -> None:
            if isinstance(error, UserError) and session is self.session:
                self.detail.split.show_problems(error.fields or {"": str(error)})
            else:
                self.tell(error)

        if split.method == "shuffled":
            try:
                session.datasets.set_split(dataset.id, split)
                done(None)
            except UserError as error:
                refused(error)
            return
        # Groups, times and folders have to be read first.
        background.query(
            lambda: session.datasets.set_split(dataset.id, split), done, refused, owner=self, key="split"
        )

    def _imports(self) -> list[Job]:
        if self.session is None:
            return []
        return [job for job in self.session.jobs.active() if job.subject == _IMPORT]

    def _on_cancelled(self, job_id: int) -> None:
        if self.session is not None:
            self.session.jobs.cancel(job_id)

    def _on_job_changed(self, event: JobChanged) -> None:
        job = event.job
        self.source.follow(job)
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
            self.banner.tell(self.news.with_problem(job.message))
        elif job.state is JobState.CANCELLED:
            self.news.tell_line(tr("{job} was cancelled; nothing of it was kept.", job=job.label), "info")
        elif self.session is not None:
            # The job has ended: its result is there, or will be in the same breath.
            dataset: Dataset = self.session.jobs.wait(job.id, 1.0)
            self._wanted = dataset.id
            self.news.tell_result(dataset, is_known=dataset.id <= self._newest_before.get(job.id, -1))
            self.mark_stale()

    def _on_details(self) -> None:
        if self.news.details_of is not None:
            # Chosen from the news, so that the news stays.
            self.news.dataset_id = self.news.details_of
            self.list.select(self.news.details_of)
        self.detail.show_problems(self.news.details_of)

    def hideEvent(self, event: QHideEvent) -> None:
        """Put good news away once it was seen; a minimised window has not been left."""
        if not event.spontaneous() and not self._imports():
            self.news.forget()
        super().hideEvent(event)
