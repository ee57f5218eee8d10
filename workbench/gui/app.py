"""Starts the window: Qt alone first, everything else once it is painted."""

import importlib
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from workbench.gui.garbage import collect_garbage_here
from workbench.gui.main_window import MainWindow
from workbench.gui.projects import recent_projects
from workbench.gui.theme import apply_theme


def create_window(project: Path | None = None, *, starter: str | None = None) -> MainWindow:
    """Return the main window, shown, without entering the event loop.

    Args:
        project: Opened as soon as the window is painted; None shows Home.
        starter: Open the project made from this starter instead, made when it is not there.
    """
    app = _application()
    garbage = collect_garbage_here(app)
    garbage.rest(True)  # until all is loaded
    window = MainWindow()
    if project is not None:
        window.painted.connect(lambda: window.open_project(project))
    elif starter is not None:
        window.painted.connect(lambda: window.open_starter(starter))
    # Not beside the opening: both load libraries, and the loader lets only one in at a time.
    ready = window.painted if project is None and starter is None else window.project_settled
    soon = QTimer(window)
    soon.setSingleShot(True)
    soon.setInterval(300)
    soon.timeout.connect(lambda: _get_ready(window))
    ready.connect(soon.start)
    window.closed.connect(soon.stop)
    window.closed.connect(lambda: garbage.rest(False))
    window.show()
    app.processEvents()
    return window


def run(project: Path | None = None, starter: str | None = None) -> int:
    """Show the window until it is closed; returns the exit code.

    Args:
        project: The project to open; the last one when not given.
        starter: Open the project made from this starter, made when it is not there.
    """
    app = _application()
    if project is None and starter is None:
        project = next(iter(recent_projects()), None)
    window = create_window(project, starter=starter)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close_without_asking())
    # Python sees a signal only between its own instructions, so the event loop has to come by now and then.
    wake = QTimer(window)
    wake.start(250)
    wake.timeout.connect(lambda: None)
    code = app.exec()
    if "workbench.services.hardware" in sys.modules:
        from workbench.services.hardware import wait_for_torch

        wait_for_torch()
    return code


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
        app.setApplicationName("Workbench")
        app.setApplicationDisplayName("Workbench")
        app.setOrganizationName("Workbench")
    mode = QSettings().value("theme", "system")
    apply_theme(app, mode if mode in ("light", "dark") else "system")
    return app


def _get_ready(window: MainWindow) -> None:
    """Load pyqtgraph and the panes and draw one plot that nobody sees, then get ready to train.

    The first plot of a session costs up to a second, the code of a pane a tenth: here nobody waits for it.
    """
    from workbench.gui import background
    from workbench.gui.places import PLACES
    from workbench.gui.widgets.plot_warm_up import load_plots, warm_up

    def load() -> None:
        load_plots()
        for module in (*(place.module for place in PLACES), "workbench.gui.import_dialog"):
            importlib.import_module(module)

    def loaded(_: object) -> None:
        warm_up()
        _get_ready_to_train(window)

    background.query(load, loaded, lambda _: _get_ready_to_train(window), owner=window, key="plots")


def _get_ready_to_train(window: MainWindow) -> None:
    """Load torch, then have a process ready that trains beside the window, in this project and the next."""
    from workbench.services.hardware import load_torch

    def prepare() -> None:
        if window.session is not None:
            window.session.training.prepare()

    load_torch()
    collect_garbage_here(_application()).rest(False)
    prepare()
    window.projects.changed.connect(prepare)
