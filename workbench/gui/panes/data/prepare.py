"""Prepare: the steps between the data and a model at the left, what they make of the data at the right."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.core.configs import StepConfig
from workbench.core.records import Recipe
from workbench.core.registry import Choice
from workbench.gui.panes.data.prepare_view import PreparedPanel
from workbench.gui.panes.data.step_list import StepList
from workbench.gui.panes.data.step_menu import StepMenu
from workbench.gui.theme import GAP, icon
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.param_form import ParamForm
from workbench.services.prepared_view import PreparedView

_STEPS_WIDTH = 264
_SAVE_AFTER_MS = 500
Steps = tuple[StepConfig, ...]


class PreparePage(QWidget):
    """Edits the recipe of a dataset.

    Attributes:
        recipe_changed: Carries the new steps, None for the usual ones, and what was done in words.
        view_wanted: Carries the steps and the place of the one to look at.
        save_wanted: Carries the name to save the steps with.
        use_wanted: Carries a saved recipe.
        remove_wanted: Carries the name of a saved recipe.
        came_to_sight: The page is looked at.
    """

    recipe_changed = Signal(object, str)
    view_wanted = Signal(object, int)
    save_wanted = Signal(str)
    use_wanted = Signal(object)
    remove_wanted = Signal(str)
    came_to_sight = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: dict[str, type[Choice]] = {}
        self._misfits: Mapping[str, str] = {}
        self._saved: Sequence[Recipe] = ()
        self._stored: Steps | None = None
        self._may_change = True
        self._form: ParamForm | None = None
        self._form_of = ""
        self.list = StepList(tr("Move a step of the preparation"))
        self.list.edited.connect(self._on_edited)
        self.list.currentRowChanged.connect(self._on_current)
        self.panel = PreparedPanel()
        self.add_button = QPushButton(tr("Add step"))
        self.add_button.setIcon(icon("plus"))
        self.add_button.clicked.connect(self.open_menu)
        self._about = PlainLabel("", "small", wrap=True)
        self._problem = PlainLabel("", "problem", wrap=True)
        self._remark = PlainLabel("", "small", wrap=True)
        self._remark.setProperty("tone", "warning")
        self._remark.hide()
        self._usual = PlainLabel(tr("The usual steps for such data."), "small", wrap=True)
        self._remove = _quiet(tr("Remove step"), self.list.remove_current)
        self._save = _quiet(tr("Save as …"), self._on_save)
        self._use = _quiet(tr("Use …"), self._on_use)
        # What is typed becomes one step to undo, once the fingers rest.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SAVE_AFTER_MS)
        self._soon.timeout.connect(self._keep_settings)
        self._lay_out()

    def show_recipe(
        self,
        steps: Steps,
        classes: Sequence[type[Choice]],
        saved: Sequence[Recipe],
        *,
        is_usual: bool,
        is_other: bool,
        may_change: bool,
        refusal: str,
    ) -> None:
        """Show the steps of a dataset.

        Args:
            steps: The steps.
            classes: All steps that there are.
            saved: Recipes that can be used.
            is_usual: Whether nobody chose them.
            is_other: Whether another dataset was shown before.
            may_change: Whether they may be changed.
            refusal: Why not, for tooltips.
        """
        self._classes, self._saved = {cls.name: cls for cls in classes}, saved
        if is_other:
            self._soon.stop()
            self._misfits = {}
            self.list.setCurrentRow(-1)
        self._may_change = may_change
        self._usual.setVisible(is_usual)
        for button in (self.add_button, self._save, self._use, self._remove):
            button.setEnabled(may_change)
            button.setToolTip(tip("" if may_change else refusal))
        # Which steps there are to add is known once the data was looked at.
        self.add_button.setEnabled(may_change and bool(self._misfits))
        if is_other or steps != self._stored or may_change != self.list.dragEnabled():
            # Others came meanwhile, such as by Undo: what is being typed belongs to those that were there.
            self._soon.stop()
            self._stored = steps
            self._form_of = ""
            self.list.show_steps(steps, self._classes, may_change)
            self._on_current()

    def show_view(self, view: PreparedView, at: int) -> None:
        """Show what the step at a place does, unless another one is looked at by now."""
        if at != self.list.currentRow():
            return
        step = self.list.current()
        title = tr("As imported")
        if step is not None:
            title = tr("After {number}. {step}", number=at + 1, step=self._title(step.name))
        self._misfits = view.fits
        self.add_button.setEnabled(self._may_change)
        self.list.show_problems(view.problems, view.remarks)
        for label, words in ((self._problem, view.problems), (self._remark, view.remarks)):
            label.setText(words.get(at, ""))
            label.setVisible(at in words)
        self.panel.show_view(title, view)
        if self._form is not None:
            names = [(name, name) for name in view.numbers]
            for field in self._form.shown().values():
                if field.offers == "columns":
                    field.offer(names)

    def flush(self) -> None:
        """Save now what was typed last."""
        if self._soon.isActive():
            self._soon.stop()
            self._keep_settings()

    def open_menu(self) -> None:
        """Offer the steps that there are; those that do not fit behind the current one say why."""
        menu = StepMenu(list(self._classes.values()), self._misfits, self)
        menu.chosen.connect(lambda name: self.list.insert(self._fresh(name)))
        menu.popup(self.add_button.mapToGlobal(QPoint(0, self.add_button.height())))

    def _fresh(self, name: str) -> StepConfig:
        return StepConfig(name=name, fields=self._classes[name]().model_dump(mode="json"))

    def _title(self, name: str) -> str:
        return self._classes[name].title if name in self._classes else name

    def _keep(self, what: str) -> None:
        steps = self.list.steps()
        if steps != self._stored:
            self._stored = steps
            self.recipe_changed.emit(steps, what)

    def _keep_settings(self) -> None:
        step = self.list.current()
        self._keep(tr("Settings of {step}", step=self._title(step.name) if step else ""))

    def _on_edited(self, what: str) -> None:
        self._soon.stop()
        self._on_current()
        self._keep(what)

    def _on_current(self) -> None:
        step = self.list.current()
        cls = self._classes.get(step.name) if step is not None else None
        self.list.setVisible(self.list.count() > 0)
        if cls is None:
            self._show_form(None, {})
            self._about.setText(
                tr("No step is selected: the data is shown as it was imported.")
                if self.list.count()
                else tr("There is no step: samples go to the model as they were imported.")
            )
        elif step is not None:
            self._about.setText(cls.text or " ".join((cls.__doc__ or "").partition("\n\n")[0].split()))
            self._show_form(cls, step.fields)
        self._remove.setVisible(cls is not None)
        self._problem.hide()
        self._remark.hide()
        self.view_wanted.emit(self.list.steps(), self.list.currentRow())

    def _show_form(self, cls: type[Choice] | None, fields: Mapping[str, Any]) -> None:
        key = f"{self.list.currentRow()} {cls.name}" if cls is not None else ""
        if key == self._form_of and self._form is not None:
            if self._form.values() != {**self._form.defaults, **fields}:
                self._form.set_values({**self._form.defaults, **fields})
            return
        self._form_of = key
        if self._form is not None:
            self._form_place.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        if cls is None or not cls.model_fields:
            return
        form = self._form = ParamForm(cls)
        form.set_values({**form.defaults, **fields})
        form.setEnabled(self._may_change)
        form.changed.connect(self._on_field)
        self._form_place.insertWidget(3, form)

    def _on_field(self) -> None:
        form = self._form
        if form is None or form.problems():
            return
        self.list.set_fields(form.values())
        self._soon.start()
        self.view_wanted.emit(self.list.steps(), self.list.currentRow())

    def _on_save(self) -> None:
        self.flush()
        name, said = QInputDialog.getText(self, tr("Save recipe"), tr("Name of the recipe"))
        if said:
            self.save_wanted.emit(name)

    def _on_use(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Usual steps")).triggered.connect(
            lambda: self.recipe_changed.emit(None, tr("Use the usual steps"))
        )
        if self._saved:
            menu.addSeparator()
        for recipe in self._saved:
            # An ampersand in a name is no mark of a key.
            action = menu.addAction(recipe.name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, recipe=recipe: self.use_wanted.emit(recipe))
        if self._saved:
            removing = menu.addMenu(tr("Remove a recipe"))
            for recipe in self._saved:
                action = removing.addAction(recipe.name.replace("&", "&&"))
                action.triggered.connect(lambda _=False, name=recipe.name: self.remove_wanted.emit(name))
        menu.popup(self._use.mapToGlobal(QPoint(0, self._use.height())))

    def _lay_out(self) -> None:
        self.add_button.setAccessibleName(tr("Add step"))
        inner = QWidget()
        inner.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._form_place = QVBoxLayout(inner)
        self._form_place.setContentsMargins(0, 0, 8, 0)
        self._form_place.setSpacing(8)
        for widget in (self._problem, self._remark, self._about):
            self._form_place.addWidget(widget)
        self._form_place.addWidget(self._remove, alignment=Qt.AlignmentFlag.AlignLeft)
        self._form_place.addStretch(1)
        settings = QScrollArea()
        settings.setWidgetResizable(True)
        settings.setMinimumHeight(96)
        settings.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        settings.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        settings.setWidget(inner)
        inner.setAutoFillBackground(False)
        settings.viewport().setAutoFillBackground(False)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.add_button)
        head.addStretch(1)
        head.addWidget(self._use)
        head.addWidget(self._save)
        left = QWidget()
        left.setFixedWidth(_STEPS_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._usual)
        column.addWidget(self.list)
        column.addWidget(settings, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(left)
        row.addWidget(self.panel, 1)

    def minimumSizeHint(self) -> QSize:
        """Need no more than the other pages: what stands beside them is away while this one is shown."""
        return QSize(_STEPS_WIDTH + 40, 240)

    def showEvent(self, event: QShowEvent) -> None:
        """Say that the page is looked at: steps are loaded only then."""
        super().showEvent(event)
        self.came_to_sight.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Save what was typed last."""
        self.flush()
        super().hideEvent(event)


def _quiet(text: str, act: Any) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setProperty("quiet", True)
    button.clicked.connect(act)
    return button
