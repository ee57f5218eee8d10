"""Who answers for a risk, what is done about it, where it is, and when it is looked at again."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from workbench.core.risks import Risk
from workbench.core.states import Response, RiskStatus
from workbench.gui.panes.risks.rows import Register
from workbench.gui.panes.risks.section import Desk, Section
from workbench.gui.panes.risks.words import category_word, response_word, status_word
from workbench.gui.translate import tr
from workbench.gui.widgets.date_field import DateField
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.form_dialog import titled
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.person_combo import PersonCombo


class TreatmentSection(Section):
    """Owner, category, response, status and the next review. A new status is asked for by `status_wanted`."""

    status_wanted = Signal(object)
    reviewed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("", desk)
        self.owner, self.category = PersonCombo(tr("Nobody yet")), _combo()
        self.response, self.status = _combo(), _combo()
        self.review = DateField(tr("Next review"))
        self.done = QPushButton(tr("Review done"))
        self.done.setAccessibleName(tr("Review done"))
        self.done.setToolTip(tip(tr("It was looked at: the next review is in 14 days, the history says so.")))
        self.late = PlainLabel(role="problem")
        self.late.setText(tr("Review overdue"))
        for response in Response:
            self.response.addItem(response_word(response), response)
        for status in RiskStatus:
            self.status.addItem(status_word(status), status)
        self._wrong = PlainLabel(role="problem")
        self._wrong.hide()
        self.body.addLayout(self._lay_out())
        self.owner.decided.connect(lambda who: self.desk.change(owner_id=who))
        self.category.activated.connect(lambda _at: self.desk.change(category=self.category.currentData()))
        self.response.activated.connect(lambda _at: self._respond())
        self.status.activated.connect(lambda _at: self._move())
        self.review.changed.connect(lambda day: self.desk.change(next_review=day))
        self.review.refused.connect(self._refuse)
        self.done.clicked.connect(self.reviewed)

    def show_risk(self, risk: Risk, register: Register) -> None:
        """Show the treatment of a risk."""
        names = dict.fromkeys([*register.charter.categories, risk.category])
        self.owner.set_people(
            (person.id, person.name)
            for person in register.people
            if person.archived_at is None or person.id == risk.owner_id
        )
        self.owner.show_person(risk.owner_id)
        _fill(self.category, [(name, category_word(name)) for name in names], risk.category)
        for combo, value in ((self.response, risk.response), (self.status, risk.status)):
            with QSignalBlocker(combo):
                combo.setCurrentIndex(combo.findData(value))
        self.review.set_day(risk.next_review)
        self.late.setVisible(risk.overdue(date.today()))
        for control in (self.owner, self.category, self.response, self.status, self.done):
            control.setEnabled(self.desk.writable)
        self.review.set_editable(self.desk.writable)

    def _refuse(self, sentence: str) -> None:
        self._wrong.setText(sentence)
        self._wrong.setVisible(bool(sentence))

    def _respond(self) -> None:
        # Qt hands a word of an enumeration back as a bare text.
        self.desk.change(response=Response(self.response.currentData()))

    def _move(self) -> None:
        self.status_wanted.emit(RiskStatus(self.status.currentData()))

    def _lay_out(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        entries: Sequence[tuple[str, QWidget]] = (
            (tr("Owner"), self.owner),
            (tr("Category"), self.category),
            (tr("Response"), self.response),
            (tr("Status"), self.status),
            (tr("Next review"), self.review),
        )
        for place, (title, entry) in enumerate(entries):
            row, column = divmod(place, 2)
            grid.setColumnStretch(column, 1)
            grid.addWidget(titled(title, entry), 2 * row, column)
            grid.addWidget(entry, 2 * row + 1, column)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.done)
        line.addWidget(self.late)
        line.addWidget(self._wrong)
        line.addStretch(1)
        grid.addLayout(line, 5, 1)
        return grid


def _combo() -> QComboBox:
    combo = ElidedComboBox()
    combo.setMinimumContentsLength(6)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return combo


def _fill(combo: QComboBox, items: Sequence[tuple[object, str]], value: object) -> None:
    with QSignalBlocker(combo):
        combo.clear()
        for item, title in items:
            combo.addItem(title, item)
        combo.setCurrentIndex(combo.findData(value))
