"""What every fact, criterion and mitigation owes the form, the store and a project that is still empty."""

import pytest

from tests.board.records import dataset, project_view, run
from workbench.board.criteria.base import criteria
from workbench.board.facts.base import facts
from workbench.board.mitigations.base import RunSettings, mitigations
from workbench.core.states import RunState, Task, Verdict
from workbench.models.base import families

NOUNS = {"dataset", "run", "card", "risk", "person", "meeting", "charter", "decision"}
PROJECTS = {
    "empty": project_view(),
    "with data": project_view(datasets=[dataset(task=Task.REGRESSION)]),
    "with a run": project_view(datasets=[dataset()], runs=[run(state=RunState.RUNNING)]),
    "with a result": project_view(datasets=[dataset()], runs=[run()]),
}
# On an empty project these are known all the same: nothing is late, and the project began some day.
KNOWN = {"overdue_cards", "review_age"}


@pytest.mark.parametrize("registry", [facts, criteria, mitigations], ids=lambda registry: registry.noun)
def test_everything_says_what_it_is_for_and_every_field_its_default(registry):
    for name in registry.names():
        cls = registry.get(name)
        assert cls.text.endswith("."), name
        for field, info in cls.model_fields.items():
            assert "efault" in (info.description or ""), f"{name} {field} does not say its default"


@pytest.mark.parametrize("view", PROJECTS.values(), ids=PROJECTS)
@pytest.mark.parametrize("name", facts.names())
def test_a_fact_reads_any_project_and_says_what_it_is_or_why_it_cannot_tell(name, view):
    measured = facts.build(name).read(view)
    assert measured.text
    assert bool(measured.cause) is (measured.value is not None)
    assert measured.link is None or measured.link.noun in NOUNS


@pytest.mark.parametrize("name", facts.names())
def test_a_fact_cannot_tell_of_an_empty_project(name):
    assert (facts.build(name).read(project_view()).value is not None) is (name in KNOWN)


@pytest.mark.parametrize("view", PROJECTS.values(), ids=PROJECTS)
@pytest.mark.parametrize("name", criteria.names())
def test_a_criterion_judges_any_project_and_says_why(name, view):
    judged = criteria.build(name).judge(view)
    assert judged.verdict in Verdict
    assert judged.text
    assert judged.link is None or judged.link.noun in NOUNS


@pytest.mark.parametrize("registry", [facts, criteria], ids=lambda registry: registry.noun)
def test_every_phrase_says_something_of_its_own(registry):
    phrases = [registry.build(name).phrase() for name in registry.names()]
    assert all(phrases)
    assert len(set(phrases)) == len(phrases)


@pytest.mark.parametrize("name", mitigations.names())
def test_a_mitigation_says_whether_it_can_be_tried_and_changes_nothing_that_is_there(name):
    mitigation = mitigations.build(name)
    assert mitigation.against
    for family in families.names():
        settings = RunSettings(family, families.build(family).model_dump())
        before = (dict(settings.fields), settings.train.model_dump())
        changed = mitigation.change(settings)
        assert bool(mitigation.misfit(run(), settings)) is (changed == settings)
        assert (dict(settings.fields), settings.train.model_dump()) == before
