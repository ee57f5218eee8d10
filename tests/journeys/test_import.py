"""Data comes in by drop and dialog; what is wrong with it is told in place, and nothing is left behind."""

from PySide6.QtWidgets import QComboBox

from tests.gui.panes.small_data import write_pictures
from tests.journeys.outsider import Outsider


def test_a_bad_folder_that_is_dropped_becomes_a_project_of_its_good_pictures(user: Outsider, home, tmp_path):
    folder = write_pictures(tmp_path / "shades", per_class=6)
    (folder / "dark" / "torn.png").write_bytes((folder / "dark" / "0.png").read_bytes()[:40])
    (folder / "dark" / "nothing.png").write_bytes(b"")
    (folder / "light" / "words.png").write_text("this is no picture")
    user.open()
    user.drop(folder)
    user.wait(lambda: user.session is not None and user.session.datasets.all())
    assert user.session.folder.root == home / "shades"
    (dataset,) = user.session.datasets.all()
    assert (dataset.imported.count, dataset.imported.found) == (12, 15)
    reasons = {skipped.path: skipped.reason for skipped in dataset.imported.skipped}
    assert {path.rpartition("/")[2] for path in reasons} == {"torn.png", "nothing.png", "words.png"}
    assert all(reasons.values())
    user.find("Choose a model")
    user.click("Details")
    user.click("Examples")
    user.reads("nothing.png")


def test_an_empty_folder_is_told_in_one_sentence_and_leaves_nothing_behind(user: Outsider, home, tmp_path):
    (tmp_path / "empty").mkdir()
    user.open()
    user.drop(tmp_path / "empty")
    user.wait(lambda: user.told)
    assert "empty" in user.told
    assert user.told.count("\n") == 0
    assert user.session is None
    assert not home.exists()
    user.find("Handwritten digits")


def test_an_empty_folder_beside_an_open_project_is_told_on_data(user: Outsider, orchard, tmp_path):
    (tmp_path / "empty").mkdir()
    user.open(orchard)
    before = user.session.datasets.all()
    user.drop(tmp_path / "empty")
    user.wait(lambda: user.pane.name == "data" and user.pane.banner.isVisible())
    assert str(tmp_path / "empty") in user.pane.banner.text
    assert user.session.datasets.all() == before
    assert len(list((orchard / "datasets").iterdir())) == 1


def test_a_ragged_table_is_imported_through_the_dialog_and_its_odd_rows_are_told(
    user: Outsider, orchard, tmp_path
):
    rows = [f"{n},{n * 2},{'ripe' if n % 2 else 'green'}" for n in range(40)]
    rows[7] = "7,14"
    rows[9] = "9,18,ripe,too much"
    table = tmp_path / "ragged.csv"
    table.write_text("\n".join(["width,height,state", *rows]) + "\n")
    user.open(orchard)
    user.drop(table)
    dialog = user.dialog("Import table")
    assert user.find("Target column", QComboBox, dialog).currentText() == "state"
    user.click("Import", dialog)
    user.wait(lambda: len(user.session.datasets.all()) == 2)
    dataset = user.session.datasets.find("ragged")
    assert (dataset.imported.count, dataset.imported.found) == (38, 40)
    user.wait(lambda: user.pane.list.current_id == dataset.id)
    user.click("Details")
    user.click("Examples")
    user.reads("row 9: has 2 values, the header has 3")
    user.reads("row 11: has 4 values, the header has 3")


def test_looking_at_a_huge_source_can_be_cancelled_and_the_next_source_is_imported(
    user: Outsider, orchard, tmp_path, monkeypatch
):
    from workbench.datasets.image_folder import ImageFolder

    def endless(kind, source, config, token=None):
        while not token.wait_cancelled(0.01):
            pass
        token.check()

    look = ImageFolder.inspect
    monkeypatch.setattr(
        ImageFolder,
        "inspect",
        lambda kind, source, *rest: (endless if source.name == "huge" else look)(kind, source, *rest),
    )
    user.open(orchard)
    user.drop(
        write_pictures(tmp_path / "huge", per_class=6), write_pictures(tmp_path / "small", per_class=12)
    )
    user.wait(lambda: user.pane.name == "data")
    user.reads("Looking at huge")
    user.click("Cancel", user.pane.importing)
    user.wait(lambda: len(user.session.datasets.all()) == 2)
    assert user.session.datasets.find("small").imported.count == 24
    assert not user.pane.banner.isVisible()
