"""What every pane is: a title, what it is for, a primary action, and a body that reads again when told."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.core.events import Event
from workbench.gui.actions import Action
from workbench.gui.theme import GAP, MARGIN, theme
from workbench.gui.translate import tr
from workbench.gui.undo_offer import offer_undo
from workbench.gui.widgets.notices import Banner
from workbench.gui.widgets.pane_header import PaneHeader

if TYPE_CHECKING:
    from workbench.services.session import Session

E = TypeVar("E", bound=Event)


class Shell(Protocol):
    """What the main window offers its panes."""

    @property
    def session(self) -> "Session | None":
        """The open project."""

    def go(self, pane: str, **target: Any) -> None:
        """Show a pane; `target` says what to select there, such as `run_id=3`."""

    def notify(self, text: str, action: str = "", act: Callable[[], object] | None = None) -> None:
        """Say at the bottom what was done, with at most one button."""

    def import_data(self, sources: Sequence[Path] = ()) -> None:
        """Import these files or folders, or ask for one."""

    def begin_starter(self, name: str) -> None:
        """Make a project from a starter and open it."""

    def open_project(self, path: Path | None = None, *, read_only: bool = False) -> None:
        """Open a project, or ask for one."""


class Pane(QWidget):
    """Base of all panes. A visible pane reads again on its events, a hidden one when it is shown.

    Sub-classes set the class variables, fill `self.body` in `__init__` and implement `reload`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    purpose: ClassVar[str]
    icon_name: ClassVar[str]
    help: ClassVar[str]
    events: ClassVar[tuple[type[Event], ...]] = ()

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shell = shell
        self.session: Session | None = None
        self._stale = True
        self._unsubscribe: list[Callable[[], None]] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._reload_if_visible)
        theme.changed.connect(self.mark_stale)  # runs have other colours then
        self.setAccessibleName(tr(self.title))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.header = PaneHeader(tr(self.title), tr(self.purpose))
        self.banner = Banner()
        self.banner.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(self.header)
        column.addWidget(self.banner)
        self.body = QVBoxLayout()
        self.body.setSpacing(GAP)
        column.addLayout(self.body, 1)

    def set_session(self, session: "Session | None") -> None:
        """Show this project from now on; None when there is none."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self.session = session
        self.banner.hide()
        if session is not None:
            for event in self.events:
                self.listen(event, self._on_changed)
            self.subscribe()
        self.mark_stale()

    def subscribe(self) -> None:
        """Listen to streams of the new session; called after each `set_session` with one."""

    def listen(self, event: type[E], handler: Callable[[E], None]) -> None:
        """Call `handler` for events of the open project, until another is opened."""
        if self.session is not None:
            self._unsubscribe.append(self.session.bus.subscribe(event, handler))

    def take_focus(self) -> None:
        """Take the keyboard when the pane is shown: no control but a list looks chosen by that.

        The focus goes to the list that is the pane's focus proxy, else to its title; Tab walks on from there.
        """
        proxy = self.focusProxy()
        is_list = isinstance(proxy, QAbstractItemView) and proxy.isVisibleTo(self)
        (self if proxy is None or is_list else self.header).setFocus()

    def mark_stale(self) -> None:
        """Read again: soon when visible, else when shown."""
        self._stale = True
        if self.isVisible():
            self._soon.start()

    def reload(self) -> None:
        """Read everything shown from the session again; slow reads go through `background.query`."""
        raise NotImplementedError

    def select(self, **target: Any) -> None:
        """Show what another pane or the palette asked for, such as `run_id=3`."""

    def actions_of(self) -> list[Action]:
        """Return what can be done here; keys count while the pane is shown."""
        return []

    def tell(self, error: Exception) -> None:
        """Show a problem once, in place. Our own faults are reported to a file, without a traceback here."""
        if isinstance(error, UserError) or self.session is None:
            self.banner.tell(str(error))
        else:
            self.banner.tell(self.session.report_fault(error))

    def keys_of(self) -> list[Action]:
        """Return the actions whose keys count in the whole pane; parts of it may have keys of their own."""
        return self.actions_of()

    def attempt(self, work: Callable[[], object]) -> bool:
        """Do something quick that may be refused; tells why and returns False when it is."""
        try:
            work()
        except UserError as error:
            self.tell(error)
            return False
        return True

    def attempt_with_undo(self, work: Callable[[], object], text: str) -> bool:
        """Do something quick that may be refused; say what was done, with an Undo of just that.

        Args:
            work: Does it, in one step to undo.
            text: What was done, in a sentence.
        """
        session = self.session
        if session is None:
            return False
        before = session.history.last
        done = self.attempt(work)
        if done:
            after = session.history.last
            offer_undo(self.shell, session, text, after if after is not before else None)
        return done

    def _on_changed(self, _event: Event) -> None:
        self.mark_stale()

    def _reload_if_visible(self) -> None:
        if self._stale and self.isVisible():
            self._stale = False
            self.reload()
            if self.header.hasFocus():
                self.take_focus()  # the list may be there only now

    def showEvent(self, event: QShowEvent) -> None:
        """Read again when something changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self._soon.start()
