"""Verbs on the board: cards, lanes, people, meetings, what the project has set itself; all can be undone."""

import threading
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from workbench.board import edits as edit
from workbench.board.planning import plan
from workbench.board.state import BoardState
from workbench.core.board import BoardRecord, Card, Change, Charter, Decision, Edit, Goal, Person
from workbench.core.events import BoardChanged, Event
from workbench.core.risks import Link
from workbench.core.states import DecisionKind

if TYPE_CHECKING:
    from workbench.services.session import Session

Make = Callable[[BoardState], Sequence[Edit]]
R = TypeVar("R", bound=BoardRecord)
CHARTER_LABEL = "Change goal and limits"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is done, where that lies, and what it decides.

    Args:
        text: Why.
        link: Where the reason lies; a function says it once the edits are made.
        decided: Lines for the decision log.
        also: Done in the same transaction, and its opposite when it is taken back.
        tells: What is published once `also`, or its opposite, is on the disk.
    """

    text: str = ""
    link: Link | Callable[[], Link] | None = None
    decided: tuple[Decision, ...] = ()
    also: tuple[Callable[[], object], Callable[[], object]] | None = None
    tells: Event | None = None


class BoardService:
    """The board of an open project.

    `who` sits here, by the settings of this computer; every line of history is signed so.

    Attributes:
        lock: Held while the board is read or changed, in memory and on the disk.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self.lock = threading.RLock()
        self._state: BoardState | None = None
        self._version = 0
        # When numbers last moved a field: undo of what was done before leaves it as it is.
        self._noted: dict[edit.FieldOf, int] = {}
        self._notes = 0
        self.who = ""

    @property
    def state(self) -> BoardState:
        """The whole board as it is now."""
        with self.lock:
            rows = self._session.store.board
            # Another window writes what one that is open read-only looks at.
            version = rows.version() if self._session.read_only else 0
            if self._state is None or version != self._version:
                self._state, self._version = BoardState(rows.read()), version
            return self._state

    def version(self) -> int:
        """Return a number that grows with every change, whichever window makes it."""
        return self._session.store.board.version()

    def save(self, record: BoardRecord, reason: str = "") -> int:
        """Add a record without an id, or give a known one these values; returns its id. Can be undone.

        Raises:
            UserError: What it says cannot be; the message says why.
        """
        return self.save_all([record], reason)[0]

    def save_all(self, records: Sequence[BoardRecord], reason: str = "") -> list[int]:
        """Save several records in one step to undo; returns their ids.

        Raises:
            UserError: What one of them says cannot be; nothing is saved.
        """

        def make(state: BoardState) -> list[Edit]:
            found: list[Edit] = []
            for record in records:
                is_new = isinstance(record, Card) and record.id == 0
                found += edit.add_card(state, record) if is_new else edit.save(state, record)  # type: ignore[arg-type]
            return found

        title = _title(records[0]) if records else ""
        verb = "Add" if records and records[0].id == 0 else "Change"
        done = self.do(f"{verb} {title}", make, Reason(reason))
        new = iter([step.record.id for step in done if step.before is None])
        return [record.id or next(new, 0) for record in records]

    def remove(self, record: BoardRecord, reason: str = "") -> None:
        """Take a record away, with what belongs to it. Can be undone."""
        self.do(f"Delete {_title(record)}", lambda state: edit.remove(state, record), Reason(reason))

    def move_card(self, card_id: int, lane_id: int, place: int) -> None:
        """Put a card into a lane, before the card that is at `place` there. Can be undone."""
        card = self.state.get(Card, card_id)
        self.do(f"Move {card.title}", lambda state: edit.move_card(state, card_id, lane_id, place))

    def move_lane(self, lane_id: int, place: int) -> None:
        """Put a lane at a place, counted from the left. Can be undone."""
        self.do("Move lane", lambda state: edit.move_lane(state, lane_id, place))

    def add_lane(self, name: str) -> int:
        """Add a lane at the right and return its id. Can be undone."""
        name = self._session.checked_name(name)
        return self.do(f"Add {name}", lambda state: edit.add_lane(state, name))[0].record.id

    def set_done(self, card_id: int, is_done: bool) -> None:
        """Mark a card as done, or open it again. Can be undone."""
        card = self.state.get(Card, card_id)
        now = datetime.now(UTC) if is_done else None
        label = f"Finish {card.title}" if is_done else f"Open {card.title} again"
        self.do(label, lambda state: edit.done(state, card_id, now))

    def plan(self, card_ids: Collection[int] | None = None) -> int:
        """Give open cards without a day their days, from today on; returns how many. Can be undone.

        Args:
            card_ids: The cards; None is all that have no day.
        """
        today = date.today()
        return len(self.do("Plan the cards", lambda state: plan(state, today, card_ids)))

    def archive(self, card_id: int, is_away: bool) -> None:
        """Put a card away, or take it back onto the board. Can be undone."""
        card = self.state.get(Card, card_id)
        now = datetime.now(UTC) if is_away else None
        label = f"Archive {card.title}" if is_away else f"Take {card.title} back"
        self.change(label, Card, card_id, archived_at=now)

    def change(
        self, label: str, kind: type[R], item_id: int, reason: Reason | None = None, **values: Any
    ) -> None:
        """Give fields of a record other values; all else of it stays as it is then. Can be undone."""
        self.revise(label, kind, item_id, lambda now: replace(now, **values), reason)

    def revise(
        self, label: str, kind: type[R], item_id: int, how: Callable[[R], R], reason: Reason | None = None
    ) -> None:
        """Make another record of one as it is then, such as with one line more. Can be undone.

        Args:
            label: What is done, for undo and for the history.
            kind: What kind of record it is.
            item_id: Which one.
            how: Gets the record as it is and returns it as it is to be.
            reason: Why, and what is decided by it.
        """

        def make(state: BoardState) -> list[Edit]:
            now: Any = state.charter if kind is Charter else state.get(kind, item_id)
            return edit.save(state, how(now))

        self.do(label, make, reason)

    def join(self, name: str) -> int:
        """Return the person of this name, whatever its capitals; who is new joins the team. Can be undone."""
        people, name = self.state.of(Person), " ".join(name.split())
        same = (person.id for person in people.values() if person.name.casefold() == name.casefold())
        found = next(same, 0)
        if not found:
            return self.save(Person(0, name, color=len(people)))
        if people[found].archived_at is not None:
            self.change(f"Take {people[found].name} back", Person, found, archived_at=None)
        return found

    def save_with(self, label: str, record: BoardRecord, reason: Reason | None = None) -> int:
        """Save a record under a label of one's own for undo; returns its id."""
        done = self.do(label, lambda state: edit.save(state, record), reason)
        return done[0].record.id if done else record.id

    def set_charter(self, charter: Charter, reason: str = "") -> None:
        """Change what the project has set itself; a new goal stands in the decision log. Can be undone."""
        self.save_with(CHARTER_LABEL, charter, self._of_goal(charter.goal, reason))

    def set_goal(self, goal: Goal | None, reason: str = "") -> None:
        """Change the goal alone; one that takes the place of another stands in the log. Can be undone."""
        self.change(CHARTER_LABEL, Charter, 1, self._of_goal(goal, reason), goal=goal)

    def _of_goal(self, goal: Goal | None, reason: str) -> Reason:
        before = self.state.charter.goal
        if before is None or goal == before:
            return Reason(reason)
        now = f"{goal.measure} {goal.target:g} on the {goal.split} split" if goal else "none"
        title = f"Goal changed from {before.measure} {before.target:g} to {now}"
        link = Link("charter", 1, "goal")
        return Reason(reason, decided=(self.decision(DecisionKind.GOAL_CHANGED, title, reason, (link,)),))

    def decision(
        self, kind: DecisionKind, title: str, reason: str = "", links: tuple[Link, ...] = ()
    ) -> Decision:
        """Return a line for the log, signed by who sits here; nothing is written yet."""
        return Decision(0, datetime.now(UTC), self.who, kind, title, reason, (), links)

    def decide(self, decision: Decision) -> None:
        """Write a line into the decision log; undoing it writes another one that takes it back."""
        self.do(decision.title, lambda _: (), Reason(decision.reason, decided=(decision,)))

    def decisions(self) -> list[Decision]:
        """Return the decision log, oldest first."""
        return self._session.store.board.decisions()

    def history(self, noun: str = "", item_id: int | None = None, most: int | None = None) -> list[Change]:
        """Return every change of a record, of a kind of record or of all, oldest first; the newest `most`."""
        return self._session.store.board.changes(noun=noun, item_id=item_id, most=most)

    def changes_since(self, start: datetime, noun: str = "") -> list[Change]:
        """Return what changed at a moment or later, of a kind of record or of all, oldest first."""
        return self._session.store.board.changes(noun=noun, since=start)

    def changes_between(self, start: datetime, end: datetime) -> list[Change]:
        """Return what changed from one moment to another, oldest first."""
        return self._session.store.board.changes(since=start, until=end)

    def do(self, label: str, make: Make, reason: Reason | None = None) -> list[Edit]:
        """Change the board so that it can be undone and return what was done; nothing where nothing changes.

        Args:
            label: What is done, for undo and for the history.
            make: Returns the edits for the board as it is when they are made; called once, in the transaction
                that carries them out, so that what it writes itself is kept or lost with them.
            reason: Why, and what is decided by it.
        """
        session, why = self._session, reason or Reason()
        session.require_writable()
        step = _Step(self, label, make, why)
        with session.history.lock, self.lock:
            step.forward()
            if step.done or why.decided or why.also is not None:
                session.history.did(label, step.forward, step.back, step.touched)
        return step.done

    def note(self, label: str, make: Make, reason: Reason, *, quiet: bool = False) -> list[Edit]:
        """Change the board without a step to undo: for what a measured number moves by itself.

        Args:
            label: What is done.
            make: Returns the edits.
            reason: Why.
            quiet: Whether it leaves no line of history.
        """
        with self.lock:
            done, _ = self._write(label, make, reason, quiet=quiet)
            self._notes += 1
            self._noted |= dict.fromkeys(edit.fields_of(done), self._notes)
        return done

    def _noted_since(self, note: int) -> set[edit.FieldOf]:
        """Return the fields that numbers have moved since so many notes were made."""
        return {field for field, number in self._noted.items() if number > note}

    def _write(
        self,
        label: str,
        make: Make,
        reason: Reason,
        act: Callable[[], object] | None = None,
        *,
        quiet: bool = False,
    ) -> tuple[list[Edit], list[int]]:
        store = self._session.store
        with self.lock:
            before = self.state
            with store.database.write():
                edits = make(before)
                if not edits and not reason.decided and act is None:
                    return [], []
                link = reason.link() if callable(reason.link) else reason.link
                done, lines = store.board.apply(
                    edits, label, self.who, reason.text, link, reason.decided, quiet=quiet
                )
                if act is not None:
                    act()
            self._state = before.apply(done)
        if reason.tells is not None:
            self._session.bus.publish(reason.tells)
        nouns = {step.record.__class__.__name__.lower() for step in done}
        self._session.bus.publish(BoardChanged(frozenset(nouns | ({"decision"} if lines else set()))))
        return done, lines


class _Step:
    """One change of the board, with how it is done and taken back, over and over."""

    def __init__(self, board: BoardService, label: str, make: Make, reason: Reason) -> None:
        self._board, self._label, self._make, self._reason = board, label, make, reason
        self.done: list[Edit] = []
        self._lines: list[int] = []
        self._notes_before = 0

    def forward(self) -> None:
        """Do it, or do it again."""
        act = self._reason.also[0] if self._reason.also else None
        with self._board.lock:
            self.done, self._lines = self._board._write(self._label, self._make, self._reason, act)
            self._notes_before = self._board._notes

    def back(self) -> None:
        """Take it back; what it decided is taken back by new lines of the log."""
        act = self._reason.also[1] if self._reason.also else None
        opposite = tuple(
            replace(
                self._board.decision(decision.kind, f"Taken back: {decision.title}", "", decision.links),
                stage=decision.stage,
                takes_back=line,
            )
            for decision, line in zip(self._reason.decided, self._lines, strict=True)
        )
        board, done, label = self._board, self.done, f"Undo {self._label[:1].lower()}{self._label[1:]}"
        with board.lock:
            kept = board._noted_since(self._notes_before)
            undone, _ = board._write(
                label,
                lambda state: edit.back(state, done, kept),
                Reason(decided=opposite, tells=self._reason.tells),
                act,
            )
            notes = board._notes
        # Done again, it puts back just what was taken back, with the same ids.
        self._make = lambda state: edit.back(state, undone, board._noted_since(notes))

    def touched(self) -> frozenset[Hashable]:
        """Return the records that it changed, its lines of the log, and what was done along with it."""
        records = {(type(step.record), step.record.id) for step in self.done}
        lines = {(Decision, line) for line in self._lines}
        return frozenset({*records, *lines, *(["also"] if self._reason.also else [])})


def _title(record: BoardRecord) -> str:
    title = getattr(record, "title", "") or getattr(record, "name", "")
    noun = record.__class__.__name__.lower()
    return str(title) if title and noun != "criterion" else noun
