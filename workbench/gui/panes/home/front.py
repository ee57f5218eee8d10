"""The project at a glance: gate, goal, risks, what happened, what is due, what waits for an answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.risks import Link
from workbench.gui.panes.home import front_lines as lines
from workbench.gui.panes.home.goal_chart import GoalChart
from workbench.gui.panes.home.link_row import LineCard
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets.cards import Card

if TYPE_CHECKING:
    from workbench.services.project_view import Standing

_WIDE = 1120


class FrontGrid(QWidget):
    """Cards in a grid of two columns, or three where there is room; a card with nothing to say stays away.

    `link_chosen` carries where a number comes from, `board_requested` asks for the board, `trace_requested`
    carries a link and the place where its trace is wanted.
    """

    link_chosen = Signal(object)
    board_requested = Signal()
    trace_requested = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gate = LineCard(tr("Stage"), self)
        self.goal = LineCard(tr("Goal"), self)
        self.risks = LineCard(tr("Top risks"), self)
        self.happened = LineCard(tr("Since the last review"), self)
        self.due = LineCard(tr("Next due"), self)
        self.proposals = LineCard(tr("Waits for an answer"), self)
        self.chart = GoalChart()
        self.chart.chosen.connect(self._on_point)
        self._split = ""
        self.goal.middle.addWidget(self.chart)
        self.setup = Card(
            tr("Set up the board"),
            tr(
                "Say what the model has to reach, and keep stage, tasks and risks beside the experiments: "
                "risks watch what is measured, gates measure themselves."
            ),
            icon_name="columns",
            selectable=False,
        )
        self.setup.clicked.connect(self.board_requested)
        self._cards = (self.gate, self.goal, self.risks, self.happened, self.due, self.proposals)
        self._shown: Sequence[LineCard] = ()
        self._columns = 0
        for card in self._cards:
            card.chosen.connect(self.link_chosen)
            card.trace_requested.connect(self.trace_requested)
            card.hide()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.setup)
        column.addLayout(self._grid)
        self.setup.hide()

    def show_standing(self, standing: "Standing") -> None:
        """Show where a project stands; one without a board is shown the way to it."""
        self.setup.setVisible(not standing.begun)
        shown: list[LineCard] = []
        if standing.begun:
            lines.show_gate(self.gate, standing)
            lines.show_goal(self.goal, standing)
            has_curve = standing.goal is not None and bool(standing.points)
            self.chart.setVisible(has_curve)
            if standing.goal is not None:
                self._split = standing.goal.split.value
                self.chart.show_points(standing.points, standing.goal.target)
            lines.show_risks(self.risks, standing)
            lines.show_happened(self.happened, standing)
            lines.show_due(self.due, standing)
            lines.show_proposals(self.proposals, standing)
            shown = [self.gate, self.goal, self.risks, self.happened]
            shown += [self.due] if standing.due else []
            shown += [self.proposals] if standing.proposals else []
        self._arrange(shown)

    def _on_point(self, run_id: int) -> None:
        self.link_chosen.emit(Link("run", run_id, self._split))

    def _arrange(self, shown: Sequence[LineCard]) -> None:
        # Four cards fill two rows of two; in rows of three the last one would stand alone.
        columns = 3 if self.width() >= _WIDE and len(shown) != 4 else 2
        if (list(shown), columns) == (list(self._shown), self._columns):
            return
        for card in self._cards:
            self._grid.removeWidget(card)
        for place, card in enumerate(shown):
            self._grid.addWidget(card, place // columns, place % columns)
        for card in self._cards:
            card.setVisible(card in shown)
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._shown, self._columns = list(shown), columns

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width there is."""
        super().resizeEvent(event)
        self._arrange(self._shown)
