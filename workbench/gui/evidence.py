"""The evidence of a risk as it is seen: links to it, and small pictures, rows and curves of it."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.risks import Link
from workbench.gui.links import link_icon, link_text
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.flow_layout import FlowLayout
from workbench.gui.widgets.labels import ElidedLabel, IconLabel, PlainLabel, tip
from workbench.gui.widgets.picture_grid import Picture
from workbench.gui.widgets.small_curves import SmallCurves
from workbench.gui.widgets.tab_order import keep_keyboard
from workbench.gui.widgets.thumbnails import Thumbnails
from workbench.services.evidence import Exhibit, exhibits

if TYPE_CHECKING:
    from workbench.services.session import Session

Shown = tuple[Exhibit, str]
"""What can be seen of a piece of evidence, and what it is called."""

_MOST_COLUMNS = 5
_CHIP = 44


def read_evidence(session: "Session", links: Iterable[Link]) -> list[Shown]:
    """Return what can be seen of evidence, with its names; not for the window's thread."""
    return [(item, link_text(session, item.link)) for item in exhibits(session, links)]


class EvidenceView(QWidget):
    """What is only named stands in one line; what can be seen has its pictures, rows or curves below.

    Args:
        leads: Whether a click on a name leads there; it is told by `opened`.
    """

    opened = Signal(object)

    def __init__(self, *, leads: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._leads = leads
        self._shown: list[tuple[Link, str, bool]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)

    def set_evidence(self, shown: Sequence[Shown]) -> None:
        """Show this evidence; what it shows already stays as it is."""
        known = [(item.link, text, item.gone) for item, text in shown]
        if known == self._shown:
            return
        self._shown = known
        while (old := self._column.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                keep_keyboard(widget)
                widget.hide()
                widget.deleteLater()
        named = QWidget()
        flow = FlowLayout(named)
        flow.setSpacing(8)
        for item, text in shown:
            body = None if item.gone else _body(item, text)
            if body is None:
                flow.addWidget(self._name(item, text))
            else:
                block = QWidget()
                both = QVBoxLayout(block)
                both.setContentsMargins(0, 0, 0, 0)
                both.setSpacing(6)
                both.addWidget(self._name(item, text), 0, Qt.AlignmentFlag.AlignLeft)
                both.addWidget(body)
                self._column.addWidget(block)
        if flow.count():
            self._column.insertWidget(0, named)
        else:
            named.deleteLater()

    def _name(self, item: Exhibit, text: str) -> QWidget:
        if item.gone:
            words = tr("{name}: no longer there", name=text)
            return _line(item.link, words)
        if not self._leads:
            return _line(item.link, text)
        chip = QPushButton(_short(text).replace("&", "&&"))
        chip.setIcon(icon(link_icon(item.link), "accent"))
        chip.setAccessibleName(text)
        chip.setToolTip(tip(text if len(text) > _CHIP else ""))
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        restyle(chip, link=True)
        chip.clicked.connect(lambda _on=False: self.opened.emit(item.link))
        return chip


def _body(item: Exhibit, text: str) -> QWidget | None:
    """Return what can be seen of a piece of evidence; None where it is only named."""
    if item.pictures:
        pictures = [Picture(seen.pixels, seen.caption, seen.name) for seen in item.pictures]
        return Thumbnails(tr("Pictures of {name}", name=text), pictures)
    if item.curves:
        curves = {name: (points.steps, points.values) for name, points in item.curves.items()}
        return SmallCurves(tr("Curves of {name}", name=text), curves)
    if item.rows:
        return _rows(item, tr("Rows of {name}", name=text))
    if item.words:
        words = PlainLabel("\n".join(item.words), "small", wrap=True)
        words.setAccessibleName(tr("Examples of {name}", name=text))
        return words
    return None


def _rows(item: Exhibit, name: str) -> QWidget:
    """Return rows with their first columns and how many more there are."""
    table = QWidget()
    table.setAccessibleName(name)
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(2)
    more = len(item.headings) - 1 - _MOST_COLUMNS
    for place, cells in enumerate((item.headings, *item.rows)):
        for column, cell in enumerate(cells[: _MOST_COLUMNS + 1]):
            label = ElidedLabel(cell, "small" if place == 0 or column == 0 else "")
            grid.addWidget(label, place, column)
            grid.setColumnStretch(column, 1)
    if more > 0:
        words = tr("{count} more columns", count=more)
        grid.addWidget(PlainLabel(words, "small"), len(item.rows) + 1, 0, 1, _MOST_COLUMNS + 1)
    return table


def _line(link: Link, text: str) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(IconLabel(link_icon(link)))
    label: QLabel = PlainLabel(_short(text), "muted")
    label.setToolTip(tip(text if len(text) > _CHIP else ""))
    label.setAccessibleName(text)
    row.addWidget(label, 1)
    return line


def _short(text: str) -> str:
    return text if len(text) <= _CHIP else f"{text[: _CHIP - 16]}…{text[-15:]}"
