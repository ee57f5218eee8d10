"""Lanes: cards made, moved, filtered, grouped, put away and edited, through real widgets."""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QToolButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import new_project
from workbench.core.board import Card, CheckItem, Lane, Person
from workbench.core.errors import UserError
from workbench.core.risks import Link, Risk
from workbench.core.states import Stage
from workbench.gui import background
from workbench.gui.palette import Palette
from workbench.gui.panes.board import BoardPane
from workbench.gui.widgets.cards import Card as OfferCard
from workbench.gui.widgets.kanban_card import Section
from workbench.gui.widgets.kanban_list import Move
from workbench.services.projects import open_project
from workbench.services.sheet_files import read_sheet

NASTY = "<b>项目</b> & =SUM(A1) بيانات"


@pytest.fixture
def project(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def filled(project):
    """Two lanes, two people, four cards: 1 to 3 in the first lane, 4 in the second."""
    fill(project)
    return project


def fill(project):
    board = project.board
    board.save_all([Lane(0, "Now", Stage.INITIATION, 1.0), Lane(0, "Later", place=2.0)])
    lin, mara = board.save_all([Person(0, "Lin", color=1), Person(0, "Mara", color=2)])
    yesterday = date.today() - timedelta(1)
    for card in (
        Card(0, 1, "Ask", owner_id=lin, due=yesterday, tags=("clinic",)),
        Card(0, 1, "Look", owner_id=mara, tags=("data", "clinic"), text="all **melanoma**"),
        Card(0, 1, "Write"),
        Card(0, 2, NASTY, owner_id=lin, tags=("<i>x</i>",)),
    ):
        board.save(card)


@pytest.fixture
def shown(qtbot):
    def show(session):
        if session is not None:
            session.bus.dispatch(10.0)
        window = PaneWindow(session)
        qtbot.addWidget(window)
        pane = window.hold(BoardPane, (1200, 700))
        page = pane.page
        qtbot.waitUntil(lambda: page._state is not None and not background.pending())
        return window, page

    return show


def cards_of(page, lane_id):
    return [row for row in page.board.lane(lane_id).rows() if isinstance(row, int)]


def headings(page, lane_id):
    return [row.title for row in page.board.lane(lane_id).rows() if isinstance(row, Section)]


def undo(qtbot, page, expected):
    """Take the last change back as the window does, and wait for what is shown then."""
    page.session.history.undo()
    qtbot.waitUntil(expected)


def test_an_empty_board_says_what_belongs_there_and_makes_the_five_lanes(qtbot, shown, project):
    _, page = shown(project)
    qtbot.mouseClick(named(page, QPushButton, "Make the five stage lanes"), Qt.MouseButton.LeftButton)
    lanes = project.board.state.lanes
    assert [lane.stage for lane in lanes] == list(Stage)
    assert page.board.isVisible()
    undo(qtbot, page, lambda: not page.board.isVisible())
    assert project.board.state.lanes == []


def test_an_empty_board_offers_the_boards_of_four_kinds_of_product(qtbot, shown, project):
    _, page = shown(project)
    offered = page._nothing.findChildren(OfferCard)
    assert len([card for card in offered if card.isVisible()]) == 4
    tables = named(page, OfferCard, "Tables: scores and forecasts")
    qtbot.mouseClick(tables, Qt.MouseButton.LeftButton)
    # A second click, before it is done, does not make a second one.
    qtbot.mouseClick(tables, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.board.isVisible)
    qtbot.waitUntil(lambda: not background.pending())
    assert len(project.board.state.lanes) == len(Stage)
    assert project.board.state.of(Card)
    assert project.risks.all()
    assert project.history.undo_label == "Set up the board: Tables: scores and forecasts"
    undo(qtbot, page, lambda: not page.board.isVisible())
    assert project.risks.all() == []
    assert named(page, OfferCard, "Tables: scores and forecasts").isEnabled()


def test_a_board_that_cannot_be_set_up_says_why_and_offers_again(qtbot, shown, project, monkeypatch):
    def refuse(*_):
        raise UserError("The disk is full.")

    monkeypatch.setattr(project.board, "save_all", refuse)
    _, page = shown(project)
    qtbot.mouseClick(named(page, OfferCard, "Tables: scores and forecasts"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.pane.banner.text == "The disk is full.")
    assert named(page, OfferCard, "Tables: scores and forecasts").isEnabled()


def test_the_first_card_brings_the_lanes_with_it(shown, project):
    _, page = shown(project)
    page.act()
    assert [card.lane_id for card in project.board.state.of(Card).values()] == [
        project.board.state.lanes[0].id
    ]
    assert page.editor.isVisible()


def test_without_a_project_it_says_so(qtbot):
    window = PaneWindow()
    qtbot.addWidget(window)
    pane = window.hold(BoardPane)
    qtbot.waitUntil(lambda: pane.page._closed.isVisible())


def test_a_new_card_is_open_with_its_title_ready_to_be_typed(qtbot, shown, filled):
    window, page = shown(filled)
    page.filter.owner.setCurrentIndex(page.filter.owner.findText("Lin"))
    page.filter.tag.setCurrentIndex(page.filter.tag.findText("clinic"))
    qtbot.mouseClick(named(window, QPushButton, "New card"), Qt.MouseButton.LeftButton)
    page.editor.title.insertPlainText("Plan")
    qtbot.keyClick(page.editor.title, Qt.Key.Key_Return)
    card = filled.board.state.get(Card, 5)
    # It is as the filter wants it: otherwise it would not be seen.
    assert (card.title, card.owner_id, card.tags) == ("Plan", 1, ("clinic",))
    assert cards_of(page, 1) == [1, 5]


def test_a_drop_moves_the_card_and_undo_puts_it_back(qtbot, shown, filled):
    _, page = shown(filled)
    page.board.moved.emit(Move(1, 2, after=4))
    assert cards_of(page, 2) == [4, 1]
    assert page.board.current == 1
    page.board.moved.emit(Move(3, 1, before=2))
    assert cards_of(page, 1) == [3, 2]
    undo(qtbot, page, lambda: cards_of(page, 1) == [2, 3])
    undo(qtbot, page, lambda: cards_of(page, 1) == [1, 2, 3])


def test_control_and_arrows_move_the_card_and_keep_the_keyboard_on_it(qtbot, shown, filled):
    _, page = shown(filled)
    page.board.select(1, keyboard=True)
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(page.board.lane(1), Qt.Key.Key_Down, control)
    assert cards_of(page, 1) == [2, 1, 3]
    qtbot.keyClick(page.board.lane(1), Qt.Key.Key_Right, control)
    assert cards_of(page, 1) == [2, 3]
    assert cards_of(page, 2) == [4, 1]
    assert page.board.current == 1
    qtbot.keyClick(page.board.lane(2), Qt.Key.Key_Up, control)
    assert cards_of(page, 2) == [1, 4]
    assert filled.history.undo_label == "Move Ask"


def test_a_card_moves_past_those_that_the_filter_hides(shown, filled):
    _, page = shown(filled)
    page.filter.tag.setCurrentIndex(page.filter.tag.findText("clinic"))
    assert cards_of(page, 1) == [1, 2]
    page.board.moved.emit(Move(1, 1, after=2))
    assert [card.id for card in filled.board.state.cards_in(1)] == [2, 1, 3]


def test_cards_are_found_by_owner_tag_text_and_overdue(qtbot, shown, filled):
    _, page = shown(filled)
    row = page.filter

    def seen():
        return cards_of(page, 1) + cards_of(page, 2)

    row.owner.setCurrentIndex(row.owner.findText("Lin"))
    assert seen() == [1, 4]
    assert page.board.head(1)._count.text() == "1 of 3 shown"
    row.owner.setCurrentIndex(row.owner.findText("Nobody"))
    assert seen() == [3]
    qtbot.mouseClick(named(row, QPushButton, "Clear filters"), Qt.MouseButton.LeftButton)
    assert seen() == [1, 2, 3, 4]
    row.tag.setCurrentIndex(row.tag.findText("<i>x</i>"))
    assert seen() == [4]
    row.clear_all()
    row.text.setText("MELANOMA look")
    qtbot.waitUntil(lambda: seen() == [2])
    row.clear_all()
    row.overdue.setChecked(True)
    assert seen() == [1]


def test_swim_lanes_group_by_owner_and_a_drop_gives_the_card_that_owner(qtbot, shown, filled):
    _, page = shown(filled)
    page.filter.groups.setCurrentIndex(page.filter.groups.findData("owner"))
    assert headings(page, 1) == ["Lin", "Mara", "Nobody"]
    page.board.moved.emit(Move(3, 1, after=2, section="owner:2"))
    assert filled.board.state.get(Card, 3).owner_id == 2
    assert page.board.lane(1).rows()[1:] == (1, Section("owner:2", "Mara", 2), 2, 3)
    # Moved and given in one step.
    undo(qtbot, page, lambda: headings(page, 1) == ["Lin", "Mara", "Nobody"])
    assert filled.board.state.get(Card, 3).owner_id is None


def test_swim_lanes_group_by_the_first_tag(shown, filled):
    _, page = shown(filled)
    page.filter.groups.setCurrentIndex(page.filter.groups.findData("tag"))
    assert headings(page, 1) == ["clinic", "data", "No tag"]
    page.board.moved.emit(Move(2, 1, after=1, section="tag:clinic"))
    assert filled.board.state.get(Card, 2).tags == ("clinic",)
    assert headings(page, 1) == ["clinic", "No tag"]


def test_lanes_are_named_limited_moved_added_and_deleted(qtbot, shown, filled):
    window, page = shown(filled)
    board = page.board
    board.lane_renamed.emit(1, NASTY)
    board.lane_limited.emit(1, 2)
    assert board.head(1).accessibleName() == f"{NASTY}, 3 cards, limit 2, over"
    board.lane_moved.emit(1, 1)
    assert [lane.id for lane in filled.board.state.lanes] == [2, 1]
    board.lane_added.emit("Done")
    assert cards_of(page, 3) == []
    board.lane_deleted.emit(1)
    assert cards_of(page, 2) == [4, 1, 2, 3]
    text, action, act = window.told[-1]
    assert (text, action) == (f"Deleted {NASTY}; its 3 cards went to the next lane", "Undo")
    act()
    assert cards_of(page, 1) == [1, 2, 3]


def test_delete_puts_a_card_away_and_undo_brings_it_back(qtbot, shown, filled):
    window, page = shown(filled)
    page.board.select(2, keyboard=True)
    qtbot.keyClick(page.board.lane(1), Qt.Key.Key_Delete)
    assert cards_of(page, 1) == [1, 3]
    assert page.board.current == 3
    page.filter.archived.setChecked(True)
    # Those put away lie last, and do not count.
    assert cards_of(page, 1) == [1, 3, 2]
    assert page.board.head(1)._count.text() == "2 cards"
    text, action, act = window.told[-1]
    assert (text, action) == ("Archived Look", "Undo")
    act()
    assert cards_of(page, 1) == [1, 2, 3]


def test_space_marks_a_card_as_done_and_open_again(qtbot, shown, filled):
    _, page = shown(filled)
    page.board.select(1, keyboard=True)
    qtbot.keyClick(page.board.lane(1), Qt.Key.Key_Space)
    assert filled.board.state.get(Card, 1).done_at is not None
    # Done is no longer late.
    assert not page._look(1).overdue
    qtbot.keyClick(page.board.lane(1), Qt.Key.Key_Space)
    assert filled.board.state.get(Card, 1).done_at is None


def test_select_opens_a_card_also_one_that_the_filter_hides(shown, filled):
    window, page = shown(filled)
    page.filter.owner.setCurrentIndex(page.filter.owner.findText("Mara"))
    filled.board.archive(4, True)
    window.pane.select(card_id=4)
    assert page.editor.isVisible()
    assert page.editor.card.id == 4
    assert page.board.current == 4


def test_every_field_saves_itself_and_can_be_undone(qtbot, shown, filled):
    _, page = shown(filled)
    page.open_card(1)
    editor = page.editor
    editor.title.setPlainText(NASTY)
    editor.text.setPlainText("# More")
    editor.flush()
    editor.start.setText("2026-01-02")
    editor.start.editingFinished.emit()
    editor.due.setText("2026-03-04")
    editor.due.editingFinished.emit()
    editor.estimate.lineEdit().setText("2.5")
    editor.estimate.editingFinished.emit()
    editor.tags.setText(" a,  b c ，a,")
    editor.tags.editingFinished.emit()
    editor.owner.setCurrentIndex(editor.owner.findText("Mara"))
    editor.owner.activated.emit(editor.owner.currentIndex())
    editor.milestone.setChecked(True)
    card = filled.board.state.get(Card, 1)
    assert (card.title, card.text, card.owner_id, card.milestone) == (NASTY, "# More", 2, True)
    assert (card.start, card.due, card.estimate_days) == (date(2026, 1, 2), date(2026, 3, 4), 2.5)
    assert card.tags == ("a", "b c")
    undo(qtbot, page, lambda: not editor.milestone.isChecked())
    undo(qtbot, page, lambda: editor.owner.currentText() == "Lin")
    undo(qtbot, page, lambda: editor.tags.text() == "clinic")


def test_typing_is_kept_when_another_card_is_opened(shown, filled):
    _, page = shown(filled)
    page.open_card(1)
    page.editor.title.setPlainText("Asked")
    page.open_card(2)
    assert filled.board.state.get(Card, 1).title == "Asked"
    assert page.editor.title.toPlainText() == "Look"
    page.editor.title.setPlainText("Looked")
    page.editor.put_away()
    assert filled.board.state.get(Card, 2).title == "Looked"
    assert not page.editor.isVisible()


def test_what_cannot_be_is_told_at_its_field_and_nothing_is_lost(shown, filled):
    _, page = shown(filled)
    page.open_card(1)
    editor = page.editor
    editor.due.setText("soon")
    editor.due.editingFinished.emit()
    assert editor.fields["due"].problem == "Write the day as 2026-11-28."
    editor.start.setText((date.today() + timedelta(3)).isoformat())
    editor.start.editingFinished.emit()
    assert editor.fields["start"].problem == "Has to be before the due date"
    editor.title.setPlainText("  ")
    editor.title.flush()
    assert editor.title_problem.text() == "Has to have 1 to 300 characters"
    assert filled.board.state.get(Card, 1).title == "Ask"


def test_a_circle_is_refused_where_it_was_asked_for(qtbot, shown, filled):
    window, page = shown(filled)
    page.open_card(1)
    depend_on(page.editor, window, "Look")
    assert page.editor.depends.words == ["Look"]
    page.open_card(2)
    depend_on(page.editor, window, "Ask")
    sentence = "Would make cards wait for each other in a circle"
    assert page.editor.fields["depends_on"].problem == sentence
    assert filled.board.state.get(Card, 2).depends_on == ()
    assert not window.pane.banner.isVisible()


def depend_on(editor, window, title):
    editor.choose_card()
    palette = window.findChildren(Palette)[-1]
    palette._field.setText(title)
    palette._choose()
    QApplication.processEvents()


def test_the_checklist_is_written_ticked_moved_and_deleted(qtbot, shown, filled):
    _, page = shown(filled)
    page.open_card(1)
    checklist = page.editor.checklist

    def items():
        return filled.board.state.get(Card, 1).checklist

    for text in ("one", "two", "three"):
        checklist._new.setText(text)
        qtbot.keyClick(checklist._new, Qt.Key.Key_Return)
    assert [item.text for item in items()] == ["one", "two", "three"]
    checklist._rows[1]._box.click()
    assert items()[1] == CheckItem("two", True)
    qtbot.keyClick(checklist._rows[1], Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert [item.text for item in items()] == ["two", "one", "three"]
    checklist._rows[2]._text.setPlainText("")
    checklist._rows[2].flush()
    assert [item.text for item in items()] == ["two", "one"]
    assert page._look(1).checked == 1


def test_links_are_added_opened_and_taken_away(qtbot, shown, filled):
    filled.board.save(Risk(0, NASTY))
    window, page = shown(filled)
    page.open_card(1)
    page.editor.choose_link()
    qtbot.waitUntil(lambda: bool(window.findChildren(Palette)))
    window.findChildren(Palette)[0]._choose()
    assert filled.board.state.get(Card, 1).links == (Link("risk", 1),)
    qtbot.waitUntil(lambda: page.editor.links.words == [NASTY])
    qtbot.mouseClick(named(page.editor.links, QPushButton, NASTY), Qt.MouseButton.LeftButton)
    assert window.went == [("risks", {"risk_id": 1})]
    page.editor.links.removed.emit(0)
    assert filled.board.state.get(Card, 1).links == ()


def test_a_link_to_what_is_gone_says_so(qtbot, shown, filled):
    card = filled.board.save(Card(0, 1, "Old", links=(Link("run", 9),)))
    _, page = shown(filled)
    page.open_card(card)
    qtbot.waitUntil(lambda: not background.pending())
    assert page.editor.links.words == ["Run 9, not there any more"]


def test_the_history_says_what_was_done_and_by_whom(qtbot, shown, filled):
    _, page = shown(filled)
    filled.board.who = "Mara"
    filled.board.set_done(1, True)
    page.open_card(1)
    page.editor.history_button.setChecked(True)
    qtbot.waitUntil(lambda: page.editor.history.text().startswith("Finish Ask\nMara · "))


def test_text_with_markup_and_pictures_is_shown_as_written(shown, filled, tmp_path):
    picture = tmp_path / "seen.png"
    text = f"**bold** <img src='{picture.as_uri()}'> ![p]({picture.as_uri()}) <script>x</script>"
    card = filled.board.save(Card(0, 1, "Text", text=text))
    _, page = shown(filled)
    page.open_card(card)
    view = page.editor.shown_text
    assert view.isVisible()
    shown_text = view.toPlainText()
    assert shown_text.startswith("bold <img src=")
    assert "<script>x</script>" in shown_text
    assert "![p](" in shown_text


def test_a_card_that_goes_closes_its_editor(qtbot, shown, filled):
    window, page = shown(filled)
    page.open_card(1)
    qtbot.mouseClick(page.editor.delete, Qt.MouseButton.LeftButton)
    assert not page.editor.isVisible()
    assert window.told[-1][0] == "Deleted Ask"
    window.told[-1][2]()
    assert cards_of(page, 1) == [1, 2, 3]


def test_a_read_only_project_shows_everything_and_changes_nothing(qtbot, shown, tmp_path):
    with new_project(tmp_path) as session:
        fill(session)
    with open_project(tmp_path / "Orchard", read_only=True) as session:
        window, page = shown(session)
        assert cards_of(page, 1) == [1, 2, 3]
        page.open_card(2)
        editor = page.editor
        assert editor.shown_text.toPlainText() == "all melanoma"
        assert editor.title.isReadOnly()
        assert not any(
            control.isEnabled() for control in (editor.owner, editor.done, editor.archive, editor.delete)
        )
        assert not page.board.head(1).more.isEnabled()
        assert not named(window, QPushButton, "New card").isEnabled()
        page.board.select(1, keyboard=True)
        qtbot.keyClick(page.board.lane(1), Qt.Key.Key_Delete)
        assert cards_of(page, 1) == [1, 2, 3]


def test_titles_are_shown_as_written(shown, filled):
    _, page = shown(filled)
    index = page.board.lane(2).model().index(0)
    assert index.data() == NASTY
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith(NASTY)
    assert "&lt;b&gt;" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_of_ten_thousand_cards_few_are_looked_at(qtbot, shown, filled, monkeypatch):
    filled.board.save_all([Card(0, 1 + at % 2, f"Card {at}", float(at)) for at in range(10_000)])
    _, page = shown(filled)
    asked = []
    look = page._look
    monkeypatch.setattr(page.board, "_ask", lambda card_id: asked.append(card_id) or look(card_id))
    page.board.moved.emit(Move(2, 2, before=4))
    page.board.grab()
    assert cards_of(page, 2)[0] == 2
    assert 0 < len(asked) < 100


def write_owner(qtbot, page, name):
    entry = page.editor.owner.lineEdit()
    entry.setFocus()
    entry.selectAll()
    entry.insert(name)
    qtbot.keyClick(entry, Qt.Key.Key_Return)


def test_a_name_written_as_owner_joins_the_team_in_one_step(qtbot, shown, filled):
    _, page = shown(filled)
    page.open_card(3)
    write_owner(qtbot, page, "Zoë")
    people = filled.board.state.of(Person)
    assert [person.name for person in people.values()] == ["Lin", "Mara", "Zoë"]
    assert people[filled.board.state.get(Card, 3).owner_id].name == "Zoë"
    write_owner(qtbot, page, "lin")
    assert filled.board.state.get(Card, 3).owner_id == 1
    filled.history.undo()
    filled.history.undo()
    assert len(filled.board.state.of(Person)) == 2
    assert filled.board.state.get(Card, 3).owner_id is None


def test_nobody_and_an_empty_entry_take_the_owner_away(qtbot, shown, filled):
    _, page = shown(filled)
    page.open_card(1)
    entry = page.editor.owner.lineEdit()
    entry.setFocus()
    entry.clear()
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    assert filled.board.state.get(Card, 1).owner_id is None
    assert page.editor.owner.currentText() == "Nobody"


def test_an_edit_of_a_card_keeps_what_something_else_has_changed_meanwhile(qtbot, shown, filled):
    _, page = shown(filled)
    page.open_card(3)
    filled.board.change("Point to a run", Card, 3, links=(Link("risk", 9),), text="from a thread")
    page.editor._link_to(Link("dataset", 1))
    page.editor.tags.setText("new")
    page.editor.tags.editingFinished.emit()
    card = filled.board.state.get(Card, 3)
    assert (card.links, card.text) == ((Link("risk", 9), Link("dataset", 1)), "from a thread")
    assert card.tags == ("new",)


def test_all_cards_are_exported_beside_the_window(qtbot, shown, filled, tmp_path, monkeypatch):
    window, page = shown(filled)
    path = tmp_path / "cards.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), "Excel (*.xlsx)"))
    qtbot.mouseClick(named(page, QToolButton, "Export cards"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.told))
    assert window.told[-1][0] == "4 cards written to cards.xlsx"
    assert [row[2] for row in read_sheet(path).rows] == ["Ask", "Look", "Write", NASTY]


def test_a_moved_card_is_told_as_one_row_that_went_and_one_that_came(qtbot, shown, filled):
    filled.board.add_lane("Last")
    _, page = shown(filled)
    told = []
    for lane_id in (1, 2, 3):
        model = page.board.lane(lane_id).model()
        for name in ("modelReset", "rowsInserted", "rowsRemoved", "rowsMoved"):
            getattr(model, name).connect(lambda *_, at=lane_id, name=name: told.append((at, name)))
    page.open_card(2)
    page.board.moved.emit(Move(2, 2, before=4))
    assert told == [(1, "rowsRemoved"), (2, "rowsInserted")]
    assert (cards_of(page, 1), cards_of(page, 2)) == ([1, 3], [2, 4])
    assert page.board.lane(1).current() == 0, "no card beside it becomes the chosen one"
    told.clear()
    page.board.moved.emit(Move(1, 1, after=3))
    page.board.moved.emit(Move(1, 1, before=3))
    assert told == [(1, "rowsMoved"), (1, "rowsMoved")]
    assert cards_of(page, 1) == [1, 3]


def test_escape_closes_the_editor_and_leaves_the_keyboard_on_the_card(qtbot, shown, filled):
    _, page = shown(filled)
    page.open_card(2)
    qtbot.keyClick(page.editor.title, Qt.Key.Key_Escape)
    assert not page.editor.isVisible()
    assert page.board.current == 2
    page.open_card(2)
    qtbot.keyClick(page.board.lane(1), Qt.Key.Key_Escape)
    assert not page.editor.isVisible()


def test_a_card_put_away_from_elsewhere_leaves_the_chosen_one_chosen(shown, filled):
    _, page = shown(filled)
    page.open_card(2)
    page.archive(1)
    assert page.board.current == 2
    assert page.editor.card.id == 2


def test_tab_goes_from_the_filter_over_the_lanes_into_the_editor(shown, filled):
    _, page = shown(filled)
    page.board.lane_added.emit("Last")
    page.open_card(1)
    page.filter.archived.setFocus()
    names, widget = [], page.filter.archived
    while len(names) < 12:
        widget = widget.nextInFocusChain()
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            names.append(widget.accessibleName())
    lane = ["New card", "Lane menu"]
    lanes = [*lane, "Now", *lane, "Later", *lane, "Last", "New lane"]
    expected = ["Export cards", *lanes, "Title"]
    assert names == expected
