"""Augmentation while a model learns: of training samples alone, the same again after a resume."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.training.samples import StopAt, Watch, pictures, same, table, train
from workbench.core.configs import PrepareConfig, SplitConfig, StepConfig, TrainConfig
from workbench.core.states import RunState, Split, Task
from workbench.datasets.splits import split_indices
from workbench.training.averaging import Averaging
from workbench.training.checkpoints import read_checkpoint
from workbench.training.data import prepare
from workbench.training.losses import losses
from workbench.training.ranks import Ranks
from workbench.training.stepper import Stepper, score_of
from workbench.training.validation import validate

MOVES = ("random_crop", "rotation", "brightness", "gaussian_noise")
FOR_CLASSES = [name for name in losses.names() if Task.CLASSIFICATION in losses.get(name).tasks]


def augmented(case, *names):
    x, y, schema = case
    steps = tuple(StepConfig(name=name, fields={"probability": 1.0}) for name in names)
    indices = split_indices(y, schema.task, SplitConfig())
    return prepare(x, y, schema, indices, torch.device("cpu"), PrepareConfig(augmentation=steps))


def weights(outcome):
    return outcome.weights_sha256


@pytest.mark.parametrize(
    ("case", "names"), [(pictures(), (*MOVES, "mixup")), (table(), ("number_noise", "value_swap", "mixup"))]
)
def test_only_training_samples_are_changed_and_only_for_learning(case, names):
    plain, data = augmented(case), augmented(case, *names)
    assert plain.augmenter is None
    for split in Split:
        for ours, theirs in zip(
            data.batches(data.indices[split]), plain.batches(plain.indices[split]), strict=True
        ):
            assert torch.equal(ours[0], theirs[0])
            assert torch.equal(ours[1], theirs[1])
    index = data.indices[Split.TRAIN][:20]
    learnt, _ = data.training_batch(index, (1, 2, 3))
    assert not torch.allclose(learnt, data.batch(index)[0])


def test_validation_of_a_run_judges_samples_as_they_are():
    scores = {}
    for names in ((), (*MOVES, "cutmix")):
        data = augmented(pictures(), *names)
        torch.manual_seed(0)
        model = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
        stepper = Stepper(model, TrainConfig(), data, Averaging(model, "none"), "fp32")
        scores[names] = validate(stepper, model)
    assert len({tuple(score.items()) for score in scores.values()}) == 1


@pytest.mark.parametrize("names", [MOVES, ("mixup",), (*MOVES, "cutmix")])
def test_the_same_key_draws_the_same_and_step_batch_process_and_seed_draw_anew(names):
    data = augmented(pictures(), *names)
    index = data.indices[Split.TRAIN][:16]
    first, again = (data.training_batch(index, (1, 2, 3, 4)) for _ in range(2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    for key in ((0, 2, 3, 4), (1, 0, 3, 4), (1, 2, 0, 4), (1, 2, 3, 0)):
        assert not torch.equal(data.training_batch(index, key)[0], first[0])


def test_several_processes_and_batches_of_a_step_draw_differently():
    class Second(Ranks):
        rank = 1

    data, keys = augmented(pictures(), "rotation"), []
    fetch = type(data).training_batch

    def noted(self, index, key, samples=None):
        keys.append(key)
        return fetch(self, index, key, samples)

    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    config = TrainConfig(batch_size=8, accumulation=3, seed=9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(data), "training_batch", noted)
        for ranks in (Ranks(), Second()):
            stepper = Stepper(model, config, data, Averaging(model, "none"), "fp32", ranks)
            for number in (1, 2):
                stepper.step(data.indices[Split.TRAIN][:24], 0.01, number)
    assert len(set(keys)) == len(keys) == 2 * 2 * 3
    assert {key[0] for key in keys} == {9}


@pytest.mark.parametrize("steps", [3, 11, 20])
@pytest.mark.parametrize(
    ("case", "names"),
    [(pictures(), (*MOVES, "mixup")), (table(), ("number_noise", "mixup")), (pictures(), ("cutmix",))],
)
def test_a_run_that_was_stopped_and_resumed_learns_what_it_would_have_learnt(case, names, steps, tmp_path):
    for folder in ("whole", "parts"):
        (tmp_path / folder).mkdir()
    whole, watched = train(augmented(case, *names), tmp_path / "whole", epochs=6, batch_size=16)
    watch = Watch()
    begun, _ = train(
        augmented(case, *names),
        tmp_path / "parts",
        epochs=6,
        batch_size=16,
        token=StopAt(steps),
        watch=watch,
    )
    assert begun.state is RunState.STOPPED
    resume = read_checkpoint(watch.path("last"))
    ended, _ = train(
        augmented(case, *names), tmp_path / "parts", epochs=6, batch_size=16, resume=resume, watch=watch
    )
    assert ended.state is RunState.FINISHED
    assert weights(ended) == weights(whole)
    assert same(watch.points, watched.points)


@pytest.mark.parametrize(
    "config",
    [
        {"precision": "bf16"},
        {"deterministic": True},
        {"accumulation": 3},
        {"loss": "focal", "averaging": "ema"},
    ],
    ids=str,
)
def test_a_run_learns_with_augmentation_in_every_way_of_computing(config, tmp_path):
    outcome, watch = train(
        augmented(pictures(400), "random_crop", "brightness", "mixup"),
        tmp_path,
        "convnet",
        epochs=6,
        learning_rate=3e-3,
        **config,
    )
    assert outcome.state is RunState.FINISHED
    assert list(watch.points["validation/accuracy"].values())[-1] > 0.8
    plain, _ = train(augmented(pictures(400)), tmp_path, "convnet", epochs=6, learning_rate=3e-3, **config)
    assert weights(plain) != weights(outcome)


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize("name", FOR_CLASSES)
def test_a_loss_of_shared_labels_is_that_of_each_label_by_its_share(name, balanced):
    known = losses.get(name).model_fields
    fields = {"balanced": balanced, "label_smoothing": 0.1} if "balanced" in known else {}
    loss_of = losses.build(name, fields).build(Task.CLASSIFICATION, torch.tensor([10, 30, 5]))
    random = torch.Generator().manual_seed(1)
    scores = torch.randn(8, 3, generator=random)
    first, second = (torch.randint(0, 3, (8,), generator=random) for _ in range(2))
    whole = nn.functional.one_hot(first, 3).float()
    assert torch.allclose(loss_of(scores, whole), loss_of(scores, first), atol=1e-6)
    shared = 0.7 * whole + 0.3 * nn.functional.one_hot(second, 3)
    expected = 0.7 * loss_of(scores, first) + 0.3 * loss_of(scores, second)
    assert torch.allclose(loss_of(scores, shared), expected, atol=1e-6)


def test_a_hit_on_a_mixed_sample_is_the_class_with_the_larger_share():
    scores = torch.tensor([[2.0, 1.0, 0.0], [2.0, 1.0, 0.0], [0.0, 1.0, 2.0]])
    shares = torch.tensor([[0.6, 0.4, 0.0], [0.4, 0.6, 0.0], [0.1, 0.2, 0.7]])
    assert score_of(scores, shares, Task.CLASSIFICATION) == 2


def test_what_a_step_learns_it_learns_from_the_training_split_alone():
    x, y, schema = table()
    indices = split_indices(y, schema.task, SplitConfig())
    config = PrepareConfig(augmentation=(StepConfig(name="number_noise"),))
    changed = x.copy()
    changed[np.concatenate([indices[Split.VALIDATION], indices[Split.TEST]])] = 1e6
    first, second = (prepare(rows, y, schema, indices, torch.device("cpu"), config) for rows in (x, changed))
    ((_, before),), ((_, after),) = first.augmenter.raw, second.augmenter.raw
    assert all(torch.equal(before[name], after[name]) for name in before)
    changed[indices[Split.TRAIN], 0] *= 2
    spoilt = prepare(changed, y, schema, indices, torch.device("cpu"), config)
    assert not torch.equal(spoilt.augmenter.raw[0][1]["deviation"], before["deviation"])
