"""The team: who is there, who has how much to do, and what the meetings said."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.board import Card, Meeting, Person
from workbench.core.errors import UserError
from workbench.core.risks import Link, Risk
from workbench.core.states import DecisionKind
from workbench.gui.item_models.records import Column
from workbench.gui.panes.base import Pane
from workbench.gui.panes.board.meeting_detail import MeetingDetail
from workbench.gui.panes.board.page import Page
from workbench.gui.panes.board.people import PeopleList, PersonDialog, loads
from workbench.gui.panes.board.words import tell_done
from workbench.gui.projects import set_who, who
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.cards import EmptyState
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from workbench.services.session import Session


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """A meeting, and how much of what it asked for is done."""

    meeting: Meeting
    actions: str


class TeamPage(Page):
    """People with their workload at the left, meetings below them, the chosen meeting at the right."""

    name: ClassVar[str] = "team"
    title: ClassVar[str] = "Team"
    purpose: ClassVar[str] = "Who does what, and what the meetings said."
    primary: ClassVar[str] = "New meeting"

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self._of: Session | None = None
        self.dialog: PersonDialog | None = None
        self.people = PeopleList()
        self.add = QPushButton(tr("Add person"))
        self.meetings: Table[MeetingLine] = Table(
            _columns(),
            tr("Meetings"),
            key="meetings",
            identity=lambda line: line.meeting.id,
            empty_text=tr("Meetings stand here, the newest first."),
        )
        self.detail = MeetingDetail(pane.shell)
        self._no_people = EmptyState(
            "users",
            tr("Nobody is here yet"),
            tr("Add the people who do the work: cards and risks get owners, and the log gets names."),
            tr("Add first person"),
        )
        self._no_meeting = EmptyState(
            "notebook",
            tr("No meeting yet"),
            tr("Notes, what was decided, and what follows from it: an action becomes a card at once."),
            tr("Note first meeting"),
        )
        self._lay_out()
        self._connect()

    def reload(self) -> None:
        """Show the team as it is now."""
        session = self.session
        if session is not self._of:
            self._of, self.detail.meeting = session, None
        state = session.board.state if session is not None else None
        writable = session is not None and not session.read_only
        people = [p for p in state.of(Person).values() if p.archived_at is None] if state else []
        cards = list(state.of(Card).values()) if state else []
        risks = list(state.of(Risk).values()) if state else []
        me = session.board.who if session is not None else ""
        self.people.show_loads(loads(people, cards, risks, date.today()), me, writable=writable)
        self._people_stack.setCurrentIndex(1 if people else 0)
        self.add.setVisible(bool(people))
        for widget in (self.add, self._no_people, self._no_meeting):
            widget.setEnabled(writable)
        found = sorted(state.of(Meeting).values(), key=lambda it: (it.day, it.id)) if state else []
        known = state.of(Card) if state else {}
        self.meetings.set_records([MeetingLine(it, _done_words(it, known)) for it in reversed(found)])
        if found and not self.meetings.selected():
            newest = found[-1].id
            self.meetings.select(lambda line: line.meeting.id == newest)
        self._show_meeting()

    def act(self) -> None:
        """Note a meeting of today."""
        session = self.session
        if session is None or session.read_only:
            return
        made: list[int] = []
        if self.pane.attempt(
            lambda: made.append(session.board.save(Meeting(0, tr("Meeting"), date.today())))
        ):
            self.select(meeting_id=made[0])
            self.detail.title.control.setFocus()
            self.detail.title.control.selectAll()  # type: ignore[union-attr]

    def select(self, **target: Any) -> None:
        """Show a meeting or a person."""
        self.reload()
        if number := target.get("meeting_id"):
            self.meetings.select(lambda line: line.meeting.id == number)
            self._show_meeting()
        for row, load in zip(self.people.rows, self._loads(), strict=False):
            if load is not None and load == target.get("person_id"):
                self._people_area.ensureWidgetVisible(row)

    def _loads(self) -> "Sequence[int | None]":
        people = self.session.board.state.of(Person).values() if self.session is not None else ()
        return [person.id for person in people if person.archived_at is None]

    def _edit(self, number: int) -> None:
        session = self.session
        if session is None or session.read_only:
            return
        people = session.board.state.of(Person)
        self.dialog = PersonDialog(people.get(number), self)
        self.dialog.entered.connect(self._save_person)
        if not number:
            self.dialog.color.setCurrentIndex(len(people) % self.dialog.color.count())
        self.dialog.open()

    def _save_person(self, person: Person) -> None:
        session = self.session
        if session is None:
            return
        before = session.board.state.of(Person).get(person.id)
        values = {name: getattr(person, name) for name in ("name", "role", "color", "answers_for")}
        label = f"Change {person.name}"
        if not self.pane.attempt(
            lambda: (
                session.board.change(label, Person, person.id, **values)
                if person.id
                else session.board.save(person)
            )
        ):
            return
        if before is not None and before.name == session.board.who:
            self._be_called(person.name)

    def _remove_person(self, number: int) -> None:
        session = self.session
        if session is None:
            return
        person = session.board.state.of(Person).get(number)
        if person is not None and self.pane.attempt(lambda: session.board.remove(person)):
            tell_done(self.pane, tr("{name} is deleted; what they owned has no owner now.", name=person.name))

    def _be(self, number: int) -> None:
        person = self.session.board.state.of(Person).get(number) if self.session is not None else None
        if person is not None:
            self._be_called(person.name)
            self.reload()

    def _be_called(self, name: str) -> None:
        set_who(name)
        if self.session is not None:
            self.session.board.who = who()

    def _keep_meeting(self, number: int, how: "Callable[[Meeting], Meeting]") -> None:
        session = self._of
        if session is not None and session is self.session and not session.read_only:
            meeting = session.board.state.of(Meeting).get(number)
            label = f"Change {meeting.title}" if meeting is not None else "Change meeting"
            self.pane.attempt(lambda: session.board.revise(label, Meeting, number, how))

    def _remove_meeting(self) -> None:
        session, meeting = self.session, self.detail.meeting
        if session is not None and meeting is not None:
            self.detail.meeting = None
            if self.pane.attempt(lambda: session.board.remove(meeting)):
                tell_done(self.pane, tr("{title} is deleted.", title=meeting.title))

    def _add_action(self, title: str) -> None:
        """Make a card of a line, in the lane of the stage where the project is, and list it."""
        session, meeting = self.session, self.detail.meeting
        if session is None or meeting is None:
            return

        def work() -> None:
            board = session.board
            with session.history.together(tr("Add action {title}", title=title)):
                lanes, stage = board.state.lanes, session.project.stage
                fitting = [lane.id for lane in lanes if lane.stage is stage] or [lane.id for lane in lanes]
                lane_id = fitting[0] if fitting else board.add_lane(tr("To do"))
                links = (Link("meeting", meeting.id),)
                card_id = board.save(Card(0, lane_id, title, links=links))
                board.revise(
                    f"Change {meeting.title}",
                    Meeting,
                    meeting.id,
                    lambda now: replace(now, actions=(*now.actions, card_id)),
                )

        if self.pane.attempt(work):
            self.reload()

    def _log(self, text: str) -> None:
        session, meeting = self.session, self.detail.meeting
        if session is not None and meeting is not None:
            links = (Link("meeting", meeting.id),)
            reason = tr("Decided in {title}, {day}", title=meeting.title, day=number_format.day(meeting.day))
            decision = session.board.decision(DecisionKind.OTHER, text, reason, links)
            if self.pane.attempt(lambda: session.board.decide(decision)):
                tell_done(self.pane, tr("The decision is recorded."))

    def _show_meeting(self) -> None:
        session, chosen = self.session, self.meetings.selected()
        self._stack.setCurrentIndex(1 if chosen and session is not None else 0)
        if session is None or not chosen:
            return
        state = session.board.state
        decisions = session.board.decisions()
        gone = {decision.takes_back for decision in decisions}
        holds = [it for it in decisions if it.id not in gone and it.takes_back is None]
        try:
            meeting = state.get(Meeting, chosen[0].meeting.id)
        except UserError:
            return
        self.detail.show_meeting(
            meeting, state.of(Card), state.of(Person), holds, writable=not session.read_only
        )

    def _connect(self) -> None:
        self.people.edit.connect(self._edit)
        self.people.remove.connect(self._remove_person)
        self.people.be.connect(self._be)
        self.add.clicked.connect(lambda _checked=False: self._edit(0))
        self._no_people.triggered.connect(lambda: self._edit(0))
        self._no_meeting.triggered.connect(self.act)
        self.meetings.selection_changed.connect(lambda _chosen: self._show_meeting())
        self.detail.changed.connect(self._keep_meeting)
        self.detail.removed.connect(self._remove_meeting)
        self.detail.action_added.connect(self._add_action)
        self.detail.log.connect(self._log)

    def _lay_out(self) -> None:
        self.add.setAccessibleName(self.add.text())
        self.add.setIcon(icon("plus", "text"))
        self._people_area = QScrollArea()
        self._people_area.setWidgetResizable(True)
        self._people_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._people_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._people_area.setWidget(self.people)
        for widget in (self._people_area.viewport(), self.people):
            widget.setAutoFillBackground(False)
        self._people_stack = QStackedWidget()
        self._people_stack.addWidget(self._no_people)
        self._people_stack.addWidget(self._people_area)
        people = _card(tr("People"), self._people_stack, self.add)
        meetings = _card(tr("Meetings"), self.meetings, None)
        left = QSplitter(Qt.Orientation.Vertical)
        left.setMinimumWidth(372)
        left.setChildrenCollapsible(False)
        left.addWidget(people)
        left.addWidget(meetings)
        left.setStretchFactor(0, 3)
        left.setStretchFactor(1, 2)
        empty = QFrame()
        empty.setProperty("role", "card")
        QVBoxLayout(empty).addWidget(self._no_meeting)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self.detail)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self._stack)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        self.body.addWidget(split, 1)


def _card(title: str, content: QWidget, action: QPushButton | None) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    head = QHBoxLayout()
    head.setContentsMargins(16, 8, 12, 4)
    head.addWidget(PlainLabel(title, "section"), 1)
    if action is not None:
        head.addWidget(action)
    column = QVBoxLayout(card)
    column.setContentsMargins(1, 1, 1, 4)
    column.setSpacing(0)
    column.addLayout(head)
    column.addWidget(content, 1)
    return card


def _done_words(meeting: Meeting, cards: "Mapping[int, Card]") -> str:
    own = [cards[number] for number in meeting.actions if number in cards]
    done = sum(card.done_at is not None for card in own)
    return tr("{done} of {count} done", done=done, count=len(own)) if own else ""


def _columns() -> list[Column[MeetingLine]]:
    return [
        Column(tr("Day"), lambda line: line.meeting.day, show=number_format.day),
        Column(tr("Title"), lambda line: line.meeting.title, stretch=True, strong=True),
        Column(tr("Actions"), lambda line: line.actions or None),
    ]
