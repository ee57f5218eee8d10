"""The register as two heat maps: as it is, and after treatment."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.panes.risks.rows import Register, RiskRow
from workbench.gui.translate import tr
from workbench.gui.widgets.heat_map import Dot, HeatMap
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel


class MapPage(QWidget):
    """Two maps side by side, now and after treatment; a dot is dragged to other levels in either.

    `moved` carries the risk and its new levels by field, `opened` a field whose dots do not all fit, and
    whether that is after treatment.
    """

    chosen = Signal(int)
    moved = Signal(int, object)
    opened = Signal(int, int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.now = HeatMap(tr("Heat map: now"))
        self.after = HeatMap(tr("Heat map: after treatment"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(20)
        for heat_map, title, about in (
            (self.now, tr("Now"), tr("Drag a dot, or move it with Ctrl and the arrows")),
            (self.after, tr("After treatment"), tr("An outline: nobody has said it yet")),
        ):
            column = QVBoxLayout()
            column.setSpacing(4)
            head = QHBoxLayout()
            head.setSpacing(8)
            head.addWidget(PlainLabel(title, "section"))
            head.addWidget(ElidedLabel(about, "small"), 1)
            column.addLayout(head)
            column.addWidget(heat_map, 1)
            row.addLayout(column, 1)
            heat_map.chosen.connect(self.chosen)
        self.now.opened.connect(lambda up, right: self.opened.emit(up, right, False))
        self.after.opened.connect(lambda up, right: self.opened.emit(up, right, True))
        self.now.moved.connect(self._on_moved_now)
        self.after.moved.connect(self._on_moved_after)

    def show_rows(
        self, rows: Sequence[RiskRow], register: Register, selected: int, *, writable: bool
    ) -> None:
        """Show these risks, one of them chosen."""
        charter = register.charter
        for heat_map in (self.now, self.after):
            heat_map.set_scale(charter.thresholds, charter.probabilities, charter.impacts)
            heat_map.movable = writable
        risks = [row.risk for row in rows]
        now = [Dot(risk.id, risk.title, risk.probability, risk.impact) for risk in risks]
        after = [
            Dot(
                risk.id,
                risk.title,
                risk.residual_probability or risk.probability,
                risk.residual_impact or risk.impact,
                risk.residual_score is None,
            )
            for risk in risks
        ]
        self.now.set_dots(now, selected)
        self.after.set_dots(after, selected)

    def select(self, risk_id: int) -> None:
        """Show a risk as chosen."""
        self.now.select(risk_id)
        self.after.select(risk_id)

    def _on_moved_now(self, risk_id: int, probability: int, impact: int) -> None:
        self.moved.emit(risk_id, {"probability": probability, "impact": impact})

    def _on_moved_after(self, risk_id: int, probability: int, impact: int) -> None:
        levels = {"residual_probability": probability, "residual_impact": impact}
        self.moved.emit(risk_id, levels)
