"""The data as it comes out of a step: rows or pictures after and before, and what became of the columns."""

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from workbench.gui.item_models.records import Column
from workbench.gui.panes.data.tile_grid import Tile, TileGrid, outline
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel
from workbench.gui.widgets.picture_grid import Picture, PictureGrid
from workbench.gui.widgets.table import Table
from workbench.services.prepared_view import ColumnView, PreparedView, SamplesView

_MOST_COLUMNS = 60
_IN_A_ROW = 4
_MEASURED = 16


class PreparedPanel(QWidget):
    """Shows what one step does to some training samples."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: PreparedView | None = None
        self._headings: tuple[str, ...] = ()
        self.table: Table[Sequence[str]] | None = None
        self.title = ElidedLabel("", "section")
        self.facts = PlainLabel("", "small", wrap=True)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(tr("Samples"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for word in (tr("After"), tr("Before"), tr("Statistics")):
            self.tabs.addTab(word)
        self.pictures = PictureGrid(tr("Pictures"), 72)
        self.waves = TileGrid(tr("Recordings"))
        self._waves_area = self.waves.in_area()
        self.statistics: Table[ColumnView] = Table(
            _statistics(), tr("Statistics"), empty_text=tr("No columns here.")
        )
        self._stack = QStackedWidget()
        self._rows = QWidget()
        self._rows_column = QVBoxLayout(self._rows)
        self._rows_column.setContentsMargins(0, 0, 0, 0)
        for page in (self._rows, self.pictures, self._waves_area, self.statistics):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.title, self.facts, self.tabs):
            column.addWidget(widget)
        column.addWidget(self._stack, 1)
        self.tabs.currentChanged.connect(lambda _: self._show())

    def show_view(self, title: str, view: PreparedView) -> None:
        """Show what a step does.

        Args:
            title: Which step, in words.
            view: What it does.
        """
        self._view = view
        self.title.setText(title)
        self.facts.setText(_facts(view))
        ranks = {"added": 0, "removed": 1, "changed": 2, "": 3}
        self.statistics.set_records(sorted(view.columns, key=lambda it: ranks[it.change]))
        self._show()

    def _show(self) -> None:
        view = self._view
        if view is None:
            return
        if self.tabs.currentIndex() == 2:
            self._stack.setCurrentWidget(self.statistics)
            return
        samples = view.after if self.tabs.currentIndex() == 0 else view.before
        if samples.pictures is not None:
            self._show_pictures(samples)
            return
        if samples.waves is not None:
            self._show_waves(samples.waves)
            return
        added = {column.name for column in view.columns if column.change == "added"}
        changed = {column.name for column in view.columns if column.change == "changed"}
        removed = {column.name for column in view.columns if column.change == "removed"}
        marks = (added, changed) if self.tabs.currentIndex() == 0 else (removed, set())
        self._show_rows(samples, *marks)
        self._stack.setCurrentWidget(self._rows)

    def _show_pictures(self, samples: SamplesView) -> None:
        pixels = samples.pictures
        assert pixels is not None
        self.pictures.set_pictures(
            len(pixels), lambda start, stop: [Picture(pixels[place]) for place in range(start, stop)]
        )
        self._stack.setCurrentWidget(self.pictures)

    def _show_waves(self, waves: Any) -> None:
        # Measured by the loudest of all: one that is quiet beside the others looks so.
        top = max(1.0, float(abs(waves.astype("float32")).max(initial=0)))
        tiles = [Tile(None, outline(wave, top)) for wave in waves]
        self.waves.set_tiles([tiles[at : at + _IN_A_ROW] for at in range(0, len(tiles), _IN_A_ROW)])
        self._stack.setCurrentWidget(self._waves_area)

    def _show_rows(self, samples: SamplesView, marked: set[str], changed: set[str]) -> None:
        sign = "+ " if self.tabs.currentIndex() == 0 else "− "
        # What the step has touched comes first: among many columns nobody would find it.
        order = sorted(
            range(len(samples.headings)),
            key=lambda at: (samples.headings[at] not in marked, samples.headings[at] not in changed),
        )[:_MOST_COLUMNS]
        headings = tuple(
            f"{sign}{name}" if name in marked else name for name in (samples.headings[at] for at in order)
        )
        key = (*headings, "|", *sorted(changed))
        if self.table is None or key != self._headings:
            place = self.table.horizontalScrollBar().value() if self.table is not None else 0
            if self.table is not None:
                self.table.hide()
                self.table.deleteLater()
            self._headings = key
            columns = [
                _column(
                    heading,
                    at,
                    samples.headings[at] in marked,
                    samples.headings[at] in changed,
                    _is_number(row[at] for row in samples.rows),
                )
                for at, heading in zip(order, headings, strict=True)
            ]
            self.table = Table(columns, tr("Rows"), empty_text=tr("No rows here."))
            # To measure every row takes the window longer than anybody notices the difference.
            self.table.horizontalHeader().setResizeContentsPrecision(_MEASURED)
            self._rows_column.addWidget(self.table)
            self.table.set_records(samples.rows)
            self.table.horizontalScrollBar().setValue(place)
        else:
            self.table.set_records(samples.rows)


def _column(heading: str, place: int, marked: bool, changed: bool, is_number: bool) -> Column[Sequence[str]]:
    tone = "accent" if marked else "" if changed else "muted"
    about = (
        tr("added or removed by this step")
        if marked
        else tr("changed by this step")
        if changed
        else tr("as it was")
    )
    return Column(
        heading,
        lambda row: row[place],
        show=lambda text: text or "–",
        align="right" if is_number else "left",
        tip=f"{heading} · {about}",
        tone=lambda _row: tone,
    )


def _is_number(texts: Iterable[str]) -> bool:
    return all(not text or text.lstrip("-")[:1].isdigit() or text.lstrip("-") == "inf" for text in texts)


def _statistics() -> list[Column[ColumnView]]:
    words = {"added": tr("added"), "removed": tr("removed"), "changed": tr("changed"), "": ""}
    tones = {"added": "good", "removed": "danger", "changed": "info"}

    def number(value: Any) -> str:
        return number_format.number(float(value))

    return [
        Column(tr("Column"), lambda it: it.name, strong=True, stretch=True, least=120),
        Column(
            tr("Step"),
            lambda it: words[it.change],
            badge=lambda it: tones.get(it.change),
            tip=tr("What the step did to the column."),
        ),
        Column(tr("Missing"), lambda it: it.missing, align="right", show=lambda it: f"{it:.1%}"),
        Column(tr("Mean"), lambda it: it.mean, align="right", show=number),
        Column(tr("Deviation"), lambda it: it.deviation, align="right", show=number),
        Column(tr("Smallest"), lambda it: it.low, align="right", show=number),
        Column(tr("Largest"), lambda it: it.high, align="right", show=number),
    ]


def _facts(view: PreparedView) -> str:
    """Return in one line what the step did to the samples that were looked at."""
    count = number_format.count
    words = [
        tr("{count} training samples", count=count(view.of))
        if view.looked_at == view.of
        else tr("{count} of {of} training samples looked at", count=count(view.looked_at), of=count(view.of))
    ]
    before, after = view.before, view.after
    if after.count < before.count:
        words.append(tr("{count} left out", count=count(before.count - after.count)))
    elif after.count > before.count:
        words.append(tr("{count} added", count=count(after.count - before.count)))
    if view.columns and after.pictures is None:
        first, last = before.shape[0], after.shape[0]
        told = tr("{before} → {after} columns", before=count(first), after=count(last))
        words.append(told if first != last else tr("{count} columns", count=count(first)))
    else:
        sizes = [size for size in (_size(before), _size(after)) if size]
        words += [" → ".join(dict.fromkeys(sizes))] if sizes else []
    return " · ".join(words)


def _size(samples: SamplesView) -> str:
    """Return how large a sample is: a picture, how long a recording, so many tokens; empty for a text."""
    shape = samples.shape
    if samples.tokens:
        return tr("{count} tokens", count=number_format.count(shape[0]))
    if samples.rate and len(shape) == 1:
        seconds = number_format.number(round(shape[0] / samples.rate, 2))
        return tr("{seconds} s at {rate} Hz", seconds=seconds, rate=number_format.count(samples.rate))
    if samples.rate:
        return tr("{bands} bands × {windows} windows", bands=shape[-2], windows=shape[-1])
    if len(shape) < 2:
        return tr("{count} values", count=number_format.count(shape[0])) if shape else ""
    colour = tr("grey") if len(shape) < 3 or shape[0] == 1 else tr("colour")
    return f"{shape[-1]}×{shape[-2]} {colour}"
