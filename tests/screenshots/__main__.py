"""Draws every pane of the real window on real projects: `python -m tests.screenshots [FOLDER]`.

The pictures of the README go to docs/screenshots; with `--all`, small windows, long names and Chinese text as well.
"""

import argparse
import csv
import os
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication

PANES = ("home", "data", "models", "train", "evaluate", "board", "risks")
PAGES = ("timeline", "gates", "charter", "team", "decisions")
SIZES = {"": (1280, 800), "-small": (1024, 700)}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("folder", nargs="?", default="docs/screenshots", type=Path)
    options.add_argument("--all", action="store_true")
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, place)
        projects = make_projects(Path(place))
        for mode in ("light", "dark"):
            draw(projects, chosen.folder, mode, everything=chosen.all)


def make_projects(place: Path) -> dict[str, Path | None]:
    """Make real projects through the services; returns their folders by what they show."""
    from workbench.core.configs import ImportConfig, TrainConfig
    from workbench.core.states import Split
    from workbench.services.projects import begin_starter, create_project

    empty = create_project(place / "New project")
    empty.close()
    session = create_project(place / "digits", name="Handwritten digits", starter="digits")
    digits = session.jobs.wait(begin_starter(session)).id
    quick = TrainConfig(epochs=12)
    for family in ("linear", "mlp", "convnet"):
        run = session.training.start(digits, family, {}, quick)
        session.training.wait(run)
    session.jobs.wait(session.evaluation.evaluate(run, Split.TEST))
    session.training.set_starred(run, True)
    session.training.set_notes(run, "First convolutional model; 1 and 8 are still mixed up.")
    session.close()
    session = create_project(place / "breast-cancer", name="Breast cancer", starter="breast-cancer")
    cancer = session.jobs.wait(begin_starter(session)).id
    run = session.training.start(cancer, "mlp", {}, quick)
    session.training.wait(run)
    session.jobs.wait(session.evaluation.evaluate(run, Split.TEST))
    fill_board(session)
    session.close()
    session = create_project(
        place / "names", name="皮肤病变分诊 – a project with a name that is much longer than its place"
    )
    table = place / "糖尿病进展 – one year after the first examination, all clinics.csv"
    write_diabetes(table)
    sugar = session.jobs.wait(session.datasets.import_source(table, ImportConfig(target="疾病进展"))).id
    run = session.training.start(sugar, "mlp", {}, quick)
    session.training.wait(run)
    session.training.rename(
        run, "基线模型 – the baseline with a name that somebody typed on a long afternoon"
    )
    session.jobs.wait(session.evaluation.evaluate(run, Split.TEST))
    session.close()
    return {
        "start": None,
        "empty": place / "New project",
        "digits": place / "digits",
        "table": place / "breast-cancer",
        "names": place / "names",
    }


def write_diabetes(path: Path) -> None:
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*data.feature_names, "疾病进展"])
        for row, target in zip(data.data, data.target, strict=True):
            writer.writerow([*row, target])


def draw(projects: dict[str, Path | None], folder: Path, mode: str, *, everything: bool) -> None:
    from workbench.gui.app import create_window
    from workbench.gui.theme import apply_theme

    QSettings().setValue("theme", mode)
    for name, path in projects.items():
        if name == "names" and not everything:
            continue
        window = create_window(path)
        apply_theme(QApplication.instance(), mode)
        settle(window, path is not None)
        for suffix, size in SIZES.items():
            if suffix and not everything:
                continue
            window.resize(*size)
            for pane in ("home",) if path is None else PANES:
                window.go(pane, **target_of(window, pane))
                settle(window)
                if pane == "models" and path is not None and name != "empty":
                    press(window, "Check model")
                    settle(window)
                if pane == "evaluate" and name == "digits":
                    select_cell(window)
                    settle(window)
                prefix = "" if name == "digits" else f"{name}-"
                window.grab().save(str(folder / f"{prefix}{pane}{suffix}-{mode}.png"))
                if not suffix:
                    draw_pages(window, folder, name, pane, mode)
                if pane == "train" and everything and window.session and window.session.training.all():
                    draw_more_of_train(window, folder / f"{prefix}train", f"{suffix}-{mode}.png")
        window.close()
        settle(window, closing=True)
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        sys.stdout.write(f"{mode}: {name}\n")


def fill_board(session) -> None:
    """Give the cards of a starter days and owners, and take the project through its first gate."""
    from datetime import date, timedelta

    from workbench.core.board import Card, Meeting, Person

    session.board.who = "Ada Moreno"
    people = session.board.save_all(
        [
            Person(0, "Ada Moreno", "lead", 0, "goal, gates"),
            Person(0, "王小明", "maker", 1, "data, training"),
            Person(0, "Tomás Weiss", "clinic", 2, "what a miss costs"),
        ]
    )
    today, state = date.today(), session.board.state
    for place, card in enumerate(list(state.of(Card).values())):
        first = today + timedelta(days=4 * place - 10)
        changed = replace(card, owner_id=people[place % 3], start=first, due=first + timedelta(days=6))
        session.board.save(replace(changed, done_at=datetime.now(UTC) if place < 2 else None))
    for place, risk in enumerate(session.risks.all()):
        session.risks.save(replace(risk, owner_id=people[place % 3]))
    session.board.set_charter(replace(state.charter, owner_id=people[0], budget=40.0))
    session.set_price(0.8, "EUR")
    session.board.save(Meeting(0, "Kick-off", today, "- recall of *malignant* first", (), (), True))
    session.watching.look()
    session.gates.advance("" if session.gates.look().open else "the clinic begins on Monday")


def draw_more_of_board(window, folder: Path, pane: str, mode: str) -> None:
    """Draw the other pages of the board, or the map and the exposure of the risks."""
    if pane == "board":
        for page in PAGES:
            window.go("board", page=page)
            settle(window)
            window.grab().save(str(folder / f"board-{page}-{mode}.png"))
        return
    window.go("risks", risk_id=window.session.risks.all()[0].id)
    settle(window)
    window.grab().save(str(folder / f"risk-{mode}.png"))
    for title in ("Heat map", "Exposure"):
        press(window, title)
        settle(window)
        window.grab().save(str(folder / f"risks-{title.lower().replace(' ', '-')}-{mode}.png"))


def draw_pages(window, folder: Path, name: str, pane: str, mode: str) -> None:
    if name == "table" and pane in ("board", "risks"):
        draw_more_of_board(window, folder, pane, mode)
    if name in ("digits", "table") and pane == "data":
        draw_more_of_data(window, folder / ("data" if name == "digits" else "table-data"), f"-{mode}.png")


def draw_more_of_data(window, place: Path, ending: str) -> None:
    detail, session = window.current.detail, window.session
    dataset_id = session.datasets.all()[0].id
    session.jobs.wait(session.health.check(dataset_id), 120)
    for page, name in ((1, "health"), (2, "prepare"), (3, "augment")):
        detail.tabs.setCurrentIndex(page)
        settle(window)
        if name == "augment":
            presets = detail.augment.presets
            presets.setCurrentIndex(presets.findText("Medium"))
            presets.activated.emit(presets.currentIndex())
            settle(window)
        if name == "health":
            open_examples(window)
            settle(window)
        window.grab().save(f"{place}-{name}{ending}")
    session.history.undo()
    detail.tabs.setCurrentIndex(0)
    settle(window)


def open_examples(window) -> None:
    """Show the samples of all findings."""
    from PySide6.QtWidgets import QToolButton

    for button in window.current.detail.findings.findChildren(QToolButton):
        if button.accessibleName() == "Examples" and button.isVisible():
            button.click()


def draw_more_of_train(window, place: Path, ending: str) -> None:
    """Draw all runs over each other in all charts, and the log."""
    train = window.current
    chosen = {chart.name for chart, shown in train.curves.offered() if shown}
    train.side.runs.selectAll()
    for chart, _ in train.curves.offered():
        train.curves.choose(chart.name, True)
    settle(window)
    window.grab().save(f"{place}-charts{ending}")
    train.middle.show_tab(1)
    settle(window)
    window.grab().save(f"{place}-log{ending}")
    train.middle.show_tab(0)
    for chart, _ in train.curves.offered():
        train.curves.choose(chart.name, chart.name in chosen)


def target_of(window, pane: str) -> dict[str, int]:
    session = window.session
    if pane in ("train", "evaluate") and session is not None and session.training.all():
        return {"run_id": session.training.all()[-1].id}
    return {}


def press(window, name: str) -> None:
    from PySide6.QtWidgets import QAbstractButton

    next(
        b for b in window.findChildren(QAbstractButton) if b.accessibleName() == name and b.isVisible()
    ).click()


def select_cell(window) -> None:
    """Click on the largest cell beside the diagonal."""
    from workbench.gui.widgets.confusion_matrix import ConfusionMatrix

    run = window.session.training.all()[-1].id
    counts = window.session.evaluation.latest(run).counts
    cells = [(n, r, c) for r, row in enumerate(counts) for c, n in enumerate(row) if r != c]
    _, row, column = max(cells)
    for matrix in window.findChildren(ConfusionMatrix):
        matrix.select([(row, column)])


def settle(window, opening: bool = False, closing: bool = False) -> None:
    """Let the window come to rest: project open, jobs ended, answers arrived."""
    app = QApplication.instance()
    end, calm_since = time.monotonic() + 60, time.monotonic()
    while time.monotonic() < end and time.monotonic() - calm_since < (0.2 if closing else 0.6):
        app.processEvents()
        time.sleep(0.01)
        waits = opening and window.session is None
        busy = window.session is not None and bool(window.session.jobs.active())
        if waits or busy or pending():
            calm_since = time.monotonic()


def pending() -> bool:
    from workbench.gui import background

    return background.pending()


if __name__ == "__main__":
    main()
