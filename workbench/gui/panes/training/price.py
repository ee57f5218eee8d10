"""Asks what an hour of training costs."""

from collections.abc import Callable

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.core.records import Project
from workbench.gui.theme import MARGIN, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.number_box import NumberBox


class PriceDialog(QDialog):
    """Price of an hour and its currency.

    Args:
        project: The project, with the price as it is.
        keep: Sets price and currency; a UserError is told in place.
    """

    def __init__(
        self, project: Project, keep: Callable[[float | None, str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._keep = keep
        self.setWindowTitle(tr("Price per hour"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.price = NumberBox(whole=False, minimum=0.0, maximum=1e6)
        self.price.setAccessibleName(tr("Price per hour"))
        self.price.set_value(project.price_per_hour)
        local = QLocale.system().currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
        self.currency = QLineEdit(project.currency or local or "EUR")
        self.currency.setAccessibleName(tr("Currency"))
        self.currency.setMaxLength(8)
        self._problem = PlainLabel(role="problem", wrap=True)
        self._problem.hide()
        self._lay_out(removable=project.price_per_hour is not None)
        self.setMinimumWidth(360)

    def save(self) -> None:
        """Keep what was entered, or say what is wrong with it."""
        price = self.price.value()
        if not isinstance(price, int | float):
            self._tell(UserError(tr("Write the price as a number, such as 2.50."), {"price": ""}))
            return
        self._set(float(price), self.currency.text())

    def remove(self) -> None:
        """Take the price away."""
        self._set(None, "")

    def _set(self, price: float | None, currency: str) -> None:
        try:
            self._keep(price, currency)
        except UserError as error:
            self._tell(error)
        else:
            self.accept()

    def _tell(self, error: UserError) -> None:
        self._problem.setText(str(error))
        self._problem.show()
        for name, entry in (("price", self.price), ("currency", self.currency)):
            restyle(entry, wrong=name in error.fields)
        (self.currency if list(error.fields) == ["currency"] else self.price).setFocus()

    def _lay_out(self, *, removable: bool) -> None:
        about = tr("What an hour of training costs you: rent of a machine, or power and wear of your own.")
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        entries: tuple[QWidget, ...] = (self.price, self.currency)
        for column, (text, entry) in enumerate(
            zip((tr("Price per hour"), tr("Currency")), entries, strict=True)
        ):
            label = PlainLabel(text, "muted")
            label.setBuddy(entry)
            grid.addWidget(label, 0, column)
            grid.addWidget(entry, 1, column)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        if removable:
            buttons.addWidget(self._button(tr("Remove price"), self.remove))
        buttons.addStretch(1)
        buttons.addWidget(self._button(tr("Cancel"), self.reject))
        save = self._button(tr("Save"), self.save)
        restyle(save, primary=True)
        save.setDefault(True)
        buttons.addWidget(save)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column_.setSpacing(12)
        column_.addWidget(PlainLabel(about, "muted", wrap=True))
        column_.addLayout(grid)
        column_.addWidget(self._problem)
        column_.addSpacing(4)
        column_.addLayout(buttons)

    def _button(self, text: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button
