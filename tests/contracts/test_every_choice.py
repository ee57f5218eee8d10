"""What every choosable thing owes the form, the command line and the row of a run."""

import json
from itertools import combinations

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from tests.training.samples import CASES, EVERY_CASE, prepared
from workbench.board.criteria.base import criteria
from workbench.board.facts.base import facts
from workbench.board.mitigations.base import mitigations
from workbench.core.configs import ImportConfig, SplitConfig, TrainConfig
from workbench.core.errors import UserError
from workbench.core.states import Split, Task
from workbench.datasets.base import kinds
from workbench.datasets.checks.base import checks
from workbench.evaluation.measures import measures
from workbench.models.base import families
from workbench.models.recommend import rank
from workbench.services.targets.base import targets
from workbench.training.checkpoints import weights_sha256
from workbench.training.losses import losses
from workbench.training.optimizers import optimizers
from workbench.training.schedulers import schedules
from workbench.transforms.augmentation.base import augmentations
from workbench.transforms.base import transforms
from workbench.transforms.pipeline import Pipeline, default_steps, fit_pipeline, prepared_schema

BOARD = (facts, criteria, mitigations)
DATA = (kinds, transforms, augmentations, checks)
REGISTRIES = (*DATA, families, optimizers, schedules, losses, measures, targets, *BOARD)
CHOICES = [(registry, name) for registry in REGISTRIES for name in registry.names()]
IDS = [f"{registry.noun}: {name}" for registry, name in CHOICES]
CONFIGS = (SplitConfig, TrainConfig, ImportConfig)
# The bounds that make a number safe to ask for; a word is bounded by what it chooses from.
LOWER, UPPER = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}
WORDS = {"enum", "const", "pattern", "registry", "maxLength"}


def _unbounded(model):
    problems = []
    for name, field in model.model_json_schema()["properties"].items():
        told = set(field) | {key for kind in field.get("anyOf", ()) for key in kind}
        types = {field.get("type"), *(kind.get("type") for kind in field.get("anyOf", ()))}
        if model.model_fields[name].title is None:
            problems.append(f"{name} has no title")
        if types & {"integer", "number"} and not (told & LOWER and told & UPPER):
            problems.append(f"{name} has no bounds")
        if "default" not in field:
            problems.append(f"{name} has no default")
    return problems


@pytest.mark.parametrize(("registry", "name"), CHOICES, ids=IDS)
def test_every_field_of_a_choice_is_titled_described_and_bounded(registry, name):
    cls = registry.get(name)
    assert (cls.__doc__ or "").strip(), "it does not say what it is"
    assert cls.title
    assert _unbounded(cls) == []
    for field, info in cls.model_fields.items():
        assert info.description, f"{field} does not say what it does and its default"
        kind = cls.model_json_schema()["properties"][field]
        if kind.get("type") == "string":
            assert set(kind) & WORDS, f"{field} takes any word"


@pytest.mark.parametrize("config", CONFIGS)
def test_every_setting_is_titled_and_bounded(config):
    assert _unbounded(config) == []


def test_every_training_setting_says_what_it_does_and_what_its_default_is():
    for name, info in TrainConfig.model_fields.items():
        assert "Default" in (info.description or ""), name


def test_a_setting_of_a_run_is_found_by_its_name_alone():
    """A form, `--set` and `UserError.fields` name a setting without saying whose it is."""
    owners = {"training": set(TrainConfig.model_fields)}
    for registry in (families, optimizers, schedules, losses):
        # Only one of a registry is chosen, so two of them may share a name.
        owners[registry.noun] = {
            field for name in registry.names() for field in registry.get(name).model_fields
        }
    shared = [
        (first, second, sorted(owners[first] & owners[second])) for first, second in combinations(owners, 2)
    ]
    assert [found for found in shared if found[2]] == []


@pytest.mark.parametrize(("registry", "name"), CHOICES, ids=IDS)
def test_defaults_are_valid_frozen_and_survive_json(registry, name):
    choice = registry.build(name)
    text = choice.model_dump_json()
    assert registry.build(name, json.loads(text)) == choice
    assert choice.name == name
    for field in type(choice).model_fields:
        with pytest.raises(ValidationError):
            setattr(choice, field, getattr(choice, field))
    with pytest.raises(UserError) as told:
        registry.build(name, {"no_such_setting": 1})
    assert told.value.fields == {"no_such_setting": "is not a setting here"}


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.noun)
def test_a_misspelt_name_names_the_nearest(registry):
    name = registry.names()[0]
    with pytest.raises(UserError, match=name):
        registry.get(f"{name}x")


def _extremes(cls):
    """Yield settings with one field at one of its bounds, those that a small machine can hold."""
    for name, field in cls.model_json_schema()["properties"].items():
        for key in ("minimum", "maximum"):
            if key in field and abs(field[key]) <= 16:
                yield {name: int(field[key]) if field["type"] == "integer" else float(field[key])}


FITTING = [
    (family, case) for family in families.names() for case in EVERY_CASE
    if not families.build(family).misfit(prepared_schema(None, EVERY_CASE[case]()[2]))
]  # fmt: skip


@pytest.mark.parametrize(("family", "case"), FITTING)
def test_a_network_maps_prepared_samples_to_scores_whatever_its_settings(family, case):
    x, y, schema = EVERY_CASE[case]()
    data = prepared(x, y, schema)
    batch, _ = data.batch(data.indices[Split.TRAIN][:5])
    for fields in ({}, *_extremes(families.get(family))):
        chosen = families.build(family, fields)
        if chosen.misfit(data.pipeline.output):
            continue
        scores = chosen.build(data.pipeline.output)(batch)
        assert scores.shape == (5, schema.outputs), fields
        assert scores.dtype == torch.float32


@pytest.mark.parametrize(("family", "case"), FITTING)
def test_the_loss_falls_on_one_batch(family, case):
    data = prepared(*EVERY_CASE[case]())
    x, y = data.batch(data.indices[Split.TRAIN][:32])
    torch.manual_seed(0)
    model = families.build(family).build(data.pipeline.output)
    loss_of = torch.nn.CrossEntropyLoss() if data.scale.mean == 0.0 else torch.nn.MSELoss()
    optimizer = optimizers.build("adamw").build(model.parameters(), 0.01, 0.0)
    losses = []
    for _ in range(40):
        loss = loss_of(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert np.mean(losses[-5:]) < 0.7 * losses[0]


@pytest.mark.parametrize(("family", "case"), FITTING)
def test_weights_survive_a_round_trip_and_a_seed_decides_them(family, case):
    data = prepared(*EVERY_CASE[case]())
    models = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        models.append(families.build(family).build(data.pipeline.output).eval())
    first, second, third = (weights_sha256(model.state_dict()) for model in models)
    assert first == second != third
    models[2].load_state_dict(models[0].state_dict())
    batch, _ = data.batch(data.indices[Split.TEST])
    assert torch.equal(models[0](batch), models[2](batch))


@pytest.mark.parametrize("case", EVERY_CASE)
def test_what_fits_is_ranked_with_its_reason_and_one_is_recommended(case):
    x, _, raw = EVERY_CASE[case]()
    schema = prepared_schema(None, raw)
    cards = rank(schema, len(x))
    assert {card.name for card in cards} == set(families.names())
    assert [card.recommended for card in cards] == [True] + [False] * (len(cards) - 1)
    assert [card.fits for card in cards] == sorted((card.fits for card in cards), reverse=True)
    for card in cards:
        assert card.reason.endswith("."), card
        suits = families.build(card.name).suits(schema, len(x))[0]
        assert 0.0 <= suits <= 1.0


@pytest.mark.parametrize("optimizer", optimizers.names())
def test_an_optimiser_learns_and_leaves_the_weights_alone_when_told_to(optimizer):
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 1)
    made = optimizers.build(optimizer).build(model.parameters(), 0.05, 0.0)
    x = torch.randn(64, 4)
    y = x.sum(dim=1, keepdim=True)
    made.found_inf = torch.zeros(())
    losses = []
    for _ in range(60):
        loss = torch.nn.functional.mse_loss(model(x), y)
        made.zero_grad()
        loss.backward()
        made.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    before = weights_sha256(model.state_dict())
    made.found_inf.fill_(1.0)
    made.step()
    assert weights_sha256(model.state_dict()) == before


@pytest.mark.parametrize("optimizer", optimizers.names())
def test_the_learning_rate_and_weight_decay_reach_the_optimiser(optimizer):
    made = optimizers.build(optimizer).build(torch.nn.Linear(2, 2).parameters(), 0.123, 0.045)
    (group,) = made.param_groups
    assert (group["lr"], group["weight_decay"]) == (0.123, 0.045)


@pytest.mark.parametrize("schedule", schedules.names())
def test_a_schedule_reaches_the_full_rate_and_stays_between_nothing_and_it(schedule):
    made = schedules.build(schedule)
    factors = [made.factor(done / 1000) for done in range(1000)]
    assert max(factors) == 1.0
    assert made.scale([]) == made.scale([2.0, 1.0]) == 1.0
    assert all(0.0 < factor <= 1.0 for factor in factors)


@pytest.mark.parametrize("case", CASES)
def test_a_fitted_preparation_survives_a_round_trip(case):
    x, _, schema = CASES[case]()
    raw = torch.from_numpy(x)
    pipeline = fit_pipeline(default_steps(schema), raw[:50], schema)
    again = Pipeline.from_state(pipeline.to_state(), schema)
    prepared_once, prepared_again = pipeline.apply(raw), again.apply(raw)
    assert torch.equal(prepared_once, prepared_again)
    assert prepared_once.dtype == torch.float32
    assert torch.isfinite(prepared_once).all()
    assert tuple(prepared_once.shape[1:]) == pipeline.output.input_shape == again.output.input_shape


@pytest.mark.parametrize("name", measures.names())
def test_a_measure_is_best_where_the_prediction_is_perfect(name):
    measure = measures.build(name)
    random = np.random.default_rng(3)
    if measure.task is Task.CLASSIFICATION:
        actual = random.integers(0, 3, 90)
        wrong = (actual + 1) % 3
        classes = 3
    else:
        actual = random.normal(0, 1, 90)
        wrong, classes = actual + random.normal(0, 1, 90), 0
    best, worse = measure.compute(actual, actual, classes), measure.compute(actual, wrong, classes)
    assert best == pytest.approx(1.0 if measure.higher_is_better else 0.0)
    assert (best > worse) is measure.higher_is_better
