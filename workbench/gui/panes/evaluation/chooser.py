"""The line that says which run is judged on which split, and how far a judgement is."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from workbench.core.records import Job, Run
from workbench.core.states import Split
from workbench.gui.modalities import split_title
from workbench.gui.theme import icon, run_color
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip

_STAR = " ★"


class Chooser(QWidget):
    """Run, split, what is shown of them, and the work on them.

    `run_chosen` and `split_chosen` tell of the user's choice only; `stop_requested` carries a job's id.
    """

    run_chosen = Signal(int)
    split_chosen = Signal(Split)
    stop_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[object, ...] = ()
        self._job: Job | None = None
        self.run = ElidedComboBox()
        self.run.setAccessibleName(tr("Run"))
        self.run.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.run.setMinimumContentsLength(22)
        self.run.setIconSize(QSize(12, 12))
        self.run.activated.connect(lambda _row: self.run_chosen.emit(self.run.currentData()))
        self.split = QComboBox()
        self.split.setAccessibleName(tr("Split"))
        self.split.setToolTip(
            tr(
                "Which part of the data to judge on. Default Test: data the model has never met. "
                "Validation chose the best epoch, Training was learnt from: both flatter."
            )
        )
        for split in (Split.TEST, Split.VALIDATION, Split.TRAIN):
            self.split.addItem(split_title(split), split)
        self.split.activated.connect(lambda _row: self.split_chosen.emit(Split(self.split.currentData())))
        self._about = ElidedLabel(role="muted")
        self._work = QWidget()
        self._doing = PlainLabel(role="muted")
        self._bar = QProgressBar()
        self._bar.setFixedWidth(140)
        self._bar.setTextVisible(False)
        self._stop = QToolButton()
        self._stop.setIcon(icon("stop-fill"))
        self._stop.setAccessibleName(tr("Stop"))
        self._stop.setToolTip(tr("Stop"))
        self._stop.clicked.connect(self._on_stop)
        self._lay_out()
        self.set_job(None)

    def set_runs(self, runs: Sequence[Run], chosen: int | None) -> None:
        """Offer these runs; nothing moves while they are the same."""
        shown = (chosen, *((run.id, run.name, run.starred) for run in runs))
        if shown == self._shown:
            return
        self._shown = shown
        self.run.clear()
        for row, run in enumerate(runs):
            self.run.addItem(QIcon(_DotEngine(run.id)), run.name + (_STAR if run.starred else ""), run.id)
            self.run.setItemData(row, tip(run.name), Qt.ItemDataRole.ToolTipRole)
            if run.id == chosen:
                self.run.setCurrentIndex(row)
                self.run.setToolTip(tip(run.name))

    def set_split(self, split: Split) -> None:
        """Show which split is chosen."""
        self.split.setCurrentIndex(self.split.findData(split))

    def set_about(self, text: str) -> None:
        """Say what is shown."""
        self._about.setText(text)

    def set_job(self, job: Job | None) -> None:
        """Show how far the work on the run is; None when there is none."""
        self._job = job
        self._work.setVisible(job is not None)
        if job is None:
            return
        self._bar.setRange(0, job.total)
        self._bar.setValue(job.done)
        self._bar.setAccessibleName(tr("Progress of {label}", label=job.label))
        done = f" {number_format.percent(job.done / job.total)}" if job.total else ""
        self._doing.setText(job.label + done)

    def _on_stop(self) -> None:
        if self._job is not None:
            self.stop_requested.emit(self._job.id)

    def _lay_out(self) -> None:
        work = QHBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(8)
        for part in (self._doing, self._bar, self._stop):
            work.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.run)
        row.addWidget(self.split)
        row.addSpacing(4)
        row.addWidget(self._about, 1)
        row.addWidget(self._work)
        self._work.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)


class _DotEngine(QIconEngine):
    """A dot in a run's colour, sharp at every scaling."""

    def __init__(self, run_id: int) -> None:
        super().__init__()
        self._run_id = run_id

    def clone(self) -> QIconEngine:
        return _DotEngine(self._run_id)

    def paint(self, painter: QPainter, rect: QRect, _mode: QIcon.Mode, _state: QIcon.State) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(run_color(self._run_id))
        radius = min(rect.width(), rect.height()) * 0.38
        painter.drawEllipse(
            QPointF(rect.x() + rect.width() / 2, rect.y() + rect.height() / 2), radius, radius
        )
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap
