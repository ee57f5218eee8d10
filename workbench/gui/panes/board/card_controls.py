"""The controls of the card editor; what they do is in `card_editor`, their places in `card_layout`."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QPushButton, QWidget

from workbench.gui.panes.board.card_fields import (
    Labeled,
    PointerRows,
    disclosure,
    quiet_button,
    tool,
)
from workbench.gui.panes.board.card_layout import lay_out
from workbench.gui.translate import tr
from workbench.gui.widgets.checklist import Checklist
from workbench.gui.widgets.date_field import DateField
from workbench.gui.widgets.growing_text import GrowingText
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.markdown_view import MarkdownView
from workbench.gui.widgets.number_box import NumberBox
from workbench.gui.widgets.person_combo import PersonCombo


class CardControls(QFrame):
    """Every control of a card, in its place; `fields` holds the titled ones by the name of the field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("Card"))
        self._make_controls()
        self._make_rows()
        self.fields = {
            "text": Labeled(tr("Text"), self.text_box, self.edit_text),
            "owner_id": Labeled(tr("Owner"), self.owner),
            "start": Labeled(tr("Start"), self.start),
            "due": Labeled(tr("Due"), self.due),
            "estimate_days": Labeled(tr("Estimate in days"), self.estimate),
            "tags": Labeled(tr("Tags"), self.tags),
            "checklist": Labeled(tr("Checklist"), self.checklist),
            "depends_on": Labeled(tr("Depends on"), self.depends, self.add_card),
            "links": Labeled(tr("Links"), self.links, self.add_link),
        }
        self.title_problem = PlainLabel(role="problem", wrap=True)
        self.title_problem.hide()
        lay_out(self)

    def _make_controls(self) -> None:
        self.title = GrowingText(tr("Title"), one_paragraph=True, most=140)
        self.title.setProperty("role", "heading")
        self.title.setProperty("quiet", True)
        self.text = GrowingText(tr("Text"), least=84)
        self.text.setPlaceholderText(tr("What it takes, and when it is done. Markdown is shown as such."))
        self.shown_text = MarkdownView(tr("Text"), fits=True)
        self.text_box = QWidget()
        self.edit_text = quiet_button(tr("Edit"))
        self.owner = PersonCombo(tr("Nobody"))
        self.owner.setAccessibleName(tr("Owner"))
        self.start, self.due = DateField(tr("Start")), DateField(tr("Due"))
        self.estimate = NumberBox(whole=False, minimum=0, maximum=10_000, step=0.5)
        self.estimate.setAccessibleName(tr("Estimate in days"))
        self.milestone = QCheckBox(tr("Milestone"))
        self.milestone.setAccessibleName(tr("Milestone"))
        self.tags = QLineEdit()
        self.tags.setAccessibleName(tr("Tags"))
        self.tags.setPlaceholderText(tr("data, labels"))
        self.checklist = Checklist()

    def _make_rows(self) -> None:
        self.depends = PointerRows(tr("Remove"))
        self.links = PointerRows(tr("Remove"))
        self.add_card = quiet_button(tr("Add card"))
        self.add_link = quiet_button(tr("Add link"))
        self.done = QPushButton(tr("Done"))
        self.done.setAccessibleName(tr("Done"))
        self.done.setCheckable(True)
        self.archive = QPushButton(tr("Archive"))
        self.delete = QPushButton(tr("Delete"))
        self.delete.setAccessibleName(tr("Delete"))
        self.delete.setProperty("danger", True)
        self.close_button = tool("x", tr("Close card"))
        self.history_button = disclosure(tr("History"))
        self.history = PlainLabel("", "small", wrap=True)
        self.history.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.history.hide()
