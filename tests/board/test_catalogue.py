"""The ready risks: whole, buildable, found by words."""

import ast
from dataclasses import fields

import pytest

from tests.rules.sources import nodes
from workbench.board.catalogue import PRODUCTS, catalogue, find, idea_of, sentence
from workbench.board.facts.base import facts
from workbench.board.mitigations.base import mitigations
from workbench.core.board import Charter
from workbench.core.errors import UserError
from workbench.core.risks import Risk
from workbench.core.states import RiskStatus
from workbench.evaluation.measures import measures

IDEAS = catalogue()
WATCHED = [idea for idea in IDEAS if idea.watch is not None]


def codes(ideas):
    return [idea.code for idea in ideas]


def test_there_are_many_ready_risks_and_half_of_them_watch_a_number():
    assert len(IDEAS) >= 48
    assert len(WATCHED) >= 24
    assert len(set(codes(IDEAS))) == len(IDEAS)
    assert len({idea.risk.title.casefold() for idea in IDEAS}) == len(IDEAS)


def test_every_category_and_every_kind_of_product_has_risks_of_its_own():
    assert {idea.risk.category for idea in IDEAS} == set(Charter().categories)
    assert {product for idea in IDEAS for product in idea.products} == set(PRODUCTS)


@pytest.mark.parametrize("idea", IDEAS, ids=codes(IDEAS))
def test_a_ready_risk_is_complete(idea):
    risk = idea.risk
    assert (risk.id, risk.source, risk.status, risk.owner_id) == (0, idea.code, RiskStatus.OPEN, None)
    assert 1 <= risk.probability <= 5
    assert 1 <= risk.impact <= 5
    assert len(risk.title) <= 60
    for part in (risk.cause, risk.event, risk.effect):
        assert part == part.strip(" .")
        assert part.split()[0] not in ("because", "which", "it's")
    assert risk.effect[0].islower()
    assert len(sentence(risk)) <= 260
    assert len(idea.mitigations) >= 2
    assert len({mitigation.title for mitigation in idea.mitigations}) == len(idea.mitigations)
    assert all(mitigation.title and mitigation.text.endswith((".", "?")) for mitigation in idea.mitigations)


@pytest.mark.parametrize("idea", IDEAS, ids=codes(IDEAS))
def test_an_experiment_of_a_ready_risk_can_be_built_and_is_meant_for_its_category(idea):
    for mitigation in idea.mitigations:
        if mitigation.experiment:
            built = mitigations.build(mitigation.experiment, mitigation.fields)
            assert idea.risk.category in built.against


def test_every_mitigation_that_a_run_can_try_is_proposed_by_some_risk():
    tried = {mitigation.experiment for idea in IDEAS for mitigation in idea.mitigations}
    assert set(mitigations.names()) - tried == set()


@pytest.mark.parametrize("idea", WATCHED, ids=codes(WATCHED))
def test_a_watch_of_a_ready_risk_can_be_built_and_raises_the_risk(idea):
    watch = idea.watch
    fact = facts.build(watch.fact, watch.fields)
    assert fact.phrase()
    assert (watch.id, watch.risk_id) == (0, 0)
    assert idea.risk.probability < watch.raises_to <= 5
    if watch.fact == "measure":
        assert fact.measure in measures.names()


def test_every_number_that_can_be_watched_is_watched_by_some_risk():
    assert set(facts.names()) - {idea.watch.fact for idea in WATCHED} == set()


def test_every_finding_that_is_watched_is_one_that_an_import_can_make():
    words = {node.value for _, node in nodes(ast.Constant, "workbench/datasets/")}
    assert {idea.watch.fields["code"] for idea in WATCHED if idea.watch.fact == "findings"} - words == set()


def test_words_are_found_in_any_order_and_any_case():
    found = find("BUDGET gpu")
    assert codes(found) == codes(find("gpu budget"))
    assert "gpu-budget" in codes(found)
    assert find("gpu zebra") == []
    assert find() == list(IDEAS)


def test_words_are_found_in_the_title_the_sentence_and_the_mitigations():
    assert "accents" in codes(find("dialects"))
    assert "regulation" in codes(find("closes a market"))
    assert "data-breach" in codes(find("encrypt"))
    assert "no-demand" in codes(find("few people"))


def test_a_search_keeps_to_a_category_and_to_a_kind_of_product():
    assert {idea.risk.category for idea in find(category="market")} == {"market"}
    speech = codes(find(product="speech"))
    assert {"accents", "overfitting"} <= set(speech)
    assert "future-column" not in speech
    assert find("season", category="market", product="images") == find("season", "market")


def test_a_code_that_does_not_exist_is_answered_with_the_nearest():
    assert idea_of("overfitting").risk.title
    with pytest.raises(UserError, match="overfitting"):
        idea_of("overfiting")


def test_cause_event_and_effect_read_as_one_sentence_and_gaps_are_left_out():
    risk = Risk(0, "Late", cause="tests are slow", event="the release slips", effect="costs a season")
    assert sentence(risk) == "Because tests are slow, the release slips, which costs a season."
    assert sentence(Risk(0, "Late", event="the release slips")) == "The release slips."
    assert sentence(Risk(0, "Late")) == ""


def test_the_catalogue_says_nothing_about_what_only_a_project_can_know():
    empty = {field.name: field.default for field in fields(Risk)}
    for name in ("actions", "evidence", "next_review", "created_at", "closed_at", "residual_probability"):
        assert all(getattr(idea.risk, name) == empty[name] for idea in IDEAS)
