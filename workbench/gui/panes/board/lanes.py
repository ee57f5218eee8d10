"""Lanes: what is to be done, as cards that lie in lanes."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.core.board import Card, Edit, Lane, Person
from workbench.core.risks import Link
from workbench.core.states import Stage
from workbench.gui import background
from workbench.gui.actions import Action
from workbench.gui.links import open_link
from workbench.gui.panes.board.beginnings import Beginnings
from workbench.gui.panes.board.card_editor import CardEditor
from workbench.gui.panes.board.filter_row import FilterRow
from workbench.gui.panes.board.lane_filter import NOBODY, Arrangement, after_drop, look_of
from workbench.gui.panes.board.page import Page
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.undo_offer import offer_undo
from workbench.gui.widgets.cards import EmptyState
from workbench.gui.widgets.kanban import KanbanBoard
from workbench.gui.widgets.kanban_card import CardLook
from workbench.gui.widgets.kanban_list import Move
from workbench.gui.widgets.tab_order import chain_tabs

if TYPE_CHECKING:
    from workbench.gui.panes.base import Pane
    from workbench.services.session import Session


class LanesPage(Page):
    """The lanes, the filter above them and the chosen card beside them."""

    name: ClassVar[str] = "lanes"
    title: ClassVar[str] = "Lanes"
    purpose: ClassVar[str] = "What is to be done, by whom, and in which stage it lies."
    primary: ClassVar[str] = "New card"

    def __init__(self, pane: "Pane") -> None:
        super().__init__(pane)
        self._state: Any = None
        self._arranged = Arrangement()
        self._shown_session: Session | None = None
        self._wanted_card = 0
        self._today = date.today()
        # From outside in: a widget that gets a parent only later is styled anew with all that is in it.
        self._stack = QStackedWidget(self)
        self._main = QWidget(self._stack)
        self.filter = FilterRow(self._main)
        self.filter.changed.connect(self._arrange)
        self.filter.export.clicked.connect(self.export)
        self.board = KanbanBoard(self._look, self._main)
        self.editor = CardEditor(self, self._main)
        self.editor.hide()
        self._nothing = Beginnings(self._stack)
        self._nothing.lanes_wanted.connect(self.make_lanes)
        self._nothing.template_chosen.connect(self.begin_with)
        self._closed = EmptyState(
            "columns", tr("No project is open"), tr("Open a project, or begin one on Home, to plan its work.")
        )
        self._connect()
        self._lay_out()

    def reload(self) -> None:
        """Show the board as it is now."""
        session = self.session
        if session is not self._shown_session:
            self._shown_session, self._state = session, None
            self.editor.close_card()
            self.filter.clear_all()
        if session is None:
            self._stack.setCurrentWidget(self._closed)
        elif self._state is None or session.read_only:
            # Reads the whole board from the disk; later it lies in memory.
            background.query(
                lambda: session.board.state, self._show_state, self.pane.tell, owner=self, key="board"
            )
        else:
            self._show_state(session.board.state)

    def act(self) -> None:
        """Make a card in the lane of the chosen one."""
        self.new_card(self.board.current_lane)

    def select(self, **target: Any) -> None:
        """Show and open a card, such as `card_id=3`."""
        self._wanted_card = int(target.get("card_id", 0))
        if self._state is not None and self._shown_session is self.session:
            self._open_wanted()

    def actions_of(self) -> list[Action]:
        """Return what can be done with keys."""
        keys = {
            "up": (Qt.Key.Key_Up, tr("Move card up")),
            "down": (Qt.Key.Key_Down, tr("Move card down")),
            "left": (Qt.Key.Key_Left, tr("Move card to the lane at the left")),
            "right": (Qt.Key.Key_Right, tr("Move card to the lane at the right")),
        }
        moves = [
            Action(f"card.{name}", title, self._mover(key), f"Ctrl+{name.capitalize()}", self._may_move)
            for name, (key, title) in keys.items()
        ]
        new = Action("card.new", tr("New card"), self.act, "N", self._may_add)
        find = Action("card.find", tr("Find cards"), self.filter.text.setFocus, "Ctrl+F", self._is_shown)
        export = Action("card.export", tr("Export cards …"), self.export, ready=self._has_cards)
        return [new, *moves, find, export]

    def export(self) -> None:
        """Write all cards into a file, beside the window."""
        from workbench.gui.exchange_dialog import export_cards

        if self.session is not None:
            export_cards(self.pane.shell, self.session)

    def attempt(self, work: "Callable[[Session], object]") -> bool:
        """Change the board and show it as it became; False when it was refused, which is told."""
        session = self.session
        if session is None or not self.pane.attempt(lambda: work(session)):
            return False
        self.pane.banner.hide()
        self.show_changes()
        return True

    def new_card(self, lane_id: int) -> None:
        """Make a card at the end of a lane, as the filter wants it, and open it."""
        if self.session is None or self.session.read_only:
            return
        if not lane_id:
            self.make_lanes()
            lane_id = self.board.current_lane
        wanted, found = self.filter.wanted, list[int]()
        owner = wanted.owner if wanted.owner not in (None, NOBODY) else None
        tags = (wanted.tag,) if wanted.tag else ()
        card = Card(0, lane_id, tr("New card"), owner_id=owner, tags=tags)
        if self.attempt(lambda session: found.append(session.board.save(card))):
            self.open_card(found[0], title=True)

    def open_card(self, card_id: int, *, title: bool = False) -> None:
        """Show a card beside the lanes.

        Args:
            card_id: The card.
            title: Whether its title is to be typed now.
        """
        card = self._card(card_id)
        if card is None:
            return
        if card_id not in self._arranged.heights and (
            self.filter.wanted.narrows or card.archived_at is not None
        ):
            if card.archived_at is not None:
                self.filter.archived.setChecked(True)
            self.filter.clear_all()
        self.editor.show_card(card)
        self.editor.show()
        chain_tabs(self._main)
        self.board.select(card_id, keyboard=not title)
        if title:
            self.editor.take_title()

    def make_lanes(self) -> None:
        """Make one lane for each stage, in one step to undo."""
        lanes = [
            Lane(0, tr(stage.value.capitalize()), stage, float(at)) for at, stage in enumerate(Stage, start=1)
        ]
        label = tr("Make the five stage lanes")
        self.attempt(lambda session: session.board.do(label, lambda _: [Edit(None, lane) for lane in lanes]))

    def begin_with(self, name: str) -> None:
        """Set up the board of a template, in one step to undo; it writes much, so beside the window."""
        from workbench.services.board_setup import known_templates, set_up

        session = self.session
        template = next(template for template in known_templates() if template.name == name)
        if session is None:
            return
        self._nothing.show_at_work(tr(template.title))

        def settle(_done: object = None) -> None:
            self._nothing.show_done()
            if session is self.session:
                self._arrange()
                self.show_changes()

        def refuse(error: Exception) -> None:
            settle()
            self.pane.tell(error)

        background.query(lambda: set_up(session, template), settle, refuse, owner=self, key="template")

    def archive(self, card_id: int) -> None:
        """Put a card away, or take it back, and offer to undo that."""
        card = self._card(card_id)
        if card is None:
            return
        is_away, below = card.archived_at is None, self._neighbour(card_id)
        was_chosen = self.board.current == card_id
        if self.attempt(lambda session: session.board.archive(card_id, is_away)):
            if is_away and was_chosen and card_id not in self._arranged.heights:
                self.board.select(below, keyboard=self.board.has_keyboard)
                self._on_chosen(below)
            text = tr("Archived {title}", title=card.title)
            text = text if is_away else tr("{title} is on the board again", title=card.title)
            self._tell_done(text)

    def delete(self, card_id: int) -> None:
        """Delete a card, and offer to undo that."""
        card = self._card(card_id)
        if card is not None and self.attempt(lambda session: session.board.remove(card)):
            self._tell_done(tr("Deleted {title}", title=card.title))

    def toggle_done(self, card_id: int) -> None:
        """Mark a card as done, or open it again."""
        card = self._card(card_id)
        if card is not None:
            self.attempt(lambda session: session.board.set_done(card_id, card.done_at is None))

    def current_card(self, card_id: int) -> Card | None:
        """Return a card as it is now; None where it is gone."""
        return self._card(card_id)

    def show_changes(self) -> None:
        """Show the board as it became by what was done here."""
        if self.session is not None:
            self._show_state(self.session.board.state)

    def _tell_done(self, text: str) -> None:
        session = self.session
        if session is not None:
            offer_undo(self.pane.shell, session, text, session.history.last, self.show_changes)

    def _show_state(self, state: Any) -> None:
        if self.session is None or (state is self._state and self._today == date.today()):
            return
        self._state = state
        self._arrange()
        refusal = tr("This project is open read-only: close it in the other window to change it here.")
        self.board.set_editable(not self.session.read_only, refusal)
        self.editor.show_state(state)
        # Lanes and lines come and go; Tab goes on through them as they stand.
        chain_tabs(self._main)
        if self._wanted_card:
            self._open_wanted()

    def _arrange(self) -> None:
        state = self._state
        if state is None:
            return
        self._today = date.today()
        arranged, cards, people = self._arranged, state.of(Card), state.of(Person)
        wanted = self.filter.wanted
        arranged.show(cards, state.lanes, people, wanted, self._today)
        self.filter.set_choices(people, (tag for tag, count in arranged.tags.items() if count))
        if self.filter.wanted != wanted:  # an owner is not there any more
            arranged.show(cards, state.lanes, people, self.filter.wanted, self._today)
        self.board.set_lanes(arranged.lanes, arranged.heights.__getitem__)
        self.filter.tell(len(arranged.heights), arranged.total)
        if not arranged.lanes:
            self._nothing.offer(may_change=self.session is not None and not self.session.read_only)
        self._stack.setCurrentWidget(self._main if arranged.lanes else self._nothing)

    def _look(self, card_id: int) -> CardLook:
        return look_of(self._state.of(Card)[card_id], self._state.of(Person), self._today)

    def _card(self, card_id: int) -> Card | None:
        card: Card | None = self._state.of(Card).get(card_id) if self._state is not None else None
        return card

    def _open_wanted(self) -> None:
        card_id, self._wanted_card = self._wanted_card, 0
        self.open_card(card_id)

    def _neighbour(self, card_id: int) -> int:
        """Return the card below another, or above it: where the keyboard goes when that one goes."""
        card = self._card(card_id)
        rows = [row for row in self.board.lane(card.lane_id).rows() if isinstance(row, int)] if card else []
        if card_id not in rows:
            return 0
        at = rows.index(card_id)
        rest = rows[at + 1 : at + 2] or rows[max(0, at - 1) : at]
        return rest[0] if rest else 0

    def _on_chosen(self, card_id: int) -> None:
        """Let the editor follow where it is open."""
        card = self._card(card_id)
        if self.editor.isVisibleTo(self):
            self.editor.show_card(card) if card is not None else self.editor.close_card()
            chain_tabs(self._main)

    def _on_moved(self, move: Move) -> None:
        card = self._card(move.card_id)
        if card is None or self._state is None:
            return
        others = [other.id for other in self._state.cards_in(move.lane_id) if other.id != card.id]
        place = len(others)
        if move.before in others:
            place = others.index(move.before)
        elif move.after in others:
            place = others.index(move.after) + 1
        changed = after_drop(card, move.section) if move.section is not None else card

        def work(session: "Session") -> None:
            with session.history.together(f"Move {card.title}"):
                session.board.move_card(card.id, move.lane_id, place)
                if changed.owner_id != card.owner_id:
                    session.board.change(f"Move {card.title}", Card, card.id, owner_id=changed.owner_id)
                if changed.tags != card.tags:
                    session.board.change(f"Move {card.title}", Card, card.id, tags=changed.tags)

        if self.attempt(work):
            self.board.select(card.id, keyboard=True)

    def _on_lane(self, lane_id: int, **values: Any) -> None:
        lane = self._state.of(Lane).get(lane_id)
        if lane is not None:
            self.attempt(lambda session: session.board.change(f"Change {lane.name}", Lane, lane_id, **values))

    def _on_lane_moved(self, lane_id: int, step: int) -> None:
        order = [lane.id for lane in self._state.lanes]
        place = order.index(lane_id) + step
        if self.attempt(lambda session: session.board.move_lane(lane_id, place)):
            self.board.show_lane(lane_id)

    def _on_lane_deleted(self, lane_id: int) -> None:
        lane = self._state.of(Lane).get(lane_id)
        held = len(self._state.cards_in(lane_id))
        if lane is not None and self.attempt(lambda session: session.board.remove(lane)):
            text = tr("Deleted {name}", name=lane.name)
            if held:
                text = tr(
                    "Deleted {name}; its {count} cards went to the next lane", name=lane.name, count=held
                )
            self._tell_done(text)

    def _on_lane_added(self, name: str) -> None:
        found = list[int]()
        if self.attempt(lambda session: found.append(session.board.add_lane(name))):
            self.board.show_lane(found[0])

    def _on_gate(self, lane_id: int) -> None:
        stage = self._state.of(Lane)[lane_id].stage
        if stage is not None:
            open_link(self.pane.shell, Link("gate", 0, stage.value))

    def _mover(self, key: Qt.Key) -> Callable[[], None]:
        return lambda: self.board.move_current(key)

    def _is_shown(self) -> bool:
        return self.isVisible()

    def _has_cards(self) -> bool:
        return self.isVisible() and self._arranged.total > 0

    def _may_add(self) -> bool:
        return self.isVisible() and self.session is not None and not self.session.read_only

    def _may_move(self) -> bool:
        return self._may_add() and bool(self.board.current) and self.board.has_keyboard

    def _connect(self) -> None:
        board, editor = self.board, self.editor
        board.chosen.connect(self._on_chosen)
        board.opened.connect(self.open_card)
        board.moved.connect(self._on_moved)
        board.done_toggled.connect(self.toggle_done)
        board.archived.connect(self.archive)
        board.new_card.connect(self.new_card)
        board.lane_renamed.connect(lambda lane_id, name: self._on_lane(lane_id, name=name))
        board.lane_limited.connect(lambda lane_id, limit: self._on_lane(lane_id, limit=limit))
        board.lane_moved.connect(self._on_lane_moved)
        board.lane_deleted.connect(self._on_lane_deleted)
        board.lane_added.connect(self._on_lane_added)
        board.gate_wanted.connect(self._on_gate)
        board.escaped.connect(lambda: editor.put_away() if editor.isVisible() else None)
        editor.closed.connect(lambda: self.board.select(self.board.current, keyboard=True))

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(GAP)
        left.addWidget(self.filter)
        left.addWidget(self.board, 1)
        row = QHBoxLayout(self._main)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addLayout(left, 1)
        row.addWidget(self.editor)
        for page in (self._closed, self._nothing, self._main):
            self._stack.addWidget(page)
        self.body.addWidget(self._stack)
