"""The import that runs, in place: how far it is, and Cancel."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from workbench.core.records import Job
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, IconLabel, PlainLabel


class ImportCard(QFrame):
    """Shows the import at work; says how many more wait. `cancelled` carries the id of the job."""

    cancelled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._job_id = -1
        self._label = ElidedLabel(role="strong")
        self._text = ElidedLabel(role="muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMinimumWidth(120)
        self._left = PlainLabel(role="muted")
        self._cancel = QPushButton(tr("Cancel"))
        self._cancel.setAccessibleName(tr("Cancel"))
        self._cancel.setToolTip(tr("Stop this import; nothing of it is kept, and the source stays as it is."))
        self._cancel.clicked.connect(lambda: self.cancelled.emit(self._job_id))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(IconLabel("download-simple", "accent", 20))
        row.addWidget(self._label, 2)
        row.addWidget(self._text, 3)
        row.addWidget(self._bar, 3)
        row.addWidget(self._left)
        row.addWidget(self._cancel)
        self.hide()

    def show_looking(self, name: str) -> None:
        """Show that a source is looked at; an empty name takes it away."""
        if self._job_id >= 0:
            return
        self._fill(tr("Looking at {name}", name=name), "", None)
        self._cancel.hide()
        self.setVisible(bool(name))

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Show these imports, the first in full; none hides the card."""
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
