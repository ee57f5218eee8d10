"""How likely and how bad: now, and after treatment, side by side."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.core.board import Charter
from workbench.core.risks import Risk
from workbench.gui.panes.risks.rows import Register
from workbench.gui.panes.risks.section import Desk, Section
from workbench.gui.theme import MARGIN
from workbench.gui.translate import tr
from workbench.gui.widgets.buttons import quiet_button
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.level_chooser import LevelChooser
from workbench.gui.widgets.score_badge import ScoreBadge, level_word


class ScoringSection(Section):
    """Two choosers for what is, two for what is left after treatment, each level with its meaning."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Score"), desk)
        self._charter = Charter()
        self.now, self.after = ScoreBadge(), ScoreBadge()
        self.choosers = {
            "probability": LevelChooser(tr("Probability")),
            "impact": LevelChooser(tr("Impact")),
            "residual_probability": LevelChooser(tr("Probability after treatment"), optional=True),
            "residual_impact": LevelChooser(tr("Impact after treatment"), optional=True),
        }
        self._meanings = {name: PlainLabel(role="small", wrap=True) for name in self.choosers}
        self.levels = quiet_button(tr("What the levels mean"), "question")
        self.levels.clicked.connect(self._show_levels)
        self.head.addWidget(self.levels)
        self.body.addLayout(self._lay_out())
        for name, chooser in self.choosers.items():
            chooser.chosen.connect(lambda level, field=name: self.desk.change(**{field: level}))

    def show_risk(self, risk: Risk, register: Register) -> None:
        """Show the scores of a risk."""
        self._charter = register.charter
        for name, chooser in self.choosers.items():
            is_probability = name.endswith("probability")
            meanings = self._charter.probabilities if is_probability else self._charter.impacts
            level = getattr(risk, name)
            chooser.set_meanings(meanings)
            chooser.set_level(level)
            chooser.setEnabled(self.desk.writable)
            self._meanings[name].setText(meanings[level - 1] if level else tr("Not said yet"))
        self.now.set_score(risk.score, self._charter.thresholds)
        self.after.set_score(risk.residual_score, self._charter.thresholds)

    def _lay_out(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        sides = (("", tr("Now"), self.now), ("residual_", tr("After treatment"), self.after))
        for column, (prefix, title, badge) in enumerate(sides):
            grid.setColumnStretch(column, 1)
            head = QHBoxLayout()
            head.setSpacing(8)
            head.setContentsMargins(0, 0, 0, 4)
            head.addWidget(PlainLabel(title, "muted"))
            head.addWidget(badge)
            head.addStretch(1)
            grid.addLayout(head, 0, column)
            for place, name in enumerate(("probability", "impact")):
                field = f"{prefix}{name}"
                label = PlainLabel((tr("Probability"), tr("Impact"))[place], "small")
                label.setBuddy(self.choosers[field])
                label.setContentsMargins(0, 8 * place, 0, 0)
                grid.addWidget(label, 1 + 3 * place, column)
                grid.addWidget(self.choosers[field], 2 + 3 * place, column)
                grid.addWidget(self._meanings[field], 3 + 3 * place, column, Qt.AlignmentFlag.AlignTop)
        return grid

    def _show_levels(self) -> None:
        popup = LevelsPopup(self._charter, self)
        popup.adjustSize()
        place = self.levels.mapToGlobal(QPoint(self.levels.width() - popup.width(), self.levels.height()))
        popup.move(place)
        popup.show()


class LevelsPopup(QFrame):
    """All levels of probability and impact with their meaning, and the words of the scores."""

    def __init__(self, charter: Charter, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("What the levels mean"))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 12, MARGIN, 12)
        column.setSpacing(12)
        for title, meanings in ((tr("Probability"), charter.probabilities), (tr("Impact"), charter.impacts)):
            grid = QGridLayout()
            grid.setHorizontalSpacing(12)
            grid.setVerticalSpacing(4)
            grid.setColumnStretch(1, 1)
            for level, meaning in enumerate(meanings, 1):
                grid.addWidget(PlainLabel(str(level), "strong"), level, 0, Qt.AlignmentFlag.AlignTop)
                text = PlainLabel(meaning, wrap=len(meaning) > 70)
                grid.addWidget(text, level, 1)
            column.addWidget(PlainLabel(title, "caption"))
            column.addLayout(grid)
        medium, high, critical = charter.thresholds
        words = ", ".join(
            f"{level_word(level)} {low}–{top}"
            for level, (low, top) in enumerate(
                ((1, medium - 1), (medium, high - 1), (high, critical - 1), (critical, 25))
            )
        )
        column.addWidget(PlainLabel(tr("Score = probability × impact: {words}", words=words), "small"))
