"""Curves of training: live and stored through the same widget."""

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import DiskError
from workbench.core.files import atomic_write
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.curve_data import Curve, Finer, Marker, Numbers, as_csv
from workbench.gui.widgets.curve_look import LookControls, quiet_combo, tool_button
from workbench.gui.widgets.curve_view import CurveView, Look
from workbench.gui.widgets.flow_layout import FlowLayout
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel
from workbench.gui.widgets.legend import LegendKey

_REPAINT_MS = 100
_READ_OUT = 4
_ROOM_FOR_WORDS = 520


class CurvePlot(QFrame):
    """Several curves over step, epoch or time, with smoothing, crosshair, legend and export.

    Repaints at most ten times a second, and only while it can be seen: not while it is hidden, or scrolled
    out of sight. pyqtgraph is imported when it is shown first.

    Args:
        title: What is drawn, such as *Loss*.
        empty_text: What will appear here.
        shared_look: Whether smoothing and axis are set from outside, for several plots at once.
    """

    problem = Signal(str)
    """A sentence: what could not be saved, and why."""
    look_changed = Signal()
    wanted = Signal(list)
    """Each Stretch that is seen coarser than it is stored; `refine` answers."""

    def __init__(
        self, title: str, empty_text: str = "", *, shared_look: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(180)
        self._title = title
        self._curves: dict[str, Curve] = {}
        self._keys: dict[str, LegendKey] = {}
        self._marker: Marker | None = None
        self._view: CurveView | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REPAINT_MS)
        self._timer.timeout.connect(self._redraw_if_seen)
        self._dirty = False
        self._shared_look = shared_look
        self._has_legend = True
        self._make_controls()
        self._empty = PlainLabel(empty_text or tr("Curves appear here."), "muted", wrap=True)
        self._lay_out()

    def set_series(
        self,
        key: str,
        label: str,
        color: QColor,
        steps: Numbers,
        values: Numbers,
        times_s: Numbers,
        *,
        dashed: bool = False,
        epochs: Numbers | None = None,
        coarse: bool = False,
    ) -> None:
        """Show a series, in place of the one that had this key; all sequences are of the same length.

        Args:
            key: Tells series apart, such as `3/train_loss`.
            label: Name in the legend.
            color: The run's colour.
            steps: Optimiser steps, rising.
            values: NaN where the value was not a number.
            times_s: Seconds of training since the run began.
            dashed: Whether it is drawn dashed, as validation is.
            epochs: Epochs of the points, fractions too.
            coarse: Whether there are more points than these, see `wanted`.
        """
        known = self._curves.get(key)
        curve = Curve(label, QColor(color), dashed=dashed, coarse=coarse)
        curve.extend(steps, values, times_s, epochs)
        curve.hidden = known is not None and known.hidden
        self._curves[key] = curve
        if known is None or (known.label, known.color, known.dashed) != (label, curve.color, dashed):
            self._replace_key(key, curve)
        self._mark_dirty()

    def append(
        self, key: str, steps: Numbers, values: Numbers, times_s: Numbers, epochs: Numbers | None = None
    ) -> None:
        """Add points to the end of a series.

        Raises:
            KeyError: There is no such series; `set_series` makes it.
        """
        self._curves[key].extend(steps, values, times_s, epochs)
        self._mark_dirty()

    def refine(self, finer: Finer) -> None:
        """Draw finer points of a stretch that was wanted; a series that has gone is no fault."""
        if (curve := self._curves.get(finer.stretch.key)) is not None:
            curve.refine(finer)
            self._mark_dirty()

    def remove(self, key: str) -> None:
        """Take a series away; one that is not there is no fault."""
        if self._curves.pop(key, None) is not None:
            self._drop_key(key)
            self._mark_dirty()

    def clear(self) -> None:
        """Take all series and the marker away."""
        for key in list(self._curves):
            self.remove(key)
        self._marker = None
        self._mark_dirty()

    def keys(self) -> list[str]:
        """Return the keys of all series, in the order of the legend."""
        return list(self._curves)

    def set_hidden(self, key: str, hidden: bool) -> None:
        """Hide a curve or show it again, as a click in the legend does; one that is not there is no fault."""
        if key in self._keys:
            self._keys[key].setChecked(not hidden)

    def bring_forward(self, keys: Collection[str]) -> None:
        """Draw these curves before all others, thicker; none puts all back."""
        if self._view is not None:
            self._view.bring_forward(keys)

    def set_empty_text(self, text: str) -> None:
        """Say something else while there is nothing to draw."""
        self._empty.setText(text)

    def show_legend(self, shown: bool) -> None:
        """Show a legend, or leave it to one that stands for several plots."""
        self._has_legend = shown
        self._legend.setVisible(shown and bool(self._keys))

    def mark(self, key: str, step: float, label: str) -> None:
        """Mark a step of a series, such as the best epoch, with a labelled line; it replaces the last one."""
        self._marker = Marker(key, step, label)
        self._mark_dirty()

    @property
    def look(self) -> Look:
        """How the curves are shown now."""
        return Look(
            smoothing=self._look.smoothing,
            axis=self._look.axis,
            log=bool(self._scale.currentData()),
            ignore_outliers=self._outliers.isChecked(),
        )

    def set_look(self, look: Look) -> None:
        """Show the curves in another way."""
        self._look.set_values(look.smoothing, look.axis)
        self._scale.setCurrentIndex(self._scale.findData(look.log))
        self._outliers.setChecked(look.ignore_outliers)

    def save_picture(self, path: Path) -> None:
        """Write the plot as it is seen, as SVG or PNG by the file's ending.

        Raises:
            DiskError: The file could not be written.
        """
        self._redraw()
        view = self._ensure_view()
        atomic_write(path, view.svg() if path.suffix.lower() == ".svg" else view.png())

    def save_data(self, path: Path) -> None:
        """Write all points as CSV.

        Raises:
            DiskError: The file could not be written.
        """
        atomic_write(path, as_csv(self._curves, self.look.smoothing))

    def render_now(self) -> None:
        """Draw at once what there is, seen or not."""
        self._redraw()
        self.grab()

    def _make_controls(self) -> None:
        self._look = LookControls()
        self._scale = quiet_combo(tr("Scale"), [(tr("linear"), False), (tr("log"), True)])
        hint = tr("Ignore outliers when choosing the range")
        self._outliers = tool_button("funnel", tr("Ignore outliers"), hint)
        self._outliers.setCheckable(True)
        self._save = tool_button("download-simple", tr("Save"), tr("Save picture or data"))
        self._save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._save)
        for text, ending in (
            (tr("Picture (PNG) …"), "png"),
            (tr("Picture (SVG) …"), "svg"),
            (tr("Data (CSV) …"), "csv"),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, ending=ending: self._on_save(ending))
        self._save.setMenu(menu)
        self._look.changed.connect(self._on_look)
        self._scale.currentIndexChanged.connect(self._on_look)
        self._outliers.toggled.connect(self._on_look)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        head.addWidget(ElidedLabel(self._title, "section"), 1)
        for control in (self._look, self._scale, self._outliers, self._save):
            head.addWidget(control)
        self._look.setVisible(not self._shared_look)
        self._legend = QWidget()
        self._legend_row = FlowLayout(self._legend)
        self._legend_row.setSpacing(4)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        stage = QWidget()
        self._stage = QStackedLayout(stage)
        self._readout = PlainLabel(role="readout", parent=stage)
        self._readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._readout.hide()
        self._stage.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._legend)
        column.addWidget(stage, 1)
        self._legend.hide()

    def _replace_key(self, key: str, curve: Curve) -> None:
        self._drop_key(key)
        entry = LegendKey(curve.label, curve.color, curve.dashed)
        entry.setChecked(not curve.hidden)
        entry.toggled.connect(lambda shown: self._on_key_toggled(key, shown))
        entry.hovered.connect(lambda here: self.bring_forward([key] if here else []))
        self._keys[key] = entry
        self._legend_row.addWidget(entry)
        self._legend.setVisible(self._has_legend)

    def _drop_key(self, key: str) -> None:
        if (entry := self._keys.pop(key, None)) is not None:
            self._legend_row.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self._legend.setVisible(self._has_legend and bool(self._keys))

    def _on_key_toggled(self, key: str, shown: bool) -> None:
        self._curves[key].hidden = not shown
        self._mark_dirty()

    def _on_look(self) -> None:
        self._mark_dirty()
        self.look_changed.emit()

    def _on_save(self, ending: str) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Save"), f"{self._title}.{ending}", f"*.{ending}")
        if not chosen:
            return
        path = Path(chosen)
        path = path if path.suffix else path.with_suffix(f".{ending}")
        try:
            (self.save_data if ending == "csv" else self.save_picture)(path)
        except DiskError as error:
            self.problem.emit(str(error))

    def _on_pointed(self, place: tuple[float, QPointF] | None) -> None:
        view = self._ensure_view()
        readings = self._readings(*place) if place else []
        if not readings:
            view.show_crosshair(None, None)
            view.bring_forward([])
            self._readout.hide()
            return
        _, key, at = readings[0]
        curve, look = self._curves[key], self.look
        view.bring_forward([key])
        view.show_crosshair(float(curve.x(look.axis)[at]), float(curve.smoothed(look.smoothing)[at]))
        words = [tr("step {step}", step=number_format.count(int(curve.steps[at])))]
        if curve.epochs is not None:
            words.append(tr("epoch {epoch}", epoch=f"{curve.epochs[at]:g}"))
        words.append(number_format.duration(float(curve.times_s[at])))
        lines = [" · ".join(words)] + [self._reading(name, at) for _, name, at in readings[:_READ_OUT]]
        self._read_out("\n".join(lines), left=place is not None and place[1].x() > view.width() / 2)

    def _read_out(self, text: str, *, left: bool) -> None:
        """Show the readings in the corner away from the pointer."""
        self._readout.setText(text)
        self._readout.adjustSize()
        room = self._ensure_view().width() - self._readout.width() - 4
        self._readout.move(56 if left else max(56, room), 4)
        self._readout.show()
        self._readout.raise_()

    def _readings(self, x: float, pointer: QPointF) -> list[tuple[float, str, int]]:
        """Return (distance in pixels, key, index of the point) of each curve shown, nearest first."""
        look, view, found = self.look, self._ensure_view(), []
        for key, curve in self._curves.items():
            at = None if curve.hidden else curve.nearest(x, look.axis)
            if at is not None:
                value = float(curve.smoothed(look.smoothing)[at])
                gap = view.distance(float(curve.x(look.axis)[at]), value, pointer)
                found.append((gap if gap == gap else float("inf"), key, at))
        return sorted(found)

    def _reading(self, key: str, at: int) -> str:
        curve, weight = self._curves[key], self.look.smoothing
        raw = number_format.number(float(curve.values[at]))
        if not weight:
            return f"{curve.label} {raw}"
        smooth = number_format.number(float(curve.smoothed(weight)[at]))
        return tr("{label} {smooth} (raw {raw})", label=curve.label, smooth=smooth, raw=raw)

    def _ensure_view(self) -> CurveView:
        if self._view is None:
            self._view = CurveView()
            self._view.pointed.connect(self._on_pointed)
            self._view.wanted.connect(self.wanted)
            self._stage.addWidget(self._view)
        return self._view

    def _mark_dirty(self) -> None:
        self._dirty = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _redraw_if_seen(self) -> None:
        # Scrolled out of sight it stays as it is; the painting that brings it back draws it.
        if not self.visibleRegion().isEmpty():
            self._redraw()

    def _redraw(self) -> None:
        self._dirty = False
        if not any(len(curve) for curve in self._curves.values()):
            self._stage.setCurrentWidget(self._empty)
            return
        view = self._ensure_view()
        view.draw(self._curves, self.look, self._marker)
        self._stage.setCurrentWidget(view)
        last = [self._reading(key, len(curve) - 1) for key, curve in self._curves.items() if len(curve)]
        self.setAccessibleDescription(", ".join(last))

    def sizeHint(self) -> QSize:
        """Return the room at which curves read well."""
        return QSize(520, 280)

    def hasHeightForWidth(self) -> bool:
        """Return that the plot, not the wrapped legend, decides about the height."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the title its room where there is little."""
        super().resizeEvent(event)
        self._look.show_word(self.width() > _ROOM_FOR_WORDS)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while nobody could see it."""
        super().showEvent(event)
        if self._dirty:
            self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Catch up when it was out of sight."""
        super().paintEvent(event)
        if self._dirty and not self._timer.isActive():
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop repainting."""
        self._timer.stop()
        super().hideEvent(event)
