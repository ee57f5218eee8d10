"""Carries the page Augment: samples are augmented beside the window, settings are stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.core.configs import StepConfig
from workbench.core.states import Modality
from workbench.gui import background
from workbench.gui.panes.data.augment_page import AugmentPage
from workbench.gui.panes.data.augment_preview import Line, lines_of, tiles_of
from workbench.gui.panes.data.tile_grid import Tile
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.core.records import Dataset
    from workbench.gui.panes.base import Pane
    from workbench.services.augmentation import Offer, Shown
    from workbench.services.session import Session


@dataclass(frozen=True, slots=True)
class _Answer:
    offer: "Offer"
    risks: Mapping[int, str]
    shown: "Shown | None" = None
    tiles: tuple[list[Tile], ...] = ()
    lines: tuple[Line, ...] = ()
    problem: str = ""


class Augmenting:
    """Has the samples of the page computed, one set after the other: the newest settings are next.

    Args:
        pane: Whose session is asked, and who tells what went wrong.
        page: Where it is shown.
        selected: Returns the dataset that is shown.
    """

    def __init__(self, pane: "Pane", page: AugmentPage, selected: "Callable[[], Dataset | None]") -> None:
        self._pane, self._page, self._selected = pane, page, selected
        self._seed = 0
        self._busy = self._stale = False
        self._offer: tuple[object, Offer] | None = None
        page.edited.connect(self.refresh)
        page.came.connect(self.refresh)
        page.redrawn.connect(self._redraw)
        page.kept.connect(self._keep)

    def refresh(self) -> None:
        """Compute what the page shows, if it is looked at."""
        session, dataset = self._pane.session, self._selected()
        if session is None or dataset is None or not self._page.isVisible():
            return
        if self._busy:
            self._stale = True
            return
        self._busy, self._stale = True, False
        steps, seed = self._page.steps(), self._seed
        of = (session.folder.root, dataset.id, dataset.preparation and dataset.preparation.recipe)
        offer = self._offer[1] if self._offer is not None and self._offer[0] == of else None
        background.query(
            lambda: _read(session, dataset, steps, seed, offer),
            lambda answer: self._show(session, dataset, of, answer),
            self._failed,
            owner=self._page,
        )

    def _redraw(self) -> None:
        self._seed += 1
        self.refresh()

    def _keep(self, steps: tuple[StepConfig, ...]) -> None:
        session, dataset_id = self._pane.session, self._page.dataset_id
        if session is not None and dataset_id is not None:
            self._pane.attempt(lambda: session.augmentation.set_steps(dataset_id, steps))

    def _show(self, session: "Session", dataset: "Dataset", of: object, answer: _Answer) -> None:
        self._busy = False
        now = self._selected()
        if session is self._pane.session and now is not None and now.id == dataset.id:
            self._offer = (of, answer.offer)
            self._page.set_known(answer.offer.steps)
            if not self._stale:
                self._page.set_risks(answer.risks)
            self._show_samples(dataset, answer)
        if self._stale or (now is not None and now.id != dataset.id):
            self.refresh()

    def _show_samples(self, dataset: "Dataset", answer: _Answer) -> None:
        preview, shown = self._page.preview, answer.shown
        if shown is None:
            preview.show_message(answer.problem)
        elif answer.tiles:
            preview.show_tiles(answer.tiles, shown.labels)
        else:
            columns = [column.name for column in dataset.schema.used_columns]
            is_text = shown.modality is Modality.TEXT
            target = dataset.schema.target or tr("Class")
            preview.show_lines(answer.lines, [tr("Text")] if is_text else columns, target)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._page.preview.show_message(str(error))


def _read(
    session: "Session", dataset: "Dataset", steps: tuple[StepConfig, ...], seed: int, offer: "Offer | None"
) -> _Answer:
    from workbench.core.errors import UserError

    service = session.augmentation
    offer = offer or service.offer(dataset.id)
    risks = service.risks(dataset.id, steps, offer.small_objects)
    try:
        shown = service.show(dataset.id, steps, seed)
    except UserError as error:
        return _Answer(offer, risks, problem=str(error))
    if shown.modality in (Modality.PICTURE, Modality.AUDIO):
        return _Answer(offer, risks, shown, tuple(tiles_of(shown)))
    return _Answer(offer, risks, shown, lines=tuple(lines_of(shown)))
