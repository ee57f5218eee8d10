"""Cards with days on a line of time."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
)

from workbench.core.board import Card, Person
from workbench.core.risks import Link
from workbench.gui.links import open_link
from workbench.gui.panes.base import Pane
from workbench.gui.panes.board.page import Page
from workbench.gui.panes.board.words import tell_done
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.cards import EmptyState
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.timeline import Bar, Timeline
from workbench.gui.widgets.timeline_scale import Zoom

_MOST_LISTED = 20


class TimelinePage(Page):
    """Cards as bars from start to due, milestones as diamonds, by lane."""

    name: ClassVar[str] = "timeline"
    title: ClassVar[str] = "Timeline"
    purpose: ClassVar[str] = "What is due when, and what waits for what."

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self.timeline = Timeline(tr("Timeline"))
        self.zooms: dict[Zoom, QPushButton] = {}
        self.today = QPushButton(tr("Today"))
        self.without = QPushButton()
        self.without.setMenu(QMenu(self.without))
        self.without.setToolTip(tip(tr("Give them days by their estimate and by what they wait for")))
        self._undated: list[Card] = []
        self._empty = EmptyState(
            "calendar-blank",
            tr("No card has a day yet"),
            tr("A card with a start or a due day stands here as a bar, a milestone as a diamond."),
            tr("Go to the cards"),
        )
        self._empty.triggered.connect(self._begin)
        self.timeline.opened.connect(lambda number: open_link(self.pane.shell, Link("card", number)))
        self.timeline.moved.connect(self._move)
        self._lay_out()

    def reload(self) -> None:
        """Show the cards as they are now."""
        session = self.session
        state = session.board.state if session is not None else None
        today = date.today()
        bars: list[Bar] = []
        undated: list[Card] = []
        if state is not None:
            people = state.of(Person)
            for lane in state.lanes:
                for card in state.cards_in(lane.id):
                    if card.start is None and card.due is None:
                        undated += [card] if card.done_at is None else []
                    else:
                        owner = people.get(card.owner_id or 0)
                        bars.append(_bar(card, lane.name, owner.name if owner else "", today))
        self.timeline.writable = session is not None and not session.read_only
        self.timeline.set_bars(bars, today)
        self._offer(undated, may_plan=bool(bars))
        self._stack.setCurrentIndex(1 if bars else 0)
        for widget in (*self.zooms.values(), self.today):
            widget.setEnabled(bool(bars))

    def plan(self, cards: Sequence[Card]) -> None:
        """Give cards days, by their estimate and by what they wait for."""
        session = self.session
        if session is None:
            return
        numbers = {card.id for card in cards}
        if self.pane.attempt(lambda: session.board.plan(numbers)):
            words = tr("{count} cards have days now.", count=len(numbers))
            tell_done(
                self.pane, tr("{title} has a day now.", title=cards[0].title) if len(cards) == 1 else words
            )
        self.reload()
        if len(cards) == 1:
            self.timeline.choose(cards[0].id)

    def _offer(self, undated: list[Card], *, may_plan: bool) -> None:
        """Offer the cards without a day: all of them, or one."""
        self._undated, count = undated, len(undated)
        writable = self.timeline.writable
        self._empty.set_action(tr("Plan the cards") if undated else tr("Go to the cards"))
        self._empty.setEnabled(writable or not undated)
        self.without.setText(
            tr("1 card without a day") if count == 1 else tr("{count} without a day", count=count)
        )
        self.without.setAccessibleName(self.without.text())
        self.without.setVisible(may_plan and count > 0)
        self.without.setEnabled(writable)
        menu = self.without.menu()
        menu.clear()
        if count > 1:
            menu.addAction(tr("Plan all of them")).triggered.connect(lambda: self.plan(undated))
            menu.addSeparator()
        for card in undated[:_MOST_LISTED]:
            title = menu.fontMetrics().elidedText(card.title, Qt.TextElideMode.ElideRight, 320)
            action = menu.addAction(title.replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, card=card: self.plan([card]))

    def _begin(self) -> None:
        if self._undated:
            self.plan(self._undated)
        else:
            self.pane.select(page="lanes")

    def select(self, **target: Any) -> None:
        """Choose a card."""
        self.reload()
        if number := target.get("card_id"):
            self.timeline.choose(int(number))

    def _move(self, number: int, start: date | None, due: date | None) -> None:
        session = self.session
        if session is None:
            return
        cards = session.board.state.of(Card)
        card = cards.get(number)
        if card is None:
            return
        label = f"Change {card.title}"
        if self.pane.attempt(lambda: session.board.change(label, Card, number, start=start, due=due)):
            words = tr("{title}: {days}", title=card.title, days=_days_words(start, due))
            tell_done(self.pane, words)
        self.reload()

    def _zoom(self, zoom: Zoom) -> None:
        self.timeline.set_zoom(zoom)
        self.zooms[zoom].setChecked(True)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        group = QButtonGroup(self)
        words: tuple[tuple[Zoom, str], ...] = (
            ("day", tr("Days")),
            ("week", tr("Weeks")),
            ("month", tr("Months")),
        )
        for zoom, word in words:
            button = QPushButton(word)
            button.setAccessibleName(word)
            button.setCheckable(True)
            restyle(button, quiet=True)
            button.clicked.connect(lambda _checked=False, zoom=zoom: self._zoom(zoom))
            group.addButton(button)
            row.addWidget(button)
            self.zooms[zoom] = button
        self.zooms["week"].setChecked(True)
        self.today.setAccessibleName(tr("Today"))
        self.today.clicked.connect(lambda _checked=False: self.timeline.show_day(date.today()))
        row.addSpacing(8)
        row.addWidget(self.today)
        row.addStretch(1)
        row.addWidget(self.without)
        card = QFrame()
        card.setProperty("role", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.timeline)
        hint = tr("Drag a bar or its ends; with the keyboard Ctrl and the arrows, with Shift the end.")
        full = QFrame()
        both = QVBoxLayout(full)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(4)
        both.addWidget(card, 1)
        both.addWidget(PlainLabel(hint, "small"))
        empty = QFrame()
        empty.setProperty("role", "card")
        QVBoxLayout(empty).addWidget(self._empty)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(full)
        self.body.addLayout(row)
        self.body.addWidget(self._stack, 1)


def _bar(card: Card, lane: str, owner: str, today: date) -> Bar:
    state: Literal["open", "done", "overdue"] = "overdue" if card.overdue(today) else "open"
    if card.done_at is not None:
        state = "done"
    word = {"open": "", "done": tr("done"), "overdue": tr("overdue")}[state]
    note = " · ".join(filter(None, (owner, word)))
    about = " · ".join(filter(None, (_days_words(card.start, card.due), note)))
    days, after = (card.start, card.due), card.depends_on
    return Bar(card.id, card.title, lane, *days, card.milestone, state, after, about, note)


def _days_words(start: date | None, due: date | None) -> str:
    if start is not None and due is not None and start != due:
        return f"{number_format.day(start)} – {number_format.day(due)}"
    return number_format.day(due or start)
