"""What becomes of the edits of a recipe: saved, undone, and seen on the data."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from workbench.gui import background
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.core.configs import StepConfig
    from workbench.core.records import Dataset, Recipe
    from workbench.gui.panes.base import Pane
    from workbench.gui.panes.data.prepare import PreparePage
    from workbench.services.prepared_view import PreparedView

_LOOK_AFTER_MS = 120


class Preparing:
    """Carries out what is wanted on the page *Prepare*, and keeps it true.

    Args:
        pane: Whose session is asked, and who tells what went wrong.
        page: Where the steps are shown.
        selected: Returns the dataset that is shown.
    """

    def __init__(self, pane: "Pane", page: "PreparePage", selected: "Callable[[], Dataset | None]") -> None:
        self._pane, self._page, self._selected = pane, page, selected
        self._shown: int | None = None
        self._of: object = None
        self._may_change, self._refusal = True, ""
        self._wanted: tuple[tuple[StepConfig, ...], int] | None = None
        # While a setting is dragged, one look at a time is enough.
        self._soon = QTimer(page)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_LOOK_AFTER_MS)
        self._soon.timeout.connect(self._look)
        page.came_to_sight.connect(self._read)
        page.recipe_changed.connect(self._on_recipe)
        page.view_wanted.connect(self._on_view)
        page.save_wanted.connect(self._on_save)
        page.use_wanted.connect(self._on_use)
        page.remove_wanted.connect(self._on_remove)

    def refresh(self, may_change: bool, refusal: str) -> None:
        """Read the steps of the dataset again, now or when the page is looked at."""
        self._may_change, self._refusal = may_change, refusal
        if self._page.isVisible():
            self._read()

    def _read(self) -> None:
        session, dataset = self._pane.session, self._selected()
        if session is None or dataset is None:
            return
        may_change, refusal = self._may_change, self._refusal

        def read() -> tuple[Any, ...]:
            preparation = session.preparation
            return preparation.recipe(dataset), preparation.choices(), preparation.saved(dataset)

        def show(found: tuple[Any, ...]) -> None:
            now = self._selected()
            if self._pane.session is not session or now is None or now.id != dataset.id:
                return
            is_other = self._shown != dataset.id or self._of is not session
            self._shown, self._of = dataset.id, session
            chosen = dataset.preparation is not None and dataset.preparation.recipe is not None
            self._page.show_recipe(
                *found, is_usual=not chosen, is_other=is_other, may_change=may_change, refusal=refusal
            )

        background.query(read, show, self._pane.tell, owner=self._page, key="recipe")

    def _on_recipe(self, steps: "tuple[StepConfig, ...] | None", what: str) -> None:
        session, dataset = self._pane.session, self._selected()
        if session is not None and dataset is not None and dataset.id == self._shown:
            self._pane.attempt(lambda: session.preparation.set_recipe(dataset.id, steps, what))

    def _on_view(self, steps: "tuple[StepConfig, ...]", at: int) -> None:
        self._wanted = steps, at
        self._soon.start()

    def _look(self) -> None:
        session, dataset, wanted = self._pane.session, self._selected(), self._wanted
        if session is None or dataset is None or wanted is None or dataset.id != self._shown:
            return
        steps, at = wanted

        def show(view: "PreparedView") -> None:
            if self._pane.session is session and self._shown == dataset.id and self._wanted == wanted:
                self._page.show_view(view, at)

        background.query(
            lambda: session.preparation.view(dataset.id, steps, at),
            show,
            self._pane.tell,
            owner=self._page,
            key="view",
        )

    def _on_save(self, name: str) -> None:
        session, dataset = self._pane.session, self._selected()
        if session is None or dataset is None:
            return
        if self._pane.attempt(lambda: session.preparation.save(dataset.id, name)):
            self._pane.shell.notify(
                tr("The recipe {name} is saved.", name=name), tr("Undo"), session.history.undo
            )

    def _on_use(self, recipe: "Recipe") -> None:
        self._on_recipe(recipe.preparation.recipe, tr("Use recipe {name}", name=recipe.name))

    def _on_remove(self, name: str) -> None:
        session, dataset = self._pane.session, self._selected()
        if session is None or dataset is None:
            return
        if self._pane.attempt(lambda: session.preparation.remove(dataset.id, name)):
            self._pane.shell.notify(
                tr("The recipe {name} is removed.", name=name), tr("Undo"), session.history.undo
            )
