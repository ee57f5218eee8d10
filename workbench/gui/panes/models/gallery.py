"""The model families as cards, side by side where there is room."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from workbench.core.models import FamilyCard
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets.cards import Card
from workbench.gui.widgets.labels import tip

_LEAST_WIDTH = 240
_ICONS = {"linear": "trend-up", "mlp": "share-network", "convnet": "stack"}


class FamilyGallery(QWidget):
    """Cards of model families, the recommended one first. `chosen` carries the name of a family."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Model families"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._known: tuple[FamilyCard, ...] = ()
        self._cards: dict[str, Card] = {}
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)

    def set_cards(self, cards: Sequence[FamilyCard]) -> None:
        """Show these families; cards that are there already stay, with focus and selection."""
        if tuple(cards) == self._known:
            return
        self._known = tuple(cards)
        for old in self._cards.values():
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._cards = {item.name: self._card(item) for item in cards}
        self._columns = 0
        self._arrange()

    def cards(self) -> list[Card]:
        """Return the cards in the order shown."""
        return list(self._cards.values())

    def names(self) -> list[str]:
        """Return the families that can be chosen, in order."""
        return [item.name for item in self._known if item.fits]

    def title(self, name: str) -> str:
        """Return how a family is called."""
        return next((item.title for item in self._known if item.name == name), name)

    def select(self, name: str) -> None:
        """Mark a family as the chosen one."""
        if name in self._cards:
            self._cards[name].setChecked(True)

    def _card(self, item: FamilyCard) -> Card:
        badge = tr("Recommended") if item.recommended else "" if item.fits else tr("Does not fit")
        icon_name = _ICONS.get(item.name, "cube")
        card = Card(
            item.title, item.text, item.reason, badge, icon_name=icon_name, name=item.name, parent=self
        )
        card.setEnabled(item.fits)
        card.setToolTip("" if item.fits else tip(item.reason))
        card.toggled.connect(lambda on, name=item.name: self.chosen.emit(name) if on else None)
        card.show()
        return card

    def _arrange(self) -> None:
        columns = max(1, min(3, (self.width() + GAP) // (_LEAST_WIDTH + GAP)))
        if columns == self._columns:
            return
        self._columns = columns
        for at, card in enumerate(self._cards.values()):
            self._grid.addWidget(card, at // columns, at % columns)
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many cards side by side as can be read."""
        super().resizeEvent(event)
        self._arrange()
