"""A window small enough for tests of one pane: real session, real bridge, everything asked of it noted."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui.actions import bind
from workbench.gui.bridge import Bridge


class PaneWindow(QWidget):
    """Holds one pane and a real session; `went`, `told`, `asked` hold what the pane wanted."""

    def __init__(self, session=None):
        super().__init__()
        self._session = session
        self.went = []
        self.told = []
        self.asked = []
        self.bridge = Bridge(self)
        self.pane = None

    @property
    def session(self):
        return self._session

    def hold(self, pane_class, size=(940, 590)):
        self.pane = pane_class(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pane)
        bind(self.pane.keys_of(), self.pane, Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.resize(*size)
        self.open(self._session)
        self.show()
        return self.pane

    def open(self, session):
        self._session = session
        self.bridge.attach(session.bus if session is not None else None)
        self.pane.set_session(session)

    def go(self, pane, **target):
        self.went.append((pane, target))
        if self.pane is not None and pane == self.pane.name:
            self.pane.select(**target)

    def notify(self, text, action="", act=None):
        self.told.append((text, action, act))

    def import_data(self, sources=()):
        self.asked.append(("import", tuple(sources)))

    def begin_starter(self, name):
        self.asked.append(("starter", name))

    def open_project(self, path=None, *, read_only=False):
        self.asked.append(("open", path))

    def closeEvent(self, event):
        self.bridge.attach(None)
        super().closeEvent(event)


def named(widget, kind, name):
    """Return the visible widget of that class and accessible name."""
    found = [w for w in widget.findChildren(kind) if w.accessibleName() == name and w.isVisible()]
    assert found, f"no visible {kind.__name__} is called {name!r}"
    return found[0]
