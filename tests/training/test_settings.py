"""Each setting of a training does what it says, and a run with it still resumes to the bit."""

import math
import shutil
import threading
import time
import traceback
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch import nn
from torch.nn import functional

from tests.training.samples import PausesAt, StopAt, Watch, pictures, prepared, same, table, train
from workbench.core.configs import PRESETS, TrainConfig
from workbench.core.control import CancelToken
from workbench.core.states import LogLevel, RunState, Split, Task
from workbench.models.base import families
from workbench.training.averaging import Averaging
from workbench.training.checkpoints import read_checkpoint, trained_model, weights_sha256
from workbench.training.initialization import initialize
from workbench.training.job import Callbacks, FitJob
from workbench.training.loop import fit
from workbench.training.losses import class_weights, losses
from workbench.training.monitor import Monitor
from workbench.training.optimizers import optimizers
from workbench.training.ranks import Ranks
from workbench.training.schedulers import rate_factor, schedules
from workbench.training.stepper import Stepper, bounds_of
from workbench.training.trials import compile_model, find_precision


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def stepper(case=None, family="linear", fields=None, precision="fp32", **config):
    """Return a stepper over fresh weights."""
    data = prepared(*(case or table()))
    torch.manual_seed(0)
    model = families.build(family, fields or {}).build(data.pipeline.output)
    made = TrainConfig(**config)
    return Stepper(model, made, data, Averaging(model, made.averaging), precision)


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


STATEFUL = {
    "plateau": {"schedule": "plateau", "schedule_fields": {"wait_epochs": 1}},
    "warm-up": {"warmup": 0.3, "schedule": "one_cycle"},
    "ema": {"averaging": "ema"},
    "swa": {"averaging": "swa", "epochs": 8},
    "accumulation": {"accumulation": 3, "batch_size": 4, "clip_norm": 0.1},
    "bf16": {"precision": "bf16"},
    "fp16": {"precision": "fp16"},
    "elastic net": {"l1": 0.01, "weight_decay": 0.1},
    "gradient descent": {"optimizer": "gradient_descent", "learning_rate": 0.3, "epochs": 12},
    "deterministic": {"deterministic": True},
}


@pytest.mark.parametrize("name", STATEFUL)
def test_a_run_with_this_setting_goes_on_after_a_stop_as_if_nothing_had_happened(tmp_path, name):
    settings = {"fields": {"width": 8, "dropout": 0.3}, "batch_size": 16, "epochs": 6} | STATEFUL[name]
    whole, expected = train(table(), tmp_path, **settings)
    assert whole.state is RunState.FINISHED
    watch, resume, done = Watch(), None, 0
    for stop in (max(1, whole.steps // 3), whole.steps * 2 // 3):
        train(table(), tmp_path, token=StopAt(stop - done), watch=watch, resume=resume, **settings)
        done, resume = stop, read_checkpoint(watch.path("last"))
        torch.rand(17)
    outcome, _ = train(table(), tmp_path, watch=watch, resume=resume, **settings)
    assert outcome.weights_sha256 == whole.weights_sha256
    assert outcome.best_epoch == whole.best_epoch
    assert same(watch.points, expected.points)
    best = [weights_sha256(read_checkpoint(item.path("best"))["model"]) for item in (watch, expected)]
    assert best[0] == best[1]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_learns(tmp_path, name):
    outcome, watch = train(table(), tmp_path, learning_rate=0.01, **{"epochs": 30} | PRESETS[name])
    assert outcome.state is RunState.FINISHED
    first, *_, last = watch.points["validation/loss"].values()
    assert last < 0.9 * first


@pytest.mark.parametrize(("name", "torchs"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)])
def test_a_fused_step_is_torchs_own_to_the_bit(name, torchs):
    def weights():
        generator = torch.Generator().manual_seed(0)
        return [nn.Parameter(torch.randn(n, 3, generator=generator)) for n in (4, 1, 7)]

    def step(parameters, optimizer, number):
        generator = torch.Generator().manual_seed(number)
        optimizer.param_groups[0]["lr"] = 0.1 / number
        optimizer.found_inf = torch.tensor(float(number == 4))  # such a step changes nothing
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=generator)
        if number == 5:
            parameters[1].grad = None
        optimizer.step()

    ours, theirs = weights(), weights()
    mine = optimizers.build(name, {}).build(ours, 0.1, 0.01)
    reference = torchs(theirs, 0.1, weight_decay=0.01, fused=True)
    for number in range(1, 9):
        step(ours, mine, number)
        step(theirs, reference, number)
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True)), number
        if number == 6:
            # What one has saved, the other goes on from.
            saved = mine.state_dict()
            mine.load_state_dict(reference.state_dict())
            reference.load_state_dict(saved)


def test_accumulated_batches_take_the_step_of_the_large_batch():
    # The mean over 24 samples is the mean of the means of 10, 10 and 4, weighed by their sizes.
    index = torch.arange(24)
    moved = []
    for size, times in ((24, 1), (10, 3)):
        made = stepper(batch_size=size, accumulation=times, optimizer="sgd", learning_rate=0.5)
        made.step(index, 0.5, 1)
        moved.append(weights(made.model))
    torch.testing.assert_close(moved[0], moved[1])


def test_gradient_descent_takes_one_step_an_epoch_over_all_samples(tmp_path):
    outcome, watch = train(table(), tmp_path, "linear", optimizer="gradient_descent", batch_size=7, epochs=5)
    assert (outcome.epochs, outcome.steps) == (5, 5)
    # An exact gradient with a small step never makes the loss larger.
    losses_seen = list(watch.points["train/loss"].values())
    assert losses_seen == sorted(losses_seen, reverse=True)


def test_clipping_shortens_the_gradient_to_its_limit():
    made = stepper(optimizer="sgd", weight_decay=0.0, clip_norm=0.01)
    before = weights(made.model)
    made.step(torch.arange(32), 1.0, 1)
    assert (weights(made.model) - before).norm().item() == pytest.approx(0.01, rel=1e-3)


def test_the_l1_penalty_pulls_every_weight_towards_zero_by_the_same_amount():
    plain, pulled = (stepper(optimizer="sgd", weight_decay=0.0, l1=l1) for l1 in (0.0, 0.25))
    before = weights(plain.model)
    for made in (plain, pulled):
        made.step(torch.arange(32), 0.1, 1)
    # A step of 0.1 along 0.25 times the sign of the weight.
    expected = -0.1 * 0.25 * before.sign()
    torch.testing.assert_close(weights(pulled.model) - weights(plain.model), expected)


def test_norms_are_measured_every_ten_steps():
    made = stepper()
    assert made.step(torch.arange(32), 0.01, 9).norms == {}
    before = weights(made.model).norm()
    norms = made.step(torch.arange(32), 0.01, 10).norms
    gradient = torch.cat([p.grad.flatten() for p in made.parameters])
    assert norms["gradient_norm"].item() == pytest.approx(gradient.norm().item())
    assert norms["weight_norm"].item() == pytest.approx(before.item())


def test_class_weights_are_those_of_scikit_learn_and_weigh_one_on_average():
    y = np.array([0] * 70 + [1] * 20 + [2] * 10)
    made = class_weights(torch.bincount(torch.from_numpy(y)))
    np.testing.assert_allclose(made, compute_class_weight("balanced", classes=np.arange(3), y=y), rtol=1e-6)
    assert made[torch.from_numpy(y)].mean().item() == pytest.approx(1.0)
    assert class_weights(torch.tensor([5, 0, 5])).tolist() == [1.0, 0.0, 1.0]


def test_losses_for_classes_are_the_formulas_of_their_papers():
    torch.manual_seed(3)
    scores, y, counts = torch.randn(40, 4), torch.randint(0, 4, (40,)), torch.tensor([10, 10, 10, 10])

    def of(name, **fields):
        return losses.build(name, fields).build(Task.CLASSIFICATION, counts)(scores, y).item()

    plain = functional.cross_entropy(scores, y).item()
    assert [of("standard"), of("cross_entropy")] == pytest.approx([plain, plain])
    assert of("focal", gamma=0.0) == pytest.approx(plain)
    hit = scores.softmax(1)[torch.arange(40), y]
    assert of("focal", gamma=2.0) == pytest.approx(((1 - hit) ** 2 * -hit.log()).mean().item(), rel=1e-5)
    smooth = functional.cross_entropy(scores, y, label_smoothing=0.1).item()
    assert of("cross_entropy", label_smoothing=0.1) == pytest.approx(smooth)
    assert of("cross_entropy", balanced=True) == pytest.approx(plain), "equal classes weigh alike"


def test_a_balanced_loss_finds_more_of_the_rare_class(tmp_path):
    random = np.random.default_rng(1)
    x, y, schema = table(600)
    x = random.normal(size=x.shape).astype(np.float32)
    y = (x[:, 0] + random.normal(size=600) > 2.2).astype(np.int64)
    found = []
    for fields in ({}, {"balanced": True}):
        folder = tmp_path / str(len(found))
        folder.mkdir()
        settings = {"loss": "cross_entropy", "loss_fields": fields, "learning_rate": 0.05, "epochs": 10}
        _, watch = train((x, y, schema), folder, "linear", **settings)
        made = trained_model(read_checkpoint(watch.path("best")), torch.device("cpu"))
        found.append((made.predict(x).argmax(1)[y == 1] == 1).mean())
    assert found[1] > found[0] + 0.2


@pytest.mark.parametrize(("name", "fields"), [("absolute", {}), ("huber", {"delta": 0.5})])
def test_losses_for_numbers_keep_the_rmse_an_rmse(tmp_path, name, fields):
    case = table(task=Task.REGRESSION)
    _, watch = train(case, tmp_path, "linear", loss=name, loss_fields=fields, learning_rate=0.05, epochs=3)
    data = prepared(*case)
    made = trained_model(read_checkpoint(watch.path("last")), torch.device("cpu"))
    index = data.indices[Split.VALIDATION].numpy()
    rmse = np.sqrt(np.mean((made.predict(case[0][index]) - case[1][index]) ** 2))
    assert list(watch.points["validation/rmse"].values())[-1] == pytest.approx(rmse, rel=1e-4)


def factors(name, fields=None, steps=100, warmup=0.0):
    made = schedules.build(name, fields or {})
    return [rate_factor(made, done / steps, warmup, 1 / steps) for done in range(steps)]


def test_schedules_have_their_shape():
    assert factors("step")[32:35] == pytest.approx([1.0, 1.0, 0.1])
    assert factors("step", {"drops": 1, "drop_factor": 0.5}) == [1.0] * 50 + [0.5] * 50
    exponential = factors("exponential", {"end_factor": 0.25})
    assert exponential[50] == pytest.approx(0.5)
    cycle = factors("one_cycle")
    assert (cycle[0], max(cycle)) == (pytest.approx(0.04), pytest.approx(1.0))
    assert cycle.index(max(cycle)) == 30
    assert cycle[-1] < cycle[0]


def test_a_warm_up_rises_to_the_schedule_and_its_first_step_moves():
    rates = factors("constant", warmup=0.1)
    assert rates[:11] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0])
    assert factors("cosine", warmup=0.1)[10] == pytest.approx(1.0)


def test_plateau_drops_once_a_time_that_the_loss_stands_still():
    made = schedules.build("plateau", {"wait_epochs": 2, "drop_factor": 0.5})
    assert made.scale([3, 2, 1]) == 1.0
    assert made.scale([3, 2, 2]) == 1.0
    assert made.scale([3, 2, 2, 2]) == 0.5
    assert made.scale([3, 2, 2, 2, 1, 1, 1]) == 0.25


def test_a_drop_on_a_plateau_stands_in_the_log_and_in_the_curve(tmp_path):
    x, _, schema = table(80)
    labels = np.random.default_rng(0).integers(0, 2, 80)
    told = []
    settings = {"schedule": "plateau", "schedule_fields": {"wait_epochs": 2}, "learning_rate": 0.1}
    watch = Watch()
    watch.callbacks = lambda: Watch.callbacks(watch, on_log=lambda level, text: told.append(text))
    train((x, labels, schema), tmp_path, epochs=30, watch=watch, **settings)
    rates = list(watch.points["learning_rate"].values())
    assert rates[0] == 0.1 > rates[-1]
    drops = sum(after < before for before, after in pairwise(rates))
    assert len([text for text in told if "no longer falls" in text]) in (drops, drops + 1)


def test_the_average_is_judged_and_kept_but_the_training_goes_on_with_the_raw_weights(tmp_path):
    _, plain = train(table(), tmp_path, epochs=4, learning_rate=0.05, averaging="none")
    _, watch = train(table(), tmp_path, epochs=4, learning_rate=0.05, averaging="ema")
    assert watch.points["train/loss"] == plain.points["train/loss"]
    assert watch.points["validation/loss"] != plain.points["validation/loss"]
    last, best = read_checkpoint(watch.path("last")), read_checkpoint(watch.path("best"))
    assert weights_sha256(last["model"]) != weights_sha256(best["model"])


def test_swa_is_the_mean_of_the_epochs_of_the_last_quarter():
    model = torch.nn.Linear(1, 1, bias=False)
    averaging = Averaging(model, "swa")
    for epoch in range(1, 9):
        model.weight.data.fill_(epoch)
        averaging.after_step()
        averaging.after_epoch(epoch / 8)
    assert averaging.model.weight.item() == pytest.approx((7 + 8) / 2)


def test_a_time_budget_ends_the_run_and_fits_the_schedule_to_it(tmp_path):
    began = time.perf_counter()
    outcome, watch = train(table(), tmp_path, epochs=100_000, budget_min=1 / 60)
    assert time.perf_counter() - began < 20
    assert outcome.state is RunState.FINISHED
    assert "time budget" in outcome.message
    assert 0.9 < outcome.seconds < 3
    assert list(watch.points["learning_rate"].values())[-1] < 0.1 * 1e-3
    outcome, _ = train(table(), tmp_path, epochs=2, budget_min=1.0)
    assert (outcome.epochs, outcome.message) == (2, "")


def test_checkpoints_of_every_so_many_epochs_are_kept(tmp_path):
    _, watch = train(table(), tmp_path, epochs=7, keep_every=3)
    kept = {role: epoch for role, _, _, epoch, _ in watch.checkpoints if role.startswith("epoch")}
    assert kept == {"epoch-3": 3, "epoch-6": 6}
    made = trained_model(read_checkpoint(watch.path("epoch-3")), torch.device("cpu"))
    assert made.epoch == 3
    assert np.isfinite(made.predict(table()[0])).all()


@pytest.mark.parametrize(("how", "deviation"), [("gaussian", 0.02), ("he", math.sqrt(2 / 400))])
def test_weights_begin_with_the_deviation_that_they_should(how, deviation):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(400, 300), torch.nn.BatchNorm1d(300))
    initialize(model, how)
    assert model[0].weight.std().item() == pytest.approx(deviation, rel=0.05)
    assert model[0].bias.abs().max() == 0
    assert (model[1].weight == 1).all(), "a norm was drawn anew"


def test_orthogonal_and_xavier_weights_are_what_they_are_called():
    model = torch.nn.Linear(50, 30)
    initialize(model, "orthogonal")
    torch.testing.assert_close(model.weight @ model.weight.T, torch.eye(30), atol=1e-5, rtol=0)
    initialize(model, "xavier")
    # Glorot and Bengio: uniform within the square root of 6 / (inputs + outputs).
    assert model.weight.abs().max().item() <= math.sqrt(6 / 80)
    before = model.weight.clone()
    initialize(model, "default")
    assert torch.equal(model.weight, before)


def test_a_trial_of_precision_disturbs_nothing(monkeypatch):
    monkeypatch.setattr("workbench.training.trials._WORTH_MULTIPLICATIONS", 0)
    made = stepper(pictures(), "convnet", {"width": 4, "dropout": 0.5}, batch_size=16)
    batches = [torch.arange(16), torch.arange(16, 32)]
    state, random = weights_sha256(made.model.state_dict()), torch.get_rng_state()
    found = find_precision(made, batches, steps=1000)
    assert found == made.precision
    assert found in ("fp32", "bf16")
    assert weights_sha256(made.model.state_dict()) == state
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.grad is None for parameter in made.parameters)


@pytest.mark.parametrize(("seconds", "expected"), [((1.0, 0.5), "bf16"), ((1.0, 0.95), "fp32")])
def test_fewer_bits_are_taken_only_where_they_are_clearly_faster(monkeypatch, seconds, expected):
    monkeypatch.setattr("workbench.training.trials._WORTH_MULTIPLICATIONS", 0)
    answers = iter(seconds)
    monkeypatch.setattr("workbench.training.trials._seconds", lambda *_: next(answers))
    made = stepper(pictures(), "convnet", {"width": 4})
    assert find_precision(made, [torch.arange(16)], steps=1000) == expected == made.precision
    assert find_precision(made, [torch.arange(16)], steps=50) == "fp32", "a short run tried"


def test_a_compiler_that_fails_leaves_the_model_as_it_was(monkeypatch):
    made, told = stepper(), []

    def broken(*_, **__):
        raise RuntimeError("no compiler")

    monkeypatch.setattr(torch, "compile", broken)
    assert compile_model(made, [torch.arange(8)], told.append) is False
    assert "does not work here" in told[0]
    assert math.isfinite(made.step(torch.arange(8), 0.1, 1).loss.item())


@pytest.mark.parametrize(("times", "kept"), [((1.0, 0.5), True), ((1.0, 2.0), False)])
def test_compiled_code_is_kept_only_where_it_is_faster(monkeypatch, times, kept):
    made, told = stepper(), []
    answers = iter(times)
    monkeypatch.setattr("workbench.training.trials._seconds", lambda *_: next(answers))
    monkeypatch.setattr(torch, "compile", lambda call, **_: call)
    assert compile_model(made, [torch.arange(8)], told.append) is kept
    assert (made.model._compiled_call_impl is not None) is kept
    assert "2.00 times as " + ("fast" if kept else "slow") in told[0]


def test_training_holds_still_while_the_disk_is_nearly_full_and_goes_on_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.training.loop.LOOK_AGAIN_S", 0.02)
    monkeypatch.setattr("workbench.training.recorder.FLUSH_EVERY_S", 0.01)
    free, told, held = [1 << 20], [], []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free[0]))
    watch = Watch()

    def on_hold(is_held, why):
        held.append((is_held, why))
        if is_held:
            threading.Timer(0.1, lambda: free.__setitem__(0, 1 << 40)).start()

    def callbacks():
        from dataclasses import replace

        made = Watch.callbacks(watch, on_log=lambda level, text: told.append((level, text)))
        return replace(made, on_hold=on_hold)

    watch.callbacks = callbacks
    outcome, _ = train(table(), tmp_path, epochs=60, batch_size=8, watch=watch)
    assert outcome.state is RunState.FINISHED
    assert [is_held for is_held, _ in held] == [True, False]
    assert "nearly full" in held[0][1]
    assert (LogLevel.WARNING, held[0][1]) in told


def test_a_stop_is_heard_while_the_disk_is_nearly_full(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.training.loop.LOOK_AGAIN_S", 0.01)
    monkeypatch.setattr("workbench.training.recorder.FLUSH_EVERY_S", 0.01)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    token = CancelToken()
    threading.Timer(0.5, token.cancel).start()
    outcome, _ = train(table(), tmp_path, epochs=100_000, batch_size=8, token=token)
    assert outcome.state is RunState.STOPPED


def test_a_pause_is_no_slow_training(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("workbench.training.monitor.time.perf_counter", lambda: clock[0])
    monitor = Monitor(torch.device("cpu"))
    clock[0] += 3600
    monitor.pause()
    monitor.count(50)
    clock[0] += 2
    assert monitor.due()
    found = monitor.sample()
    assert found["hardware/samples_per_s"] == 25.0
    assert found["hardware/memory_bytes"] > 1 << 20
    assert 0 <= found["hardware/cpu_percent"] <= 100
    assert found["hardware/power_w"] >= 0
    assert not monitor.due()


def test_what_a_training_takes_of_the_machine_is_logged_beside_its_curves(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.training.monitor.SAMPLE_EVERY_S", 0.0)
    _, watch = train(table(), tmp_path, epochs=30, batch_size=8)
    assert {"hardware/samples_per_s", "hardware/memory_bytes", "gradient_norm", "weight_norm"} <= set(
        watch.points
    )
    assert [step for step in watch.points["gradient_norm"] if step % 10] == []


def test_batches_end_where_the_samples_end_and_none_is_alone():
    assert bounds_of(10, 4) == [0, 4, 8, 10]
    assert bounds_of(9, 4) == [0, 4, 9]
    assert bounds_of(1, 4) == [0, 1]


def test_a_pause_while_accumulating_changes_nothing(tmp_path):
    settings = {"batch_size": 4, "accumulation": 4, "epochs": 2}
    whole, _ = train(table(), tmp_path, **settings)
    token = PausesAt(3)
    threading.Timer(0.2, token.go_on).start()
    outcome, _ = train(table(), tmp_path, token=token, **settings)
    assert outcome.weights_sha256 == whole.weights_sha256


class _StopsInValidation(CancelToken):
    """Is cancelled while the loss of the second epoch is being judged."""

    def __init__(self, watch):
        super().__init__()
        self._watch = watch

    @property
    def cancelled(self):
        return (
            "validate" in {frame.name for frame in traceback.extract_stack()} and len(self._watch.best) >= 1
        )


@pytest.mark.parametrize("averaging", ["none", "ema", "swa"])
def test_a_stop_while_an_epoch_is_judged_is_heard_and_the_judging_is_done_later(tmp_path, averaging):
    case = table(9000)
    settings = {"epochs": 3, "batch_size": 512, "averaging": averaging}
    whole, expected = train(case, tmp_path, **settings)
    watch = Watch()
    stopped, _ = train(case, tmp_path, token=_StopsInValidation(watch), watch=watch, **settings)
    assert (stopped.state, stopped.epochs) == (RunState.STOPPED, 1)
    state = read_checkpoint(watch.path("last"))
    assert state["place"][:2] == [1, 13], "all steps of the second epoch are in the checkpoint"
    outcome, _ = train(case, tmp_path, resume=state, watch=watch, **settings)
    assert outcome.weights_sha256 == whole.weights_sha256
    assert same(watch.points, expected.points)
    best = [weights_sha256(read_checkpoint(item.path("best"))["model"]) for item in (watch, expected)]
    assert best[0] == best[1]


def test_a_step_of_many_batches_gives_signs_of_life():
    looks = []
    data = prepared(*table())
    config = TrainConfig(batch_size=4, accumulation=5)
    model = families.build("linear").build(data.pipeline.output)
    made = Stepper(model, config, data, Averaging(model, "none"), "fp32", look=lambda: looks.append(1))
    made.step(torch.arange(20), 0.1, 1)
    assert len(looks) == 5


class _Half(Ranks):
    """One of two processes; the sums of the other one are not there."""

    size = 2

    def __init__(self, rank):
        self.rank = rank

    def part(self, index):
        return index[self.rank :: 2]


@pytest.mark.parametrize("count", [2, 3, 7, 64, 65, 66, 67, 131, 200])
@pytest.mark.parametrize("size", [1, 3, 32])
def test_every_process_cuts_its_share_into_as_many_batches(count, size):
    data = prepared(*table())
    model = families.build("linear").build(data.pipeline.output)
    parts = []
    for rank in range(2):
        config = TrainConfig(batch_size=size, accumulation=100)
        made = Stepper(model, config, data, Averaging(model, "none"), "fp32", _Half(rank))
        parts.append(made._parts(torch.arange(count)))
    assert len(parts[0]) == len(parts[1])
    assert sorted(torch.cat([*parts[0], *parts[1]]).tolist()) == list(range(count))
    assert min(len(part) for part in (*parts[0], *parts[1])) >= 1
    assert max(len(part) for part in (*parts[0], *parts[1])) <= size + 1


def test_weight_averages_follow_a_time_budget_too(tmp_path):
    _, watch = train(table(), tmp_path, epochs=100_000, budget_min=1 / 60, averaging="swa")
    assert read_checkpoint(watch.path("last"))["averaging"]["count"] > 0


def test_an_average_that_took_in_what_is_no_number_is_not_kept_as_the_best(tmp_path):
    outcome, watch = train(
        pictures(), tmp_path, "convnet", {"width": 4}, averaging="ema", optimizer="nesterov",
        learning_rate=1e6, batch_size=8, epochs=50,
    )  # fmt: skip
    assert outcome.state is RunState.DIVERGED
    for role in ("best", "last"):
        weights = read_checkpoint(watch.path(role))["model"]
        assert all(torch.isfinite(weight).all() for weight in weights.values()), role


def test_a_precision_that_stays_keeps_its_scaler():
    made = stepper(precision="fp16")
    scaler = made.scaler
    made.set_precision("fp16")
    assert made.scaler is scaler
    made.set_precision("bf16")
    assert made.scaler is None


def test_what_a_trial_found_before_is_not_tried_again(tmp_path, monkeypatch):
    def never(*_):
        raise AssertionError("it was tried again")

    monkeypatch.setattr("workbench.training.loop.find_precision", never)
    told = []
    job = FitJob("linear", {}, TrainConfig(epochs=1), prepared(*table()), tmp_path, precision="bf16")
    fit(job, Callbacks(on_start=lambda *words: told.append(words[-1])), CancelToken())
    assert told == ["bf16"]


def test_a_graphics_card_that_tells_nothing_of_itself_does_not_end_a_run(monkeypatch):
    class NotSupportedError(Exception):
        """As the driver's library has it: of no class that is known here."""

    def refuse(_):
        raise NotSupportedError

    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 1000)
    monkeypatch.setattr(torch.cuda, "utilization", refuse)
    monkeypatch.setattr(torch.cuda, "power_draw", lambda _: 70_000)
    found = Monitor(torch.device("cuda")).sample()
    assert "hardware/gpu_percent" not in found
    assert found["hardware/power_w"] >= 70


def test_a_device_without_bf16_keeps_fp32(monkeypatch):
    monkeypatch.setattr("workbench.training.trials._WORTH_MULTIPLICATIONS", 0)

    def seconds(_stepper, _batches, precision):
        if precision == "bf16":
            raise RuntimeError("autocast: unsupported dtype")
        return 1.0

    monkeypatch.setattr("workbench.training.trials._seconds", seconds)
    assert find_precision(stepper(pictures(), "convnet", {"width": 4}), [torch.arange(16)], 1000) == "fp32"
