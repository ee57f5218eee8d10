"""How a dataset is divided: the method, and what that method has to know."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.core.configs import SplitConfig
from workbench.core.errors import UserError
from workbench.core.registry import validated
from workbench.gui.translate import tr
from workbench.gui.widgets.form_fields import FormField
from workbench.gui.widgets.labels import PlainLabel, tip

_NUMBERS = ("train", "validation", "test", "folds", "fold", "seed")


class SplitCard(QFrame):
    """Edits a SplitConfig. `applied` carries the new one, valid and different from the one shown before."""

    applied = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("Split"))
        self._stored = SplitConfig()
        self._filling = False
        self._may_change = True
        self._has_columns = self._has_files = False
        self._fields = {name: FormField(name, info, {}) for name, info in SplitConfig.model_fields.items()}
        self._problem = PlainLabel(role="problem", wrap=True)
        self._problem.hide()
        self.apply_button = QPushButton(tr("Apply"))
        self.apply_button.setAccessibleName(tr("Apply"))
        self.apply_button.clicked.connect(self._on_apply)
        self._reset = QPushButton(tr("Reset"))
        self._reset.setAccessibleName(tr("Reset"))
        self._reset.setProperty("quiet", True)
        self._reset.setToolTip(tr("Back to the split that is in force."))
        self._reset.clicked.connect(lambda: self._fill(self._stored))
        tips = _tips()
        for name, field in self._fields.items():
            if name in tips:
                field.control.setToolTip(tip(tips[name]))
            field.changed.connect(lambda name=name: self._on_changed(name))
        self._lay_out()
        for name in _NUMBERS:
            self._fields[name].setParent(self)
        self._fill(self._stored)

    def field(self, name: str) -> FormField:
        """Return the row of a field of SplitConfig."""
        return self._fields[name]

    def offer_columns(self, names: Sequence[str], has_files: bool) -> None:
        """Offer the columns of a table or of a list of labels.

        Args:
            names: Their headings.
            has_files: Whether samples are files, whose names and folders tell as well.
        """
        self._has_columns, self._has_files = bool(names), has_files
        self._fields["column"].offer([(name, name) for name in names])
        self._show_needed()

    def show_split(self, split: SplitConfig, sizes: str, may_change: bool, refusal: str) -> None:
        """Show the split in force; what is being edited stays when that did not change.

        Args:
            split: The split in force.
            sizes: How many samples that makes, in words.
            may_change: Whether it may be changed.
            refusal: Why not, for the tooltip.
        """
        self._may_change = may_change
        self._sizes.setText(sizes)
        for field in self._fields.values():
            field.control.setEnabled(may_change)
        self.apply_button.setToolTip(
            tip(
                tr("Divide the data anew; runs keep the split they were trained on.")
                if may_change
                else refusal
            )
        )
        if split != self._stored:
            self._stored = split
            self._fill(split)
        self._tell()

    def forget(self) -> None:
        """Throw away what is being edited: another dataset comes."""
        self._fill(self._stored)

    def show_problems(self, problems: dict[str, str]) -> None:
        """Show each sentence at its field, and what concerns several below them."""
        for name, field in self._fields.items():
            field.show_problem(problems.get(name, ""))
        general = [text for name, text in problems.items() if name not in self._fields]
        sentences = [text[:1].upper() + text[1:].rstrip(".") + "." for text in general]
        self._problem.setText("\n".join(sentences))
        self._problem.setVisible(bool(general))

    def _lay_out(self) -> None:
        self._sizes = PlainLabel(role="small", wrap=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        self._grid = grid
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._reset)
        buttons.addWidget(self.apply_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(PlainLabel(tr("Split"), "section"))
        column.addWidget(self._sizes)
        for name in ("method", "column", "until"):
            column.addWidget(self._fields[name])
        column.addLayout(grid)
        column.addWidget(self._fields["stratified"])
        column.addWidget(self._problem)
        column.addLayout(buttons)

    def _values(self) -> dict[str, Any]:
        return {name: field.value() for name, field in self._fields.items()}

    def _fill(self, split: SplitConfig) -> None:
        self._filling = True
        for name, field in self._fields.items():
            field.set_value(getattr(split, name))
        self._filling = False
        self._show_needed()
        self._tell()

    def _show_needed(self) -> None:
        """Show the fields of the method alone, numbers two in a row."""
        method = self._fields["method"].value()
        needed = [
            name
            for name in SplitConfig.model_construct(method=method).needs
            if not (name == "until" and not self._is_told_by_files())
            and not (name == "column" and not self._has_columns)
        ]
        for name, field in self._fields.items():
            field.setVisible(name == "method" or name in needed)
        numbers = [name for name in needed if name in _NUMBERS]
        for name in _NUMBERS:
            self._grid.removeWidget(self._fields[name])
        for place, name in enumerate(numbers):
            self._grid.addWidget(self._fields[name], place // 2, place % 2, Qt.AlignmentFlag.AlignTop)

    def _is_told_by_files(self) -> bool:
        """Return whether names of files say what belongs together, not a column."""
        return self._has_files and not (self._has_columns and self._fields["column"].value())

    def _on_changed(self, name: str) -> None:
        if self._filling:
            return
        if name in ("method", "column"):
            self._show_needed()
        self._link(name)
        self._tell()

    def _link(self, changed: str) -> None:
        """Let the share that pays for a change follow: the test share, or the training share for that."""
        payer = {"train": "test", "validation": "test", "test": "train"}.get(changed)
        if payer is None:
            return
        others = [self._fields[name].value() for name in ("train", "validation", "test") if name != payer]
        if not all(isinstance(value, int | float) for value in others):
            return
        rest = round(1.0 - sum(others), 6)
        if 0.0 <= rest <= 1.0:
            self._filling = True
            self._fields[payer].set_value(rest)
            self._filling = False

    def _tell(self) -> None:
        split, found = self._read()
        self.show_problems(found)
        is_new = split is not None and split != self._stored
        self.apply_button.setEnabled(self._may_change and is_new)
        self._reset.setVisible(split is None or is_new)

    def _read(self) -> tuple[SplitConfig | None, dict[str, str]]:
        problems = {name: text for name, field in self._fields.items() if (text := field.problem())}
        try:
            split = validated(SplitConfig, self._values())
        except UserError as error:
            return None, dict(error.fields) | problems
        return split, problems

    def _on_apply(self) -> None:
        split, _ = self._read()
        if split is not None:
            self.applied.emit(split)


def _tips() -> dict[str, str]:
    return {
        "train": tr("What the model learns from. Default 0.7; more when there is little data."),
        "validation": tr(
            "What the best epoch is chosen on. Default 0.15; with none it is chosen on the training loss."
        ),
        "test": tr("What the finished model is judged on. Default 0.15; it is never learnt from."),
        "seed": tr("Start of the shuffling; the same seed divides the same data the same way. Default 0."),
        "stratified": tr("Each class is divided in the same shares. Default on; no effect for a number."),
    }
