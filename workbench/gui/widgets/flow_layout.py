"""A layout that goes on in the next row when a row is full."""

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Widgets side by side, wrapped at the width there is; its height follows from that."""

    def __init__(self, parent: QWidget) -> None:
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        super().__init__(parent)
        self.setContentsMargins(QMargins())

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Go through the rows of `rect`, moving the widgets if asked; returns the height used."""
        spot, row_height = rect.topLeft(), 0
        for item in self._items:
            if item.isEmpty():
                continue  # hidden: it would still begin a row
            hint = item.sizeHint()
            if spot.x() > rect.x() and spot.x() + hint.width() > rect.right() + 1:
                spot, row_height = QPoint(rect.x(), spot.y() + row_height + self.spacing()), 0
            if move:
                item.setGeometry(QRect(spot, QSize(min(hint.width(), rect.width()), hint.height())))
            spot = QPoint(spot.x() + hint.width() + self.spacing(), spot.y())
            row_height = max(row_height, hint.height())
        return spot.y() + row_height - rect.y()

    def addItem(self, item: QLayoutItem) -> None:
        """Add an item at the end."""
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None outside the range, as Qt asks until there is none."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove and return an item, or None outside the range."""
        if not 0 <= index < len(self._items):
            return None
        item = self._items.pop(index)
        self.invalidate()
        return item

    def expandingDirections(self) -> Qt.Orientation:
        """Return that it takes no more than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows at this width, in pixels; asked again and again by what is around."""
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def invalidate(self) -> None:
        """Forget what was worked out."""
        self._heights.clear()
        super().invalidate()

    def minimumSize(self) -> QSize:
        """Return the size of the largest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def sizeHint(self) -> QSize:
        """Return the least size; the width comes from around."""
        return self.minimumSize()

    def setGeometry(self, rect: QRect) -> None:
        """Put the items in their rows."""
        super().setGeometry(rect)
        self._place(rect, move=True)
