"""Somebody at the Data pane: goes from page to page, mends, prepares and augments, and judges the run."""

import csv
import tempfile
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QInputDialog,
    QLineEdit,
    QListWidget,
    QMenu,
    QSlider,
    QTabBar,
)

from tests.journeys.outsider import train
from workbench.core.states import RunState, Split
from workbench.gui.panes.data.step_menu import StepMenu
from workbench.gui.widgets.confusion_matrix import ConfusionMatrix
from workbench.gui.widgets.curve_plot import CurvePlot
from workbench.gui.widgets.matrix_grid import MatrixGrid

NO_KEY, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


class AtData:
    """Works on the dataset that is shown, by what can be seen of it."""

    def __init__(self, user):
        self.user = user

    @property
    def dataset(self):
        """The newest version."""
        return max(self.user.session.datasets.all(), key=lambda dataset: dataset.id)

    def page(self, title):
        """Click one of the tabs: the samples, *Health*, *Prepare* or *Augment*."""
        tabs = self.user.find("Views of the dataset", QTabBar)
        place = next(at for at in range(tabs.count()) if tabs.tabText(at).startswith(title))
        QTest.mouseClick(tabs, self.user.left, pos=tabs.tabRect(place).center())

    def choose(self, name, text, within=None):
        """Choose an entry by the keyboard, as far down or up as it stands."""
        combo = self.user.find(name, QComboBox, within or self.user.pane)
        place = combo.findText(text)
        assert place >= 0, [combo.itemText(at) for at in range(combo.count())]
        combo.setFocus()
        while combo.currentIndex() != place:
            QTest.keyClick(combo, Qt.Key.Key_Down if combo.currentIndex() < place else Qt.Key.Key_Up)
        return combo

    def checked(self):
        """Look at the health page once the check that follows an import has ended; return the codes."""
        self.page("Health")
        self.user.wait(lambda: self.user.session.health.report(self.dataset.id) is not None)
        self.user.reads("Checked ")
        return {finding.code for finding in self.user.session.health.findings(self.dataset.id)}

    def row_of(self, words):
        """Return the line of the finding whose sentence has these words."""
        findings = self.user.pane.detail.findings

        def rows():
            lines = [findings._column.itemAt(at).widget() for at in range(findings._column.count())]
            return [line for line in lines if words in line.accessibleName() and line.isVisible()]

        self.user.wait(rows)
        return rows()[0]

    def fix(self, words, button):
        """Mend a finding; return the version that comes of it."""
        before = self.dataset
        self.user.click(button, self.row_of(words))
        self.user.wait(
            lambda: self.dataset.id != before.id and self.user.pane.list.current_id == self.dataset.id
        )
        return self.dataset

    def steps(self):
        """Return the titles of the steps that are shown."""
        found = self.user.found("Steps", QListWidget, self.user.pane)
        return [found[0].item(row).text() for row in range(found[0].count())] if found else []

    def prepare(self, words, title):
        """Add a step that is found by a word, move it up, save the recipe, undo the move and do it again."""
        self.page("Prepare")
        self.user.wait(self.steps)
        usual = self.steps()
        self._add_step(words)
        added = [usual[0], title, *usual[1:]]
        assert self.steps() == added
        steps = self.user.find("Steps", QListWidget, self.user.pane)
        steps.setFocus()
        QTest.keyClick(steps, Qt.Key.Key_Up, CONTROL)
        moved = [title, *usual]
        assert self.steps() == moved
        self._save_recipe(f"{title} first")
        for expected, shift in ((moved, False), (added, False), (moved, True)):
            self.user.control(Qt.Key.Key_Z, shift=shift)
            self.user.wait(lambda expected=expected: self.steps() == expected)
        assert [step.name for step in self.dataset.preparation.recipe][1:]

    def _add_step(self, words):
        count = len(self.steps())
        self.user.click("Add step")
        menus = [menu for menu in self.user.pane.findChildren(StepMenu) if menu.isVisible()]
        search = self.user.find("Find a step", QLineEdit, menus[-1])
        QTest.keyClicks(search, words)
        QTest.keyClick(search, Qt.Key.Key_Return)
        self.user.wait(lambda: len(self.steps()) == count + 1)

    def _save_recipe(self, name):
        def answer():
            box = QApplication.activeModalWidget()
            if not isinstance(box, QInputDialog):
                QTimer.singleShot(20, answer)
                return
            QTest.keyClicks(box.findChild(QLineEdit), name)
            QTest.keyClick(box, Qt.Key.Key_Return)

        QTimer.singleShot(0, answer)
        self.user.click("Save as …")
        self.user.reads(f"The recipe {name} is saved.")
        assert [it.name for it in self.user.session.preparation.saved(self.dataset)] == [name]

    def augment(self, level):
        """Choose a preset and pull a slider; each time the samples become others, and the steps are kept."""
        self.page("Augment")
        assert not any(before != after for before, after in self._seen())
        self.choose("Preset", level)
        self.user.wait(lambda: any(before != after for before, after in self._seen()))
        steps = self.user.find("Steps of the augmentation", QListWidget)
        steps.setFocus()
        QTest.keyClick(steps, Qt.Key.Key_End)
        seen, kept = self._seen(), self.dataset.preparation
        QTest.keyClick(self.user.find("Probability", QSlider, self.user.pane), Qt.Key.Key_End)
        self.user.wait(lambda: self._seen() != seen)
        self.user.wait(lambda: self.dataset.preparation != kept)

    def _seen(self):
        """Return the samples that are shown, each before and after."""
        preview = self.user.pane.detail.augment.preview
        self.user.wait(lambda: preview.currentIndex() > 0)
        if preview.table is None:
            return [(row[0].image, row[1].image) for row in preview.grid._rows]
        lines = [line.cells for line in preview.table.model().records()]
        return list(zip(lines[::2], lines[1::2], strict=True))

    def add_augmentation(self, title):
        """Add a step of the augmentation from the menu of its button."""

        def choose():
            menu = QApplication.activePopupWidget()
            if not isinstance(menu, QMenu):
                QTimer.singleShot(20, choose)
                return
            action = next(it for it in menu.actions() if it.text() == title)
            QTest.mouseClick(menu, self.user.left, pos=menu.actionGeometry(action).center())

        QTimer.singleShot(0, choose)
        self.user.click("Add")

    def train_and_judge(self, epochs):
        """Train with the proposed model, watch the curve begin, judge the best weights on the test split."""
        user = self.user
        run_id = train(user, epochs)
        user.wait(lambda: not user.session.training.get(run_id).state.active, 60_000)
        user.find("Loss", CurvePlot)
        user.wait(lambda: self._drawn_to(user.session.training.get(run_id).steps))
        run = user.session.training.get(run_id)
        assert run.state is RunState.FINISHED, run
        user.click("Evaluate best")
        user.find("Confusion matrix", ConfusionMatrix)
        return run, user.session.evaluation.latest(run_id, Split.TEST)

    def _drawn_to(self, step):
        """Return whether the curve on the screen has come to a step."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "drawn.csv"
            self.user.find("Loss", CurvePlot).save_data(path)
            return any(
                int(row["step"]) == step for row in csv.DictReader(path.read_text("utf-8-sig").splitlines())
            )

    def click_cell(self, row, column):
        """Click a cell of the confusion matrix; its samples are shown below."""
        matrix = self.user.find("Confusion matrix", ConfusionMatrix)
        grid = matrix.findChild(MatrixGrid)
        QTest.mouseClick(
            grid.viewport(), self.user.left, NO_KEY, QPoint(grid.cell_rect((row, column)).center())
        )
