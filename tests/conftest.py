"""What every test has in common: an off-screen platform, and guards against what a test leaves behind."""

import gc
import os
import sys
import threading

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_configure(config):
    # The off-screen platform has no window manager to raise windows and hear of size hints; harmless.
    config.addinivalue_line("qt_log_ignore", "This plugin does not support")


@pytest.fixture(autouse=True)
def nothing_is_left_behind(request, tmp_path_factory):
    """Fail a test that leaves a thread running, and a Qt test that leaves a timer or a window as well."""
    is_qt = bool({"qtbot", "qapp"} & set(request.fixturenames))
    threads = set(threading.enumerate())
    if is_qt:
        _prepare_qt(request.getfixturevalue("qapp"), tmp_path_factory)
        windows, timers = _windows(), _running_timers()
    yield
    if not gc.isenabled():  # the window's collector does it while events are handled, and here
        gc.collect(1)
    background = sys.modules.get("workbench.gui.background")
    if background is not None:
        background.shutdown()
    left = [thread for thread in threading.enumerate() if thread not in threads and not thread.daemon]
    for thread in left:
        thread.join(2.0)
    problems = [f"the thread {thread.name} still runs" for thread in left if thread.is_alive()]
    if is_qt:
        problems += _qt_leftovers(windows, timers)
    assert not problems, "The test left behind: " + "; ".join(problems)


def _prepare_qt(app, tmp_path_factory):
    if app.property("prepared"):
        return
    from PySide6.QtCore import QSettings

    from workbench.gui.garbage import collect_garbage_here
    from workbench.gui.theme import apply_theme

    collect_garbage_here(app)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    folder = str(tmp_path_factory.mktemp("settings"))
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        QSettings.setPath(QSettings.Format.IniFormat, scope, folder)
    app.setOrganizationName("workbench-tests")
    app.setApplicationName("workbench-tests")
    apply_theme(app, "light")
    app.setProperty("prepared", True)


def _qt_leftovers(windows, timers):
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    problems = []
    # Widgets without a parent that Python still refers to in a cycle are garbage, not a leak.
    if _windows() - windows or _running_timers() - timers:
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for window in _windows() - windows:
        problems.append(f"the window {type(window).__name__} {window.windowTitle()!r}")
        window.close()
        window.deleteLater()
    for timer in _running_timers() - timers:
        problems.append(f"a running timer of {type(timer.parent()).__name__}")
        timer.stop()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return problems


def _windows():
    from PySide6.QtWidgets import QApplication

    # Qt keeps one tooltip label for itself.
    return {w for w in QApplication.topLevelWidgets() if w.metaObject().className() != "QTipLabel"}


def _running_timers():
    from PySide6.QtCore import QTimer
    from shiboken6 import isValid

    return {o for o in gc.get_objects() if type(o) is QTimer and isValid(o) and o.isActive()}
