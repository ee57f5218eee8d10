"""The Board pane and the pages in it."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QWidget

from workbench.core.events import (
    BoardChanged,
    DatasetChanged,
    EvaluationChanged,
    Event,
    ProjectChanged,
    RunChanged,
)
from workbench.gui.actions import Action, bind
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.panes.board.page import PLACE
from workbench.gui.theme import restyle
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.gui.panes.board.page import Page
    from workbench.services.session import Session


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    title: str
    module: str
    class_name: str


PAGES = (
    _Place("lanes", "Lanes", "workbench.gui.panes.board.lanes", "LanesPage"),
    _Place("timeline", "Timeline", "workbench.gui.panes.board.timeline", "TimelinePage"),
    _Place("gates", "Gates", "workbench.gui.panes.board.gates", "GatesPage"),
    _Place("charter", "Goal and limits", "workbench.gui.panes.board.charter", "CharterPage"),
    _Place("team", "Team", "workbench.gui.panes.board.team", "TeamPage"),
    _Place("decisions", "Decisions", "workbench.gui.panes.board.decisions", "DecisionsPage"),
)


class BoardPane(Pane):
    """Lanes and cards, timeline, gates, goal, team and decision log: one page at a time."""

    name: ClassVar[str] = "board"
    title: ClassVar[str] = "Board"
    purpose: ClassVar[str] = "What is to be done, and what each stage still lacks."
    icon_name: ClassVar[str] = "columns"
    help: ClassVar[str] = (
        "Cards lie in lanes, one lane a stage: drag them, or move the chosen one with Ctrl and the arrows. "
        "Each stage ends at a gate that measures itself: Gates shows what it asks and what is measured. Goal "
        "and limits says what the project has to reach; Team who does what, and the meetings; Decisions what "
        "was decided, when, by whom, why, and the numbers as they were."
    )
    events: ClassVar[tuple[type[Event], ...]] = (
        BoardChanged,
        ProjectChanged,
        RunChanged,
        EvaluationChanged,
        DatasetChanged,
    )

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self._pages: dict[str, Page] = {}
        self._stack = QStackedWidget(self)
        self._stack.setObjectName(PLACE)
        self._buttons: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(4)
        for place in PAGES:
            button = QPushButton(tr(place.title))
            button.setAccessibleName(tr(place.title))
            button.setCheckable(True)
            restyle(button, quiet=True)
            button.clicked.connect(lambda _checked=False, name=place.name: self.show_page(name))
            group.addButton(button)
            row.addWidget(button)
            self._buttons[place.name] = button
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self._stack, 1)
        self.header.primary_triggered.connect(self._act)
        self.show_page("lanes")

    @property
    def page(self) -> "Page":
        """The page that is shown."""
        return next(page for page in self._pages.values() if page is self._stack.currentWidget())

    def show_page(self, name: str) -> "Page":
        """Show a page, made when it is needed for the first time."""
        if name not in self._pages:
            place = next(place for place in PAGES if place.name == name)
            made: Page = getattr(importlib.import_module(place.module), place.class_name)(self)
            self._pages[name] = made
            self._stack.addWidget(made)
            bind(made.actions_of(), made, Qt.ShortcutContext.WidgetWithChildrenShortcut)
        page = self._pages[name]
        self._stack.setCurrentWidget(page)
        self._buttons[name].setChecked(True)
        self.header.set_purpose(tr(page.purpose or self.purpose))
        button = self.header.set_primary(tr(page.primary or "New card"))
        button.setVisible(bool(page.primary))
        self.mark_stale()
        return page

    def _act(self) -> None:
        self.page.act()

    def set_session(self, session: "Session | None") -> None:
        """Show this project from now on."""
        super().set_session(session)
        self.header.set_primary(tr(self.page.primary or "New card")).setEnabled(
            session is not None and not session.read_only
        )

    def reload(self) -> None:
        """Let the page that is shown read again."""
        self.page.reload()

    def select(self, **target: Any) -> None:
        """Show a page, by default the lanes, and in it what was asked for."""
        page = self.show_page(str(target.pop("page", "lanes")))
        if target:
            page.select(**target)

    def actions_of(self) -> list[Action]:
        """Return what can be done on the page that is shown."""
        return self.page.actions_of()

    def keys_of(self) -> list[Action]:
        """Return none: each page has its own."""
        return []
