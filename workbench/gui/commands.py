"""What can be done from everywhere: search, undo, panes, theme, project; with their keys."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog

from workbench.core.board import Card, Person
from workbench.core.risks import Link
from workbench.gui import background
from workbench.gui.actions import Action, bind
from workbench.gui.help import show_help, show_keys
from workbench.gui.links import open_link
from workbench.gui.palette import Hit, Palette
from workbench.gui.panes.base import Shell
from workbench.gui.places import PLACES
from workbench.gui.theme import apply_theme
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.gui.main_window import MainWindow
    from workbench.services.session import Session


class Commands:
    """The actions of the whole window.

    Args:
        window: The window that they act on and whose keys they get.
    """

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._actions = self._all()
        bind(self._actions, window, Qt.ShortcutContext.WindowShortcut)

    def search(self) -> None:
        """Open the palette over everything."""
        Palette(self._hits(), self._window).show()

    def keys(self) -> None:
        """List all keys."""
        show_keys([*self._actions, *self._window.current.actions_of()], self._window)

    def help(self) -> None:
        """Explain the pane that is open."""
        pane = self._window.current
        show_help(tr(pane.title), tr(pane.help), self._window)

    def rename_project(self) -> None:
        """Ask for the project's new name."""
        session = self._session
        if session is None:
            return
        name, said = QInputDialog.getText(
            self._window, tr("Rename project"), tr("Name"), text=session.project.name
        )
        if said:
            self._window.current.attempt(lambda: session.rename(name))

    @property
    def _session(self) -> "Session | None":
        return self._window.session

    def _has_project(self) -> bool:
        return self._session is not None

    def _may_change(self) -> bool:
        return self._session is not None and not self._session.read_only

    def _import_risks(self) -> None:
        from workbench.gui.exchange_dialog import import_risks

        if self._session is not None:
            import_risks(self._window, self._session)

    def _export_risks(self) -> None:
        from workbench.gui.exchange_dialog import export_risks

        if self._session is not None:
            export_risks(self._window, self._session)

    def _undo(self, *, back: bool) -> None:
        session = self._session
        if session is None:
            return

        def done(label: str) -> None:
            if label:
                self._window.notify(
                    tr("Undone: {label}", label=label) if back else tr("Done again: {label}", label=label)
                )

        move = session.history.undo if back else session.history.redo
        background.query(move, done, self._window.current.tell, owner=self._window)

    def _new_project(self) -> None:
        from workbench.services.projects import default_home

        path, _ = QFileDialog.getSaveFileName(
            self._window, tr("New project: choose a folder name"), str(default_home() / tr("New project"))
        )
        if path:
            self._window.projects.new(Path(path), lambda: self._window.go("home"))

    def _theme(self, mode: Literal["system", "light", "dark"]) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, mode)
            QSettings().setValue("theme", mode)

    def _all(self) -> list[Action]:
        window = self._window
        panes = [
            Action(
                f"go.{place.name}",
                tr("Go to {pane}", pane=tr(place.title)),
                self._goer(place.name),
                f"Ctrl+{number}",
            )
            for number, place in enumerate(PLACES, start=1)
        ]
        undo, redo = partial(self._undo, back=True), partial(self._undo, back=False)
        return [
            Action("search.open", tr("Search"), self.search, "Ctrl+K"),
            *panes,
            Action("run.new", tr("New run"), lambda: window.go("models"), "Ctrl+N", self._has_project),
            Action("data.import", tr("Import data …"), window.import_data, "Ctrl+I"),
            Action("history.undo", tr("Undo"), undo, "Ctrl+Z", self._has_project),
            Action("history.redo", tr("Redo"), redo, "Ctrl+Shift+Z; Ctrl+Y", self._has_project),
            Action("project.new", tr("New project …"), self._new_project, "Ctrl+Shift+N"),
            Action("project.open", tr("Open project …"), window.open_project, "Ctrl+O"),
            Action("risks.import", tr("Import risks …"), self._import_risks, ready=self._may_change),
            Action("risks.export", tr("Export risks …"), self._export_risks, ready=self._has_project),
            Action("project.rename", tr("Rename project …"), self.rename_project, ready=self._has_project),
            Action("theme.system", tr("Colours: like the system"), lambda: self._theme("system")),
            Action("theme.light", tr("Colours: light"), lambda: self._theme("light")),
            Action("theme.dark", tr("Colours: dark"), lambda: self._theme("dark")),
            Action("help.pane", tr("Help for this pane"), self.help, "F1"),
            Action("help.keys", tr("Keys"), self.keys, "Ctrl+/"),
            Action("window.close", tr("Quit"), window.close, "Ctrl+Q"),
        ]  # fmt: skip

    def _goer(self, pane: str) -> Callable[[], None]:
        return lambda: self._window.go(pane)

    def _hits(self) -> list[Hit]:
        window, session = self._window, self._session
        hits = project_hits(session, window) if session is not None else []
        actions = [*window.current.actions_of(), *self._actions]
        hits += [
            Hit(action.title, f"{tr('command')}  {action.shortcut}".strip(), "command", action.run)
            for action in actions
            if action.ready() and action.id != "search.open"
        ]
        return hits


def project_hits(session: "Session", shell: Shell) -> list[Hit]:
    """Return everything in a project that has a name; what belongs together stands together."""

    def hit(title: str, kind: str, icon_name: str, link: Link) -> Hit:
        return Hit(title, kind, icon_name, lambda: open_link(shell, link))

    hits = [
        hit(run.name, tr("run · {state}", state=tr(run.state.value)), "chart-line", Link("run", run.id))
        for run in reversed(session.training.all())
    ]
    hits += [
        hit(dataset.title, tr("dataset"), "database", Link("dataset", dataset.id))
        for dataset in session.datasets.all()
    ]
    state = session.board.state
    for risk in session.risks.all():
        score = tr("risk · {score}, {status}", score=risk.score, status=tr(risk.status.value))
        hits.append(hit(risk.title, score, "warning", Link("risk", risk.id)))
    lanes = {lane.id: lane.name for lane in state.lanes}
    for card in state.of(Card).values():
        where = tr("archived") if card.archived_at is not None else lanes.get(card.lane_id, "")
        hits.append(hit(card.title, tr("card · {lane}", lane=where), "columns", Link("card", card.id)))
    for person in state.of(Person).values():
        kind = f"{tr('person')} · {person.role}" if person.role else tr("person")
        hits.append(hit(person.name, kind, "user", Link("person", person.id)))
    for decision in reversed(session.board.decisions()):
        day = tr("decision · {day}", day=f"{decision.at.astimezone():%Y-%m-%d}")
        hits.append(hit(decision.title, day, "scales", Link("decision", decision.id)))
    return hits
