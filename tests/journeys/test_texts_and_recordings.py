"""Texts and recordings, by the mouse: dropped, looked at, learnt from, judged, and new ones predicted."""

import csv

import numpy as np
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from tests.journeys.outsider import Outsider, train
from tests.sounds import write_tones
from workbench.core.states import Modality, RunState, Split
from workbench.gui.widgets.confusion_matrix import ConfusionMatrix
from workbench.gui.widgets.sound_view import SoundView
from workbench.gui.widgets.table import Table

GOOD = ("very good", "really fine", "很好", "非常满意")
BAD = ("too loud", "far too dear", "太差了", "很失望")
ABOUT = ("the room by the sea", "breakfast and coffee", "房间的空调", "酒店的服务员")


def write_reviews(path, count=160):
    """Write reviews in two languages; what is praised or blamed says the class, all else nothing."""
    random = np.random.default_rng(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["review", "verdict"])
        for number in range(count):
            words = (GOOD, BAD)[number % 2]
            about = random.permutation(ABOUT)[:2]
            rows.writerow(
                [f"{about[0]}, {random.choice(words)}, {about[1]} ({number})", ("good", "bad")[number % 2]]
            )
    return path


def judged(user, run_id):
    """Wait for the run, judge it by the mouse on the test split, and return the evaluation."""
    user.wait(lambda: not user.session.training.get(run_id).state.active)
    assert user.session.training.get(run_id).state is RunState.FINISHED
    user.click("Evaluate best")
    user.find("Confusion matrix", ConfusionMatrix)
    return user.session.evaluation.latest(run_id, Split.TEST)


def predicted(user, run_id, source, out):
    """Predict new data and return the rows that were written."""
    user.session.jobs.wait(user.session.evaluation.predict(run_id, source, out))
    with out.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_reviews_in_two_languages_become_a_model_that_tells_them_apart(user: Outsider, home, tmp_path):
    user.open()
    user.drop(write_reviews(tmp_path / "reviews.csv"))
    user.click("Import", user.dialog("Import table"))
    user.wait(lambda: user.session is not None and user.session.datasets.all())
    (dataset,) = user.session.datasets.all()
    assert dataset.schema.modality is Modality.TEXT
    texts = user.find("Texts", Table)
    assert texts.model().rowCount() == 160
    entry = user.find("Search texts", QLineEdit)
    entry.setText("(7)")
    user.wait(lambda: texts.model().rowCount() == 1)
    full = user.find("Text", QPlainTextEdit)
    user.wait(lambda: full.toPlainText().endswith("(7)"))
    user.reads("row 9")

    evaluation = judged(user, train(user, "60"))
    assert evaluation.metrics["accuracy"] >= 0.9
    (run,) = user.session.training.all()
    (tmp_path / "new.csv").write_text("review\n早餐很好\nbreakfast far too dear\n", encoding="utf-8")
    rows = predicted(user, run.id, tmp_path / "new.csv", tmp_path / "out.csv")
    assert [row["predicted"] for row in rows] == ["good", "bad"]


def test_recordings_in_four_formats_become_a_model_that_tells_them_apart(user: Outsider, home, tmp_path):
    folder = write_tones(tmp_path / "tones", per_class=24)
    (folder / "low" / "broken.wav").write_bytes(b"RIFF")
    user.open()
    user.drop(folder)
    user.wait(lambda: user.session is not None and user.session.datasets.all())
    (dataset,) = user.session.datasets.all()
    assert dataset.schema.modality is Modality.AUDIO
    assert dataset.imported.count == 48
    assert user.find("Recordings", Table).model().rowCount() == 48
    view = user.find("Waveform and log-mel picture", SoundView)
    user.wait(lambda: 0.2 < view.seconds < 0.6)

    evaluation = judged(user, train(user, "20"))
    assert evaluation.metrics["accuracy"] >= 0.9
    (run,) = user.session.training.all()
    assert run.family == "convnet"
    rows = predicted(user, run.id, folder / "high", tmp_path / "out.csv")
    assert {row["predicted"] for row in rows} == {"high"}
    assert len(rows) == 24
