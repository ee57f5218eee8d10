"""The import that runs, in place: how far it is, and Cancel."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from workbench.core.control import FirstSample
from workbench.core.records import Job
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, IconLabel, PlainLabel

_GAP = 4


class ImportCard(QFrame):
    """Shows the import at work; says how many more wait. `cancelled` carries the id of the job."""

    cancelled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._job_id = -1
        self._stop: Callable[[], None] | None = None
        self._label = ElidedLabel(role="strong")
        self._text = ElidedLabel(role="muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMinimumWidth(120)
        self._left = PlainLabel(role="muted")
        self._cancel = QPushButton(tr("Cancel"))
        self._cancel.setAccessibleName(tr("Cancel"))
        self._cancel.setToolTip(tr("Stop this import; nothing of it is kept, and the source stays as it is."))
        self._cancel.clicked.connect(self._on_cancel)
        self.strip = _Strip()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(8)
        row = QHBoxLayout()
        column.addLayout(row)
        column.addWidget(self.strip)
        row.setSpacing(12)
        row.addWidget(IconLabel("download-simple", "accent", 20))
        row.addWidget(self._label, 2)
        row.addWidget(self._text, 3)
        row.addWidget(self._bar, 3)
        row.addWidget(self._left)
        row.addWidget(self._cancel)
        self.hide()

    def show_looking(self, name: str, stop: Callable[[], None] | None = None) -> None:
        """Show that a source is looked at, and let that be stopped; an empty name takes it away."""
        if self._job_id >= 0:
            return
        self._stop = stop
        self._fill(tr("Looking at {name}", name=name), "", None)
        self._cancel.setVisible(stop is not None)
        self.setVisible(bool(name))

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Show these imports, the first in full; none hides the card."""
        if self._job_id != (jobs[0].id if jobs else -1):
            self.strip.set_samples(())
        self._job_id = jobs[0].id if jobs else -1
        self.setVisible(bool(jobs))
        if not jobs:
            return
        job = jobs[0]
        words = [job.text] if job.text else []
        if len(jobs) > 1:
            words.append(tr("{count} more waiting", count=len(jobs) - 1))
        self._fill(job.label, " · ".join(words), job)
        self._cancel.show()

    def show_samples(self, label: str, samples: Sequence[FirstSample]) -> None:
        """Show the first samples of the import of that label while it runs."""
        if self._job_id < 0 or label != self._label.text():
            return
        self.strip.set_samples(samples)

    def _on_cancel(self) -> None:
        if self._job_id >= 0:
            self.cancelled.emit(self._job_id)
        elif self._stop is not None:
            self._stop()

    def _fill(self, label: str, text: str, job: Job | None) -> None:
        self._label.setText(label)
        self._text.setText(text)
        self._bar.setAccessibleName(tr("Progress of {label}", label=label))
        total = job.total if job is not None else 0
        self._bar.setRange(0, 1000 if total else 0)
        words = []
        if job is not None and total:
            self._bar.setValue(round(1000 * job.done / total))
            words.append(number_format.percent(job.done / total))
            if job.left_s is not None:
                words.append(tr("{time} left", time=number_format.duration(job.left_s)))
        self._left.setText(" · ".join(words))


class _Strip(QWidget):
    """Pictures side by side, as many as there is room for; hidden while there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("First pictures"))
        self.setToolTip(tr("The first pictures of what is being imported."))
        self._pictures: list[QImage] = []
        self.hide()

    def set_samples(self, samples: Sequence[FirstSample]) -> None:
        """Show these."""
        # Copied, since a QImage does not keep the bytes that it is made of.
        self._pictures = [
            QImage(s.pixels, s.side, s.side, 3 * s.side, QImage.Format.Format_RGB888).copy() for s in samples
        ]
        self.setFixedHeight(max((picture.height() for picture in self._pictures), default=0))
        self.setVisible(bool(self._pictures))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pictures that fit whole."""
        painter = QPainter(self)
        left = 0
        for picture in self._pictures:
            if left + picture.width() > self.width():
                break
            painter.drawImage(left, 0, picture)
            left += picture.width() + _GAP
