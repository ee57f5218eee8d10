"""Shows Markdown that anybody may have written: nothing is loaded, markup of HTML stays text."""

import re
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QImage,
    QMouseEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from workbench.gui.theme import body_font

_PICTURE = re.compile(r"!(?=\[)")


class _Closed(QTextDocument):
    """A document that gets no resource: no picture, no style sheet, from the network or from a file."""

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:  # noqa: N802 - Qt's name
        """Return an empty picture: for none at all Qt would look for a file of that name itself."""
        empty = QImage(1, 1, QImage.Format.Format_ARGB32)
        empty.fill(Qt.GlobalColor.transparent)
        return empty


class MarkdownView(QTextEdit):
    """Markdown to be read. `edit_wanted` tells of a double click.

    Args:
        name: What it is; the accessible name.
        fits: Whether it is as high as its text.
    """

    edit_wanted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None, *, fits: bool = False) -> None:
        super().__init__(parent)
        self._fits = fits
        self.setDocument(_Closed(self))
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        if fits:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def show_markdown(self, text: str) -> None:
        """Show a text; pictures in it stay as they are written."""
        self.document().setMarkdown(
            _PICTURE.sub(r"!\\", text),
            QTextDocument.MarkdownFeature.MarkdownDialectGitHub
            | QTextDocument.MarkdownFeature.MarkdownNoHTML,
        )
        self._calm()
        self._fit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask to edit."""
        super().mouseDoubleClickEvent(event)
        self.edit_wanted.emit()

    def _calm(self) -> None:
        """Give headings and paragraphs the measure of the page around them."""
        block = self.document().begin()
        while block.isValid():
            cursor = QTextCursor(block)
            if block.blockFormat().headingLevel():
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                look = QTextCharFormat()
                look.setFont(body_font(15, QFont.Weight.Bold))
                cursor.setCharFormat(look)
            if not block.textList():
                space = QTextBlockFormat()
                space.setBottomMargin(6)
                cursor.mergeBlockFormat(space)
            block = block.next()

    def _fit(self, *_: object) -> None:
        if self._fits:
            self.setFixedHeight(max(40, min(360, int(self.document().size().height()) + 12)))
