"""The pictures of a dataset: a grid to look through, one of them large, and its class to be set right."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from workbench.gui import background
from workbench.gui.panes.data.filters import SampleFilters, split_word
from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.sample_list import label_word
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, tip
from workbench.gui.widgets.picture_grid import Picture, PictureGrid
from workbench.gui.widgets.picture_view import PictureView

_THUMBNAIL = 160


class Pictures(QWidget):
    """Pictures straight from the memory map. `chosen_changed` tells that others are chosen."""

    chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._index: Any = np.arange(0)
        self.new: Mapping[int, Any] = {}
        self.filters = SampleFilters(tr("pictures"))
        self.filters.changed.connect(self._show)
        self.classes, self.splits = self.filters.classes, self.filters.splits
        empty = tr("No picture fits these filters.")
        self.grid = PictureGrid(tr("Pictures"), tile=72, empty_text=empty, multiple=True)
        self.grid.chosen_changed.connect(self.chosen_changed)
        self.grid.current_changed.connect(self._on_current_changed)
        self.grid.activated.connect(self.open)
        self.large = PictureView()
        self.large.moved.connect(self._on_moved)
        self.large.left.connect(self.close_large)
        self._said = ElidedLabel("", "small")
        self._where = ElidedLabel("", "small")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._all())
        self._stack.addWidget(self._one())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def show_look(self, look: Look) -> None:
        """Show the pictures of a dataset; filter and place stay when it is the same one."""
        is_same = self._look is not None and self._look.dataset.id == look.dataset.id
        if not is_same:
            self.close_large()
        before, self._look = self._look, look
        if is_same and before is not None and before.dataset == look.dataset:
            return
        if not is_same:
            names = look.bars if look.dataset.schema.classes else ()
            self.filters.set_choices(names, list(look.parts))
            self.filters.classes.setVisible(bool(names))
            self.filters.offer_new_classes(look.new_classes(self.new))
        self._show(keep=is_same)

    def show_samples(self, title: str, samples: Any) -> None:
        """Show only these samples, such as those of a finding; None shows all again."""
        self.close_large()
        self.filters.set_finding(title, samples)

    def open(self, shown: int) -> None:
        """Show one of the pictures in the grid large."""
        if 0 <= shown < len(self._index):
            self.grid.set_current(shown)
            self._show_large(shown)
            self._stack.setCurrentIndex(1)
            self.large.setFocus()
            self.chosen_changed.emit()

    def close_large(self) -> None:
        """Go back to the grid."""
        if self._stack.currentIndex() == 1:
            self._stack.setCurrentIndex(0)
            self.grid.setFocus()
            self.chosen_changed.emit()

    def chosen(self) -> Any:
        """Return the numbers of the chosen pictures: the one that is seen large, or those in the grid."""
        if self._stack.currentIndex() == 1:
            return self._index[self.grid.current : self.grid.current + 1]
        chosen = self.grid.chosen()
        return self._index[np.asarray(chosen, np.int64)] if len(chosen) else self._index[:0]

    @property
    def is_alone(self) -> bool:
        """Whether one picture is seen by itself."""
        return self._stack.currentIndex() == 1

    def go_on(self) -> None:
        """Go to the next picture, where there is one."""
        self._on_moved(1)
        self.chosen_changed.emit()

    def show_new(self, labels: Mapping[int, Any]) -> None:
        """Show these new labels, by number of the picture; what is filtered stays in view."""
        self.new = labels
        if self._look is not None:
            self.filters.offer_new_classes(self._look.new_classes(labels))
        self.grid.refresh()
        if self._stack.currentIndex() == 1:
            self._show_large(self.grid.current)

    def _show(self, *, keep: bool = False) -> None:
        look = self._look
        if look is None:
            return
        if self.filters.typed:
            samples, parts, labels = look.samples, look.parts, look.labels(self.new)
            background.query(
                lambda: self.filters.places(labels, parts, samples.names),
                lambda index: self._set_index(index, keep) if look is self._look else None,
                owner=self,
                key="places",
            )
        else:
            self._set_index(self.filters.places(look.labels(self.new), look.parts, look.samples.names), keep)

    def _set_index(self, index: Any, keep: bool) -> None:
        at = self.grid.current
        place = int(self._index[at]) if 0 <= at < len(self._index) else None
        top = self.grid.verticalScrollBar().value()
        self._index, count = index, len(index)
        self.grid.set_pictures(count, self._pictures)
        self._said.setText(tr("{count} pictures", count=number_format.count(count)))
        if keep:
            self.grid.verticalScrollBar().setValue(top)
            where = np.flatnonzero(index == place) if place is not None else index[:0]
            if len(where):
                self.grid.set_current(int(where[0]))
        if self._stack.currentIndex() == 1:
            if 0 <= self.grid.current < count:
                self._show_large(self.grid.current)
            else:
                self.close_large()

    def _pictures(self, start: int, stop: int) -> list[Picture]:
        look = self._look
        assert look is not None
        places = self._index[start:stop]
        pixels = look.samples.x[places]
        step = max(1, min(pixels.shape[-2:]) // _THUMBNAIL)
        return [
            self._tile(look, picture[:, ::step, ::step], int(place))
            for picture, place in zip(pixels, places, strict=True)
        ]

    def _tile(self, look: Look, pixels: Any, place: int) -> Picture:
        label = label_word(look, place, self.new)
        if place not in self.new:
            return Picture(pixels, caption=label)
        return Picture(
            pixels, caption=tr("was {name}", name=label_word(look, place)), chip=label, tone="info"
        )

    def _show_large(self, shown: int) -> None:
        look = self._look
        assert look is not None
        place = int(self._index[shown])
        label = label_word(look, place, self.new)
        about, all_of_them = self._about(look, place), number_format.count(len(self._index))
        if place in self.new:
            about = tr("{about} · was {name}", about=about, name=label_word(look, place))
        number = tr("{number} of {count}", number=number_format.count(shown + 1), count=all_of_them)
        self._where.setText(f"{number} · {label} · {about}")
        self.large.show_picture(look.samples.x[place], f"{label}, {about}")

    def _about(self, look: Look, place: int) -> str:
        words = [look.samples.names[place]]
        words += [split_word(split) for split, part in look.parts.items() if _contains(part, place)]
        return " · ".join(words)

    def _on_current_changed(self, shown: int) -> None:
        if self._look is not None:
            self._said.setText(self._about(self._look, int(self._index[shown])))

    def _on_moved(self, by: int) -> None:
        shown = min(max(self.grid.current + by, 0), len(self._index) - 1)
        self.grid.set_current(shown)
        self._show_large(shown)

    def _all(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.filters)
        column.addWidget(self._said)
        column.addWidget(self.grid, 1)
        return page

    def _one(self) -> QWidget:
        page, back = QWidget(), _button("arrow-left", tr("All pictures (Esc)"))
        back.clicked.connect(self.close_large)
        before, after = _button("caret-left", tr("Previous (←)")), _button("caret-right", tr("Next (→)"))
        before.clicked.connect(lambda: self._on_moved(-1))
        after.clicked.connect(lambda: self._on_moved(1))
        head = QHBoxLayout()
        head.setSpacing(4)
        for widget in (back, before, after):
            head.addWidget(widget)
        head.addWidget(self._where, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.large, 1)
        return page


def _button(icon_name: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setAccessibleName(name)
    button.setToolTip(tip(name))
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


def _contains(part: Any, place: int) -> bool:
    at = int(np.searchsorted(part, place))
    return at < len(part) and int(part[at]) == place
