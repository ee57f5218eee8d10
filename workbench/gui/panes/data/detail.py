"""One dataset in full: samples, health, classes, split, origin, notes."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from workbench.core.records import Dataset, Finding
from workbench.core.states import Task
from workbench.gui.modalities import ICONS, samples_title
from workbench.gui.panes.data.augment_page import AugmentPage
from workbench.gui.panes.data.filters import split_word
from workbench.gui.panes.data.health import HealthPage, Known, worst_tone
from workbench.gui.panes.data.label_bar import LabelBar
from workbench.gui.panes.data.look import Look, dividing_columns, facts
from workbench.gui.panes.data.origin_card import OriginCard
from workbench.gui.panes.data.prepare import PreparePage
from workbench.gui.panes.data.rows import Rows
from workbench.gui.panes.data.samples import SamplesView
from workbench.gui.panes.data.split_card import SplitCard
from workbench.gui.theme import GAP, icon
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.bar_chart import BarChart
from workbench.gui.widgets.labels import ElidedLabel, IconLabel, PlainLabel, tip

_SIDE = 300
_ROOM_BESIDE = 820  # what is narrower shows what belongs beside the samples as a page of its own
_WIDEST = 16_777_215  # Qt's own limit
_ABOUT = 4
_SAVE_AFTER_MS = 800
_TALLEST_CHART = 312


class DatasetDetail(QWidget):
    """Shows one dataset; emits what the user wants changed."""

    split_applied = Signal(object)
    notes_changed = Signal(int, str)
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._known = Known()
        self._refusal = ""
        self.look: Look | None = None
        self.rows: Rows | None = None
        self._icon = IconLabel("database", "muted", 20)
        self._name = ElidedLabel("", "section")
        self._facts = PlainLabel("", "muted", wrap=True)
        self.tabs = QTabBar()
        # From outside in: a widget that gets a parent only later is styled anew with all that is in it.
        self._card = QFrame(self)
        self._stack = QStackedWidget(self._card)
        self._first = QWidget(self._stack)
        self._beside = QScrollArea(self)
        self._cards = QWidget(self._beside.viewport())
        self.samples, self.label_bar = SamplesView(self._first), LabelBar(self._first)
        self.samples.listed.connect(self.label_bar.watch)
        self.health = HealthPage(self._stack)
        self.findings = self.health.findings
        self.origin = OriginCard(self._cards)
        self.prepare = PreparePage(self._stack)
        self.split = SplitCard(self._cards)
        self.chart = BarChart(tr("Class distribution"))
        self._chart_title = PlainLabel(tr("Classes"), "section")
        self._chart_note = PlainLabel("", "small", wrap=True)
        self._chart_waits = PlainLabel("", "small", wrap=True)
        self._chart_waits.hide()
        self.notes = _Notes()
        self.augment = AugmentPage(self._stack)
        self._problems_of: int | None = None
        self.samples.failed.connect(self.failed)
        self.split.applied.connect(self.split_applied)
        self.notes.changed.connect(self._on_notes_changed)
        self._lay_out()

    def add_note(self, note: QWidget) -> None:
        """Put a line between the dataset's name and its pages."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(1, note)

    def show_dataset(self, dataset: Dataset, may_change: bool, refusal: str) -> None:
        """Show what the row of a dataset says, at once; the rest comes with `show_look`."""
        is_other = self._dataset is None or self._dataset.id != dataset.id
        if is_other:
            self.notes.flush()
            self.split.forget()
            self.tabs.setCurrentIndex(1 if dataset.id == self._problems_of else 0)
        self._dataset = dataset
        self._icon.set_icon(ICONS[dataset.schema.modality])
        self._name.setText(dataset.title)
        self._facts.setText(facts(dataset))
        self._facts.setToolTip(tip(dataset.source))
        self._refusal = refusal
        if is_other:
            self._known = Known()
        self._show_findings(dataset, may_change)
        self.origin.show_dataset(dataset, may_change, refusal)
        self.tabs.setTabText(0, samples_title(dataset.schema.modality))
        self.augment.show_dataset(dataset, may_change, refusal)
        self.notes.show_text(dataset.notes, is_other, may_change, refusal)
        self.split.offer_columns(*dividing_columns(dataset))
        self.split.show_split(dataset.split, "", may_change, refusal)
        numeric = dataset.schema.task is Task.REGRESSION
        title = tr("Target {target}", target=dataset.schema.target) if numeric else tr("Classes")
        self._chart_title.setText(title)
        if is_other:
            self.chart.set_counts((), {})
            self._chart_note.hide()
            self._chart_waits.hide()

    def show_look(self, look: Look, rows: Rows, may_change: bool, refusal: str) -> None:
        """Show samples, distribution and sizes of the dataset shown."""
        self.look, self.rows = look, rows
        self.label_bar.offer(look.dataset.schema, may_change, refusal)
        self.samples.set_may_edit(may_change and len(look.dataset.schema.classes) > 0)
        self.samples.show_look(look, rows)
        self.health.show_look(look, rows)
        self.chart.set_counts(look.bars, {split_word(split): part for split, part in look.counts.items()})
        # As tall as its bars, up to ten: what is beyond scrolls.
        self.chart.setFixedHeight(min(self.chart.sizeHint().height(), _TALLEST_CHART))
        self._chart_note.setText(look.summary)
        self._chart_note.setVisible(bool(look.summary))
        sizes = " · ".join(
            f"{number_format.count(len(part))} {split_word(split)}" for split, part in look.parts.items()
        )
        self.split.show_split(look.dataset.split, sizes, may_change, refusal)

    def show_waiting(self, count: int, new_classes: Sequence[str]) -> None:
        """Show how many labels wait for a version, wherever they are not counted yet."""
        self.label_bar.show_waiting(count, new_classes)
        number = number_format.count(count)
        many = tr("{count} labels wait for a version", count=number)
        waits = tr("1 label waits for a version") if count == 1 else many
        self._chart_waits.setText(tr("{waits}: not yet in this chart.", waits=waits))
        self._chart_waits.setVisible(count > 0)
        self.health.show_waiting(waits if count else "")

    def show_known(self, dataset: Dataset, known: Known, may_change: bool) -> None:
        """Show what is known of the health of the dataset shown."""
        if self._dataset is not None and dataset.id == self._dataset.id:
            self._known = known
            self._show_findings(dataset, may_change)

    def _show_findings(self, dataset: Dataset, may_change: bool) -> None:
        self._tell_problems(self.health.show_known(dataset, self._known, may_change, self._refusal))

    def show_problems(self, dataset_id: int | None = None) -> None:
        """Bring the list of problems forward, also where that dataset is shown only in a moment."""
        self._problems_of = dataset_id
        self.tabs.setCurrentIndex(1)

    def _tell_problems(self, found: list[Finding]) -> None:
        self.tabs.setTabText(1, tr("Health · {count}", count=len(found)) if found else tr("Health"))
        tone = worst_tone(found)
        well = "question" if self._known.report is None else "check-circle"
        self.tabs.setTabIcon(1, icon("warning" if tone != "muted" else well, tone))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name)
        words.addWidget(self._facts)
        head.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(head)
        self._row = QHBoxLayout()
        self._row.setSpacing(GAP)
        column.addLayout(self._row, 1)
        self._row.addWidget(self._card, 1)
        self._fill(self._card)
        self._fill_side()
        self._row.addWidget(self._beside)

    def _fill(self, card: QFrame) -> None:
        """Put the pages into the card."""
        card.setProperty("role", "card")
        self.tabs.addTab(tr("Pictures"))
        self.tabs.addTab(tr("Health"))
        self.tabs.addTab(tr("Prepare"))
        self.tabs.addTab(tr("Augment"))
        self.tabs.addTab(tr("About"))
        self.tabs.setTabVisible(_ABOUT, False)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(tr("Views of the dataset"))
        column = QVBoxLayout(self._first)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.samples, 1)
        column.addWidget(self.label_bar)
        self._stack.addWidget(self._first)
        self._stack.addWidget(self.health)
        self._stack.addWidget(self.prepare)
        self._stack.addWidget(self.augment)
        self.tabs.currentChanged.connect(self._on_page)
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.tabs)
        column.addWidget(self._stack, 1)

    def _fill_side(self) -> None:
        """Put what is beside the pages into its place."""
        classes = QFrame(self._cards)
        classes.setProperty("role", "card")
        column = QVBoxLayout(classes)
        column.setContentsMargins(12, 12, 4, 8)
        column.setSpacing(8)
        for widget in (self._chart_title, self._chart_note, self._chart_waits, self.chart):
            column.addWidget(widget)
        notes = QFrame(self._cards)
        notes.setProperty("role", "card")
        column = QVBoxLayout(notes)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(PlainLabel(tr("Notes"), "section"))
        column.addWidget(self.notes)
        column = QVBoxLayout(self._cards)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        for card in (classes, self.split, self.origin, notes):
            column.addWidget(card)
        column.addStretch(1)
        area = self._beside
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._cards)
        # The ground is that of the card around it.
        self._cards.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        area.setFixedWidth(_SIDE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the samples the whole width where there is little of it."""
        super().resizeEvent(event)
        if (self.width() < _ROOM_BESIDE) != self.tabs.isTabVisible(_ABOUT):
            self._set_narrow(self.width() < _ROOM_BESIDE)

    def _set_narrow(self, narrow: bool) -> None:
        if narrow:
            self._stack.addWidget(self._beside)
            self._beside.setMinimumWidth(0)
            self._beside.setMaximumWidth(_WIDEST)
        else:
            self._row.addWidget(self._beside)
            self._beside.setFixedWidth(_SIDE)
            if self.tabs.currentIndex() == _ABOUT:
                self.tabs.setCurrentIndex(0)
        self.tabs.setTabVisible(_ABOUT, narrow)
        self._on_page(self.tabs.currentIndex())

    def _on_page(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        if not self.tabs.isTabVisible(_ABOUT):
            # What is beside the samples and their problems takes the room that steps need.
            self._beside.setVisible(place < 2)

    def _on_notes_changed(self, text: str) -> None:
        if self._dataset is not None:
            self.notes_changed.emit(self._dataset.id, text)

    def hideEvent(self, event: QHideEvent) -> None:
        """Save what was typed last."""
        self.notes.flush()
        self.origin.flush()
        super().hideEvent(event)


class _Notes(QPlainTextEdit):
    """Notes that save themselves a moment after the last key. `changed` carries the text."""

    changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Notes"))
        self.setPlaceholderText(tr("Where the data is from, its licence, what to watch out for"))
        self.setTabChangesFocus(True)
        self.setFixedHeight(112)
        self._stored = ""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SAVE_AFTER_MS)
        self._soon.timeout.connect(self.flush)
        self.textChanged.connect(self._soon.start)

    def show_text(self, text: str, is_other: bool, may_change: bool, refusal: str) -> None:
        """Show the stored notes; what is being typed is not disturbed."""
        self.setReadOnly(not may_change)
        self.setToolTip(tip(tr("Saved by itself, a moment after the last key.") if may_change else refusal))
        if is_other or (text != self._stored and not self._soon.isActive()):
            self._stored = text
            if text != self.toPlainText():
                self.setPlainText(text)
            self._soon.stop()

    def flush(self) -> None:
        """Save now what is not saved yet."""
        self._soon.stop()
        text = self.toPlainText()
        if text != self._stored:
            self._stored = text
            self.changed.emit(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Save when the user goes elsewhere."""
        self.flush()
        super().focusOutEvent(event)
