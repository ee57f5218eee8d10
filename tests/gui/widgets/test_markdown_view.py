"""Markdown that somebody has written: nothing that it names is loaded."""

import pytest
from PySide6.QtGui import QColor, QImage

from workbench.gui.widgets.markdown_view import MarkdownView

SIGNAL = QColor(1, 254, 3)


@pytest.fixture
def picture(tmp_path):
    """A picture on the disk in a colour that is nowhere else."""
    image = QImage(80, 80, QImage.Format.Format_RGB32)
    image.fill(SIGNAL)
    path = tmp_path / "seen.png"
    assert image.save(str(path))
    return path


@pytest.fixture
def view(qtbot):
    made = MarkdownView("Text")
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.show()
    return made


def shows(view):
    image = view.grab().toImage()
    spots = ((x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4))
    return any(image.pixelColor(x, y) == SIGNAL for x, y in spots)


@pytest.mark.parametrize("name", ["uri", "path"])
def test_a_picture_on_the_disk_is_not_shown(view, picture, name):
    place = picture.as_uri() if name == "uri" else str(picture)
    view.show_markdown(f"before ![p]({place})\n\n![q][r]\n\n[r]: {place}\n\n<img src='{place}'>")
    assert not shows(view)
    # Nor where a picture gets into the document in another way.
    view.document().setMarkdown(f"![p]({place})")
    assert not shows(view)
    view.document().setHtml(f"<img src='{place}'>")
    assert not shows(view)


def test_markup_stands_as_it_is_written(view):
    view.show_markdown("**bold** <b>tag</b> <script>x</script> ![p](https://example.org/x.png)")
    assert view.toPlainText() == "bold <b>tag</b> <script>x</script> ![p](https://example.org/x.png)"


def test_headings_have_the_measure_of_the_page(view):
    view.show_markdown("# Large\n\ntext")
    heading = view.document().begin().begin().fragment()
    assert heading.text() == "Large"
    assert heading.charFormat().font().pixelSize() == 15
