"""What every compute target owes the run: the same numbers, the same words, and the user's wishes at once."""

import os
import signal
import threading
import time
from dataclasses import fields, replace

import pytest

from tests.services.conftest import write_flowers
from tests.training.samples import Watch, same
from workbench.core.configs import ImportConfig, PrepareConfig, StepConfig, TrainConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError, DiskError, UserError
from workbench.core.states import RunState
from workbench.services.projects import create_project
from workbench.services.targets.base import TrainSpec, targets
from workbench.services.targets.faults import WorkerLostError
from workbench.services.targets.worker import WorkerToken
from workbench.services.targets.workers import Workers

TARGETS = targets.names()
# Two processes on the one processor stand for two GPUs.
FIELDS = {"distributed": {"processes": 2}}
ALONE = [name for name in TARGETS if name != "distributed"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("targets")
    with create_project(folder / "project") as session:
        source = write_flowers(folder / "flowers.csv")
        found = session.jobs.wait(session.datasets.import_source(source, ImportConfig(target="flower")))
        yield found, session.folder.resolve(found.folder)


@pytest.fixture(scope="module")
def workers():
    made = Workers()
    made.prepare()
    yield made
    made.close()
    assert made.pids() == []


@pytest.fixture
def spec(dataset, tmp_path):
    found, folder = dataset
    config = TrainConfig(epochs=6, batch_size=8, seed=3)
    fields = {"width": 16, "dropout": 0.3}
    return TrainSpec(
        found.imported.kind, folder, found.schema, found.split, "mlp", fields, config, tmp_path, threads=1
    )


class Training:
    """One training in a thread of its own, as a lane has it."""

    def __init__(self, target, spec, workers, *, refuse=None, watch=None, **others):
        self.token, self.watch = CancelToken(), watch or Watch()
        self.outcome = self.error = None
        callbacks = self.watch.callbacks(**others)
        if refuse is not None:
            callbacks = replace(callbacks, on_points=refuse)

        def run():
            try:
                self.outcome = targets.build(target, FIELDS.get(target)).run(
                    spec, callbacks, self.token, workers
                )
            except Exception as error:  # noqa: BLE001
                self.error = error

        self.thread = threading.Thread(target=run)
        self.thread.start()

    def wait(self):
        self.thread.join(60)
        assert not self.thread.is_alive(), "it never ended"
        return self

    def steps(self):
        return len(self.watch.points.get("train/loss", ()))

    def until(self, check, timeout_s=30.0):
        end = time.monotonic() + timeout_s
        while not check():
            assert time.monotonic() < end, "it never happened"
            assert self.thread.is_alive(), (self.outcome, self.error)
            time.sleep(0.005)


def _endless(spec):
    return replace(spec, config=spec.config.model_copy(update={"epochs": 100_000}))


AUGMENTED = PrepareConfig(
    augmentation=tuple(StepConfig(name=name) for name in ("number_noise", "value_swap", "mixup"))
)


@pytest.mark.parametrize("preparation", [None, AUGMENTED], ids=["as it is", "augmented"])
@pytest.mark.parametrize("among", [(*ALONE, "process"), ("distributed",) * 2], ids=["alone", "joined"])
def test_the_same_seed_gives_the_same_weights_and_curves_to_the_bit_in_every_target(
    spec, workers, among, preparation
):
    spec = replace(spec, preparation=preparation)
    ended = [Training(target, spec, workers).wait() for target in among]
    first = ended[0]
    assert first.outcome.state is RunState.FINISHED
    for other in ended:
        assert replace(other.outcome, seconds=0.0) == replace(first.outcome, seconds=0.0)
        assert same(other.watch.points, first.watch.points)
        assert other.watch.best == first.watch.best
        assert other.watch.checkpoints[-1][3:] == first.watch.checkpoints[-1][3:]
        assert all(path.parent == spec.folder for _, path, *_ in other.watch.checkpoints)


@pytest.mark.parametrize("target", TARGETS)
def test_a_training_holds_still_goes_on_and_stops_when_it_is_told_to(spec, workers, target):
    training = Training(target, _endless(spec), workers)
    training.until(training.steps)
    asked = time.monotonic()
    training.token.pause()
    training.until(lambda: training.watch.held == [True])
    assert time.monotonic() - asked < 1.0
    # Its state is on disk while it waits, and nothing moves.
    assert training.watch.checkpoints[-1][0] == "last"
    assert training.watch.checkpoints[-1][4] == training.steps()
    steps = training.steps()
    time.sleep(0.1)
    assert training.steps() == steps
    training.token.go_on()
    training.until(lambda: training.steps() > steps)
    assert training.watch.held == [True, False]
    training.token.cancel()
    outcome = training.wait().outcome
    assert outcome.state is RunState.STOPPED
    assert outcome.steps == training.steps() == training.watch.checkpoints[-1][4]


@pytest.mark.parametrize("target", TARGETS)
def test_a_training_ends_with_its_epoch_or_is_interrupted_as_it_is_told(spec, workers, target):
    training = Training(target, _endless(spec), workers)
    training.until(training.steps)
    training.token.stop_after_epoch()
    outcome = training.wait().outcome
    assert outcome.state is RunState.STOPPED
    assert outcome.message == f"Stopped after epoch {outcome.epochs}."
    training = Training(target, _endless(spec), workers)
    training.until(training.steps)
    training.token.pause()
    training.until(lambda: training.watch.held)
    training.token.cancel(interrupted=True)
    assert training.wait().outcome.state is RunState.INTERRUPTED


@pytest.mark.parametrize("target", TARGETS)
def test_a_training_goes_on_from_its_checkpoint_to_the_same_end(spec, workers, target):
    whole = Training("thread" if target in ALONE else target, spec, workers).wait()
    training = Training(target, spec, workers, watch=_StopsAfterOne())
    training.watch.token = training.token
    first = training.wait()
    last = next(told for told in reversed(first.watch.checkpoints) if told[0] == "last")
    resumed = replace(spec, resume=(last[1], last[2]))
    second = Training(target, resumed, workers, watch=first.watch).wait()
    assert second.outcome.weights_sha256 == whole.outcome.weights_sha256
    assert second.outcome.steps == whole.outcome.steps
    assert same(second.watch.points, whole.watch.points)


class _StopsAfterOne(Watch):
    """Asks for a stop with the first points that come."""

    token = None

    def _on_points(self, points, epoch, step):
        super()._on_points(points, epoch, step)
        if self.token is not None:
            self.token.cancel()


@pytest.mark.parametrize("target", TARGETS)
def test_a_fault_of_the_data_comes_back_in_its_own_words(spec, workers, target):
    damaged = spec.folder / "last-9.pt"
    damaged.write_bytes(b"PK not a checkpoint")
    error = Training(target, replace(spec, resume=(damaged, "0" * 64)), workers).wait().error
    assert type(error) is DataError
    assert "last-9.pt was changed or damaged" in str(error)
    nowhere = spec.config.model_copy(update={"device": "cuda:7"})
    if target not in ("auto", "distributed"):  # the one has to know the device, the other chooses it
        error = Training(target, replace(spec, config=nowhere), workers).wait().error
        assert type(error) is UserError
        assert error.fields == {"device": "is not on this machine"}
    assert Training(target, spec, workers).wait().outcome.state is RunState.FINISHED


@pytest.mark.parametrize("error", [DiskError("The disk is full."), ZeroDivisionError("ours")])
@pytest.mark.parametrize("target", TARGETS)
def test_what_cannot_be_kept_ends_the_training_and_is_raised(spec, workers, target, error):
    refused = []

    def refuse(*_):
        refused.append(1)
        raise error

    training = Training(target, _endless(spec), workers, refuse=refuse).wait()
    assert training.error is error
    assert refused == [1], "it was told more after it had refused"
    files = set(spec.folder.iterdir())
    assert Training(target, spec, workers).wait().outcome.state is RunState.FINISHED
    assert files == set(), "a training that could not be kept left files"


def test_every_callback_of_the_loop_reaches_every_target(spec, workers):
    heard = {}
    for target in TARGETS:
        names = heard.setdefault(target, set())
        callbacks = Watch().callbacks()
        listening = {
            field.name: lambda *_, name=field.name, names=names: names.add(name)
            for field in fields(callbacks)
        }
        outcome = targets.build(target, FIELDS.get(target)).run(
            spec, replace(callbacks, **listening), CancelToken(), workers
        )
        assert outcome.state is RunState.FINISHED
    assert heard["process"] == heard["thread"] == heard["auto"]
    assert {"on_start", "on_points", "on_checkpoint", "on_best"} <= heard["process"]


def test_where_one_of_several_processes_is_lost_all_end_and_the_run_is_told_lost(spec, workers):
    training = Training("distributed", _endless(spec), workers)
    training.until(lambda: any(role == "last" for role, *_ in training.watch.checkpoints))
    ours = [worker.pid for worker in workers._lent]
    assert len(ours) == 2
    os.kill(ours[1], signal.SIGKILL)
    assert type(training.wait().error) is WorkerLostError
    assert set(ours) & set(workers.pids()) == set(), "the other one was left to wait for ever"
    last = next(told for told in reversed(training.watch.checkpoints) if told[0] == "last")
    short = replace(
        spec, resume=(last[1], last[2]), config=spec.config.model_copy(update={"epochs": last[3] + 1})
    )
    assert Training("distributed", short, workers).wait().outcome.state is RunState.FINISHED


def test_one_gpu_is_told_to_be_too_few_to_share_a_run():
    with pytest.raises(UserError, match="not two GPUs") as told:
        targets.build("distributed").check("cpu")
    assert set(told.value.fields) == {"target"}
    targets.build("distributed", {"processes": 2}).check("cpu")


def test_every_gpu_gets_a_process_of_its_own(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert targets.build("distributed")._devices("auto") == ["cuda:0", "cuda:1", "cuda:2"]


def test_a_worker_that_holds_by_itself_says_so():
    token = WorkerToken()
    seen = []
    token_waits = threading.Thread(target=lambda: token.wait_cancelled(0.5))
    token_waits.start()
    time.sleep(0.1)
    seen.append(token.held)
    token_waits.join()
    assert (seen, token.held) == ([True], False)
    token.abort()
    assert token.wait_cancelled(0.0)


def test_one_of_several_gpus_is_used_from_a_process_of_its_own(spec, workers, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for count, expected in ((1, "thread"), (2, "process")):
        monkeypatch.setattr(torch.cuda, "device_count", lambda count=count: count)
        assert targets.build("auto").chosen(spec, workers).name == expected
