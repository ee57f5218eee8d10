"""Labels that the user sets right in the Data pane: each is kept at once, and they become one version."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.core.events import LabelsChanged
from workbench.gui.panes.data.class_dialog import ClassDialog
from workbench.gui.panes.data.sample_list import label_word
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.core.records import Dataset
    from workbench.gui.panes.base import Pane
    from workbench.gui.panes.data.detail import DatasetDetail
    from workbench.gui.panes.data.mending import Mending
    from workbench.services.session import Session

_MOST_COMPARED = 2_000


class Relabelling:
    """Carries out what the bar below the samples asks for.

    Args:
        pane: Whose session is asked, and who tells what went wrong.
        detail: Where the samples and the bar are.
        mending: Follows the making of a version.
        selected: Returns the dataset that is shown.
    """

    def __init__(
        self,
        pane: "Pane",
        detail: "DatasetDetail",
        mending: "Mending",
        selected: "Callable[[], Dataset | None]",
    ) -> None:
        self._pane, self._detail, self._mending, self._selected = pane, detail, mending, selected
        bar = detail.label_bar
        bar.label_wanted.connect(self._set)
        bar.new_class_wanted.connect(lambda name: self._set(name, is_new_class=True))
        bar.undo_wanted.connect(lambda: self._do(lambda session, which: session.relabelling.undo(which)))
        bar.discard_wanted.connect(self._discard)
        bar.left.connect(self.refresh)
        bar.version_wanted.connect(self._make_version)
        detail.samples.chosen_changed.connect(self.refresh)
        detail.samples.class_edit_wanted.connect(self._edit_class)

    def follow(self) -> None:
        """Listen to the labels of the session; call it for each new one."""
        self._pane.listen(LabelsChanged, lambda event: self._on_changed(event.dataset_id))

    def refresh(self) -> None:
        """Show the labels of what is chosen now."""
        look, samples = self._detail.look, self._detail.samples
        if look is None:
            return
        new, places = samples.new_labels, samples.chosen()
        # Those of a dataset that has just been left are chosen for a moment more.
        places = places[places < len(look.samples)]
        words = {label_word(look, int(place), new) for place in places[:_MOST_COMPARED]}
        label = words.pop() if len(words) == 1 and len(places) <= _MOST_COMPARED else ""
        is_new = len(places) == 1 and int(places[0]) in new
        self._detail.label_bar.show_chosen(
            len(places), label, label_word(look, int(places[0])) if is_new else "", alone=samples.is_alone
        )
        self._detail.show_waiting(len(new), look.new_classes(new))

    def _set(self, label: str, *, is_new_class: bool = False) -> None:
        samples = self._detail.samples
        places, is_alone = samples.chosen(), samples.is_alone
        if not self._do(
            lambda session, which: session.relabelling.set(which, places, label, is_new_class=is_new_class)
        ):
            self.refresh()
        elif is_alone and self._detail.label_bar.goes_on:
            samples.go_on()

    def _edit_class(self, name: str) -> None:
        """Ask for the new name of a class, or for the class that it is merged into."""
        look, session, dataset = self._detail.look, self._pane.session, self._selected()
        if look is None or session is None or dataset is None or dataset.id != look.dataset.id:
            return
        counts = dataset.imported.class_counts
        dialog = ClassDialog(dataset.schema.classes, counts, name, self._pane)
        dialog.chosen.connect(
            lambda new: self._mending.begin(lambda: session.versions.rename_class(dataset.id, name, new))
        )
        dialog.open()

    def _discard(self) -> None:
        dataset, session = self._selected(), self._pane.session
        if dataset is not None and session is not None:
            told = tr("The new labels of {name} are discarded.", name=dataset.title)
            self._pane.attempt_with_undo(lambda: session.relabelling.discard(dataset.id), told)

    def _make_version(self) -> None:
        dataset, session = self._selected(), self._pane.session
        if dataset is not None and session is not None:
            self._mending.begin(lambda: session.relabelling.make_version(dataset.id))

    def _do(self, work: "Callable[[Session, int], object]") -> bool:
        """Do something to the labels; what follows is shown when the event of it comes."""
        dataset, session = self._selected(), self._pane.session
        if dataset is None or session is None:
            return False
        self._pane.banner.hide()
        return self._pane.attempt(lambda: work(session, dataset.id))

    def _on_changed(self, dataset_id: int) -> None:
        look, session = self._detail.look, self._pane.session
        if session is not None and look is not None and look.dataset.id == dataset_id:
            self._pane.attempt(lambda: self._detail.samples.show_new(session.relabelling.labels(dataset_id)))
            self.refresh()
