"""The middle of the Train pane: the charts of the selected runs, or the log of one."""

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from workbench.core.states import LogLevel
from workbench.gui.actions import Action
from workbench.gui.panes.training.curves import RunCurves
from workbench.gui.panes.training.log import RunLog
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets.curve_look import LookControls, quiet_combo

_CHARTS, _LOG = 0, 1
_PLACE = "train/middle"
_ROOM_FOR_WORDS = 560


class RunMiddle(QWidget):
    """Charts and log behind two tabs, each with its own controls in the row above."""

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs, self._pages, self._controls = QTabBar(self), QStackedWidget(self), QStackedWidget(self)
        page = QWidget(self._pages)
        scrolled = QScrollArea(page)
        self.curves, self.log = RunCurves(scrolled.viewport()), RunLog(self._pages)
        self.curves.failed.connect(self.failed)
        self.log.failed.connect(self.failed)
        self.tabs.setAccessibleName(tr("Charts or log"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for text in (tr("Charts"), tr("Log")):
            self.tabs.addTab(text)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        scrolled.setWidgetResizable(True)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scrolled.setWidget(self.curves)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.curves.legend)
        column.addWidget(scrolled, 1)
        self._pages.addWidget(page)
        self._pages.addWidget(self.log)
        self._controls.addWidget(self._chart_controls())
        self._controls.addWidget(self._log_controls())
        self._lay_out()
        self.tabs.currentChanged.connect(self._on_tab)
        self.tabs.setCurrentIndex(_LOG if QSettings().value(_PLACE) == "log" else _CHARTS)

    def show_tab(self, place: int) -> None:
        """Show the charts or the log."""
        self.tabs.setCurrentIndex(place)

    def actions_of(self) -> list[Action]:
        """Return what can be done here."""
        return [
            Action("training.charts", tr("Show the charts"), lambda: self.show_tab(_CHARTS), "C"),
            Action("training.log", tr("Show the log"), lambda: self.show_tab(_LOG), "L"),
            Action("training.save_log", tr("Save log…"), self.log.save, ready=lambda: self.log.has_run),
        ]

    def _on_tab(self, place: int) -> None:
        self._pages.setCurrentIndex(place)
        self._controls.setCurrentIndex(place)
        QSettings().setValue(_PLACE, "log" if place == _LOG else "charts")

    def _chart_controls(self) -> QWidget:
        self._look = LookControls()
        self._look.set_values(self.curves.look.smoothing, self.curves.look.axis)
        self._look.changed.connect(lambda: self.curves.set_look(self._look.smoothing, self._look.axis))
        button = QPushButton(tr("Charts"))
        button.setProperty("menu", True)
        button.setIcon(icon("chart-line", "text"))
        button.setAccessibleName(tr("Charts"))
        button.setToolTip(tr("Choose which charts are shown"))
        menu = _StayingMenu(button)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        button.setMenu(menu)
        return _row(self._look, button)

    def _log_controls(self) -> QWidget:
        levels: list[tuple[str, object]] = [
            (tr("All"), LogLevel.DEBUG),
            (tr("Info"), LogLevel.INFO),
            (tr("Warnings"), LogLevel.WARNING),
            (tr("Errors"), LogLevel.ERROR),
        ]
        level: QComboBox = quiet_combo(tr("Level"), levels)
        level.setToolTip(tr("Show lines of this level and of those that matter more"))
        level.currentIndexChanged.connect(lambda _: self.log.set_level(LogLevel(level.currentData())))
        save = QPushButton(tr("Save log"))
        save.setIcon(icon("download-simple", "text"))
        save.setAccessibleName(tr("Save log"))
        save.setToolTip(tr("Write the whole log into a text file"))
        save.clicked.connect(self.log.save)
        return _row(level, save)

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        group = ""
        for chart, shown in self.curves.offered():
            if chart.group != group:
                group = chart.group
                if not menu.isEmpty():
                    menu.addSeparator()
                menu.addAction(group).setEnabled(False)
            item = menu.addAction(chart.title.replace("&", "&&"))
            item.setCheckable(True)
            item.setChecked(shown)
            item.toggled.connect(lambda on, name=chart.name: self.curves.choose(name, on))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.tabs)
        row.addWidget(self._controls, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._pages, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the word where there is little room."""
        super().resizeEvent(event)
        self._look.show_word(self.width() > _ROOM_FOR_WORDS)


class _StayingMenu(QMenu):
    """A menu that stays open while its entries are ticked."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action: QAction | None = self.activeAction()
        if action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


def _row(*parts: QWidget) -> QWidget:
    held = QWidget()
    row = QHBoxLayout(held)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addStretch(1)
    for part in parts:
        row.addWidget(part)
    return held
