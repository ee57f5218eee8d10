"""What Home shows before there is data: ways to begin."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRectF, QSettings, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workbench.gui.theme import GAP, RADIUS, icon, token
from workbench.gui.translate import tr
from workbench.gui.widgets.cards import Card
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip

if TYPE_CHECKING:
    from workbench.core.records import Starter
    from workbench.gui.panes.home.front import FrontGrid
    from workbench.services.project_view import Standing

_RECENT = 5
_FRONT_PLACE = 2
"""Below the ways to begin with one's own data."""
_ICONS = {"digits": "image", "breast-cancer": "table"}


class BeginPage(QScrollArea):
    """Starters, import, an existing project; each is one card and one click."""

    starter_chosen = Signal(str)
    import_requested = Signal()
    open_requested = Signal()
    recent_chosen = Signal(str)
    link_chosen = Signal(object)
    board_requested = Signal()
    trace_requested = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(GAP)
        self.setWidget(inside)
        own = _grid()
        self.import_card = _DropCard(
            tr("Import data"),
            tr(
                "Drop a folder of pictures, texts or recordings (one sub-folder a class) or a table anywhere "
                "on the window, or click to choose one. Your files are only ever read."
            ),
            icon_name="upload-simple",
            selectable=False,
        )
        self.import_card.clicked.connect(self.import_requested)
        own.addWidget(self.import_card, 0, 0)
        self.open_card = Card(
            tr("Open project…"),
            tr("Go on with a project that lies in a folder of this computer: everything in it is kept."),
            icon_name="folder-open",
            selectable=False,
        )
        self.open_card.clicked.connect(self.open_requested)
        own.addWidget(self.open_card, 0, 1)
        self._starters = _grid()
        self._recent_title = PlainLabel(tr("Recent projects"), "section")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._column.addWidget(PlainLabel(tr("With your own data"), "section"))
        self._column.addLayout(own)
        self._column.addSpacing(GAP)
        self._starters_title = PlainLabel(tr("With real data to learn on"), "section")
        self._starters_title.hide()
        self._column.addWidget(self._starters_title)
        self._column.addLayout(self._starters)
        self._column.addSpacing(GAP)
        self._column.addWidget(self._recent_title)
        self._column.addLayout(self._recent)
        self._column.addStretch(1)
        self._front: FrontGrid | None = None
        self.show_recent("")

    def show_standing(self, standing: "Standing | None") -> None:
        """Show where a project without data stands; None where there is no project."""
        if standing is None and self._front is None:
            return
        if self._front is None:
            # Made when it is needed: the first window has no project yet.
            from workbench.gui.panes.home.front import FrontGrid

            self._front = FrontGrid()
            self._front.link_chosen.connect(self.link_chosen)
            self._front.board_requested.connect(self.board_requested)
            self._front.trace_requested.connect(self.trace_requested)
            self._column.insertWidget(_FRONT_PLACE, self._front)
        self._front.setVisible(standing is not None)
        if standing is not None:
            self._front.show_standing(standing)

    def show_starters(self, starters: "Sequence[Starter]") -> None:
        """Show one card a starter."""
        self._starters_title.setVisible(bool(starters))
        _clear(self._starters)
        for place, starter in enumerate(starters):
            card = Card(
                starter.title,
                starter.text,
                icon_name=_ICONS.get(starter.name, "database"),
                selectable=False,
                name=starter.name,
            )
            card.clicked.connect(lambda _checked=False, name=starter.name: self.starter_chosen.emit(name))
            self._starters.addWidget(card, place // 2, place % 2)

    def show_recent(self, open_now: str) -> None:
        """Show the projects that were open lately, but for the one that is open now."""
        stored: Any = QSettings().value("recent_projects", [])
        # A list of one comes back from some settings files as its only item.
        paths = [stored] if isinstance(stored, str) else [str(path) for path in stored or []]
        paths = [path for path in paths if path and path != open_now][:_RECENT]
        _clear(self._recent)
        self._recent_title.setVisible(bool(paths))
        for path in paths:
            self._recent.addWidget(self._recent_row(path))

    def _recent_row(self, path: str) -> QWidget:
        name = Path(path).name
        button = QPushButton((name if len(name) <= 48 else f"{name[:47]}…").replace("&", "&&"))
        button.setProperty("quiet", True)
        button.setIcon(icon("clock-counter-clockwise"))
        button.setAccessibleName(name)
        button.setAccessibleDescription(path)
        button.setToolTip(tip(path))
        button.clicked.connect(lambda: self.recent_chosen.emit(path))
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(button)
        row.addWidget(ElidedLabel(str(Path(path).parent), "small"), 1)
        return line


class _DropCard(Card):
    """The card that says that things can be dropped."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a dashed border where no other state is told by it."""
        super().paintEvent(event)
        if self.hasFocus():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(token("raised"), 1.0))
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        pen = QPen(token("faint"), 1.0)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setSpacing(GAP)
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    return grid


def _clear(layout: QGridLayout | QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
