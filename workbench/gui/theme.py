"""Colours, fonts, spacing and icons of the window. No colour stands anywhere else in the front end."""

import json
import string
import tempfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QWidget

from workbench.core.resources import resource

Mode = Literal["system", "light", "dark"]

GRID: Final = 4
MARGIN: Final = 16
GAP: Final = 12
RADIUS: Final = 6
BODY_PX: Final = 13
SMALL_PX: Final = 12

LIGHT: Final = {
    "surface": "#F6F7F9",
    "raised": "#FFFFFF",
    "field": "#F6F7F9",
    "hover": "#EEF1F5",
    "pressed": "#E3E7ED",
    "line": "#E3E7ED",
    "edge": "#CBD2DC",
    "text": "#18212F",
    "muted": "#5F6B7C",
    "faint": "#8C97A7",
    "accent": "#2563EB",
    "accent_hover": "#1D54CF",
    "accent_ground": "#EBF2FE",
    "on_accent": "#FFFFFF",
    "good": "#157F4A",
    "good_ground": "#E8F7EF",
    "warning": "#9A5B05",
    "warning_ground": "#FCF0DA",
    "danger": "#B42318",
    "danger_ground": "#FCE8E6",
}
DARK: Final = {
    "surface": "#12161C",
    "raised": "#1A2028",
    "field": "#12161C",
    "hover": "#232B35",
    "pressed": "#2B333E",
    "line": "#2B333E",
    "edge": "#435062",
    "text": "#E7ECF3",
    "muted": "#98A3B3",
    "faint": "#6D7888",
    "accent": "#7AA7FF",
    "accent_hover": "#9ABCFF",
    "accent_ground": "#1F2C47",
    "on_accent": "#12161C",
    "good": "#5FD39A",
    "good_ground": "#16301F",
    "warning": "#F0B75B",
    "warning_ground": "#33270F",
    "danger": "#FF9088",
    "danger_ground": "#3A1A18",
}
_HUES: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
# Okabe and Ito; their yellow does not show on a light ground.
RUN_COLORS: Final = {"light": (*_HUES, "#8A8200"), "dark": (*_HUES, "#F0E442")}

# A desktop that sets no font leaves Qt with the generic family; Inter is the better choice there.
_GENERIC_FAMILIES: Final = {"Sans Serif", "sans-serif", "Sans", "DejaVu Sans"}
_FAMILIES: Final = (
    "Inter",
    "Noto Sans CJK SC",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "PingFang SC",
)


class Theme(QObject):
    """Which set of tokens is in force; `changed` tells what cannot see a style change by itself."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode: Mode = "system"
        self.tokens: dict[str, str] = LIGHT
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._app: QApplication | None = None

    @property
    def dark(self) -> bool:
        """Whether the dark tokens are in force."""
        return self.tokens is DARK

    def apply(self, app: QApplication, mode: Mode) -> None:
        """Put the tokens of `mode` into force for the whole application."""
        self.mode = mode
        if self._app is not app:
            self._app = app
            app.setStyle("Fusion")
            app.setFont(body_font())
            app.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        # Native parts (title bar, file dialogs) follow the choice; Unknown gives them back to the system.
        app.styleHints().setColorScheme(schemes.get(mode, Qt.ColorScheme.Unknown))
        self._put(DARK if mode == "dark" or (mode == "system" and self._system_is_dark()) else LIGHT)

    def _system_is_dark(self) -> bool:
        return self._app is not None and self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark

    def _on_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        if self.mode == "system":
            self._put(DARK if scheme == Qt.ColorScheme.Dark else LIGHT)

    def _put(self, tokens: dict[str, str]) -> None:
        if self._app is None or (tokens is self.tokens and self._app.styleSheet()):
            return
        self.tokens = tokens
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="workbench-style-", ignore_cleanup_errors=True)
        self._app.setPalette(_palette())
        self._app.setStyleSheet(_style_sheet(Path(self._folder.name)))
        self.changed.emit()


theme: Final = Theme()


def apply_theme(app: QApplication, mode: Mode = "system") -> None:
    """Dress the application in light or dark, or as the system is and whenever it changes.

    Args:
        app: The application; its style becomes Fusion, so that it looks the same everywhere.
        mode: `system` follows the desktop.
    """
    theme.apply(app, mode)


def token(name: str) -> QColor:
    """Return the colour of a token as it is now; ask again at every painting."""
    return QColor(theme.tokens[name])


def run_color(index: int) -> QColor:
    """Return the colour of the run with that number as it is now, the same on every pane.

    After the seventh run the colours come again halfway to the text's, and only after those the same ones.
    """
    colors = RUN_COLORS["dark" if theme.dark else "light"]
    turn, place = divmod(index, len(colors))
    color = QColor(colors[place])
    return mix(color, token("text"), 0.5) if turn % 2 else color


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """Return the colour that lies `share` of the way, in [0, 1], from `first` to `second`."""
    return QColor.fromRgbF(
        first.redF() + (second.redF() - first.redF()) * share,
        first.greenF() + (second.greenF() - first.greenF()) * share,
        first.blueF() + (second.blueF() - first.blueF()) * share,
    )


def contrast(first: QColor, second: QColor) -> float:
    """Return the contrast of two colours, from 1 to 21.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(ground: QColor) -> QColor:
    """Return the text colour, of the two there are, that reads best on `ground`."""
    return max((token("text"), token("on_accent")), key=lambda color: contrast(color, ground))


def _luminance(color: QColor) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def body_font(pixels: int = BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the system's own font with Chinese behind it, in logical pixels."""
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    families = [*_FAMILIES, system] if system in _GENERIC_FAMILIES else [system, *_FAMILIES]
    font = QFont(families)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font


def figure_font(pixels: int = BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the body font with digits of one width, for figures that stand below each other."""
    font = body_font(pixels, weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet selects by, such as `role` or `tone`, and restyle the widget."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def icon(name: str, tone: str = "muted") -> QIcon:
    """Return an icon that takes its colour at every painting, so that it follows the theme by itself.

    Args:
        name: A name of the Phosphor family in qtawesome, such as `house`.
        tone: The token of its colour.

    Raises:
        KeyError: There is no such icon.
    """
    return QIcon(_TokenIconEngine(_glyphs()[1][name], tone))


@lru_cache(maxsize=1)
def _glyphs() -> tuple[str, dict[str, str]]:
    """Return the family of the icon font and its characters by name.

    Read straight from qtawesome's files: importing it loads every family, 0.3 s before the first window.
    """
    spec = find_spec("qtawesome")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("qtawesome is not installed")
    folder = Path(spec.submodule_search_locations[0]) / "fonts"
    (font_file,) = folder.glob("phosphor*.ttf")
    (character_file,) = folder.glob("phosphor*-charmap*.json")
    family = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(font_file)))[0]
    codes: dict[str, str] = json.loads(character_file.read_text(encoding="utf-8"))
    return family, {name: chr(int(code, 16)) for name, code in codes.items()}


class _TokenIconEngine(QIconEngine):
    def __init__(self, glyph: str, tone: str) -> None:
        super().__init__()
        self._glyph = glyph
        self._tone = tone

    def clone(self) -> QIconEngine:
        return _TokenIconEngine(self._glyph, self._tone)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        font = QFont(_glyphs()[0])
        font.setPixelSize(max(1, min(rect.width(), rect.height())))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setPen(token("faint" if mode == QIcon.Mode.Disabled else self._tone))
        painter.setFont(font)
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, self._glyph)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(), size), mode, state)
        painter.end()
        return pixmap


def _palette() -> QPalette:
    roles = {
        QPalette.ColorRole.Window: "surface",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "raised",
        QPalette.ColorRole.AlternateBase: "field",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "danger",
        QPalette.ColorRole.Highlight: "accent_ground",
        QPalette.ColorRole.HighlightedText: "text",
        QPalette.ColorRole.Link: "accent",
        QPalette.ColorRole.LinkVisited: "accent",
        QPalette.ColorRole.PlaceholderText: "muted",
        QPalette.ColorRole.ToolTipBase: "text",
        QPalette.ColorRole.ToolTipText: "raised",
        QPalette.ColorRole.Light: "raised",
        QPalette.ColorRole.Midlight: "hover",
        QPalette.ColorRole.Mid: "line",
        QPalette.ColorRole.Dark: "edge",
        QPalette.ColorRole.Shadow: "edge",
        QPalette.ColorRole.Accent: "accent",
    }
    palette = QPalette()
    for role, name in roles.items():
        palette.setColor(role, token(name))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, token("faint"))
    return palette


_MARKS: Final = {
    "down": '<path d="M4 6.5 8 10.5 12 6.5"/>',
    "up": '<path d="M4 9.5 8 5.5 12 9.5"/>',
    "check": '<path d="M3.5 8.5 6.5 11.5 12.5 4.8"/>',
    "dash": '<path d="M4 8 12 8"/>',
}
_MARK_COLORS: Final = {"": "muted", "_on": "on_accent", "_off": "faint"}


def _style_sheet(folder: Path) -> str:
    """Return the style sheet with tokens put in; the marks it shows are drawn in them, into `folder`."""
    places: dict[str, str] = dict(theme.tokens)
    variant = "dark" if theme.dark else "light"
    for name, path in _MARKS.items():
        for suffix, color in _MARK_COLORS.items():
            file = folder / f"{name}{suffix}-{variant}.svg"
            file.write_text(
                '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke-width="1.6" '
                f'stroke-linecap="round" stroke-linejoin="round" stroke="{theme.tokens[color]}">{path}</svg>',
                encoding="utf-8",
            )
            places[f"mark_{name}{suffix}"] = file.as_posix()
    template = resource("styles/workbench.qss").read_text(encoding="utf-8")
    return string.Template(template).substitute(places)
