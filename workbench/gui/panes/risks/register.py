"""The left of the Risks pane: the register as table, heat map or exposure, and what it is narrowed to."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.panes.risks.exposure_page import ExposurePage
from workbench.gui.panes.risks.filters import Filters
from workbench.gui.panes.risks.maps import MapPage
from workbench.gui.panes.risks.rows import Register, RiskRow, filtered
from workbench.gui.panes.risks.table import make_table
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.buttons import quiet_button
from workbench.gui.widgets.labels import ElidedLabel

_LEAST = 420


class RegisterSide(QWidget):
    """Three ways to see the same risks.

    `chosen` carries a risk, `edited` a risk and its new values by field, `page_changed` the name of a page;
    `give_wanted` asks to give the selected risks to somebody.
    """

    chosen = Signal(int)
    edited = Signal(int, object)
    page_changed = Signal(str)
    give_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._register: Register | None = None
        self._rows: list[RiskRow] = []
        self._selected = 0
        self._writable = True
        self.filters = Filters()
        self.table = make_table(lambda: self._register)
        self.maps, self.exposure = MapPage(), ExposurePage()
        self._summary = ElidedLabel(role="small")
        self._reset = quiet_button(tr("Show all"))
        self._give = quiet_button(tr("Give selected to …"), "user")
        self._give.hide()
        self._stack, self._buttons = QStackedWidget(), dict[str, QPushButton]()
        self.setMinimumWidth(_LEAST)
        self._lay_out()
        self.filters.changed.connect(self._show)
        self._reset.clicked.connect(self.filters.clear)
        self._give.clicked.connect(self.give_wanted)
        self.table.selection_changed.connect(self._on_selected)
        self.table.edited.connect(lambda row, field, value: self.edited.emit(row.risk.id, {field: value}))
        self.maps.chosen.connect(self.chosen)
        self.maps.moved.connect(self.edited)
        self.maps.opened.connect(self._on_opened)
        self.show_page("table")

    @property
    def page(self) -> str:
        """Name of the page that is shown: `table`, `map` or `exposure`."""
        return next(name for name, button in self._buttons.items() if button.isChecked())

    @property
    def chosen_ids(self) -> list[int]:
        """The risks that are selected in the table; none on another page."""
        return [row.risk.id for row in self.table.selected()] if self.page == "table" else []

    def show_page(self, name: str) -> None:
        """Show table, map or exposure."""
        self._buttons[name].setChecked(True)
        self._stack.setCurrentIndex(("table", "map", "exposure").index(name))
        is_list = name != "exposure"
        self._card.setVisible(is_list)
        self.filters.setVisible(is_list)
        self.exposure.setVisible(not is_list)
        self._foot.setVisible(is_list)
        self._show()
        self.page_changed.emit(name)

    def show_register(self, register: Register, selected: int, *, writable: bool) -> None:
        """Show the risks as they are now."""
        self._register, self._selected, self._writable = register, selected, writable
        self.filters.offer(register)
        self.table.set_editable(writable)
        self._show()

    def first(self, register: Register) -> RiskRow | None:
        """Return the risk that is shown where none was chosen."""
        shown = filtered(register.rows, self.filters.wanted())
        return next(iter(shown), None) or next(iter(register.rows), None)

    def search(self) -> None:
        """Take the keyboard to the search, in a list."""
        if self.page == "exposure":
            self.show_page("table")
        self.filters.words.setFocus()
        self.filters.words.selectAll()

    def mark(self, risk_id: int) -> None:
        """Show which risk is chosen, without telling."""
        self._selected = risk_id
        self.maps.select(risk_id)
        self._select_row()

    def reveal(self, risk_id: int) -> None:
        """Bring a risk to sight; filters that hide it are taken away."""
        if self._register is None:
            return
        wanted = self.filters.wanted()
        row = self._register.row(risk_id)
        if row is not None and not filtered([row], wanted):
            self.filters.clear()
            if not row.risk.status.counts:
                self.filters.status.setCurrentIndex(self.filters.status.findData(""))
        self.table.blockSignals(True)
        self.table.select(lambda item: item.risk.id == risk_id)
        self.table.blockSignals(False)
        self.maps.select(risk_id)

    def _show(self) -> None:
        register = self._register
        if register is None:
            return
        rows = self._rows = filtered(register.rows, self.filters.wanted())
        if self.page == "table":
            self.table.blockSignals(True)
            self.table.set_records(rows)
            self.table.blockSignals(False)
            self._select_row()
        elif self.page == "map":
            self.maps.show_rows(rows, register, self._selected, writable=self._writable)
        self._tell(rows, register)

    def _select_row(self) -> None:
        if self._selected not in [row.risk.id for row in self.table.selected()]:
            self.table.blockSignals(True)
            self.table.select(lambda row: row.risk.id == self._selected)
            self.table.blockSignals(False)

    def _tell(self, rows: list[RiskRow], register: Register) -> None:
        counted = [row for row in register.rows if row.risk.status.counts]
        total = sum(row.risk.score for row in counted)
        moved = sum(row.risk.score if row.moved is None else row.moved for row in counted if row.moved)
        crossed = sum(row.crossed for row in counted)
        parts = [tr("{count} risks open", count=number_format.count(len(counted)))]
        exposure = tr("exposure {total}", total=number_format.count(total))
        if moved:
            step = f"{'▲' if moved > 0 else '▼'} {number_format.count(abs(moved))}"
            exposure += " " + tr("({step} since the last review)", step=step)
        parts.append(exposure)
        chosen = len(self.chosen_ids)
        if chosen > 1:
            parts.insert(0, tr("{count} selected", count=number_format.count(chosen)))
        self._give.setVisible(chosen > 1 and self._writable)
        if crossed:
            parts.append(tr("{count} with a watch crossed", count=crossed))
        if len(rows) != len(counted) or self.filters.wanted().narrows:
            parts.insert(0, tr("{count} shown", count=number_format.count(len(rows))))
        self._summary.setText(" · ".join(parts))
        self._reset.setVisible(self.filters.wanted().narrows)

    def _on_selected(self, rows: list[RiskRow]) -> None:
        if rows and self._register is not None:
            at = self.table.currentIndex()
            current = self.table.record_at(at.row()) if at.isValid() else rows[0]
            self.chosen.emit((current if current in rows else rows[0]).risk.id)
            self._tell(self._rows, self._register)

    def _on_opened(self, probability: int, impact: int, after: bool) -> None:
        self.filters.set_field((probability, impact), after=after)
        self.show_page("table")

    def _lay_out(self) -> None:
        switch = QHBoxLayout()
        switch.setSpacing(4)
        group = QButtonGroup(self)
        for name, text in (("table", tr("Table")), ("map", tr("Heat map")), ("exposure", tr("Exposure"))):
            button = QPushButton(text)
            button.setAccessibleName(text)
            button.setCheckable(True)
            restyle(button, quiet=True)
            button.clicked.connect(lambda _on=False, page=name: self.show_page(page))
            group.addButton(button)
            switch.addWidget(button)
            self._buttons[name] = button
        switch.addStretch(1)
        self._card = QFrame()
        self._card.setProperty("role", "card")
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self._stack)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.maps)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(4, 0, 4, 0)
        foot.addWidget(self._summary, 1)
        foot.addWidget(self._give)
        foot.addWidget(self._reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(switch)
        column.addWidget(self.filters)
        column.addWidget(self._card, 1)
        column.addWidget(self.exposure, 1)
        column.addWidget(self._foot)
