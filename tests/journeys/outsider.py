"""Somebody at the real window: finds controls by the names they bear, clicks, types, drops and waits."""

import time
import warnings

from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from workbench.gui.app import create_window
from workbench.gui.widgets.labels import ElidedLabel
from workbench.gui.widgets.number_box import NumberBox

PATIENCE_MS = 30_000


class Outsider:
    """Opens the window and uses it; `clicks` counts what the mouse had to do."""

    left = Qt.MouseButton.LeftButton

    def __init__(self, qtbot):
        self.qtbot = qtbot
        self.window = None
        self.clicks = 0

    def open(self, project=None, size=(1280, 800)):
        """Open the window, in its own size where None is given, and wait for the project when there is one."""
        self.window = create_window(project)
        if size is not None:
            self.window.resize(*size)
        activate(self.window)
        self.wait(lambda: self.window.actions())
        if project is not None:
            self.wait(lambda: self.session is not None or self.told)
        self.wait(lambda: not self.window.projects.changing)
        return self

    @property
    def session(self):
        return self.window.session

    @property
    def pane(self):
        """The pane that is shown."""
        return self.window.current

    @property
    def told(self):
        """What the window's own banner says; empty when it says nothing."""
        banner = self.window._banner
        return banner.text if banner.isVisible() else ""

    @property
    def words(self):
        """All words that can be read in the window now."""
        return "\n".join(text_of(label) for label in self.window.findChildren(QLabel) if label.isVisible())

    def wait(self, true, limit_ms=PATIENCE_MS):
        self.qtbot.waitUntil(lambda: bool(true()), timeout=limit_ms)

    def reads(self, words):
        """Wait until these words can be read."""
        self.wait(lambda: words in self.words)

    def found(self, name, kind=QWidget, within=None):
        """Return the visible widgets of that accessible name."""
        place = within or self.window
        return [it for it in place.findChildren(kind) if it.accessibleName() == name and it.isVisible()]

    def find(self, name, kind=QWidget, within=None):
        """Wait for a visible widget of that accessible name."""
        self.wait(lambda: self.found(name, kind, within))
        return self.found(name, kind, within)[0]

    def click(self, name, within=None):
        """Wait until a button of that name can be clicked, in the pane that is shown, and click it."""

        def ready():
            return [it for it in self.found(name, QAbstractButton, within or self.pane) if it.isEnabled()]

        self.wait(ready)
        self.clicks += 1
        QTest.mouseClick(ready()[0], Qt.MouseButton.LeftButton)

    def go(self, name):
        """Click a pane in the rail."""
        self.click(name, self.find("Panes"))
        self.wait(lambda: self.pane.accessibleName() == name)

    def keys(self, key, modifiers=Qt.KeyboardModifier.NoModifier):
        """Press keys where the focus is."""
        if QApplication.activeWindow() is None:
            activate(self.window)
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def control(self, key, *, shift=False):
        """Press Ctrl and a key, and Shift where said."""
        held = Qt.KeyboardModifier.ControlModifier
        self.keys(key, held | Qt.KeyboardModifier.ShiftModifier if shift else held)

    def type(self, text):
        """Type into what has the focus, in place of what is marked there."""
        QTest.keyClicks(QApplication.focusWidget(), text)

    def command(self, name):
        """Carry out a command of the window by its name, as the search does."""
        next(action for action in self.window.actions() if action.objectName() == name).trigger()

    def dialog(self, name):
        """Wait for a dialog of that accessible name or title."""

        def there():
            return [
                it
                for it in QApplication.topLevelWidgets()
                if it.isVisible() and name in (it.accessibleName(), it.windowTitle())
            ]

        self.wait(there)
        activate(there()[0])
        return there()[0]

    def drop(self, *paths):
        """Drop files or folders on the window."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        place, copy = QPointF(400, 300), Qt.DropAction.CopyAction
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(place.toPoint(), copy, mime, left, none)
        QApplication.sendEvent(self.window, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(self.window, QDropEvent(place, copy, mime, left, none))

    def when_asked(self, answer):
        """Click a button of the next question, which holds everything else up until then."""
        asked = []

        def look():
            box = QApplication.activeModalWidget()
            if box is None:
                timer.start(20)
                return
            asked.append(box.windowTitle())
            (button,) = self.found(answer, QAbstractButton, box) or [
                it for it in box.findChildren(QAbstractButton) if it.text() == answer
            ]
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)

        timer = QTimer(self.window)
        timer.setSingleShot(True)
        timer.timeout.connect(look)
        timer.start(0)
        return asked

    def close(self):
        """Close the window, as one does with nothing at work, and wait until all is saved."""
        self.window.close()
        self.wait(lambda: not self.window.isVisible())
        self.window.deleteLater()
        self.window = None


class Pulse:
    """Beats in the window's thread; `longest_s` is the longest that this thread worked without a break.

    Its own work is measured, not time: a busy machine may well make it wait.
    """

    def __init__(self, window):
        self.longest_s, self._last = 0.0, time.thread_time()
        self._timer = QTimer(window)
        self._timer.timeout.connect(self._beat)
        self._timer.start(10)

    def _beat(self):
        now = time.thread_time()
        self.longest_s, self._last = max(self.longest_s, now - self._last), now

    def stop(self):
        self._timer.stop()


def text_of(label):
    """Return the whole text of a label, elided or not."""
    return label.accessibleName() or label.text() if isinstance(label, ElidedLabel) else label.text()


def activate(window):
    """Make a window the active one: the off-screen platform has no window manager that does so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        QApplication.setActiveWindow(window)


def train(user, epochs):
    """Choose a model by the mouse, set the epochs by the keyboard, train; return the id of the new run."""
    known = {run.id for run in user.session.training.all()}
    user.go("Models")
    user.wait(lambda: user.found("Epochs", NumberBox))
    user.wait(lambda: any(it.isEnabled() for it in user.found("Train", QAbstractButton, user.pane)))
    entry = user.find("Epochs", NumberBox).lineEdit()
    entry.selectAll()
    QTest.keyClicks(entry, epochs)
    user.click("Train")
    user.wait(lambda: {run.id for run in user.session.training.all()} - known)
    (run_id,) = {run.id for run in user.session.training.all()} - known
    user.wait(lambda: user.pane.name == "train")
    return run_id
