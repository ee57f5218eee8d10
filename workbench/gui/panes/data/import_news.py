"""What became of imports: a line each, the worst one giving the tone."""

from PySide6.QtWidgets import QWidget

from workbench.core.records import Dataset
from workbench.gui.panes.data.look import outcome
from workbench.gui.translate import tr
from workbench.gui.widgets.notices import Banner


class ImportNews(Banner):
    """Several imports in a row keep a line each.

    `dataset_id` is what the last news is about, `details_of` the dataset whose problems it leads to.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dataset_id: int | None = None
        self.details_of: int | None = None
        self._results: list[tuple[str, str]] = []
        self._errors: list[str] = []

    def tell_result(self, dataset: Dataset, *, is_known: bool) -> None:
        """Tell what an import brought, or that it was there before."""
        self.dataset_id = dataset.id
        if is_known:
            text = tr("This is the same data as {name}, so nothing was imported twice.", name=dataset.name)
            self.tell_line(text, "info")
            return
        lacks = bool(dataset.imported.skipped)
        if lacks or dataset.imported.findings:
            self.details_of = dataset.id
        self.tell_line(outcome(dataset), "warning" if lacks else "good")

    def tell_line(self, text: str, tone: str) -> None:
        """Show one more line."""
        self._results.append((text, tone))
        tones = [tone for _, tone in self._results]
        worst = next(tone for tone in ("warning", "info", "good") if tone in tones)
        details = tr("Details") if self.details_of is not None else ""
        self.tell("\n".join(text for text, _ in self._results), worst, details)

    def with_problem(self, text: str) -> str:
        """Return one more problem below those of the imports that were begun together."""
        self._errors.append(text)
        return "\n".join(self._errors)

    def forget(self) -> None:
        """Begin anew, with nothing told."""
        self._results, self._errors = [], []
        self.dataset_id = self.details_of = None
        self.hide()
