"""Where the class of samples is chosen or typed, also one that there is not yet."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QCompleter,
    QLineEdit,
    QListView,
    QSizePolicy,
    QWidget,
)

from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip

LEAST, WIDTH = 88, 200
_MOST_OFFERED = 200
_LEAST_OFFER = 240
_IS_NEW = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class ClassBox(QComboBox):
    """A class is chosen from the list, or typed: a part of its name is enough.

    `wanted` carries a class that there is. A name that no class has is offered as a new one in the list below
    what is typed; `new_wanted` carries it once it was chosen there, by mouse or by Enter.
    """

    wanted = Signal(str)
    new_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[str, ...] = ()
        self._places: dict[str, int] = {}
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        narrow(self)
        self.setAccessibleName(tr("Class of the chosen"))
        about = tr(
            "The class of the chosen samples. In the list, keys 1 to 9 choose the class at that place, "
            "letters begin to type it; Enter sets it, Escape leaves it. A name that no class has adds one."
        )
        self.setToolTip(tip(about))
        view: Any = self.view()
        if isinstance(view, QListView):
            view.setUniformItemSizes(True)
        view.setTextElideMode(Qt.TextElideMode.ElideRight)
        # That of a combo box knows its own items alone.
        self.setCompleter(None)  # type: ignore[arg-type]
        self._offers = _Offers(self)
        self._completer = _Completer(self._offers, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._popup.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._popup.setMinimumWidth(_LEAST_OFFER)
        self._popup.setProperty("role", "offers")
        self._completer.activated["QModelIndex"].connect(self._on_offer)  # type: ignore[index]
        self.line.setCompleter(self._completer)
        self.line.textEdited.connect(self._offer_for)
        # Enter with the list of offers open comes by this signal alone, else by the key that the bar takes.
        self.line.returnPressed.connect(self.enter)
        self.activated.connect(lambda at: self.wanted.emit(self.itemText(at)))

    @property
    def line(self) -> QLineEdit:
        """Where a class is typed."""
        line = self.lineEdit()
        assert line is not None
        return line

    @property
    def _popup(self) -> QAbstractItemView:
        popup = self._completer.popup()
        assert popup is not None
        return popup

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that can be chosen, in the order of their keys."""
        return self._classes

    def offer(self, classes: Sequence[str]) -> None:
        """Offer these classes."""
        if tuple(classes) == self._classes:
            return
        self._classes = tuple(classes)
        self._places = {name: place for place, name in enumerate(classes)}
        text = self.line.text()
        with QSignalBlocker(self):
            self.clear()
            self.addItems(list(classes))
        self.show_label(text)

    def show_label(self, label: str) -> None:
        """Show what the chosen samples have; nothing where they differ."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self._places.get(label, -1))
            self.line.setText(label)
            self.line.setCursorPosition(0)

    def begin(self, text: str) -> None:
        """Begin to type."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.setText(text)
        self.line.setCursorPosition(len(text))
        self._offer_for(text)
        self._completer.setCompletionPrefix(text)
        self._completer.complete()

    def enter(self) -> None:
        """Want what was typed; ask whether it is a new class where none is meant by it."""
        if self._popup.isVisible() and self._popup.currentIndex().isValid():
            return  # what is chosen in the list is told in the same breath
        text = self.line.text()
        label = text if text in self._places else _meant(text.strip(), self._classes)
        if label in self._places:
            self.wanted.emit(label)
        elif label:
            # A moment later: this Enter closes the list.
            QTimer.singleShot(0, self, self._ask)

    def close_offers(self) -> bool:
        """Close the list below what is typed; return whether it was open."""
        is_open = self._popup.isVisible()
        self._popup.hide()
        return is_open

    def _ask(self) -> None:
        self._offers.show([], " ".join(self.line.text().split()))
        self._completer.complete()
        self._popup.setCurrentIndex(self._completer.completionModel().index(0, 0))

    def _offer_for(self, typed: str) -> None:
        wanted = typed.strip().casefold()
        found = [name for name in self._classes if wanted in name.casefold()]
        first = [name for name in found if name.casefold().startswith(wanted)]
        kept = dict.fromkeys([*first, *found])
        new = "" if not wanted or typed.strip() in self._places else " ".join(typed.split())
        self._offers.show(list(kept)[:_MOST_OFFERED], new)

    def _on_offer(self, index: Index) -> None:
        name = str(index.data(Qt.ItemDataRole.EditRole))
        (self.new_wanted if index.data(_IS_NEW) else self.wanted).emit(name)


class _Completer(QCompleter):
    """Shows all that is offered and chooses none of it by itself: Enter must not take a class by surprise."""

    def splitPath(self, _path: str) -> list[str]:  # noqa: N802 - the name is Qt's
        return ["\0"]


class _Offers(QAbstractListModel):
    """Classes that fit what is typed, and what is typed as a new one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self._new = ""

    def show(self, names: list[str], new: str) -> None:
        self.beginResetModel()
        self._names, self._new = names, new
        self.endResetModel()

    def rowCount(self, _parent: Index | None = None) -> int:
        return len(self._names) + bool(self._new)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_new = index.row() == len(self._names)
        name = self._new if is_new else self._names[index.row()]
        if role == Qt.ItemDataRole.DisplayRole and is_new:
            return tr("New class “{name}”", name=name)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return name
        return is_new if role == _IS_NEW else None


def narrow(field: QWidget) -> None:
    """Let a field take some of the width where there is room, and little where there is none."""
    field.setMinimumWidth(LEAST)
    field.setMaximumWidth(WIDTH)
    field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


def _meant(typed: str, classes: Sequence[str]) -> str:
    """Return the class that was meant by a part of its name, or what was typed."""
    wanted = typed.casefold()
    if not wanted:
        return typed
    same = [name for name in classes if name.casefold() == wanted]
    first = same or [name for name in classes if name.casefold().startswith(wanted)]
    found = first or [name for name in classes if wanted in name.casefold()]
    return found[0] if len(found) == 1 else typed
