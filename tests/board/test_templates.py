"""The boards to begin with: their cards, gates and risks fit together."""

from dataclasses import replace

import pytest

from workbench.board.catalogue import PRODUCTS, idea_of
from workbench.board.criteria.base import criteria
from workbench.board.facts.base import facts
from workbench.board.state import BoardState, problems
from workbench.board.templates import template_of, template_of_starter, templates
from workbench.core.board import Card, Charter, CheckItem, Edit
from workbench.core.errors import UserError
from workbench.core.states import Split, Stage
from workbench.datasets.starters import starters
from workbench.evaluation.measures import measures

STARTERS = [template_of_starter(starter.name) for starter in starters()]
ALL = [*templates(), *STARTERS]
each = pytest.mark.parametrize("template", ALL, ids=[template.name for template in ALL])


def board(template):
    """Return the board that a template makes, with numbers as a store would give them."""
    lanes = {lane.name: number for number, lane in enumerate(template.lanes, start=1)}
    keys = {card.key: number for number, card in enumerate(template.cards, start=1)}
    edits = [Edit(None, replace(lane, id=lanes[lane.name])) for lane in template.lanes]
    edits += [
        Edit(
            None,
            Card(
                keys[card.key],
                lanes[card.lane],
                card.title,
                float(keys[card.key]),
                card.text,
                tags=card.tags,
                checklist=tuple(CheckItem(line) for line in card.checklist),
                estimate_days=card.estimate_days,
                depends_on=tuple(keys[key] for key in card.depends_on),
            ),
        )
        for card in template.cards
    ]
    return BoardState().apply(edits)


def test_every_kind_of_product_has_a_template():
    assert {template.name for template in templates()} == set(PRODUCTS)
    with pytest.raises(UserError, match="images"):
        template_of("image")


def test_every_starter_has_a_template_and_another_dataset_has_none():
    assert all(STARTERS)
    assert template_of_starter("flowers") is None


@each
def test_the_lanes_are_the_stages_and_each_has_cards(template):
    assert [lane.stage for lane in template.lanes] == list(Stage)
    assert [lane.place for lane in template.lanes] == sorted({lane.place for lane in template.lanes})
    assert {card.lane for card in template.cards} == {lane.name for lane in template.lanes}


@each
def test_there_are_12_to_18_cards_and_each_says_what_to_do(template):
    work = [card for card in template.cards if not card.milestone]
    assert 12 <= len(work) <= 18
    assert len({card.key for card in template.cards}) == len(template.cards)
    for card in work:
        assert card.title
        assert card.text
        assert card.tags
        assert card.checklist
        assert 0 < card.estimate_days <= 20


@each
def test_each_stage_ends_at_a_milestone_that_waits_for_all_of_its_work(template):
    for lane in template.lanes:
        own = {card.key: card for card in template.cards if card.lane == lane.name}
        (end,) = (card for card in own.values() if card.milestone)
        reached, todo = set(), [end.key]
        while todo:
            reached.add(key := todo.pop())
            todo += [other for other in own[key].depends_on if other in own]
        assert reached == set(own)


@each
def test_the_board_of_a_template_is_sound_and_no_cards_wait_for_each_other(template):
    assert problems(board(template)) == []
    made = set()
    for card in template.cards:
        assert set(card.depends_on) <= made, "a card comes before one that it depends on"
        made.add(card.key)


@each
def test_every_stage_has_a_gate_whose_criteria_can_be_built(template):
    assert {item.stage for item in template.criteria} == set(Stage)
    for item in template.criteria:
        built = criteria.build(item.name, item.fields)
        assert built.phrase()
        if item.name == "number_within":
            assert facts.build(built.fact, built.fact_fields).phrase()


@each
def test_what_a_gate_asks_by_tag_is_on_a_card_of_its_stage(template):
    stages = {lane.name: lane.stage for lane in template.lanes}
    for item in template.criteria:
        if item.name == "checklist":
            cards = [card for card in template.cards if stages[card.lane] is item.stage]
            assert any(item.fields["tag"] in card.tags for card in cards), item


@each
def test_six_to_eight_risks_come_from_the_catalogue(template):
    assert 6 <= len(template.risks) == len(set(template.risks)) <= 8
    kind = next(item.name for item in templates() if item.title == template.title)
    for idea in template.ideas():
        assert not idea.products or kind in idea.products
        assert idea.watch == template.watches.get(idea.code, idea_of(idea.code).watch)


@each
def test_what_is_watched_here_belongs_to_a_risk_of_the_template_and_raises_it(template):
    assert set(template.watches) <= set(template.risks)
    for code, watch in template.watches.items():
        assert facts.build(watch.fact, watch.fields).phrase()
        assert idea_of(code).risk.probability < watch.raises_to <= 5


@each
def test_the_goal_and_the_charter_can_be_set(template):
    charter = replace(Charter(), goal=template.goal, **template.charter)
    assert charter.goal.split is Split.TEST
    assert 0 < charter.goal.target < 1
    if charter.goal.class_name:
        assert charter.goal.measure in ("precision", "recall", "f1")
    else:
        assert charter.goal.measure in measures.names()


def test_the_starters_aim_at_what_matters_in_their_data():
    digits, tumours = (template_of_starter(name) for name in ("digits", "breast-cancer"))
    assert (digits.goal.measure, digits.goal.target, digits.goal.class_name) == ("accuracy", 0.95, "")
    assert digits.cards == template_of("images").cards
    assert (tumours.goal.measure, tumours.goal.target) == ("recall", 0.95)
    assert tumours.goal.class_name == "malignant"
    assert tumours.watches["dangerous-class-missed"].fields["class_name"] == "malignant"
    assert tumours.cards == template_of("tables").cards


def test_the_charter_of_a_starter_names_the_source_and_licence_that_its_data_have():
    for starter, template in zip(starters(), STARTERS, strict=True):
        assert template.charter["purpose"]
        assert template.charter["licence"] in starter.text
        source = template.charter["data_source"].split(" (")[0]
        assert source in starter.text
