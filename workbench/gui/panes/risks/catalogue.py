"""Ready risks to take: searched by words, one click takes one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import UserError
from workbench.core.risks import RiskIdea
from workbench.gui import background
from workbench.gui.panes.risks.section import clear
from workbench.gui.panes.risks.words import category_word
from workbench.gui.risk_dialog import OwnerChoice, sentence_of
from workbench.gui.theme import GAP, MARGIN, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel
from workbench.gui.widgets.score_badge import ScoreBadge

if TYPE_CHECKING:
    from workbench.services.session import Session

_TYPED_MS = 150


class CatalogueDialog(QDialog):
    """The catalogue. Stays open, so that several risks can be taken one after the other.

    Args:
        session: The open project.
        taken: Gets the id of each risk that was taken.
        parent: The window.
    """

    def __init__(self, session: "Session", taken: Callable[[int], object], parent: QWidget | None) -> None:
        super().__init__(parent)
        self._session, self._taken = session, taken
        self.setWindowTitle(tr("Risks from the catalogue"))
        self.setAccessibleName(tr("Risks from the catalogue"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.words = QLineEdit()
        self.words.setPlaceholderText(tr("Search, such as: imbalance"))
        self.words.setAccessibleName(tr("Search the catalogue"))
        self.words.setClearButtonEnabled(True)
        self.category, self.product = QComboBox(), QComboBox()
        self.owner = OwnerChoice(session)
        self.problem = PlainLabel(role="problem", wrap=True)
        self.problem.hide()
        self.rows: list[IdeaRow] = []
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 8, 0)
        self._list.setSpacing(8)
        self._none = PlainLabel(
            tr("Nothing in the catalogue says that. Fewer words find more."), "muted", wrap=True
        )
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_TYPED_MS)
        self._soon.timeout.connect(self._find)
        self._lay_out()
        self.words.textChanged.connect(lambda _text: self._soon.start())
        for combo in (self.category, self.product):
            combo.currentIndexChanged.connect(lambda _at: self._find())
        self.resize(720, 640)
        self._find()
        self.words.setFocus()

    def take(self, idea: RiskIdea) -> None:
        """Take a risk into the project, with its watch and its mitigations as cards. Can be undone."""
        try:
            with self._session.history.together(f"Add {idea.risk.title}"):
                risk_id = self._session.risks.take(idea, self.owner.decide())
        except UserError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return
        self._taken(risk_id)
        self._mark()

    def _find(self) -> None:
        words, category = self.words.text(), self.category.currentData() or ""
        product = self.product.currentData() or ""
        background.query(
            lambda: self._session.risks.catalogue(words, category, product),
            self._show,
            self._failed,
            owner=self,
            key="find",
        )

    def _show(self, ideas: list[RiskIdea]) -> None:
        clear(self._list)
        thresholds = self._session.board.state.charter.thresholds
        self.rows = [IdeaRow(idea, thresholds, self.take) for idea in ideas]
        for row in self.rows:
            self._list.addWidget(row)
        self._none.setVisible(not ideas)
        self._list.addStretch(1)
        self._mark()

    def _mark(self) -> None:
        """Tell which of the risks the project has already."""
        there = {risk.source for risk in self._session.risks.all() if risk.source}
        for row in self.rows:
            row.mark(row.idea.code in there, not self._session.read_only)

    def _failed(self, error: Exception) -> None:
        told = str(error) if isinstance(error, UserError) else self._session.report_fault(error)
        self.problem.setText(told)
        self.problem.show()

    def _lay_out(self) -> None:
        self.category.addItem(tr("All categories"), "")
        for name in self._session.board.state.charter.categories:
            self.category.addItem(category_word(name), name)
        self.product.addItem(tr("All products"), "")
        for name in self._session.risks.products():
            self.product.addItem(name.capitalize(), name)
        self.category.setAccessibleName(tr("Category"))
        self.product.setAccessibleName(tr("Kind of product"))
        self.owner.setAccessibleName(tr("Owner"))
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget, share in ((self.words, 1), (self.category, 0), (self.product, 0)):
            head.addWidget(widget, share)
        inner = QWidget()
        inner.setLayout(self._list)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close = QPushButton(tr("Close"))
        close.setAccessibleName(tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        label = PlainLabel(tr("Owner of what is taken"), "muted")
        label.setBuddy(self.owner)
        foot.addWidget(label)
        foot.addWidget(self.owner)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(
            PlainLabel(
                tr("A risk brings its mitigations as cards and the number to watch."), "muted", wrap=True
            )
        )
        column.addLayout(head)
        column.addWidget(self.problem)
        column.addWidget(self._none)
        column.addWidget(area, 1)
        column.addLayout(foot)


class IdeaRow(QFrame):
    """A ready risk: title, sentence, score, and the button that takes it."""

    def __init__(
        self, idea: RiskIdea, thresholds: tuple[int, int, int], take: Callable[[RiskIdea], object]
    ) -> None:
        super().__init__()
        self.idea = idea
        risk = idea.risk
        self.setProperty("role", "card")
        self.setAccessibleName(risk.title)
        badge = ScoreBadge()
        badge.set_score(risk.score, thresholds)
        self.button = QPushButton()
        self.button.setAutoDefault(False)
        self.button.setAccessibleDescription(risk.title)
        self.button.clicked.connect(lambda: take(idea))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(ElidedLabel(risk.title, "section"), 1)
        head.addWidget(Badge(category_word(risk.category)))
        head.addWidget(badge)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(head)
        words.addWidget(PlainLabel(sentence_of(risk), "muted", wrap=True))
        brings = " · ".join(item.title for item in idea.mitigations)
        if brings:
            words.addWidget(PlainLabel(brings, "small", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.mark(False, True)

    def mark(self, is_there: bool, writable: bool) -> None:
        """Show whether the project has it already."""
        text = tr("Taken") if is_there else tr("Take")
        self.button.setText(text)
        self.button.setAccessibleName(text)
        self.button.setEnabled(writable and not is_there)
        restyle(self.button, primary=False)
