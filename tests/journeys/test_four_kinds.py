"""Pictures, a table, texts and recordings that other programs wrote, each from the file to a judged model."""

from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit

from tests.journeys.at_data import AtData
from tests.journeys.outsider import Outsider
from workbench.core.states import Modality
from workbench.gui.widgets.picture_grid import PictureGrid
from workbench.gui.widgets.sound_view import SoundView
from workbench.gui.widgets.table import Table

FILES = Path(__file__).parent / "data"


def imported(user, name, correct=lambda dialog: None):
    """Drop a file on a new window, correct what its preview shows, import it; return who is at the Data pane."""
    user.open()
    user.drop(FILES / name)
    dialog = user.dialog("Import table")
    correct(dialog)
    user.click("Import", dialog)
    user.wait(lambda: user.session is not None and user.session.datasets.all())
    return AtData(user)


def test_pictures_in_an_archive_with_a_list_of_labels(user: Outsider, home):
    def correct(dialog):
        labels = user.find("Label column", QComboBox, dialog)
        assert labels.currentText() == "class", "what is called so is taken, unless one says otherwise"
        AtData(user).choose("Label column", "shape", dialog)
        user.wait(lambda: user.found("Import", within=dialog)[0].isEnabled())

    at = imported(user, "shapes.zip", correct)
    assert at.dataset.schema.classes == ("O", "X")
    assert at.dataset.imported.count == 49
    grid = user.find("Pictures", PictureGrid)
    user.wait(lambda: grid._count == 49)
    assert at.choose("Class", "X").currentText() == "X"
    user.wait(lambda: grid._count == 25)

    assert {"blank_pictures", "skipped"} <= at.checked()
    version = at.fix("of one colour all over", "Remove 1 sample")
    assert (version.version, version.imported.count) == (2, 48)

    at.prepare("grey", "Grey")
    user.reads("24×24 colour → 24×24 grey")
    at.augment("Light")
    at.add_augmentation("Flip vertical")
    user.reads("The classes look like digits or letters")

    run, evaluation = at.train_and_judge("12")
    assert run.preparation == at.dataset.preparation
    assert evaluation.metrics["accuracy"] >= 0.6
    at.click_cell(0, 0)
    shown = user.find("Samples", PictureGrid)
    user.wait(lambda: shown._count == evaluation.counts[0][0] > 0)


def test_a_table_of_a_spreadsheet(user: Outsider, home):
    def correct(dialog):
        assert user.find("Target column", QComboBox, dialog).currentText() == "sold"
        AtData(user).choose("Target column", "origin", dialog)

    at = imported(user, "wine.xlsx", correct)
    assert at.dataset.schema.classes == ("Besançon", "Haro", "Würzburg")
    rows = user.find("Rows", Table)
    user.wait(lambda: rows.model().rowCount() == 179)
    QTest.keyClicks(user.find("Search rows", QLineEdit), "taster7@")
    user.wait(lambda: rows.model().rowCount() == 19)

    assert {"split_leak", "missing_values", "extreme_values", "duplicate_rows"} <= at.checked()
    version = at.fix("equal to an earlier row", "Remove 1 copy")
    assert version.imported.count == 178
    user.click("Make a risk", at.row_of("looks like personal data"))
    dialog = user.dialog("Make a risk")
    user.click("Add", dialog)
    user.wait(lambda: user.session.risks.all())
    assert user.session.risks.all()[0].evidence[0].detail == "personal_data"
    user.go("Data")

    at.prepare("cap", "Cap outliers")
    at.augment("Medium")
    _, evaluation = at.train_and_judge("60")
    assert evaluation.metrics["accuracy"] >= 0.8
    at.click_cell(2, 2)
    assert evaluation.counts[2][2] > 0
    user.wait(lambda: user.find("Samples", Table, user.pane).model().rowCount() == evaluation.counts[2][2])


def test_texts_in_two_languages(user: Outsider, home):
    def correct(dialog):
        assert user.find("Read as", QComboBox, dialog).currentText() == "Texts"
        assert user.find("Target column", QComboBox, dialog).currentText() == "category"
        AtData(user).choose("Target column", "verdict", dialog)

    at = imported(user, "reviews.csv", correct)
    assert at.dataset.schema.classes == ("bad", "good")
    texts = user.find("Texts", Table)
    user.wait(lambda: texts.model().rowCount() == 160)
    QTest.keyClicks(user.find("Search texts", QLineEdit), "the coffee too")
    user.wait(lambda: texts.model().rowCount() == 1)
    read = user.find("Text", QPlainTextEdit)
    user.wait(lambda: read.toPlainText() == 'breakfast, "very good"\nand the coffee too')

    assert {"empty_text", "foreign_text", "duplicates"} <= at.checked()
    assert at.fix("neither letter nor digit", "Remove 1 sample").imported.count == 159
    assert at.fix("in another language or script", "Remove 2 samples").imported.count == 157
    assert not {"empty_text", "foreign_text"} & at.checked()

    at.prepare("rare", "Over-sample rare classes")
    at.augment("Medium")
    _, evaluation = at.train_and_judge("40")
    assert evaluation.metrics["accuracy"] >= 0.8
    at.click_cell(1, 1)
    assert evaluation.counts[1][1] > 0
    user.wait(lambda: user.find("Samples", Table, user.pane).model().rowCount() == evaluation.counts[1][1])


def test_recordings_in_an_archive(user: Outsider, home):
    user.open()
    user.drop(FILES / "words.tar.gz")
    user.wait(lambda: user.session is not None and user.session.datasets.all())
    at = AtData(user)
    assert at.dataset.schema.modality is Modality.AUDIO
    assert at.dataset.imported.count == 42
    recordings = user.find("Recordings", Table)
    user.wait(lambda: recordings.model().rowCount() == 42)
    view = user.find("Waveform and log-mel picture", SoundView)
    user.wait(lambda: 0.3 < view.seconds <= 0.7)

    assert {"silent_audio", "clipped_audio", "duplicates", "skipped"} <= at.checked()
    assert at.fix("is silent", "Remove 1 sample").imported.count == 41
    assert at.fix("is clipped", "Remove 1 sample").imported.count == 40
    assert not {"silent_audio", "clipped_audio"} & at.checked()

    at.prepare("rare", "Over-sample rare classes")
    at.augment("Light")
    _, evaluation = at.train_and_judge("15")
    assert evaluation.metrics["accuracy"] >= 0.5
    at.click_cell(1, 1)
    assert evaluation.counts[1][1] > 0
    user.wait(lambda: user.find("Samples", Table, user.pane).model().rowCount() == evaluation.counts[1][1])
