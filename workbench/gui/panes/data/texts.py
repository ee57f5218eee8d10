"""Texts of a dataset: the first line of each in a list, the selected one in full."""

from typing import Any

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from workbench.core.states import Modality
from workbench.gui.item_models.records import Column
from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.sample_list import SampleLine, SampleList, label_column, label_word
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

_FIRST_LETTERS = 200
_MOST_LETTERS = 50_000


class TextList(SampleList):
    """Texts with label and length."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.full = QPlainTextEdit()
        self.full.setReadOnly(True)
        self.full.setAccessibleName(tr("Text"))
        self.full.setMinimumHeight(72)
        columns: list[Column[SampleLine]] = [
            Column(tr("Text"), lambda line: line.words[0], stretch=True, least=96),
            label_column(),
            Column(tr("Letters"), lambda line: line.words[2], "right", number_format.count),
        ]
        super().__init__(Modality.TEXT, columns, self.full, parent)
        self.filters.words.setPlaceholderText(tr("Search texts"))
        self.filters.words.setAccessibleName(tr("Search texts"))

    def lines(self, look: Look, places: Any) -> list[SampleLine]:
        """Return the beginning, label and length of texts."""
        texts = look.samples.x[places]
        return [
            SampleLine(
                int(place),
                (_first_line(text), label_word(look, int(place), self.new), len(text)),
                int(place) in self.new,
            )
            for place, text in zip(places, texts, strict=True)
        ]

    def words_of(self, look: Look) -> Any:
        """Return the texts themselves: these are searched."""
        return look.samples.x

    def show_sample(self, look: Look, place: int) -> None:
        """Show a text in full."""
        text = look.samples.x[place]
        # A book in one piece would hold the window up.
        self.full.setPlainText(text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + "…")


def _first_line(text: str) -> str:
    return " ".join(text[:_FIRST_LETTERS].split())
