"""The strip at the bottom that says what works in the background."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.states import JobState
from workbench.gui.theme import GRID, MARGIN, icon
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, rule

if TYPE_CHECKING:
    from workbench.core.records import Job


class JobStrip(QFrame):
    """Shows the first job with progress, time left, pause and stop; says how many more there are.

    The signals carry the id of the job.
    """

    pause_requested = Signal(int)
    resume_requested = Signal(int)
    stop_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setAccessibleName(tr("Background work"))
        self._job: Job | None = None
        self._label = ElidedLabel(role="strong")
        self._text = ElidedLabel(role="muted")
        self._bar = QProgressBar()
        self._bar.setFixedWidth(200)
        self._bar.setTextVisible(False)
        self._left = PlainLabel(role="muted")
        self._pause = _button(self._on_pause)
        self._stop = _button(self._on_stop)
        self._stop.setIcon(icon("stop-fill"))
        _name(self._stop, tr("Stop"))
        self._more = PlainLabel(role="muted")
        self._status = ElidedLabel(role="muted")
        self._work = QWidget()
        self._lay_out()
        self.set_jobs([])

    def set_jobs(self, jobs: "Sequence[Job]", *, held: bool = False) -> None:
        """Show these jobs, most important first; ended ones are left out.

        Args:
            jobs: What is at work, then what waits.
            held: Whether what waits does so because the queue is paused.
        """
        live = [job for job in jobs if job.state in (JobState.RUNNING, JobState.PAUSED, JobState.WAITING)]
        self._work.setVisible(bool(live))
        self._job = live[0] if live else None
        if self._job is None:
            return
        job = self._job
        self._label.setText(job.label)
        waits = tr("waits: the queue is paused") if held else tr("waits")
        self._text.setText(job.text or (waits if job.state is JobState.WAITING else ""))
        self._bar.setRange(0, 1000 if job.total or job.state is not JobState.RUNNING else 0)
        self._bar.setValue(round(1000 * job.done / job.total) if job.total else 0)
        self._bar.setAccessibleName(tr("Progress of {label}", label=job.label))
        self._left.setText(_progress_words(job))
        paused = job.state is JobState.PAUSED
        self._pause.setVisible(job.state is not JobState.WAITING)
        self._pause.setIcon(icon("play-fill" if paused else "pause-fill"))
        _name(self._pause, tr("Resume") if paused else tr("Pause"))
        self._more.setText(tr("+{count} more", count=len(live) - 1))
        self._more.setVisible(len(live) > 1)

    def set_status(self, text: str) -> None:
        """Set the words at the right, such as *All changes saved · 14:32*."""
        self._status.setText(text)

    def _lay_out(self) -> None:
        work = QHBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(12)
        for part in (self._label, self._text, self._bar, self._left):
            work.addWidget(part)
        work.addSpacing(-GRID)
        work.addWidget(self._pause)
        work.addSpacing(-GRID * 2)
        work.addWidget(self._stop)
        work.addWidget(self._more)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 2, MARGIN, 2)
        row.addWidget(self._work)
        row.addStretch(1)
        row.addWidget(self._status)
        self._status.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(rule())
        column.addLayout(row)
        self.setFixedHeight(34)

    def _on_pause(self) -> None:
        if self._job is not None:
            paused = self._job.state is JobState.PAUSED
            (self.resume_requested if paused else self.pause_requested).emit(self._job.id)

    def _on_stop(self) -> None:
        if self._job is not None:
            self.stop_requested.emit(self._job.id)


def _progress_words(job: "Job") -> str:
    if job.state is JobState.PAUSED:
        return tr("paused")
    words = [number_format.percent(job.done / job.total)] if job.total else []
    if job.left_s is not None:
        words.append(tr("{time} left", time=number_format.duration(job.left_s)))
    return " · ".join(words)


def _button(pressed: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.clicked.connect(pressed)
    return button


def _name(button: QToolButton, text: str) -> None:
    button.setAccessibleName(text)
    button.setToolTip(text)
