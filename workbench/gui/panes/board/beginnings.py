"""What an empty board offers: a board to begin with for each kind of product, or bare lanes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets.cards import Card
from workbench.gui.widgets.labels import IconLabel, PlainLabel

_WIDTH = 760
_ICONS = {"speech": "microphone", "images": "image", "text": "file-text", "tables": "table"}


class Beginnings(QScrollArea):
    """A card a template, and below them the five stages without anything in them.

    `template_chosen` carries the name of a template, `lanes_wanted` asks for bare lanes.
    """

    template_chosen = Signal(str)
    lanes_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._is_at_work = False
        inside = self._inside = QWidget(self.viewport())
        inside.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(IconLabel("columns", "faint", 40), alignment=centre)
        heading = PlainLabel(tr("No lanes yet"), "section", wrap=True)
        heading.setAlignment(centre)
        column.addWidget(heading)
        self._text = PlainLabel("", "muted", wrap=True)
        self._text.setAlignment(centre)
        column.addWidget(self._text)
        column.addSpacing(8)
        self._cards = QGridLayout()
        self._cards.setSpacing(GAP)
        column.addLayout(self._cards)
        column.addSpacing(8)
        bare = QPushButton(tr("Make the five stage lanes"))
        bare.setAccessibleName(tr("Make the five stage lanes"))
        bare.setToolTip(tr("One empty lane for each stage of a product"))
        bare.clicked.connect(self.lanes_wanted)
        column.addWidget(bare, alignment=centre)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setAlignment(centre)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("No lanes yet"))
        self.setWidget(inside)

    def offer(self, *, may_change: bool) -> None:
        """Offer what there is to begin with, unless one of them is being made."""
        if self._is_at_work:
            return
        if not self._cards.count():
            self._make_cards()
        self._inside.setEnabled(may_change)
        self._text.setText(
            tr(
                "Cards say what is to be done, by whom and until when; they lie in lanes, one a stage. "
                "Begin with the board of a kind of product: all of it can be changed, and undone at once."
            )
        )

    def show_at_work(self, title: str) -> None:
        """Say that a board is being made; nothing else can be chosen until then."""
        self._is_at_work = True
        self._inside.setEnabled(False)
        self._text.setText(tr("Setting up the board: {title}…", title=title))

    def show_done(self) -> None:
        """Say that nothing is being made any more."""
        self._is_at_work = False

    def _make_cards(self) -> None:
        from workbench.services.board_setup import known_templates

        for place, template in enumerate(known_templates()):
            holds = tr(
                "{cards} cards, {risks} risks, a goal and the gates of five stages",
                cards=len(template.cards),
                risks=len(template.risks),
            )
            card = Card(
                tr(template.title),
                tr(template.text),
                holds,
                icon_name=_ICONS.get(template.name, "columns"),
                selectable=False,
                name=template.name,
            )
            card.clicked.connect(lambda _on=False, name=template.name: self.template_chosen.emit(name))
            self._cards.addWidget(card, place // 2, place % 2)
