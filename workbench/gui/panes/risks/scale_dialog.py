"""How risks are measured in this project: categories, meaning of the levels, and thresholds."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from workbench.core.board import Charter
from workbench.core.errors import UserError
from workbench.gui.panes.risks.words import category_word
from workbench.gui.translate import tr
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.number_box import NumberBox
from workbench.gui.widgets.score_badge import level_word

if TYPE_CHECKING:
    from workbench.services.session import Session


class ScaleDialog(FormDialog):
    """Categories, thresholds, and what the levels mean; saved into what the project has set itself.

    Args:
        session: The open project.
        parent: The window.
    """

    def __init__(self, session: "Session", parent: QWidget | None) -> None:
        about = tr("These hold for every risk of this project.")
        super().__init__(tr("Levels, categories and thresholds"), about, tr("Save"), parent)
        self._session = session
        charter = session.board.state.charter
        self.categories = QLineEdit(", ".join(charter.categories))
        self.add_entry(tr("Categories, separated by commas"), self.categories)
        self.thresholds = []
        row = QHBoxLayout()
        row.setSpacing(12)
        for level, value in enumerate(charter.thresholds, 1):
            box = NumberBox(whole=True, minimum=2, maximum=25)
            box.set_value(value)
            self.thresholds.append(box)
            self.add_entry(tr("From this score {word}", word=level_word(level)), box, row)
        self.body.addLayout(row)
        self.probabilities = self._add_levels(tr("Probability"), charter.probabilities)
        self.impacts = self._add_levels(tr("Impact"), charter.impacts)
        self.resize(560, self.sizeHint().height())
        self.action.setEnabled(not session.read_only)
        self.categories.setFocus()

    def save(self) -> None:
        """Save them; what cannot be is told."""
        typed = (name.strip() for name in self.categories.text().replace("，", ",").split(","))
        names = tuple(dict.fromkeys(_known(name) for name in typed if name))
        if not names:
            raise UserError(tr("Name at least one category."))
        values = [box.value() for box in self.thresholds]
        limits = [value for value in values if isinstance(value, int)]
        if len(limits) != 3 or not 1 < limits[0] < limits[1] < limits[2] <= 25:
            raise UserError(tr("The thresholds have to rise, from 2 to 25."))
        texts = [tuple(entry.text().strip() for entry in side) for side in (self.probabilities, self.impacts)]
        if not all(text for side in texts for text in side):
            raise UserError(tr("Say what each level means."))
        self._session.board.change(
            *(tr("Change levels, categories and thresholds"), Charter, 1),
            categories=names,
            thresholds=tuple(limits),
            probabilities=texts[0],
            impacts=texts[1],
        )

    def _add_levels(self, title: str, meanings: tuple[str, ...]) -> list[QLineEdit]:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        entries = []
        for level, meaning in enumerate(meanings, 1):
            entry = QLineEdit(meaning)
            entry.setAccessibleName(f"{title} {level}")
            entry.setMaxLength(300)
            entry.setCursorPosition(0)
            grid.addWidget(PlainLabel(str(level), "strong"), level, 0)
            grid.addWidget(entry, level, 1)
            entries.append(entry)
        self.body.addWidget(PlainLabel(title, "caption"))
        self.body.addLayout(grid)
        return entries


def _known(name: str) -> str:
    """Return the word that the program knows a category by, where it is typed as it is shown."""
    for word in ("technical", "data", "market", "operational"):
        if name.casefold() in (word, category_word(word).casefold()):
            return word
    return name
