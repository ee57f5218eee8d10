"""The menu of the steps that can be added."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget, QWidgetAction

from workbench.core.registry import Choice
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import PlainLabel, tip


class StepMenu(QMenu):
    """Steps under their headings, found by a word. `chosen` carries the name of one."""

    chosen = Signal(str)

    def __init__(self, classes: Sequence[type[Choice]], misfits: Mapping[str, str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setToolTipsVisible(True)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find a step"))
        self.search.setAccessibleName(tr("Find a step"))
        self.search.setMinimumWidth(240)
        self.search.textChanged.connect(self._on_search)
        self.search.installEventFilter(self)
        first = QWidgetAction(self)
        first.setDefaultWidget(self.search)
        self.addAction(first)
        self._found: list[tuple[QAction, str]] = []
        self._heads: list[tuple[QWidgetAction, list[QAction]]] = []
        for cls in classes:
            if cls.name in misfits:
                self._add(cls, misfits[cls.name])
        self.aboutToShow.connect(self.search.setFocus)

    def _add(self, cls: type[Choice], misfit: str) -> None:
        if not self._heads or self._heads[-1][0].text() != cls.group:
            label = PlainLabel(cls.group, "caption")
            label.setContentsMargins(8, 8, 8, 2)
            head = QWidgetAction(self)
            head.setText(cls.group)
            head.setDefaultWidget(label)
            head.setEnabled(False)
            self.addAction(head)
            self._heads.append((head, []))
        about = cls.text or (cls.__doc__ or "").partition("\n")[0]
        action = self.addAction(cls.title)
        action.setEnabled(not misfit)
        action.setToolTip(tip(misfit or about))
        action.triggered.connect(lambda _=False, name=cls.name: self.chosen.emit(name))
        self._found.append((action, f"{cls.title} {cls.group} {about}".casefold()))
        self._heads[-1][1].append(action)

    def _on_search(self, text: str) -> None:
        for action, words in self._found:
            action.setVisible(text.casefold() in words)
        for head, actions in self._heads:
            shown = any(action.isVisible() for action in actions)
            head.setVisible(shown)
            head.defaultWidget().setVisible(shown)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Take the first step that is found with Return; go down to them with the arrow."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            left = [action for action, _ in self._found if action.isVisible() and action.isEnabled()]
            if left and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                left[0].trigger()
                self.close()
                return True
            if left and event.key() == Qt.Key.Key_Down:
                self.setActiveAction(left[0])
                self.setFocus()
                return True
        return super().eventFilter(watched, event)
