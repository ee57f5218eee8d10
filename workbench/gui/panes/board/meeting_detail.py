"""One meeting: notes, what was decided, and what follows from it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.board import Card, Decision, Meeting, Person
from workbench.core.risks import Link
from workbench.gui.links import open_link
from workbench.gui.panes.base import Shell
from workbench.gui.panes.board.words import link_button
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.autosave_field import AutosaveField
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.day_box import DayBox
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.markdown_view import MarkdownView
from workbench.gui.widgets.tab_order import keep_keyboard

if TYPE_CHECKING:
    from collections.abc import Mapping


class MeetingDetail(QFrame):
    """A meeting as a form that keeps itself.

    `changed` carries the id of the meeting and what makes it another one, `action_added` the title of a card
    to make, `log` a line that goes into the decision log, `removed` tells that the meeting is to go.
    """

    changed = Signal(int, object)
    action_added = Signal(str)
    log = Signal(str)
    removed = Signal()

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._shell = shell
        self.meeting: Meeting | None = None
        self._writable = False
        self._lines: object = None
        self.title = AutosaveField(tr("Title"), QLineEdit(), check=_wrong_title)
        self.day = AutosaveField(tr("Day"), DayBox(), check=_wrong_day)
        self.review = AutosaveField(
            tr("Review"), QCheckBox(), tr("The team looked at goal and risks: changes are counted from here.")
        )
        self.notes = AutosaveField(
            tr("Notes"), QPlainTextEdit(), tr("Markdown: # heading, - list, **bold**."), lines=7
        )
        self.preview = MarkdownView(tr("Notes"))
        self.decision = QLineEdit()
        self.action = QLineEdit()
        self._lay_out()
        for name, field in self._fields().items():
            field.kept.connect(lambda value, name=name: self._keep(name, value))
        self.decision.returnPressed.connect(self._add_decision)
        self.action.returnPressed.connect(self._add_action)

    def show_meeting(
        self,
        meeting: Meeting,
        cards: "Mapping[int, Card]",
        people: "Mapping[int, Person]",
        log: Sequence[Decision],
        *,
        writable: bool,
    ) -> None:
        """Show a meeting with its cards as they are now.

        Args:
            meeting: The meeting.
            cards: All cards by id.
            people: All people by id.
            log: The decisions that hold.
            writable: Whether anything can be changed.
        """
        if self.meeting is None or self.meeting.id != meeting.id:
            for field in self._fields().values():
                field.keep()
                field.forget()
            self.decision.clear()
            self.action.clear()
            self._preview.setChecked(bool(meeting.notes))
        self.meeting, self._writable = meeting, writable
        for name, field in self._fields().items():
            field.set_value(getattr(meeting, name))
            field.set_writable(writable)
        self.preview.show_markdown(meeting.notes)
        for widget in (self.decision, self.action, self._delete):
            widget.setEnabled(writable)
        logged = {
            decision.title
            for decision in log
            for link in decision.links
            if link == Link("meeting", meeting.id)
        }
        actions = [cards[number] for number in meeting.actions if number in cards]
        shown = (meeting.id, meeting.decisions, logged, actions, people, writable)
        if shown != self._lines:
            self._lines = shown
            _refill(self._decisions, [self._decision_row(text, text in logged) for text in meeting.decisions])
            _refill(self._actions, [self._action_row(card, people) for card in actions])

    def _keep(self, name: str, value: Any) -> None:
        if self.meeting is not None and self._writable:
            self._revise(lambda now: replace(now, **{name: value}))

    def _revise(self, how: Callable[[Meeting], Meeting]) -> None:
        if self.meeting is not None and self._writable:
            self.meeting = how(self.meeting)
            self.changed.emit(self.meeting.id, how)

    def _add_decision(self) -> None:
        text = " ".join(self.decision.text().split())
        if text and self.meeting is not None and text not in self.meeting.decisions:
            self.decision.clear()
            self._revise(lambda now: replace(now, decisions=(*now.decisions, text)))

    def _add_action(self) -> None:
        if text := " ".join(self.action.text().split()):
            self.action.clear()
            self.action_added.emit(text)

    def _fields(self) -> dict[str, AutosaveField]:
        return {"title": self.title, "day": self.day, "review": self.review, "notes": self.notes}

    def _decision_row(self, text: str, is_logged: bool) -> QWidget:
        def drop() -> None:
            self._revise(lambda now: replace(now, decisions=tuple(it for it in now.decisions if it != text)))

        widget, row = _row(text)
        if is_logged:
            row.addWidget(Badge(tr("in the log"), "good"), alignment=Qt.AlignmentFlag.AlignVCenter)
        else:
            button = link_button(tr("Put into the log"), lambda: self.log.emit(text), text)
            button.setEnabled(self._writable)
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(_small_button(tr("Delete"), text, drop, self._writable))
        return widget

    def _action_row(self, card: Card, people: "Mapping[int, Person]") -> QWidget:
        def drop() -> None:
            self._revise(lambda now: replace(now, actions=tuple(it for it in now.actions if it != card.id)))

        owner = people.get(card.owner_id or 0)
        due = tr("due {day}", day=number_format.day(card.due)) if card.due else ""
        about = " · ".join(filter(None, (owner.name if owner else tr("nobody yet"), due)))
        widget, row = _row(card.title, about)
        row.addWidget(Badge(*card_state(card)), alignment=Qt.AlignmentFlag.AlignVCenter)
        link = link_button(tr("Card →"), lambda: open_link(self._shell, Link("card", card.id)), card.title)
        row.addWidget(link, alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(_small_button(tr("Take off the list"), card.title, drop, self._writable))
        return widget

    def _lay_out(self) -> None:
        self.decision.setPlaceholderText(tr("Add a decision, then Enter"))
        self.decision.setAccessibleName(tr("Add a decision"))
        self.action.setPlaceholderText(tr("Add an action, then Enter: it becomes a card"))
        self.action.setAccessibleName(tr("Add an action"))
        self.action.setMaxLength(300)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        head = QGridLayout()
        head.setHorizontalSpacing(12)
        head.setColumnStretch(0, 3)
        head.setColumnStretch(1, 2)
        head.addWidget(self.title, 0, 0)
        head.addWidget(self.day, 0, 1)
        column.addLayout(head)
        self._delete = QPushButton(tr("Delete meeting"))
        self._delete.setAccessibleName(tr("Delete meeting"))
        self._delete.clicked.connect(lambda _checked=False: self.removed.emit())
        restyle(self._delete, quiet=True)
        line = QHBoxLayout()
        line.addWidget(self.review, 1)
        line.addWidget(self._delete)
        column.addLayout(line)
        column.addLayout(self._notes())
        self._decisions, self._actions = QVBoxLayout(), QVBoxLayout()
        for heading, rows, entry in (
            (tr("Decisions"), self._decisions, self.decision),
            (tr("Actions"), self._actions, self.action),
        ):
            rows.setSpacing(0)
            both = QVBoxLayout()
            both.setSpacing(4)
            both.addWidget(PlainLabel(heading, "section"))
            both.addLayout(rows)
            both.addWidget(entry)
            column.addLayout(both)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        for widget in (area.viewport(), content):
            widget.setAutoFillBackground(False)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(area)

    def _notes(self) -> QVBoxLayout:
        self._preview = QToolButton()
        self._preview.setText(tr("Preview"))
        self._preview.setAccessibleName(tr("Preview"))
        self._preview.setToolTip(tip(tr("Show the notes as they read")))
        self._preview.setCheckable(True)
        self.notes.add_beside_title(self._preview)
        stack = QStackedWidget()
        reading = QWidget()
        inside = QVBoxLayout(reading)
        inside.setContentsMargins(0, 0, 0, 0)
        back = link_button(tr("Write"), lambda: self._preview.setChecked(False), tr("Change the notes"))
        top = QHBoxLayout()
        top.addWidget(PlainLabel(tr("Notes"), "muted"), 1)
        top.addWidget(back)
        inside.addLayout(top)
        inside.addWidget(self.preview)
        stack.addWidget(self.notes)
        stack.addWidget(reading)
        stack.setFixedHeight(168)
        self._preview.toggled.connect(lambda on: stack.setCurrentIndex(1 if on else 0))
        column = QVBoxLayout()
        column.addWidget(stack)
        return column


def card_state(card: Card) -> tuple[str, str]:
    """Return word and tone of where a card is."""
    if card.done_at is not None:
        return tr("done"), "good"
    if card.archived_at is not None:
        return tr("put away"), ""
    return (tr("overdue"), "danger") if card.overdue(date.today()) else (tr("open"), "")


def _row(text: str, about: str = "") -> tuple[QWidget, QHBoxLayout]:
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 4, 0, 4)
    row.setSpacing(8)
    both = QVBoxLayout()
    both.setSpacing(0)
    both.addWidget(PlainLabel(text, wrap=True))
    if about:
        both.addWidget(PlainLabel(about, "small", wrap=True))
    row.addLayout(both, 1)
    return widget, row


def _small_button(name: str, about: str, act: Callable[[], object], enabled: bool) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon("x"))
    button.setAccessibleName(name)
    button.setAccessibleDescription(about)
    button.setToolTip(tip(name))
    button.setEnabled(enabled)
    button.clicked.connect(lambda _checked=False: act())
    return button


def _refill(column: QVBoxLayout, rows: Sequence[QWidget]) -> None:
    while (item := column.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            keep_keyboard(widget)
            widget.hide()
            widget.deleteLater()
    for row in rows:
        column.addWidget(row)


def _wrong_title(value: str) -> str:
    return "" if 1 <= len(value.strip()) <= 300 else tr("Has to have 1 to 300 characters")


def _wrong_day(value: object) -> str:
    return "" if value is not None else tr("Needs a day")
