"""Checks of the health of a dataset, and fixes of what they find, from the Data pane."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.core.events import JobChanged
from workbench.core.states import JobState
from workbench.gui import background
from workbench.gui.panes.data.join_dialog import JoinDialog
from workbench.gui.panes.data.relabel_dialog import RelabelDialog
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.core.records import Dataset, Finding, Job
    from workbench.gui.panes.base import Pane
    from workbench.gui.panes.data.detail import DatasetDetail

_HEALTH, _VERSION = "health:", "version:"


class Mending:
    """Carries out *Check again* and the fixes of the findings.

    Args:
        pane: Whose session is asked, and who tells what went wrong.
        detail: Where the findings are shown.
        selected: Returns the dataset that is shown.
        select: Shows a dataset by its id.
    """

    def __init__(
        self,
        pane: "Pane",
        detail: "DatasetDetail",
        selected: "Callable[[], Dataset | None]",
        select: Callable[[int], object],
    ) -> None:
        self._pane, self._detail, self._selected, self._select = pane, detail, selected, select
        self._mine: set[int] = set()
        page = detail.health
        page.check_requested.connect(self._check)
        page.cancel_requested.connect(self._cancel)
        page.samples_requested.connect(self._show_samples)
        page.findings.fix_requested.connect(self._fix)

    def follow(self) -> None:
        """Listen to the jobs of the session; call it for each new one."""
        self._mine.clear()
        self._pane.listen(JobChanged, lambda event: self._on_job(event.job))

    def refresh(self) -> None:
        """Show how far the check of the dataset is that is shown now."""
        session, dataset = self._pane.session, self._selected()
        if session is not None and dataset is not None:
            self._detail.health.show_job(session.jobs.find(f"{_HEALTH}{dataset.id}"))

    def join(self, dataset_id: int) -> None:
        """Ask which dataset's samples are to be added to this one, and make a version of both."""
        pane, session = self._pane, self._pane.session
        if session is None:
            return
        name, others = session.datasets.get(dataset_id).title, session.versions.joinable(dataset_id)
        if not others:
            text = tr("There is no other dataset of the kind of {name}: import one first.", name=name)
            pane.shell.notify(text)
            return
        dialog = JoinDialog(name, others, pane)
        dialog.chosen.connect(lambda other: self.begin(lambda: session.versions.join(dataset_id, other)))
        dialog.open()

    def _check(self) -> None:
        session, dataset = self._pane.session, self._selected()
        if session is not None and dataset is not None:
            self._pane.attempt(lambda: session.health.check(dataset.id))

    def _cancel(self, job_id: int) -> None:
        if self._pane.session is not None:
            self._pane.session.jobs.cancel(job_id)

    def _show_samples(self, finding: "Finding") -> None:
        title = finding.code.replace("_", " ").capitalize()
        self._detail.samples.show_samples(title, finding.samples)
        self._detail.tabs.setCurrentIndex(0)

    def _fix(self, code: str) -> None:
        pane, session, dataset = self._pane, self._pane.session, self._selected()
        if session is None or dataset is None:
            return

        def ask(finding: "Finding") -> None:
            if finding.fix != "relabel":
                self._start(dataset.id, code, None)
                return
            look = self._detail.look
            if look is not None and look.dataset.id == dataset.id:
                dialog = RelabelDialog(look, self._detail.rows, finding, pane)
                dialog.chosen.connect(lambda places: self._start(dataset.id, code, places))
                dialog.open()

        background.query(
            lambda: session.health.finding(dataset.id, code), ask, pane.tell, owner=pane, key="finding"
        )

    def _start(self, dataset_id: int, code: str, places: list[int] | None) -> None:
        session = self._pane.session
        if session is not None:
            self.begin(lambda: session.health.fix(dataset_id, code, places))

    def begin(self, work: "Callable[[], int | None]") -> None:
        """Begin to make a version, and follow the job to its end."""
        pane, session = self._pane, self._pane.session
        if session is None:
            return

        def begun(job_id: int | None) -> None:
            if job_id is None:
                undo = session.history.undo
                pane.shell.notify(tr("The preparation does it from now on."), tr("Undo"), undo)
            elif session.jobs.ended(job_id):
                self._mine.add(job_id)
                self._on_job(session.jobs.get(job_id))
            else:
                self._mine.add(job_id)

        background.query(work, begun, pane.tell, owner=pane, key="fix")

    def _on_job(self, job: "Job") -> None:
        session, dataset = self._pane.session, self._selected()
        if session is None:
            return
        if dataset is not None and job.subject == f"{_HEALTH}{dataset.id}":
            self._detail.health.show_job(job)
            if job.state is JobState.FAILED:
                self._pane.banner.tell(job.message)
            elif job.state in (JobState.DONE, JobState.CANCELLED):
                self._pane.mark_stale()
        if job.id in self._mine and job.subject.startswith(_VERSION):
            self._end(job)

    def _end(self, job: "Job") -> None:
        pane, session = self._pane, self._pane.session
        if session is None or job.state not in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
            return
        self._mine.discard(job.id)
        if job.state is JobState.FAILED:
            pane.banner.tell(job.message)
        elif job.state is JobState.DONE:
            # The job has ended: its result is there, or will be in the same breath.
            version: Dataset = session.jobs.wait(job.id, 1.0)
            self._select(version.id)
            words = tr("{change}: version {number}.", change=version.change, number=version.version)
            pane.shell.notify(words, tr("Undo"), session.history.undo)
