"""What a search for a setting says, below the field that it is for."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.models import BatchSizes, RateCurve
from workbench.core.records import Job
from workbench.core.states import JobState
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.rate_plot import RatePlot


class FoundView(QFrame):
    """How far a search is, then what it found and a button that takes it. Hidden until `begin`.

    Args:
        working: What is being done, such as *Trying learning rates*.
    """

    used = Signal(object)
    """The value that was found and is wanted."""
    cancelled = Signal()
    dismissed = Signal()

    def __init__(self, working: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._working = working
        self._value: float | int | None = None
        self.plot: RatePlot | None = None
        self.text = PlainLabel(wrap=True)
        self.note = PlainLabel(role="small", wrap=True)
        self.use, self.cancel = QPushButton(), QPushButton(tr("Cancel"))
        restyle(self.use, primary=True)
        self.use.clicked.connect(lambda: self.used.emit(self._value))
        self.cancel.setAccessibleName(tr("Cancel"))
        self.cancel.setAccessibleDescription(working)
        restyle(self.cancel, quiet=True)
        self.cancel.clicked.connect(self.cancelled)
        self._close = QToolButton()
        self._close.setIcon(icon("x"))
        self._close.setAccessibleName(tr("Dismiss"))
        self._close.setToolTip(tr("Dismiss"))
        self._close.clicked.connect(self.dismissed)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.text, 1)
        top = Qt.AlignmentFlag.AlignTop
        head.addWidget(self.cancel, alignment=top)
        head.addWidget(self._close, alignment=top)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 8, 8)
        self._column.setSpacing(8)
        self._column.addLayout(head)
        self._column.addWidget(self.note)
        self._column.addWidget(self.use, alignment=Qt.AlignmentFlag.AlignLeft)
        self.hide()

    @property
    def has_result(self) -> bool:
        """Whether what was found stands there."""
        return self._value is not None and not self.isHidden()

    def take_focus(self) -> None:
        """Take the keyboard where the next step is: the button that takes what was found, else dismissing."""
        (self._close if self.use.isHidden() else self.use).setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """Say that the search is on its way."""
        self._show(tr("{work} …", work=self._working), working=True)

    def show_job(self, job: Job) -> None:
        """Say how far the search is."""
        if job.state is JobState.WAITING:
            self._show(tr("Waits until the device is free …"), working=True)
        elif job.total:
            done = number_format.percent(job.done / job.total)
            self._show(tr("{work} … {done}", work=self._working, done=done), working=True)

    def show_problem(self, text: str) -> None:
        """Say why nothing was found."""
        self._show(text, role="problem")

    def show_rate(self, curve: RateCurve) -> None:
        """Show the curve of a range test and what to take from it."""
        if self.plot is None:
            self.plot = RatePlot()
            self._column.insertWidget(1, self.plot)
        self.plot.set_curve(curve)
        rate = number_format.number(curve.suggestion)
        self._show(tr("Learns fast and safely at {rate}", rate=rate), value=curve.suggestion)

    def show_sizes(self, found: BatchSizes) -> None:
        """Say which batch size is fastest enough, and how much faster than the one that is set."""
        best, now = found.speed(found.suggestion) or 0.0, found.speed(found.current)
        words = {
            "size": number_format.count(found.suggestion),
            "speed": _speed(best),
            "current": number_format.count(found.current),
        }
        if found.suggestion == found.current:
            text = tr("{size} is right: {speed} samples/s, larger is hardly faster", **words)
        elif now is None:
            text = tr("{size}: {speed} samples/s; {current} is too large for this data", **words)
        else:
            words["factor"] = number_format.number(float(f"{best / now:.2g}"))
            text = tr("{size}: {speed} samples/s, {factor} times as fast as\u00a0{current}", **words)
        self._show(text, value=found.suggestion)
        self.use.setVisible(found.suggestion != found.current)
        lines = [
            f"{number_format.count(size)}: {tr('{speed} samples/s', speed=_speed(it))}"
            for size, it in zip(found.sizes, found.samples_per_s, strict=True)
        ]
        self.text.setToolTip(tip(" · ".join(lines)))
        self.setAccessibleDescription(", ".join(lines))

    def mark_old(self, old: bool) -> None:
        """Say that the result is of other settings than those that stand there now, or no longer say it."""
        if self.has_result:
            self.note.setText(tr("The settings have changed since: find again."))
            self.note.setVisible(old)

    def _show(
        self, text: str, *, working: bool = False, role: str = "", value: float | int | None = None
    ) -> None:
        self._value = value
        self.text.setText(text)
        self.text.setToolTip("")
        if self.text.property("role") != role:
            restyle(self.text, role=role)
        self.setAccessibleName(text)
        words = "" if value is None else tr("Use {value}", value=number_format.number(value))
        self.use.setText(words)
        self.use.setAccessibleName(words)
        self.use.setVisible(value is not None)
        self.note.hide()
        if self.plot is not None:
            self.plot.setVisible(value is not None)
        self.cancel.setVisible(working)
        self._close.setVisible(not working)
        self.show()


def _speed(samples_per_s: float) -> str:
    """Return a measured speed without the digits that are different every time."""
    return number_format.count(round(float(f"{samples_per_s:.2g}")))
