"""Light and dark: readable, complete, and followed by what is painted."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QToolButton

from workbench.gui import theme as themes
from workbench.gui.theme import apply_theme, contrast, icon, readable_on, run_color, theme, token
from workbench.gui.widgets.labels import IconLabel

READ_ON = [
    ("text", "surface"), ("text", "raised"), ("text", "field"), ("text", "hover"), ("text", "pressed"),
    ("muted", "surface"), ("muted", "raised"), ("muted", "field"),
    ("accent", "raised"), ("accent", "accent_ground"), ("text", "accent_ground"), ("on_accent", "accent"), ("on_accent", "accent_hover"),
    ("good", "raised"), ("good", "good_ground"), ("warning", "raised"), ("warning", "warning_ground"),
    ("danger", "raised"), ("danger", "danger_ground"), ("danger", "surface"), ("raised", "text"),
]  # fmt: skip


@pytest.fixture
def light_again(qapp):
    yield
    apply_theme(qapp, "light")


def test_contrast_of_black_and_white_is_the_largest_there_is():
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21.0)
    assert contrast(QColor("white"), QColor("white")) == pytest.approx(1.0)


@pytest.mark.parametrize("tokens", [themes.LIGHT, themes.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ_ON)
def test_text_can_be_read_on_every_ground_it_stands_on(tokens, ink, ground):
    assert contrast(QColor(tokens[ink]), QColor(tokens[ground])) >= 4.5


def test_both_modes_know_the_same_tokens():
    assert themes.LIGHT.keys() == themes.DARK.keys()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_cell_of_any_shade_has_readable_text(qapp, light_again, mode):
    apply_theme(qapp, mode)
    shades = [themes.mix(token("raised"), token("accent"), step / 20) for step in range(21)]
    # Halfway between two colours neither ink reaches 4.5 everywhere; 4 is what mixing leaves at worst.
    assert min(contrast(readable_on(shade), shade) for shade in shades) >= 4.0


def test_changing_the_mode_repaints_icons_and_tells_who_listens(qtbot, qapp, light_again):
    home = icon("house", "text")
    before = home.pixmap(QSize(32, 32)).toImage()
    with qtbot.waitSignal(theme.changed):
        apply_theme(qapp, "dark")
    after = home.pixmap(QSize(32, 32)).toImage()
    assert theme.dark
    assert before != after
    assert QApplication.palette().window().color() == QColor(themes.DARK["surface"])


def test_an_icon_is_drawn_and_an_unknown_one_is_refused(qapp):
    image = icon("house", "text").pixmap(QSize(32, 32)).toImage()
    drawn = sum(image.pixelColor(x, y).alpha() > 128 for x in range(32) for y in range(32))
    assert drawn > 60
    with pytest.raises(KeyError):
        icon("no-such-icon")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_fourteen_runs_can_be_told_apart_before_the_colours_repeat(qapp, light_again, mode):
    apply_theme(qapp, mode)
    assert run_color(0) == QColor("#0072B2")
    assert run_color(14) == run_color(0)
    assert len({run_color(i).name() for i in range(14)}) == 14


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_yellow_of_runs_and_all_later_colours_show_on_the_ground(qapp, light_again, mode):
    apply_theme(qapp, mode)
    for ground in ("surface", "raised"):
        assert min(contrast(run_color(i), token(ground)) for i in range(6, 14)) >= 3.0


def test_in_system_mode_the_window_follows_the_desktop_and_otherwise_it_does_not(qapp, light_again):
    # The off-screen platform has no scheme of its own to change: this is the signal it would send.
    tell = qapp.styleHints().colorSchemeChanged.emit
    apply_theme(qapp, "system")
    tell(Qt.ColorScheme.Dark)
    assert theme.dark
    tell(Qt.ColorScheme.Light)
    assert not theme.dark
    apply_theme(qapp, "light")
    tell(Qt.ColorScheme.Dark)
    assert not theme.dark


def test_an_open_combo_box_shows_every_choice_in_full(qtbot, qapp, light_again):
    apply_theme(qapp, "light")
    combo = QComboBox()
    combo.setProperty("quiet", True)
    combo.addItems(["linear", "log"])
    qtbot.addWidget(combo)
    combo.show()
    combo.showPopup()
    view = combo.view()
    rows = [view.visualRect(view.model().index(row, 0)) for row in range(combo.count())]
    assert all(view.viewport().rect().contains(row) for row in rows), "a choice is cut off"
    assert rows[0].width() >= view.sizeHintForColumn(0), "its words are cut off"
    combo.hidePopup()


def colors_of(widget):
    """Return the strong colours in a picture of a widget."""
    picture = widget.grab().toImage()
    places = [(x, y) for x in range(picture.width()) for y in range(picture.height())]
    return {picture.pixelColor(*place).name() for place in places}


@pytest.mark.parametrize("kind", ["label", "button", "tool"])
def test_an_icon_that_cannot_be_used_loses_its_colour(qtbot, qapp, kind):
    made = {"label": lambda: IconLabel("warning", "danger", 24), "button": QPushButton, "tool": QToolButton}
    widget = made[kind]()
    qtbot.addWidget(widget)
    if kind != "label":
        widget.setIcon(icon("warning", "danger"))
        widget.setIconSize(QSize(24, 24))
    strong = token("danger").name()
    assert strong in colors_of(widget)
    widget.setEnabled(False)
    assert strong not in colors_of(widget)
