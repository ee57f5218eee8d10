"""The form of a watch: which number, on which side of which limit, and what it does to the risk."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.core.risks import Watch
from workbench.core.states import Condition
from workbench.gui import background
from workbench.gui.offers import offer_choices
from workbench.gui.panes.risks.words import value_text
from workbench.gui.translate import tr
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.level_chooser import LevelChooser
from workbench.gui.widgets.number_box import NumberBox
from workbench.gui.widgets.param_form import ParamForm

if TYPE_CHECKING:
    from workbench.services.risks import Fact, Measured
    from workbench.services.session import Session

_PAUSE_MS = 250


class WatchDialog(FormDialog):
    """Which number is watched; its present value is shown while it is chosen.

    Args:
        session: The open project.
        risk_id: The risk that watches.
        watch: The watch that is changed; None for a new one.
        parent: The window.
    """

    def __init__(self, session: "Session", risk_id: int, watch: Watch | None, parent: QWidget | None) -> None:
        about = tr("When the number crosses its limit, the risk's probability rises by itself and says why.")
        super().__init__(tr("Watch a number"), about, tr("Watch") if watch is None else tr("Save"), parent)
        self._session, self._risk_id, self._watch = session, risk_id, watch
        self._facts: dict[str, type[Fact]] = {kind.name: kind for kind in session.risks.facts()}
        self.fact = QComboBox()
        self.about = PlainLabel(role="small", wrap=True)
        self.forms: dict[str, ParamForm] = {}
        self._holder = QVBoxLayout()
        self.condition = QComboBox()
        self.limit = NumberBox(whole=False)
        self.raises_to = LevelChooser(tr("Raises the probability to at least"))
        self.now = PlainLabel(role="strong", wrap=True)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE_MS)
        self._soon.timeout.connect(self._measure)
        self._lay_out()
        self._enter(watch)
        self.fact.currentIndexChanged.connect(lambda _at: self._show_fact(keep_side=False))
        self.condition.currentIndexChanged.connect(lambda _at: self._soon.start())
        self.limit.changed.connect(self._soon.start)

    @property
    def form(self) -> ParamForm:
        """The form of the fact that is chosen."""
        return self.forms[self.fact.currentData()]

    def watch(self) -> Watch:
        """Return what is entered.

        Raises:
            UserError: The limit is no number, or a field is wrong; each is told where it is.
        """
        limit, problems = self.limit.value(), self.form.problems()
        self.form.show_problems(problems)
        if problems:
            raise UserError(tr("Something above is not right yet."), problems)
        if not isinstance(limit, int | float):
            raise UserError(tr("The limit has to be a number."), {"limit": "has to be a number"})
        return Watch(
            self._watch.id if self._watch is not None else 0,
            self._risk_id,
            self.fact.currentData(),
            self.form.values(),
            Condition(self.condition.currentData()),
            float(limit),
            self.raises_to.level or 4,
        )

    def save(self) -> None:
        """Save the watch."""
        self._session.risks.set_watch(self.watch())

    def _lay_out(self) -> None:
        for name, kind in self._facts.items():
            self.fact.addItem(kind.title, name)
        self.condition.addItem(tr("below"), Condition.BELOW)
        self.condition.addItem(tr("above"), Condition.ABOVE)
        self.raises_to.set_meanings(self._session.board.state.charter.probabilities)
        self.add_entry(tr("Number"), self.fact)
        self.body.addWidget(self.about)
        inner = QWidget()
        inner.setLayout(self._holder)
        self._holder.setContentsMargins(0, 0, 8, 0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setMinimumHeight(168)
        self.body.addWidget(area, 1)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.add_entry(tr("Wrong when"), self.condition, row)
        self.add_entry(tr("Limit"), self.limit, row)
        self.body.addLayout(row)
        self.add_entry(tr("Raises the probability to at least"), self.raises_to)
        box = QFrame()
        box.setProperty("role", "notice")
        line = QHBoxLayout(box)
        line.setContentsMargins(12, 8, 12, 8)
        line.setSpacing(12)
        line.addWidget(PlainLabel(tr("Now"), "muted"))
        line.addWidget(self.now, 1)
        self.body.addWidget(box)
        self.resize(520, 600)

    def _enter(self, watch: Watch | None) -> None:
        self.raises_to.set_level(watch.raises_to if watch is not None else 4)
        self.limit.set_value(watch.limit if watch is not None else 0.9)
        at = self.fact.findData(watch.fact if watch is not None else "measure")
        self.fact.setCurrentIndex(max(0, at))
        self._show_fact(keep_side=False)
        if watch is not None:
            self.condition.setCurrentIndex(self.condition.findData(watch.condition))
            self.form.set_values(self.form.defaults | dict(watch.fields))

    def _show_fact(self, *, keep_side: bool) -> None:
        name = self.fact.currentData()
        kind = self._facts[name]
        self.about.setText(kind.text)
        if name not in self.forms:
            form = ParamForm(kind, columns=2)
            form.changed.connect(self._soon.start)
            self.forms[name] = form
            self._holder.addWidget(form)
            offer_choices(self._session, form)
        for other, form in self.forms.items():
            form.setVisible(other == name)
        if not keep_side:
            self.condition.setCurrentIndex(self.condition.findData(kind.wrong))
        self._soon.start()

    def _measure(self) -> None:
        try:
            watch = self.watch()
        except UserError:
            self.now.setText("–")
            return
        self.now.setText(tr("reading …"))
        background.query(
            lambda: self._session.risks.measured(watch),
            lambda measured: self._show_measured(watch, measured),
            lambda error: self.now.setText(str(error)),
            owner=self,
            key="measured",
        )

    def _show_measured(self, watch: Watch, measured: "Measured") -> None:
        if measured.value is None:
            self.now.setText(measured.text)
            return
        wrong = (
            measured.value < watch.limit
            if watch.condition is Condition.BELOW
            else measured.value > watch.limit
        )
        side = tr("on the wrong side of the limit") if wrong else tr("within the limit")
        unit = self._facts[watch.fact].unit
        self.now.setText(f"{value_text(measured.value, unit)} · {side}\n{measured.text}")
