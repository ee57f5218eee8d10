"""What the register is narrowed to."""

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget

from workbench.core.states import RiskStatus
from workbench.gui.panes.risks.rows import NO_OWNER, Register, Wanted
from workbench.gui.panes.risks.words import category_word, status_word
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.flow_layout import FlowLayout

_TYPED_MS = 120


class Filters(QWidget):
    """Words, category, owner, status, and whether the review is late; `changed` tells of each."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLineEdit()
        self.words.setPlaceholderText(tr("Search risks"))
        self.words.setAccessibleName(tr("Search risks"))
        self.words.setClearButtonEnabled(True)
        self.words.setFixedWidth(152)
        self.category = _combo(tr("Category"))
        self.owner = _combo(tr("Owner"))
        self.status = _combo(tr("Status"))
        self.ownerless = _switch(tr("Without owner"), tr("Only risks that nobody answers for"))
        late = tr("Only risks whose review should have been before today")
        self.overdue = _switch(tr("Review overdue"), late)
        self.field = QPushButton()
        self.field.setIcon(icon("x"))
        self.field.setToolTip(tr("Show all fields of the heat map again"))
        self.field.hide()
        self._cell: tuple[int, int] | None = None
        self._after = False
        restyle(self.field, quiet=True)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_TYPED_MS)
        self._soon.timeout.connect(self.changed)
        row = FlowLayout(self)
        row.setSpacing(8)
        switches = (self.ownerless, self.overdue, self.field)
        for widget in (self.words, self.category, self.owner, self.status, *switches):
            widget.setFixedHeight(32)
            row.addWidget(widget)
        self._fill_status()
        self.words.textChanged.connect(lambda _text: self._soon.start())
        # An owner and none at all exclude each other.
        self.ownerless.toggled.connect(lambda on: self.owner.setEnabled(not on))
        for combo in (self.category, self.owner, self.status):
            combo.currentIndexChanged.connect(lambda _at: self.changed.emit())
        for switch in (self.ownerless, self.overdue):
            switch.toggled.connect(lambda _on: self.changed.emit())
        self.field.clicked.connect(lambda: self.set_field(None))

    def wanted(self) -> Wanted:
        """Return what is wanted now."""
        return Wanted(
            self.words.text(),
            self.category.currentData() or "",
            NO_OWNER if self.ownerless.isChecked() else self.owner.currentData(),
            self.status.currentData(),
            self.overdue.isChecked(),
            self._cell,
            self._after,
        )

    def offer(self, register: Register) -> None:
        """Offer the categories and people of the project; what is chosen stays where it is still there."""
        used = {row.risk.category for row in register.rows}
        names = dict.fromkeys([*register.charter.categories, *sorted(used)])
        categories: list[tuple[object, str]] = [("", tr("All categories"))]
        categories += [(name, category_word(name)) for name in names]
        people: list[tuple[object, str]] = [(None, tr("All owners"))]
        owning = {row.risk.owner_id for row in register.rows}
        people += [
            (person.id, person.name)
            for person in register.people
            if person.archived_at is None or person.id in owning
        ]
        _refill(self.category, categories)
        _refill(self.owner, people)

    def set_field(self, field: tuple[int, int] | None, *, after: bool = False) -> None:
        """Narrow to a field of the heat map, as it is or after treatment, or to none."""
        self._cell, self._after = field, after
        self.field.setVisible(field is not None)
        if field is not None:
            text = tr("Probability {probability}, impact {impact}", probability=field[0], impact=field[1])
            text = tr("After treatment: {place}", place=text.lower()) if after else text
            self.field.setText(text)
            self.field.setAccessibleName(text)
        self.changed.emit()

    def clear(self) -> None:
        """Want everything again that is not closed."""
        with QSignalBlocker(self):
            self.words.clear()
            for combo in (self.category, self.owner, self.status):
                combo.setCurrentIndex(0)
            self.ownerless.setChecked(False)
            self.overdue.setChecked(False)
            self.set_field(None)
        self._soon.stop()
        self.changed.emit()

    def _fill_status(self) -> None:
        self.status.addItem(tr("Not closed"), "counts")
        for status in RiskStatus:
            self.status.addItem(status_word(status), status.value)
        self.status.addItem(tr("Every status"), "")


def _switch(name: str, about: str) -> QPushButton:
    button = QPushButton(name)
    button.setAccessibleName(name)
    button.setToolTip(about)
    button.setCheckable(True)
    restyle(button, quiet=True)
    return button


def _combo(name: str) -> QComboBox:
    combo = ElidedComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(name)
    combo.setProperty("quiet", True)
    combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    combo.setMinimumWidth(116)
    combo.setMaximumWidth(148)
    return combo


def _refill(combo: QComboBox, items: list[tuple[object, str]]) -> None:
    if [(combo.itemData(at), combo.itemText(at)) for at in range(combo.count())] == items:
        return
    kept = combo.currentData()
    with QSignalBlocker(combo):
        combo.clear()
        for value, title in items:
            combo.addItem(title, value)
        combo.setCurrentIndex(max(0, combo.findData(kept)))
