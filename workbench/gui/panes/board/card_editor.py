"""One card in full, beside the lanes: every field saves itself when it is left."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from workbench.core.board import Card, Change, Lane, Person
from workbench.core.errors import UserError
from workbench.core.risks import Link
from workbench.gui import background
from workbench.gui.links import open_link
from workbench.gui.palette import Palette
from workbench.gui.panes.board.card_controls import CardControls
from workbench.gui.panes.board.card_links import (
    Names,
    card_hits,
    icon_of,
    link_hits,
    read_choices,
    read_names,
    words_of,
)
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

if TYPE_CHECKING:
    from workbench.gui.panes.board.lanes import LanesPage


class CardEditor(CardControls):
    """The chosen card. `closed` tells that the user has put it away.

    Args:
        page: The page of the lanes, with its session and its verbs.
    """

    closed = Signal()

    def __init__(self, page: "LanesPage", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._card: Card | None = None
        self._state: Any = None
        self._names: Names = {}
        self._connect()

    @property
    def card(self) -> Card | None:
        """The card that is shown."""
        return self._card

    def show_card(self, card: Card) -> None:
        """Show a card; what was typed into the one before is kept first."""
        if self._card is not None and card.id != self._card.id:
            self.flush()
            card = self._page.current_card(card.id) or card
        is_other = self._card is None or self._card.id != card.id
        self._card = card
        self._fill(card, is_other=is_other)

    def show_state(self, state: Any) -> None:
        """Show the card as it is on the board now; close when it is gone."""
        self._state = state
        if self._card is None:
            return
        card = state.of(Card).get(self._card.id)
        if card is None:
            self.close_card()
        else:
            self._card = card
            self._fill(card, is_other=False)

    def close_card(self) -> None:
        """Show no card."""
        self._card = None
        self.hide()

    def flush(self) -> None:
        """Keep what is typed and not kept yet."""
        if self._card is None:
            return
        focus = self.focusWidget()
        self.title.flush()
        self.text.flush()
        if isinstance(focus, QLineEdit) and self.isAncestorOf(focus):
            focus.editingFinished.emit()
        self.checklist.flush()

    def take_title(self) -> None:
        """Let the title be typed."""
        self.title.setFocus()
        self.title.selectAll()

    def put_away(self) -> None:
        """Keep what is typed and leave."""
        self.flush()
        self.close_card()
        self.closed.emit()

    def event(self, event: QEvent) -> bool:
        """Leave with Escape."""
        is_key = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if is_key and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            self.put_away()
            return True
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Save what was typed last."""
        self.flush()
        super().hideEvent(event)

    def _fill(self, card: Card, *, is_other: bool) -> None:
        editable = not self._read_only()
        self.setAccessibleDescription(card.title)
        self.title.show_text(card.title, other=is_other)
        self.text.show_text(card.text, other=is_other)
        self._show_text(editing=editable and self.text.hasFocus() and not is_other)
        self._fill_owner(card)
        self.start.set_day(card.start)
        self.due.set_day(card.due)
        with QSignalBlocker(self.milestone), QSignalBlocker(self.done):
            self.milestone.setChecked(card.milestone)
            self.done.setChecked(card.done_at is not None)
        if is_other or not self.tags.hasFocus():
            self.tags.setText(", ".join(card.tags))
        if is_other or not self.estimate.hasFocus():
            self.estimate.set_value(card.estimate_days)
        self.done.setIcon(icon("check-circle", "good" if card.done_at is not None else "muted"))
        self.checklist.set_items(card.checklist)
        self.archive.setText(tr("Take back") if card.archived_at is not None else tr("Archive"))
        self.archive.setAccessibleName(self.archive.text())
        if is_other:
            self._tell({})
            self.history_button.setChecked(False)
        self._fill_pointers(card)
        self._set_editable(editable)
        self._read_history()

    def _fill_owner(self, card: Card) -> None:
        people = self._state.of(Person).values() if self._state is not None else ()
        self.owner.set_people((person.id, person.name) for person in people)
        self.owner.show_person(card.owner_id)

    def _fill_pointers(self, card: Card) -> None:
        cards = self._state.of(Card) if self._state is not None else {}
        rows = [
            ("check-circle" if cards[other].done_at is not None else "note", cards[other].title, True)
            for other in card.depends_on
            if other in cards
        ]
        editable = not self._read_only()
        self.depends.set_rows(rows, editable=editable)
        self._show_links(card)
        session = self._page.session
        if session is not None and any(link not in self._names for link in card.links):
            background.query(
                lambda: read_names(session, card.links),
                lambda names: self._named(card.id, names),
                self._page.pane.tell,
                owner=self,
                key="names",
            )

    def _named(self, card_id: int, names: Names) -> None:
        self._names |= names
        if self._card is not None and self._card.id == card_id:
            self._show_links(self._card)

    def _show_links(self, card: Card) -> None:
        rows = [(icon_of(link), words_of(link, self._names), link in self._names) for link in card.links]
        self.links.set_rows(rows, editable=not self._read_only())

    def _show_text(self, *, editing: bool) -> None:
        """Show the text as Markdown, or let it be written; an empty one always waits to be written."""
        written = self.text.toPlainText()
        may_write = not self._read_only()
        editing = editing or (not written and may_write)
        self.shown_text.setVisible(not editing)
        self.text.setVisible(editing)
        self.edit_text.setVisible(not editing and may_write)
        if not editing and self.shown_text.property("shown") != written:
            self.shown_text.setProperty("shown", written)
            self.shown_text.show_markdown(written)

    def write_text(self) -> None:
        """Let the text be written."""
        if not self._read_only():
            self._show_text(editing=True)
            self.text.setFocus()

    def _save(self, name: str, value: Any) -> bool:
        """Give one field of the card another value; tells beside it why when that is refused."""
        return self._revise(name, lambda now: replace(now, **{name: value}))

    def _revise(self, name: str, how: Callable[[Card], Card]) -> bool:
        """Change one field of the card as it is on the board now."""
        page, card = self._page, self._card
        session = page.session
        if session is None or card is None or self._read_only():
            return False
        try:
            session.board.revise(tr("Change {title}", title=card.title), Card, card.id, how)
        except UserError as error:
            self._tell(error.fields or {name: str(error)})
            return False
        self._tell({})
        page.show_changes()
        return True

    def _tell(self, problems: dict[str, str]) -> None:
        for name, field in self.fields.items():
            field.tell(problems.get(name, ""))
        title = problems.get("title", "")
        self.title_problem.setText(title[:1].upper() + title[1:])
        self.title_problem.setVisible(bool(title))
        rest = [text for name, text in problems.items() if name not in self.fields and name != "title"]
        if rest:
            self._page.pane.tell(UserError(" ".join(rest)))

    def choose_card(self) -> None:
        """Let a card be chosen that comes before this one."""
        if self._card is None or self._state is None:
            return
        known = {self._card.id, *self._card.depends_on}
        cards = [
            card for card in self._state.of(Card).values() if card.id not in known and not card.archived_at
        ]
        lanes = {lane.id: lane.name for lane in self._state.of(Lane).values()}
        Palette(card_hits(cards, lanes, self._depend_on), self.window(), tr("Find a card")).show()

    def choose_link(self) -> None:
        """Let a dataset, a run, an evaluation or a risk be chosen."""
        session, card = self._page.session, self._card
        if session is None or card is None:
            return

        def show(choices: list[tuple[str, str, Link]]) -> None:
            prompt = tr("Find a risk, a run, an evaluation or a dataset")
            Palette(link_hits(choices, self._link_to), self.window(), prompt).show()

        background.query(
            lambda: read_choices(session, card.links), show, self._page.pane.tell, owner=self, key="choices"
        )

    def _depend_on(self, card_id: int) -> None:
        if self._card is not None:
            self._revise("depends_on", lambda now: replace(now, depends_on=(*now.depends_on, card_id)))

    def _link_to(self, link: Link) -> None:
        if self._card is not None:
            self._revise("links", lambda now: replace(now, links=(*now.links, link)))

    def _shown_depends(self) -> list[int]:
        cards = self._state.of(Card) if self._state is not None else {}
        return [other for other in self._card.depends_on if other in cards] if self._card else []

    def _on_depends_removed(self, at: int) -> None:
        if self._card is not None:
            gone = self._shown_depends()[at]
            self._revise(
                "depends_on",
                lambda now: replace(now, depends_on=tuple(it for it in now.depends_on if it != gone)),
            )

    def _on_link_removed(self, at: int) -> None:
        if self._card is not None:
            gone = self._card.links[at]
            self._revise("links", lambda now: replace(now, links=tuple(it for it in now.links if it != gone)))

    def _on_owner(self, value: int | str | None) -> None:
        session = self._page.session
        if isinstance(value, str) and session is not None and self._card is not None:
            with session.history.together(tr("Change {title}", title=self._card.title)):
                self._save("owner_id", session.board.join(value))
        else:
            self._save("owner_id", value)

    def _on_estimate(self) -> None:
        value = self.estimate.value()
        if isinstance(value, str):
            self.fields["estimate_days"].tell(tr("has to be a number of days, such as 0.5"))
        elif self._card is not None and value != self._card.estimate_days:
            self._save("estimate_days", value)

    def _on_tags(self) -> None:
        words = (" ".join(word.split()) for word in self.tags.text().replace("，", ",").split(","))
        tags = tuple(dict.fromkeys(word for word in words if word))
        if self._card is not None and tags != self._card.tags:
            self._save("tags", tags)

    def _on_text_left(self) -> None:
        self._show_text(editing=False)

    def _read_history(self) -> None:
        """Read the history where it is unfolded."""
        session, card, is_open = self._page.session, self._card, self.history_button.isChecked()
        self.history.setVisible(is_open)
        if not is_open or session is None or card is None:
            return
        background.query(
            lambda: session.board.history("card", card.id, 200),
            self._show_history,
            self._page.pane.tell,
            owner=self,
            key="history",
        )

    def _show_history(self, changes: list[Change]) -> None:
        lines = []
        for change in reversed(changes):
            parts = (change.who, number_format.date_time(change.at), change.reason)
            lines.append(f"{change.label}\n" + " · ".join(part for part in parts if part))
        self.history.setText("\n\n".join(lines) or tr("Nothing has happened to this card yet."))

    def _read_only(self) -> bool:
        return self._page.session is None or self._page.session.read_only

    def _set_editable(self, editable: bool) -> None:
        for text in (self.title, self.text):
            text.setReadOnly(not editable)
        self.tags.setReadOnly(not editable)
        self.start.set_editable(editable)
        self.due.set_editable(editable)
        self.checklist.set_editable(editable)
        controls = (self.owner, self.milestone, self.estimate, self.done, self.archive, self.delete)
        for control in (*controls, self.add_card, self.add_link):
            control.setEnabled(editable)

    def _connect(self) -> None:
        page = self._page
        self.title.kept.connect(lambda text: self._save("title", text))
        self.text.kept.connect(lambda text: self._save("text", text))
        self.text.left.connect(self._on_text_left)
        self.shown_text.edit_wanted.connect(self.write_text)
        self.edit_text.clicked.connect(self.write_text)
        self.owner.decided.connect(self._on_owner)
        for name, field in (("start", self.start), ("due", self.due)):
            field.changed.connect(lambda day, name=name: self._save(name, day))
            field.refused.connect(self.fields[name].tell)
        self.milestone.toggled.connect(lambda on: self._save("milestone", on))
        self.estimate.editingFinished.connect(self._on_estimate)
        self.tags.editingFinished.connect(self._on_tags)
        self.checklist.changed.connect(lambda items: self._save("checklist", items))
        self.add_card.clicked.connect(self.choose_card)
        self.add_link.clicked.connect(self.choose_link)
        self.depends.opened.connect(lambda at: page.open_card(self._shown_depends()[at]))
        self.depends.removed.connect(self._on_depends_removed)
        self.links.opened.connect(
            lambda at: open_link(page.pane.shell, self._card.links[at]) if self._card else None
        )
        self.links.removed.connect(self._on_link_removed)
        self.done.clicked.connect(lambda: page.toggle_done(self._card.id) if self._card else None)
        self.archive.clicked.connect(lambda: page.archive(self._card.id) if self._card else None)
        self.delete.clicked.connect(lambda: page.delete(self._card.id) if self._card else None)
        self.close_button.clicked.connect(self.put_away)
        self.history_button.toggled.connect(lambda _on: self._read_history())
