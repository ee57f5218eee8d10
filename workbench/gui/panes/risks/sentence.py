"""What a risk is called and what it says: cause, event, effect."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from workbench.core.risks import Risk
from workbench.gui.panes.risks.rows import Register
from workbench.gui.panes.risks.section import Desk, Section
from workbench.gui.translate import tr
from workbench.gui.widgets.growing_text import GrowingText
from workbench.gui.widgets.labels import PlainLabel


class SentenceSection(Section):
    """Because of a cause, an event may happen, which has an effect: three entries."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("", desk)
        self._risk_id = 0
        self._entries = {
            "cause": GrowingText(tr("Cause"), hint=tr("Why it may happen")),
            "event": GrowingText(tr("Event"), hint=tr("What would happen")),
            "effect": GrowingText(tr("Effect"), hint=tr("What that would do to the project")),
        }
        words = {"cause": tr("Cause"), "event": tr("Event"), "effect": tr("Effect")}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for place, (name, entry) in enumerate(self._entries.items()):
            label = PlainLabel(words[name], "muted")
            label.setBuddy(entry)
            label.setContentsMargins(0, 8, 0, 0)
            grid.addWidget(label, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(entry, place, 1)
            entry.kept.connect(lambda text, field=name: self.desk.change(**{field: text.strip()}))
        self.body.addLayout(grid)

    def entry(self, field: str) -> GrowingText:
        """Return the entry of `cause`, `event` or `effect`."""
        return self._entries[field]

    def show_risk(self, risk: Risk, _register: Register) -> None:
        """Show the sentence of a risk."""
        for name, entry in self._entries.items():
            entry.show_text(getattr(risk, name), other=risk.id != self._risk_id)
            entry.setReadOnly(not self.desk.writable)
        self._risk_id = risk.id

    def commit(self) -> None:
        """Save what is being written."""
        for entry in self._entries.values():
            entry.flush()
