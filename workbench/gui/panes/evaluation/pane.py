"""The Evaluate pane itself: chooses what is judged, starts the work, shows what came of it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QStackedWidget, QWidget

from workbench.core.events import DatasetChanged, EvaluationChanged, Event, JobChanged, RunChanged
from workbench.core.records import Job, Skipped
from workbench.core.states import JobState, Split
from workbench.gui import background
from workbench.gui.actions import Action
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.panes.evaluation import export, weighing
from workbench.gui.panes.evaluation.chooser import Chooser
from workbench.gui.panes.evaluation.prediction import PredictDialog, SkippedDialog, result_words
from workbench.gui.panes.evaluation.reading import Judged, Reading, read
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.cards import EmptyState

if TYPE_CHECKING:
    from workbench.gui.panes.evaluation.classification import ClassificationView
    from workbench.gui.panes.evaluation.regression import RegressionView
    from workbench.services.session import Session

    View: TypeAlias = ClassificationView | RegressionView

_EXPORTS: tuple[tuple[str, Callable[[Judged, Path], None], str], ...] = (
    ("Measures of each class …", export.write_classes, "classes"),
    ("Confusion matrix …", export.write_matrix, "confusion"),
    ("What was said of each sample …", export.write_predictions, "predictions"),
)


class EvaluatePane(Pane):
    """How good a run is and where it is wrong, down to the very samples."""

    name: ClassVar[str] = "evaluate"
    title: ClassVar[str] = "Evaluate"
    purpose: ClassVar[str] = "How good, and where wrong?"
    icon_name: ClassVar[str] = "grid-four"
    help: ClassVar[str] = (
        "Evaluate puts every sample of a split through a run's best checkpoint and counts what it says.\n\n"
        "Judge on the test split: the model has never met it. Validation chose the best epoch and training "
        "was learnt from, so both flatter.\n\n"
        "In the confusion matrix a row is what a sample is and a column what the model took it for; click a "
        "cell to see its very samples, Ctrl-click for several. For a numeric target, click a point.\n\n"
        "Slices tells on which samples the model does worse than on the rest.\n\n"
        "Make a risk notes a confusion, a class or slice that is missed, or a slow or large model as a risk "
        "that watches its number.\n\n"
        "Predict new data … writes a CSV with what the run says of files that it has never seen."
    )
    events: ClassVar[tuple[type[Event], ...]] = (RunChanged, EvaluationChanged, DatasetChanged)

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self._run_id: int | None = None
        self._split = Split.TEST
        self._asked = False
        self._reading = Reading((), False)
        self._judged: Judged | None = None
        self._skipped: tuple[Skipped, ...] = ()
        self._folder: Path | None = None
        self._views: dict[bool, View] = {}
        self._predict = self.header.add_action(
            tr("Predict new data …"), tip=tr("Write a CSV with what this run says of new files")
        )
        self._predict.clicked.connect(self.ask_prediction)
        menu = QMenu(self)
        self._exports: list[QAction] = []
        for text, write, stem in _EXPORTS:
            action = menu.addAction(tr(text))
            action.triggered.connect(partial(self._export, write, stem))
            self._exports.append(action)
        self._export_button = self.header.add_action(
            tr("Export table"), menu=menu, tip=tr("Save what is shown as a CSV file")
        )
        self._risks = QMenu(self)
        self._risks.aboutToShow.connect(self._fill_risks)
        self._risk_button = self.header.add_action(
            tr("Make a risk"),
            menu=self._risks,
            tip=tr("Note what is chosen, or what the model takes"),
        )
        self._evaluate = self.header.set_primary(tr("Evaluate"))
        self.header.primary_triggered.connect(self.evaluate)
        self.banner.action_triggered.connect(self._on_banner)
        self.chooser = Chooser()
        self.chooser.run_chosen.connect(self._on_run)
        self.chooser.split_chosen.connect(self._on_split)
        self.chooser.stop_requested.connect(self._on_stop)
        self._stage = QStackedWidget()
        self._build_pages()
        self.body.addWidget(self.chooser)
        self.body.addWidget(self._stage, 1)
        self._show(self._reading)

    def set_session(self, session: "Session | None") -> None:
        """Show this project from now on, from its newest run."""
        self._run_id, self._split, self._asked, self._judged = None, Split.TEST, False, None
        super().set_session(session)

    def subscribe(self) -> None:
        """Follow the work on evaluations and predictions."""
        self.listen(JobChanged, self._on_job)

    def select(self, **target: Any) -> None:
        """Show a run, `run_id`, on a `split`; judged at once when it was not yet."""
        if target.get("run_id") is None:
            return
        self._run_id = int(target["run_id"])
        self._split = Split(target.get("split") or Split.TEST)
        self._asked = True
        self.mark_stale()

    def actions_of(self) -> list[Action]:
        """Return what can be done here."""
        return [
            Action("evaluation.evaluate", tr("Evaluate"), self.evaluate, "Ctrl+E", self._evaluate.isEnabled),
            Action(
                "evaluation.predict",
                tr("Predict new data …"),
                self.ask_prediction,
                ready=self._predict.isEnabled,
            ),
        ]

    def reload(self) -> None:
        """Read runs and the newest evaluation again; one that is shown already is not read twice."""
        session = self.session
        if session is None:
            self._show(Reading((), False))
            return
        run_id, split = self._run_id, self._split
        known = self._judged.evaluation.id if self._judged else None

        def failed(error: Exception) -> None:
            if self.session is session:
                self.tell(error)

        def show(reading: Reading) -> None:
            # Another project, run or split may have been chosen meanwhile; it is being read then.
            if (self.session, self._run_id, self._split) == (session, run_id, split):
                self._show(reading)

        background.query(lambda: read(session, run_id, split, known), show, failed, owner=self, key="read")

    def evaluate(self) -> None:
        """Judge the run on the split, in the background."""
        session, run = self.session, self._reading.run
        if session is not None and run is not None and self._job("evaluation") is None:
            self.banner.hide()
            self.attempt(lambda: session.evaluation.evaluate(run.id, self._split))
            self._show_work()

    def ask_prediction(self) -> None:
        """Ask for new data and where to write, then predict in the background."""
        run, dataset = self._reading.run, self._reading.dataset
        if run is None or dataset is None:
            return
        dialog = PredictDialog(run.name, dataset.schema.modality, self)
        dialog.wanted.connect(lambda source, out: self._start_prediction(run.id, source, out))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _start_prediction(self, run_id: int, source: Path, out: Path) -> None:
        session = self.session
        if session is not None:
            self.banner.hide()
            self.attempt(lambda: session.evaluation.predict(run_id, source, out))
            self._show_work()

    def _build_pages(self) -> None:
        self._untrained = EmptyState(
            "chart-bar",
            tr("Train a model first"),
            tr(
                "Here you will see how good it is on data that it has never met, and which samples it takes "
                "for what."
            ),
            tr("Choose a model"),
        )
        self._untrained.triggered.connect(lambda: self.shell.go("models"))
        self._training = EmptyState(
            "hourglass",
            tr("The first epoch is not done yet"),
            tr("A run can be judged as soon as it has a checkpoint: when its first epoch is done."),
            tr("Watch training"),
        )
        self._training.triggered.connect(lambda: self.shell.go("train"))
        self._unjudged = EmptyState(
            "grid-four",
            tr("Not judged on this split yet"),
            tr("Evaluate puts every sample of the split through the best checkpoint; that takes seconds."),
            tr("Evaluate"),
        )
        self._unjudged.triggered.connect(self.evaluate)
        self._judging = EmptyState(
            "hourglass", tr("Evaluating …"), tr("Every sample of the split goes through the model once.")
        )
        for page in (self._untrained, self._training, self._unjudged, self._judging):
            self._stage.addWidget(page)

    def _show(self, reading: Reading) -> None:
        """Show what was read."""
        self._reading = reading
        run = reading.run
        self._run_id = run.id if run else self._run_id
        self.chooser.setVisible(run is not None)
        self.chooser.set_runs(reading.runs, run.id if run else None)
        self.chooser.set_split(self._split)
        if reading.judged is not None:
            self._judged = reading.judged
            self._view_of(reading.judged).show_judged(reading.judged)
        elif reading.evaluation is None:
            self._judged = None
        if reading.problem:
            self.banner.tell(reading.problem)
        asked, self._asked = self._asked, False
        writable = self.session is not None and not self.session.read_only
        if asked and run is not None and reading.evaluation is None and not reading.problem and writable:
            self.evaluate()
        self._show_work()

    def _show_work(self) -> None:
        """Show how far the work on the run is, the page that fits, and what can be done now."""
        reading, judged = self._reading, self._judged
        run, dataset = reading.run, reading.dataset
        evaluating = self._job("evaluation")
        self.chooser.set_job(evaluating or self._job("predict"))
        read_only = self.session is not None and self.session.read_only
        self._evaluate.setEnabled(run is not None and evaluating is None and not read_only)
        if read_only:
            why = tr("This project is open read-only: close it in the other window to evaluate here")
        else:
            why = tr("Judge the best checkpoint of this run on the chosen split (Ctrl+E)")
        self._evaluate.setToolTip(why)
        self._predict.setEnabled(run is not None)
        self._export_button.setEnabled(judged is not None)
        self._risk_button.setEnabled(judged is not None and not read_only)
        for action, (_, write, _) in zip(self._exports, _EXPORTS, strict=True):
            fits = write is export.write_predictions or (judged is not None and not judged.regression)
            action.setVisible(fits)
        if run is None:
            self._turn_to(self._training if reading.at_work else self._untrained)
        elif judged is not None:
            self._turn_to(self._view_of(judged))
        else:
            self._turn_to(self._judging if evaluating else self._unjudged)
        if run is not None and dataset is not None:
            family = f"{run.family} · {dataset.title}"
            self.chooser.set_about(f"{family} · {_about(judged)}" if judged else family)

    def _fill_risks(self) -> None:
        """Offer the risks of what is chosen, then those of the model."""
        self._risks.clear()
        if self._judged is not None and self.session is not None:
            view, evaluation = self._view_of(self._judged), self._judged.evaluation
            charter = self.session.board.state.charter
            for offer in (*view.offers(), *weighing.of_model(evaluation, charter)):
                action = self._risks.addAction(offer[0].replace("&", "&&"))
                action.triggered.connect(partial(_carry_out, self, offer))

    def _turn_to(self, page: QWidget) -> None:
        """Show a page; the keyboard goes with it when it was on the page before."""
        before, focus = self._stage.currentWidget(), QApplication.focusWidget()
        follows = before not in (None, page) and focus is not None and self._stage.isAncestorOf(focus)
        self._stage.setCurrentWidget(page)
        if follows:
            page.setFocus()

    def _view_of(self, judged: Judged) -> "View":
        """Return the view for the task; it is made, and its plots are loaded, when it is needed first."""
        view = self._views.get(judged.regression)
        if view is None:
            view = self._views[judged.regression] = _make_view(self, judged.regression)
            self._stage.addWidget(view)
        return view

    def _job(self, kind: str) -> Job | None:
        run = self._reading.run
        if self.session is None or run is None:
            return None
        return self.session.jobs.find(f"{kind}:{run.id}")

    def _on_run(self, run_id: int) -> None:
        self._run_id = run_id
        self.mark_stale()

    def _on_split(self, split: Split) -> None:
        self._split = split
        self.mark_stale()

    def _on_stop(self, job_id: int) -> None:
        if self.session is not None:
            self.session.jobs.cancel(job_id)

    def _on_job(self, event: JobChanged) -> None:
        kind = event.job.subject.partition(":")[0]
        if kind not in ("evaluation", "predict") or self.session is None:
            return
        if event.job.state is JobState.FAILED:
            self._folder, self._skipped = None, ()
            self.banner.tell(event.job.message)
        elif event.job.state is JobState.DONE and kind == "predict":
            self._tell_predicted(event.job.id)
        self._show_work()

    def _tell_predicted(self, job_id: int) -> None:
        assert self.session is not None
        # The job has ended, so this does not wait.
        result = self.session.jobs.wait(job_id, 1.0)
        self._skipped, self._folder = result.skipped, result.path.parent
        several = len(result.skipped) > 1
        self.banner.tell(
            result_words(result),
            "warning" if result.skipped or result.unread else "good",
            tr("Show skipped") if several else tr("Open folder"),
        )

    def _on_banner(self) -> None:
        if len(self._skipped) > 1:
            dialog = SkippedDialog(self._skipped, self)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()
        elif self._folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    def _export(self, write: Callable[[Judged, Path], None], stem: str, _checked: bool = False) -> None:
        judged, run = self._judged, self._reading.run
        if judged is None or run is None:
            return
        proposed = f"{run.name}-{judged.evaluation.split}-{stem}.csv"
        chosen = QFileDialog.getSaveFileName(self, tr("Export table"), proposed, "CSV (*.csv)")[0]
        if not chosen:
            return
        path = Path(chosen if Path(chosen).suffix else f"{chosen}.csv")
        background.query(
            lambda: write(judged, path),
            lambda _none: self.shell.notify(tr("Saved {path}", path=str(path))),
            self.tell,
            owner=self,
            key="export",
        )


def _carry_out(pane: Pane, offer: weighing.Offer, _checked: bool = False) -> None:
    weighing.carry_out(pane, offer)


def _about(judged: Judged) -> str:
    """Return how many samples an evaluation is of, and when it was made."""
    evaluation = judged.evaluation
    return tr(
        "{count} samples · {when}",
        count=number_format.count(evaluation.count),
        when=number_format.date_time(evaluation.created_at),
    )


def _make_view(pane: Pane, regression: bool) -> "View":
    if regression:
        from workbench.gui.panes.evaluation.regression import RegressionView

        return RegressionView(pane)
    from workbench.gui.panes.evaluation.classification import ClassificationView

    return ClassificationView(pane)
