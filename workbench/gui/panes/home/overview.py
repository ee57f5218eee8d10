"""What Home shows in a project with data: where it stands, what is next, the latest runs."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from workbench.core.risks import Link
from workbench.core.states import RunState, Task
from workbench.gui.item_models.records import Column
from workbench.gui.panes.home.front import FrontGrid
from workbench.gui.panes.home.status import NextStep, RunLine, Status, short
from workbench.gui.theme import GAP, RADIUS, run_color, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.badges import RunChip
from workbench.gui.widgets.labels import ElidedLabel, IconLabel, PlainLabel
from workbench.gui.widgets.run_states import state_tone, state_word
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    from workbench.services.project_view import Standing

_TABLE_HEIGHT = 200


class OverviewPage(QScrollArea):
    """The next step, tiles, the project at a glance, and the latest runs."""

    best_chosen = Signal()
    datasets_chosen = Signal()
    runs_chosen = Signal()
    evaluation_chosen = Signal()
    step_chosen = Signal()
    run_opened = Signal(int)
    resume_requested = Signal(int)
    link_chosen = Signal(object)
    board_requested = Signal()
    trace_requested = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.best = Tile(tr("Best run"))
        self.datasets = Tile(tr("Datasets"))
        self.runs = Tile(tr("Runs"))
        self.evaluation = Tile(tr("Last evaluation"))
        self.cost = Tile(tr("Cost"))
        self.best.clicked.connect(self.best_chosen)
        self.datasets.clicked.connect(self.datasets_chosen)
        self.runs.clicked.connect(self.runs_chosen)
        self.evaluation.clicked.connect(self.evaluation_chosen)
        self.cost.clicked.connect(lambda: self.link_chosen.emit(self.cost.link))
        self.front = FrontGrid()
        self.front.link_chosen.connect(self.link_chosen)
        self.front.board_requested.connect(self.board_requested)
        self.front.trace_requested.connect(self.trace_requested)
        self.step = _StepCard()
        self.step.button.clicked.connect(self.step_chosen)
        self.table = _runs_table()
        self.table.record_activated.connect(lambda line: self.run_opened.emit(line.run.id))
        self.table.set_menu(self._menu)
        self._may_change = True
        tiles = QGridLayout()
        tiles.setSpacing(GAP)
        for place, tile in enumerate((self.best, self.datasets, self.runs, self.evaluation, self.cost)):
            tiles.addWidget(tile, 0, place)
            tiles.setColumnStretch(place, 1)
            tile.trace_requested.connect(self.trace_requested)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.step)
        column.addLayout(tiles)
        column.addWidget(self.front)
        column.addWidget(self._table_card(), 1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inside)

    def show_status(self, status: Status, step: NextStep, may_change: bool, refusal: str) -> None:
        """Show where the project stands.

        Args:
            status: Where it stands.
            step: What to do next.
            may_change: Whether the project may be changed.
            refusal: Why not, for tooltips.
        """
        self._may_change = may_change
        self._show_best(status.best)
        newest = status.datasets[-1]
        self.datasets.link = Link("dataset", newest.id)
        self.best.link = Link("run", status.best.run.id) if status.best is not None else None
        self.evaluation.link = (
            Link("run", status.evaluation[0].id, status.evaluation[1].split.value)
            if status.evaluation is not None
            else None
        )
        self.datasets.show_text(
            number_format.count(len(status.datasets)), tr("newest: {name}", name=newest.name)
        )
        self.runs.show_text(number_format.count(len(status.lines)), _runs_words(status))
        self._show_evaluation(status)
        self.step.show_step(step, may_change or not step.changes, refusal)
        self.table.set_records(status.lines)

    def show_standing(self, standing: "Standing") -> None:
        """Show the project at a glance, and what it has cost."""
        self.front.show_standing(standing)
        cost, money = standing.cost, number_format.money
        has_price = cost.spent is not None
        self.cost.link = Link("charter", 1, "budget") if has_price else Link("run", 0, "price")
        if not has_price:
            self.cost.show_text(number_format.NONE, tr("an hour has no price yet"))
            return
        words, label = tr("no budget yet"), ""
        if cost.budget is not None:
            label = tr("Cost of {budget}", budget=money(cost.budget, cost.currency))
            words = tr("the budget lasts")
            if (cost.spent or 0.0) >= cost.budget:
                words = tr("the budget is used up")
            elif cost.runs_out is not None:
                words = tr("runs out {day}", day=number_format.day(cost.runs_out))
        self.cost.show_text(money(cost.spent, cost.currency), words, label)

    def _show_best(self, best: RunLine | None) -> None:
        self.best.setEnabled(best is not None)
        if best is None:
            self.best.show_text(number_format.NONE, tr("no run with a validation score yet"))
            return
        classifies = best.task is Task.CLASSIFICATION
        label = tr("Best validation accuracy") if classifies else tr("Best validation RMSE")
        self.best.show_run(label, number_format.measure(best.score), best)

    def _show_evaluation(self, status: Status) -> None:
        self.evaluation.setEnabled(status.evaluation is not None)
        if status.evaluation is None:
            self.evaluation.show_text(number_format.NONE, tr("nothing judged yet"))
            return
        run, evaluation = status.evaluation
        name = "accuracy" if "accuracy" in evaluation.metrics else "rmse"
        measure = tr("accuracy") if name == "accuracy" else tr("RMSE")
        splits = {"train": tr("training"), "validation": tr("validation"), "test": tr("test")}
        words = tr(
            "{measure} on {split} · {run}", measure=measure, split=splits[evaluation.split], run=run.name
        )
        self.evaluation.show_text(number_format.measure(evaluation.metrics.get(name)), words)

    def _menu(self, lines: list[RunLine]) -> list[QAction]:
        run = lines[0].run
        opened = QAction(tr("Open in Train"), self.table)
        opened.triggered.connect(lambda: self.run_opened.emit(run.id))
        resumed = QAction(tr("Resume"), self.table)
        resumed.setEnabled(run.state.resumable and self._may_change)
        resumed.triggered.connect(lambda: self.resume_requested.emit(run.id))
        return [opened, resumed]

    def _table_card(self) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(8, 12, 8, 4)
        column.setSpacing(4)
        title = PlainLabel(tr("Latest runs"), "section")
        title.setContentsMargins(8, 0, 0, 0)
        column.addWidget(title)
        column.addWidget(self.table)
        self.table.setMinimumHeight(_TABLE_HEIGHT)
        return card


class Tile(QAbstractButton):
    """One big number that leads to where it comes from; the whole tile is the button.

    Its `link`, where there is one, can be traced from its context menu.

    Args:
        label: What the number is.
    """

    trace_requested = Signal(object, QPoint)

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label
        self.link: Link | None = None
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self._label = ElidedLabel(label, "muted")
        self._value = PlainLabel("", "big")
        self._subline = ElidedLabel("", "small")
        self._chip = RunChip()
        self._foot = QStackedLayout()
        self._foot.addWidget(self._subline)
        self._foot.addWidget(self._chip)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(4)
        column.addWidget(self._label)
        column.addWidget(self._value)
        column.addLayout(self._foot)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(label)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def _on_menu(self, at: QPoint) -> None:
        if self.link is not None:
            self.trace_requested.emit(self.link, self.mapToGlobal(at))

    def show_text(self, value: str, subline: str, label: str = "") -> None:
        """Show a number with words below, and perhaps others above."""
        self._label.setText(label or self._title)
        self._value.setText(value)
        self._subline.setText(subline)
        self._foot.setCurrentWidget(self._subline)
        self.setAccessibleDescription(f"{value} {subline}")

    def show_run(self, label: str, value: str, line: RunLine) -> None:
        """Show a number with the run that reached it."""
        self._label.setText(label)
        self._value.setText(value)
        self._chip.set_run(line.run.name, run_color(line.run.id), line.run.starred)
        self._foot.setCurrentWidget(self._chip)
        self.setAccessibleDescription(f"{label} {value} {line.run.name}")

    def sizeHint(self) -> QSize:
        """Return a size that is the same for all tiles, whatever they say."""
        return QSize(160, self._column.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which the number can be read."""
        return QSize(120, self._column.minimumSize().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and border; focus is told by the border."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hovered = self.underMouse() and self.isEnabled()
        width = 2.0 if self.hasFocus() else 1.0
        painter.setBrush(token("hover" if hovered else "raised"))
        painter.setPen(QPen(token("accent" if self.hasFocus() else "line"), width))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)


class _StepCard(QFrame):
    """The next step: one sentence and its button."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._icon = IconLabel("arrow-circle-right", "accent", 20)
        self._sentence = PlainLabel(wrap=True)
        self.button = QPushButton()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(self._icon)
        row.addWidget(PlainLabel(tr("Next"), "strong"))
        row.addWidget(self._sentence, 1)
        row.addWidget(self.button)

    def show_step(self, step: NextStep, ready: bool, refusal: str) -> None:
        """Show what to do next."""
        warns = step.verb == "resume"
        self._icon.set_icon("warning" if warns else "arrow-circle-right", "warning" if warns else "accent")
        self._sentence.setText(step.sentence)
        self.button.setText(short(step.label))
        self.button.setAccessibleName(step.label)
        self.button.setEnabled(ready)
        self.button.setToolTip("" if ready else refusal)
        self.setAccessibleName(tr("Next"))
        self.setAccessibleDescription(step.sentence)


def _runs_words(status: Status) -> str:
    parts = (
        (status.count(RunState.RUNNING, RunState.PAUSED, RunState.QUEUED), tr("at work")),
        (status.count(RunState.INTERRUPTED), tr("interrupted")),
        (status.count(RunState.FINISHED), tr("finished")),
        (status.count(RunState.STOPPED), tr("stopped")),
        (status.count(RunState.FAILED, RunState.DIVERGED), tr("failed")),
    )
    words = [f"{number_format.count(number)} {word}" for number, word in parts if number]
    return " · ".join(words) if words else tr("none yet")


def _runs_table() -> Table[RunLine]:
    columns: list[Column[RunLine]] = [
        Column(
            tr("Run"),
            lambda line: line.run.name,
            strong=True,
            stretch=True,
            dot=lambda line: run_color(line.run.id),
        ),
        Column(tr("Model"), lambda line: line.run.family),
        Column(tr("Dataset"), lambda line: line.dataset),
        Column(
            tr("State"),
            lambda line: state_word(line.run.state),
            badge=lambda line: state_tone(line.run.state),
        ),
        Column(
            tr("Best epoch"),
            lambda line: line.run.best_epoch,
            align="right",
            show=number_format.count,
            tip=tr("The epoch with the lowest validation loss; its weights are kept."),
        ),
        Column(
            tr("Validation"),
            lambda line: None if line.score is None else line.score_text,
            align="right",
            tip=tr("Accuracy, or RMSE for a numeric target, on the validation split at the best epoch."),
        ),
        Column(
            tr("Begun"),
            lambda line: line.run.started_at or line.run.created_at,
            align="right",
            show=number_format.date_time,
        ),
    ]
    return Table(
        columns,
        tr("Latest runs"),
        key="home_runs",
        identity=lambda line: line.run.id,
        empty_text=tr("The runs of this project appear here: choose a model and train it."),
    )
