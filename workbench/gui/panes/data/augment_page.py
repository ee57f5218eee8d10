"""The page Augment: steps at the left, what they do to training samples at the right."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.core.augmentation import LEVELS, level_of, preset
from workbench.core.configs import StepConfig
from workbench.core.records import Dataset
from workbench.core.registry import Choice
from workbench.gui.panes.data.augment_preview import AugmentPreview
from workbench.gui.panes.data.step_list import StepList
from workbench.gui.theme import GAP, icon
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.param_form import ParamForm

_LEFT = 264
_SETTINGS = 152  # a step's first setting is in sight, however many steps stand above
_KEEP_AFTER_MS = 400
_OWN = "own"


class AugmentPage(QWidget):
    """Edits the augmentation of a dataset.

    `edited` says that the steps are other ones now, `kept` carries them a moment later, when they are to be
    stored; `redrawn` asks for other random numbers, `came` says that the page is looked at.
    """

    edited = Signal()
    kept = Signal(object)
    redrawn = Signal()
    came = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._stored: tuple[StepConfig, ...] = ()
        self._known: Mapping[str, type[Choice]] = {}
        self._risks: Mapping[int, str] = {}
        self._may_change = True
        self._form: ParamForm | None = None
        self.presets = QComboBox()
        self.add_button = QPushButton(tr("Add"))
        self.redraw_button = QPushButton(tr("New draw"))
        self.remove_button = QPushButton(tr("Remove"))
        self.list = StepList(tr("Move a step of the augmentation"))
        self.preview = AugmentPreview()
        self._about = PlainLabel("", "small", wrap=True)
        self._risk = PlainLabel("", "small", wrap=True)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_KEEP_AFTER_MS)
        self._soon.timeout.connect(self.flush)
        self._lay_out()
        self.list.edited.connect(self._on_listed)
        self.list.currentRowChanged.connect(self._show_form)
        self.presets.activated.connect(self._on_preset)
        self.redraw_button.clicked.connect(self.redrawn)
        self.remove_button.clicked.connect(self.list.remove_current)

    @property
    def dataset_id(self) -> int | None:
        """The dataset that is shown."""
        return self._dataset.id if self._dataset is not None else None

    def steps(self) -> tuple[StepConfig, ...]:
        """Return the steps as they are edited."""
        return self.list.steps()

    def show_dataset(self, dataset: Dataset, may_change: bool, refusal: str) -> None:
        """Show the augmentation of a dataset; what is being edited stays while the stored one is the same."""
        is_other = self._dataset is None or dataset.id != self._dataset.id
        if is_other:
            self.flush()
            self._known = {}
            self.preview.show_message(tr("Loading …"))
        stored = dataset.preparation.augmentation if dataset.preparation is not None else ()
        is_new = is_other or stored != self._stored or may_change != self._may_change
        self._dataset, self._may_change = dataset, may_change
        for button in (self.presets, self.add_button):
            button.setEnabled(may_change)
        self.add_button.setToolTip(tip(tr("Add a step at the end") if may_change else refusal))
        if is_new:
            self._soon.stop()
            self._stored = stored
            self._show_steps(stored)
            self._follow()
            self.edited.emit()

    def set_known(self, known: Mapping[str, type[Choice]]) -> None:
        """Know what the dataset can be augmented with."""
        if known == self._known:
            return
        self._known = known
        self.list.know(known)
        menu = QMenu(self.add_button)
        for name, step in known.items():
            action = menu.addAction(step.title)
            action.setToolTip(tip(step.text))
            action.triggered.connect(lambda _on=False, name=name: self._add(name))
        menu.setToolTipsVisible(True)
        before = self.add_button.menu()
        self.add_button.setMenu(menu)
        if before is not None:
            before.deleteLater()
        self._show_form()

    def set_risks(self, risks: Mapping[int, str]) -> None:
        """Say by place which steps may break a label."""
        self._risks = risks
        self.list.show_problems({}, risks)
        self._tell_risk()

    def flush(self) -> None:
        """Have stored now what is not stored yet."""
        self._soon.stop()
        steps = self.steps()
        if self._dataset is not None and self._may_change and steps != self._stored:
            self._stored = steps
            self.kept.emit(steps)

    def _on_listed(self) -> None:
        self._follow()
        self.edited.emit()
        self.flush()

    def _on_preset(self) -> None:
        level = self.presets.currentData()
        if level == _OWN or self._dataset is None:
            self._follow()
            return
        steps: Sequence[StepConfig] = preset(level, self._dataset.schema) if level else ()
        # Such as masks of a log-mel picture, where the recipe makes none.
        steps = [step for step in steps if not self._known or step.name in self._known]
        self._show_steps(steps)
        self._on_listed()

    def _show_steps(self, steps: Sequence[StepConfig]) -> None:
        self.list.show_steps(steps, self._known, self._may_change)
        self._show_form()

    def _add(self, name: str) -> None:
        fields = {field: info.get_default() for field, info in self._known[name].model_fields.items()}
        self.list.insert(StepConfig(name=name, fields=fields), last=True)

    def _on_field(self) -> None:
        form = self._form
        if form is None or form.problems():
            return
        self.list.set_fields(form.values())
        self._follow()
        self.edited.emit()
        self._soon.start()

    def _follow(self) -> None:
        """Show the preset that the steps are, or that they are none."""
        steps = self.steps()
        level = level_of(steps) if steps else ""
        self.presets.setCurrentIndex(self.presets.findData(level if level or not steps else _OWN))
        self.list.setVisible(bool(steps))

    def _show_form(self) -> None:
        step = self.list.current()
        known = self._known.get(step.name) if step is not None else None
        if self._form is not None:
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        self._about.setText(known.text if known is not None else "")
        self.remove_button.setVisible(step is not None)
        self.remove_button.setEnabled(self._may_change)
        if known is None or step is None:
            if not self.steps():
                self._about.setText(
                    tr("Off. Choose a preset or add a step: only training samples are ever changed.")
                )
        else:
            self._form = ParamForm(known)
            self._form.set_values(dict(step.fields))
            self._form.setEnabled(self._may_change)
            self._form.changed.connect(self._on_field)
            self._fields.insertWidget(2, self._form)
        self._tell_risk()

    def _tell_risk(self) -> None:
        risk = self._risks.get(self.list.currentRow(), "")
        self._risk.setText(risk)
        self._risk.setVisible(bool(risk))

    def _lay_out(self) -> None:
        self._name_parts()
        left = QWidget()
        left.setFixedWidth(_LEFT)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.presets, 1)
        top.addWidget(self.add_button)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.list, 3)
        column.addWidget(self._settings(), 2)
        above = QHBoxLayout()
        above.addWidget(PlainLabel(tr("Training samples before and after"), "muted"), 1)
        above.addWidget(self.redraw_button)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addLayout(above)
        right.addWidget(self.preview, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(left)
        row.addLayout(right, 1)

    def _name_parts(self) -> None:
        self.presets.setAccessibleName(tr("Preset"))
        self.list.setAccessibleName(tr("Steps of the augmentation"))
        self.presets.setToolTip(tip(tr("How strongly training samples are changed. Default off.")))
        self.presets.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        titles = {"light": tr("Light"), "medium": tr("Medium"), "strong": tr("Strong")}
        for data, title in (("", tr("Off")), *((level, titles[level]) for level in LEVELS)):
            self.presets.addItem(title, data)
        self.presets.addItem(tr("Own choice"), _OWN)
        for button in (self.add_button, self.remove_button, self.redraw_button):
            button.setAccessibleName(button.text())
        self.remove_button.setProperty("quiet", True)
        self.remove_button.setToolTip(tip(tr("Take the step away (Delete)")))
        self.redraw_button.setIcon(icon("arrows-clockwise"))
        self.redraw_button.setToolTip(tip(tr("Draw other random numbers")))
        self._risk.setProperty("tone", "warning")

    def _settings(self) -> QScrollArea:
        inside = QWidget()
        head = QHBoxLayout()
        head.addWidget(self._about, 1)
        head.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignTop)
        self._fields = QVBoxLayout(inside)
        self._fields.setContentsMargins(0, 0, 8, 0)
        self._fields.setSpacing(8)
        self._fields.addLayout(head)
        self._fields.addWidget(self._risk)
        self._fields.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setMinimumHeight(_SETTINGS)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        inside.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        return area

    def minimumSizeHint(self) -> QSize:
        """Ask for no more than the other pages: when this one is shown it has the whole width."""
        return QSize(_LEFT, 240)

    def showEvent(self, event: QShowEvent) -> None:
        """Say that the page is looked at."""
        super().showEvent(event)
        self.came.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Have stored what was set last."""
        self.flush()
        super().hideEvent(event)
