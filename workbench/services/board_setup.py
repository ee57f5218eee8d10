"""A board to begin with: lanes, cards, gates, goal and risks of a template, in one step."""

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from workbench.board.templates import Template, template_of_starter, templates
from workbench.core.board import BoardRecord, Card, Charter, CheckItem, Lane, ModelCard
from workbench.core.states import Stage

if TYPE_CHECKING:
    from workbench.services.session import Session


def known_templates() -> list[Template]:
    """Return the boards to begin with, one a kind of product."""
    return list(templates())


def set_up(session: "Session", template: Template) -> None:
    """Add lanes, cards, gates and risks of a template, and its goal where there is none. Can be undone."""
    board = session.board
    with session.history.together(f"Set up the board: {template.title}"):
        lanes = dict(zip((lane.name for lane in template.lanes), board.save_all(template.lanes), strict=True))
        _add_cards(session, template, lanes)
        board.save_all(template.criteria)
        charter = _filled(board.state.charter, {"goal": template.goal, **template.charter})
        board.save_with("Set goal and limits", charter)
        for idea in template.ideas():
            session.risks.take(idea, cards=False)


def set_up_lanes(session: "Session") -> None:
    """Add one empty lane a stage. Can be undone at once."""
    session.board.save_all(
        [Lane(0, stage.value.capitalize(), stage, float(place)) for place, stage in enumerate(Stage, 1)]
    )


def set_up_starter(session: "Session") -> None:
    """Give the project of a starter its board; there is nothing to undo, and a second call does nothing."""
    template = template_of_starter(session.project.starter or "")
    if template is not None and not session.board.state.lanes:
        set_up(session, template)
        session.history.clear()


def _add_cards(session: "Session", template: Template, lanes: dict[str, int]) -> None:
    cards = [
        Card(
            *(0, lanes[item.lane], item.title),
            text=item.text,
            tags=item.tags,
            checklist=tuple(CheckItem(text) for text in item.checklist),
            estimate_days=item.estimate_days,
            milestone=item.milestone,
        )
        for item in template.cards
    ]
    ids = dict(zip((item.key for item in template.cards), session.board.save_all(cards), strict=True))
    waiting: list[BoardRecord] = [
        replace(
            session.board.state.get(Card, ids[item.key]),
            depends_on=tuple(ids[key] for key in item.depends_on),
        )
        for item in template.cards
        if item.depends_on
    ]
    session.board.save_all(waiting)
    session.board.plan(set(ids.values()))


def _filled(charter: Charter, values: dict[str, Any]) -> Charter:
    """Return the charter with what it does not say yet; what somebody has written stays."""
    default = Charter()
    free = {
        item.name: values[item.name]
        for item in fields(Charter)
        if item.name in values and getattr(charter, item.name) == getattr(default, item.name)
    }
    if isinstance(free.get("model_card"), dict):
        free["model_card"] = ModelCard(**free["model_card"])
    return replace(charter, **free)
