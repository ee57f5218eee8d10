"""What stands around the panes: the navigation rail at the left and the bar at the top."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.theme import MARGIN, icon, restyle, token
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import Badge, badge_font, paint_badge
from workbench.gui.widgets.labels import ElidedLabel, rule, tip


class Rail(QFrame):
    """The navigation: one button a pane, icon and word. `chosen` carries the pane's name."""

    chosen = Signal(str)

    def __init__(self, panes: Iterable[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setAccessibleName(tr("Panes"))
        self.setFixedWidth(84)
        self._buttons: dict[str, QToolButton] = {}
        self._icons: dict[str, str] = {}
        group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        for number, (name, title, icon_name) in enumerate(panes, start=1):
            button = QToolButton()
            button.setProperty("role", "rail")
            button.setText(title)
            button.setAccessibleName(title)
            button.setToolTip(tr("{title} (Ctrl+{number})", title=title, number=number))
            button.setIcon(icon(icon_name))
            button.setIconSize(QSize(20, 20))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setMinimumHeight(56)
            button.clicked.connect(lambda _checked=False, pane=name: self.chosen.emit(pane))
            group.addButton(button)
            column.addWidget(button)
            self._buttons[name] = button
            self._icons[name] = icon_name
        column.addStretch(1)

    def mark(self, name: str) -> None:
        """Show which pane is open."""
        self._buttons[name].setChecked(True)
        for pane, button in self._buttons.items():
            button.setIcon(icon(self._icons[pane], "accent" if pane == name else "muted"))


class _StageBadge(QAbstractButton):
    """The stage as a badge that leads to its gate."""

    def __init__(self) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._stage, self._overridden, self._met, self._all = "", "", 0, 0

    @property
    def _tone(self) -> str:
        if self._overridden:
            return "warning"
        return "good" if self._all and self._met == self._all else "info"

    def show_stage(self, text: str, overridden: str) -> None:
        """Show another stage, and why the project came to it past an unmet gate."""
        self._stage, self._overridden = text, overridden
        self._show()

    def show_met(self, met: int, count: int) -> None:
        """Show how much of what the gate asks is met; a gate that asks nothing shows nothing."""
        if (met, count) != (self._met, self._all):
            self._met, self._all = met, count
            self._show()

    def _show(self) -> None:
        met = tr("{met} of {count} met", met=self._met, count=self._all) if self._all else ""
        overridden = tr("overridden") if self._overridden else ""
        self.setText(" · ".join(filter(None, (self._stage, overridden, met))))
        self.setAccessibleName(self.text())
        about = tr("Show what the gate of this stage asks")
        self.setToolTip(tip("\n".join(filter(None, (self._overridden, self.text(), about)))))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the whole word."""
        return QSize(QFontMetrics(badge_font()).horizontalAdvance(self.text()) + 20, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the badge, with a border where the keyboard is."""
        painter = QPainter(self)
        paint_badge(painter, QRectF(self.rect()), self.text(), self._tone)
        if self.hasFocus():
            painter.setPen(QPen(token("accent"), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 9, 9)


class TopBar(QFrame):
    """Project and stage at the left; search, device and *New run* at the right."""

    search_requested = Signal()
    rename_requested = Signal()
    new_run_requested = Signal()
    stage_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._project = QPushButton()
        restyle(self._project, role="project")
        self._project.clicked.connect(self.rename_requested)
        self._stage = _StageBadge()
        self._stage.clicked.connect(self.stage_requested)
        self._notice = ElidedLabel("", "muted")
        self._search = QLineEdit()
        self._search.setReadOnly(True)
        self._search.setPlaceholderText(tr("Search everything …  Ctrl+K"))
        self._search.setAccessibleName(tr("Search"))
        self._search.setToolTip(tr("Find any run, dataset, risk, card or command (Ctrl+K)"))
        self._search.setMinimumWidth(200)
        self._search.setMaximumWidth(280)
        self._search.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._search.setCursor(Qt.CursorShape.PointingHandCursor)
        self._search.selectionChanged.connect(self._search.deselect)
        self._search.installEventFilter(self)
        self._device = Badge(tr("CPU"))
        self._new_run = QPushButton(tr("New run"))
        self._new_run.setAccessibleName(tr("New run"))
        self._new_run.setToolTip(tr("Choose a model for a dataset and train it (Ctrl+N)"))
        restyle(self._new_run, primary=True)
        self._new_run.clicked.connect(self.new_run_requested)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 8, MARGIN, 8)
        row.setSpacing(12)
        row.addWidget(self._project)
        row.addWidget(self._stage)
        row.addWidget(self._notice, 1)
        row.addWidget(self._search, 1)
        for widget in (self._device, self._new_run):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(rule())
        self.set_project("", "", read_only=False)

    def set_project(self, name: str, stage: str, overridden: str = "", *, read_only: bool) -> None:
        """Show which project is open; an empty name is none.

        Args:
            name: The project.
            stage: Where it is.
            overridden: Why it came there past a gate that was not met; empty where it did not.
            read_only: Whether nothing may be changed.
        """
        shown = name if len(name) <= 40 else name[:39] + "…"
        self._project.setText((shown or tr("No project")).replace("&", "&&"))
        self._project.setAccessibleName(name or tr("No project"))
        self._project.setToolTip(tip(name) + " · " + tr("click to rename") if name else "")
        self._project.setEnabled(bool(name) and not read_only)
        self._stage.show_stage(stage, overridden)
        self._stage.setVisible(bool(stage))
        self._notice.setText(tr("read-only: open in another window") if read_only else "")
        self._new_run.setVisible(bool(name))
        self._new_run.setEnabled(not read_only)

    def set_met(self, met: int, count: int) -> None:
        """Show how many of the criteria of the stage's gate are met."""
        self._stage.show_met(met, count)

    def set_device(self, text: str, tip_text: str) -> None:
        """Show what runs compute on, and the memory in use."""
        self._device.set_badge(text)
        self._device.setToolTip(tip(tip_text))

    def eventFilter(self, watched: QWidget, event: object) -> bool:  # type: ignore[override]
        """Open the search on a click into its field."""
        if (
            watched is self._search
            and isinstance(event, QEvent)
            and event.type() == QEvent.Type.MouseButtonRelease
        ):
            self.search_requested.emit()
            return True
        return False
