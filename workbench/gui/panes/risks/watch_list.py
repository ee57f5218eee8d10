"""The numbers that a risk watches."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.core.risks import Link, Risk, Watch
from workbench.gui import background
from workbench.gui.panes.risks.rows import Register
from workbench.gui.panes.risks.section import Desk, Section, clear
from workbench.gui.panes.risks.watch_dialog import WatchDialog
from workbench.gui.panes.risks.words import value_text, watch_word
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.buttons import link_button, quiet_button, tool
from workbench.gui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from workbench.services.risks import Measured


class WatchesSection(Section):
    """Each watch with its number as it is now, its limit and where it comes from."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Watched numbers"), desk)
        self.add = quiet_button(tr("Watch a number"), "eye")
        self.add.clicked.connect(lambda: self.edit(None))
        self.head.addWidget(self.add)
        self._empty = PlainLabel(
            tr("A number that is measured can move this risk by itself: say which, and its limit."),
            "small",
            wrap=True,
        )
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        self.body.addWidget(self._empty)
        self.body.addLayout(self._column)
        self.rows: dict[int, WatchRow] = {}

    def show_risk(self, risk: Risk, _register: Register) -> None:
        """Show the watches of a risk, with the numbers as they were last seen."""
        session = self.desk.session
        watches = session.board.state.watches_of(risk.id) if session is not None else []
        self.add.setEnabled(self.desk.writable)
        self._empty.setVisible(not watches)
        if [row.watch.id for row in self.rows.values()] != [watch.id for watch in watches]:
            clear(self._column)
            self.rows = {watch.id: WatchRow(watch, self) for watch in watches}
            for row in self.rows.values():
                self._column.addWidget(row)
        for watch in watches:
            self.rows[watch.id].show_watch(watch)

    def measure(self) -> None:
        """Read the numbers as they are now, beside the window."""
        session = self.desk.session
        if session is None:
            return
        for row in self.rows.values():
            watch = row.watch
            background.query(
                lambda watch=watch: session.risks.measured(watch),  # type: ignore[misc]
                row.show_measured,
                self.desk.tell,
                owner=row,
                key="measured",
            )

    def edit(self, watch: Watch | None) -> None:
        """Open the form of a watch, or of a new one."""
        session = self.desk.session
        if session is not None:
            WatchDialog(session, self.desk.risk_id, watch, self.window()).open()

    def remove(self, watch: Watch) -> None:
        """Watch it no longer. Can be undone."""
        session = self.desk.session
        if session is not None:
            self.desk.attempt(lambda: session.board.remove(watch))


class WatchRow(QWidget):
    """One watch: what it watches, the number now, whether it is right, and its source."""

    def __init__(self, watch: Watch, section: WatchesSection) -> None:
        super().__init__()
        self.watch, self._section = watch, section
        self.phrase = PlainLabel(wrap=True)
        self.value = PlainLabel(role="strong")
        self.badge = Badge()
        self.note = PlainLabel(role="small", wrap=True)
        self.source = link_button(tr("Source"))
        self.source.hide()
        self.source.clicked.connect(self._open)
        self._link: Link | None = None
        edit, away = tool("pencil-simple", tr("Change")), tool("trash", tr("Watch it no longer"))
        for button in (edit, away):
            button.setEnabled(section.desk.writable)
        edit.clicked.connect(lambda: section.edit(self.watch))
        away.clicked.connect(lambda: section.remove(self.watch))
        top = Qt.AlignmentFlag.AlignTop
        first = QHBoxLayout()
        first.setSpacing(8)
        self.phrase.setContentsMargins(0, 5, 0, 5)
        first.addWidget(self.phrase, 1)
        first.addWidget(edit, 0, top)
        first.addWidget(away, 0, top)
        second = QHBoxLayout()
        second.setSpacing(8)
        for part in (self.value, self.badge):
            second.addWidget(part)
        second.addWidget(self.note, 1)
        second.addWidget(self.source)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(first)
        column.addLayout(second)

    def show_watch(self, watch: Watch) -> None:
        """Show a watch as it was last looked at."""
        session = self._section.desk.session
        changed = watch != self.watch or not self.phrase.text()
        self.watch = watch
        if session is not None and changed:
            words = session.risks.phrase(watch)
            self.phrase.setText(words[:1].upper() + words[1:])
        self.value.setText(value_text(watch.value))
        word, tone = watch_word(watch.verdict)
        self.badge.set_badge(word, tone)
        self.note.setText(tr("raises the probability to {level}", level=watch.raises_to))

    def show_measured(self, measured: "Measured") -> None:
        """Show the number as it is now."""
        self.value.setText(value_text(measured.value))
        self.value.setToolTip("")
        self._link = measured.link
        self.note.setText(measured.text)
        self.source.setVisible(measured.link is not None)
        restyle(self.value, tone="")

    def _open(self) -> None:
        if self._link is not None:
            self._section.desk.open(self._link)
