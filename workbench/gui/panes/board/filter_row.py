"""The row above the lanes: which cards are shown, in which groups."""

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from workbench.core.board import Person
from workbench.gui.panes.board.card_fields import tool
from workbench.gui.panes.board.lane_filter import NOBODY, CardFilter
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.flow_layout import FlowLayout
from workbench.gui.widgets.labels import tip

_WAIT_MS = 120


class FilterRow(QWidget):
    """Owner, tag, text, overdue, archived and groups. `changed` tells that `wanted` is another."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.owner = _combo(tr("Owner"))
        self.tag = _combo(tr("Tag"))
        self.groups = _combo(tr("Swim lanes"))
        self.groups.setFixedWidth(132)
        for title, data in ((tr("No swim lanes"), ""), (tr("By owner"), "owner"), (tr("By tag"), "tag")):
            self.groups.addItem(title, data)
        self.text = QLineEdit()
        self.text.setAccessibleName(tr("Find cards"))
        self.text.setPlaceholderText(tr("Find cards"))
        self.text.setFixedWidth(136)
        self.overdue = _box(tr("Overdue only"))
        self.archived = _box(tr("Show archived"))
        self.clear = QPushButton(tr("Clear filters"))
        self.clear.setAccessibleName(tr("Clear filters"))
        restyle(self.clear, quiet=True)
        self.clear.clicked.connect(self.clear_all)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_WAIT_MS)
        self._soon.timeout.connect(self.changed)
        for combo in (self.owner, self.tag, self.groups):
            combo.currentIndexChanged.connect(lambda _at: self.changed.emit())
        for box in (self.overdue, self.archived):
            box.toggled.connect(lambda _on: self.changed.emit())
        self.text.textChanged.connect(lambda _text: self._soon.start())
        row = FlowLayout(self)
        row.setSpacing(8)
        for part in (self.text, self.owner, self.tag, self.groups):
            row.addWidget(part)
        self._places = [_centred(part) for part in (self.overdue, self.archived, self.clear)]
        self.export = tool("download-simple", tr("Export cards"))
        for place in (*self._places, _centred(self.export)):
            row.addWidget(place)
        self.set_choices({}, ())
        self.tell(0, 0)

    @property
    def wanted(self) -> CardFilter:
        """What is to be shown."""
        return CardFilter(
            self.owner.currentData(),
            self.tag.currentData() or "",
            self.text.text(),
            self.overdue.isChecked(),
            self.archived.isChecked(),
            self.groups.currentData() or "",
        )

    def set_choices(self, people: Mapping[int, Person], tags: Iterable[str]) -> None:
        """Offer these owners and tags; what is chosen stays, also where no card has it any more."""
        owners: list[tuple[str, Any]] = [(tr("Any owner"), None)]
        owners += sorted(((person.name, person.id) for person in people.values()), key=_by_name)
        _fill(self.owner, [*owners, (tr("Nobody"), NOBODY)])
        found = set(tags) | ({self.tag.currentData()} - {None, ""})
        _fill(self.tag, [(tr("Any tag"), ""), *sorted(((tag, tag) for tag in found), key=_by_name)])

    def tell(self, shown: int, total: int) -> None:
        """Say how many cards are shown, where some are hidden."""
        narrows = self.wanted.narrows
        words = tr(
            "{shown} of {total} cards are shown",
            shown=number_format.count(shown),
            total=number_format.count(total),
        )
        self.clear.setAccessibleDescription(words)
        self.clear.setToolTip(tip(words))
        self._places[-1].setVisible(narrows)

    def clear_all(self) -> None:
        """Show every card again; groups stay."""
        with QSignalBlocker(self.owner), QSignalBlocker(self.tag), QSignalBlocker(self.overdue):
            self.owner.setCurrentIndex(0)
            self.tag.setCurrentIndex(0)
            self.overdue.setChecked(False)
        with QSignalBlocker(self.text):
            self.text.clear()
        self._soon.stop()
        self.changed.emit()


def _by_name(item: tuple[str, Any]) -> str:
    return item[0].casefold()


def _combo(name: str) -> QComboBox:
    combo = ElidedComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(tip(name))
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setFixedWidth(122)
    return combo


def _box(title: str) -> QCheckBox:
    box = QCheckBox(title)
    box.setAccessibleName(title)
    return box


def _centred(widget: QWidget) -> QWidget:
    """Return a place as high as a field, with the widget in its middle."""
    place = QWidget()
    row = QHBoxLayout(place)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(widget)
    place.setFixedHeight(32)
    return place


def _fill(combo: QComboBox, items: list[tuple[str, Any]]) -> None:
    if [(combo.itemText(at), combo.itemData(at)) for at in range(combo.count())] == items:
        return
    chosen = combo.currentData()
    with QSignalBlocker(combo):
        combo.clear()
        for title, data in items:
            combo.addItem(title, data)
        at = next((at for at, (_, data) in enumerate(items) if data == chosen), 0)
        combo.setCurrentIndex(at)
