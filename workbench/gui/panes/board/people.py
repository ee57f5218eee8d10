"""The people of the project and what each of them has to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.board import Card, Person
from workbench.core.errors import UserError
from workbench.core.risks import Risk
from workbench.gui.theme import body_font, icon, readable_on, restyle, run_color, token
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.kanban_card import initials
from workbench.gui.widgets.labels import ElidedLabel, tip

_AVATAR = 32


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody has to do.

    Args:
        person: Who; None for what nobody has taken.
        open_cards: Cards that are not done.
        overdue: Those of them that should be.
        days: Their estimates together.
        risks: Risks that count and are theirs.
    """

    person: Person | None
    open_cards: int = 0
    overdue: int = 0
    days: float = 0.0
    risks: int = 0

    @property
    def words(self) -> str:
        """All of it in a line."""
        parts = [
            tr("{count} open", count=self.open_cards),
            tr("{count} overdue", count=self.overdue),
            tr("{days} days", days=f"{self.days:g}"),
            tr("1 risk") if self.risks == 1 else tr("{count} risks", count=self.risks),
        ]
        return " · ".join(parts)

    @property
    def short(self) -> str:
        """What is there of it, in a line."""
        there = (True, self.overdue > 0, self.days > 0, self.risks > 0)
        return " · ".join(
            part for part, is_there in zip(self.words.split(" · "), there, strict=True) if is_there
        )


def loads(people: Sequence[Person], cards: Sequence[Card], risks: Sequence[Risk], today: date) -> list[Load]:
    """Return what each person has to do, and last what nobody has taken, if there is any."""
    known = {person.id for person in people}
    found = []
    for person in (*people, None):
        number = person.id if person is not None else None
        own = [
            card
            for card in cards
            if card.done_at is None
            and card.archived_at is None
            and (card.owner_id if card.owner_id in known else None) == number
        ]
        owned = [
            risk
            for risk in risks
            if risk.status.counts and (risk.owner_id if risk.owner_id in known else None) == number
        ]
        days = sum(card.estimate_days or 0.0 for card in own)
        load = Load(person, len(own), sum(card.overdue(today) for card in own), days, len(owned))
        if person is not None or load.open_cards or load.risks:
            found.append(load)
    return found


class PersonRow(QFrame):
    """One person: who they are, how much they have to do, and what can be done with them."""

    edit = Signal(int)
    remove = Signal(int)
    be = Signal(int)

    def __init__(self, load: Load, most: int, *, is_me: bool, writable: bool) -> None:
        super().__init__()
        person = load.person
        name = person.name if person is not None else tr("Nobody")
        self.setAccessibleName(name)
        self.setAccessibleDescription(load.words)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(ElidedLabel(name, "strong" if person is not None else "muted"), 1)
        if is_me:
            head.addWidget(Badge(tr("me"), "info"))
        about = "" if person is None else " · ".join(filter(None, (person.role, person.answers_for)))
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(head)
        if about or person is None:
            column.addWidget(ElidedLabel(about or tr("Cards and risks without an owner"), "small"))
        column.addWidget(_Bar(load, most))
        words = ElidedLabel(load.short, "small")
        restyle(words, tone="danger" if load.overdue else "muted")
        column.addWidget(words)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 8, 6)
        row.setSpacing(12)
        row.addWidget(_Avatar(person), alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.menu = QMenu(self)
        if person is None:
            row.addSpacing(43)
            return
        for text, signal, ready in (
            (tr("Edit…"), self.edit, writable),
            (tr("This is me"), self.be, not is_me),
            (tr("Delete"), self.remove, writable),
        ):
            action = self.menu.addAction(text)
            action.setEnabled(ready)
            action.triggered.connect(lambda _checked=False, signal=signal: signal.emit(person.id))
        button = QToolButton()
        button.setIcon(icon("dots-three"))
        button.setAccessibleName(tr("More"))
        button.setAccessibleDescription(name)
        button.setToolTip(tip(tr("Edit, delete, or say that this is you")))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self.menu)
        row.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)


class PersonDialog(FormDialog):
    """Somebody of the team: `done` tells what they are like now.

    Args:
        before: The person that is changed; None adds one.
        parent: The page.
    """

    entered = Signal(object)

    def __init__(self, before: Person | None, parent: QWidget) -> None:
        title = tr("Edit person") if before else tr("Add person")
        super().__init__(title, "", tr("Save") if before else tr("Add"), parent)
        self._before = before or Person(0, "")
        self.name = QLineEdit(self._before.name)
        self.role = QLineEdit(self._before.role)
        self.answers_for = QLineEdit(self._before.answers_for)
        self.role.setPlaceholderText(tr("such as Lead, Maker, Clinic"))
        self.answers_for.setPlaceholderText(tr("such as data and licence"))
        for entry in (self.name, self.role, self.answers_for):
            entry.setMaxLength(300)
        self.color = ElidedComboBox()
        for at, word in enumerate(_color_words()):
            self.color.addItem(QIcon(_swatch(at)), word, at)
        self.color.setCurrentIndex(self._before.color % self.color.count())
        self.add_entry(tr("Name"), self.name)
        self.add_entry(tr("Role"), self.role)
        self.add_entry(tr("Answers for"), self.answers_for)
        self.add_entry(tr("Colour"), self.color)
        self.name.setFocus()

    def save(self) -> None:
        """Hand on what is entered."""
        name = " ".join(self.name.text().split())
        if not name:
            raise UserError(tr("Write a name."))
        self.entered.emit(
            Person(
                self._before.id,
                name,
                self.role.text().strip(),
                int(self.color.currentData()),
                self.answers_for.text().strip(),
                self._before.archived_at,
            )
        )


def _color_words() -> tuple[str, ...]:
    return (
        tr("Blue"), tr("Orange"), tr("Green"), tr("Pink"), tr("Sky"), tr("Red"), tr("Yellow"),
    )  # fmt: skip


def _swatch(at: int) -> QPixmap:
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(run_color(at))
    painter.drawEllipse(2, 2, 12, 12)
    painter.end()
    return pixmap


class _Avatar(QWidget):
    def __init__(self, person: Person | None) -> None:
        super().__init__()
        self._person = person
        self.setFixedSize(_AVATAR, _AVATAR)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the initials of the name on the person's colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = run_color(self._person.color) if self._person is not None else token("pressed")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.setPen(readable_on(ground))
        painter.setFont(body_font(weight=QFont.Weight.DemiBold))
        letters = initials(self._person.name) if self._person is not None else "–"
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, letters)


class _Bar(QWidget):
    """Open cards as a bar, the overdue ones in front, as long as the share of the busiest."""

    def __init__(self, load: Load, most: int) -> None:
        super().__init__()
        self._load, self._most = load, max(1, most)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(10)

    def sizeHint(self) -> QSize:
        """Return a thin line."""
        return QSize(120, 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, open and overdue."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for share, color in (
            (1.0, "pressed"),
            (self._load.open_cards / self._most, "accent"),
            (self._load.overdue / self._most, "danger"),
        ):
            if share > 0:
                painter.setBrush(token(color))
                painter.drawRoundedRect(QRectF(0, 3, max(4.0, self.width() * min(1.0, share)), 4), 2, 2)


class PeopleList(QWidget):
    """All people below each other."""

    edit = Signal(int)
    remove = Signal(int)
    be = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[PersonRow] = []
        self._shown: object = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(0)
        self._column.addStretch(1)

    def show_loads(self, found: Sequence[Load], me: str, *, writable: bool) -> None:
        """Show these people; nothing moves where nothing has changed."""
        if self._shown == (found, me, writable):
            return
        self._shown = (found, me, writable)
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        most = max((load.open_cards for load in found), default=0)
        self.rows = []
        for at, load in enumerate(found):
            is_me = load.person is not None and bool(me) and load.person.name == me
            row = PersonRow(load, most, is_me=is_me, writable=writable)
            row.edit.connect(self.edit)
            row.remove.connect(self.remove)
            row.be.connect(self.be)
            self._column.insertWidget(at, row)
            self.rows.append(row)
