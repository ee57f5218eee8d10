import pytest
import torch

from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.models.base import families
from workbench.training.devices import device_title, devices, find_device, suitable_threads


def machine(monkeypatch, *, cuda: int = 0, apple: bool = False) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: apple)


@pytest.mark.parametrize(
    ("cuda", "apple", "best"), [(1, False, "cuda"), (2, True, "cuda"), (0, True, "mps"), (0, False, "cpu")]
)
def test_auto_takes_the_best_device_that_is_here(monkeypatch, cuda, apple, best):
    machine(monkeypatch, cuda=cuda, apple=apple)
    assert find_device("auto").type == best
    assert find_device("cpu").type == "cpu"


@pytest.mark.parametrize("wish", ["cuda", "cuda:1", "mps"])
def test_a_device_that_is_not_here_is_told_at_its_field(monkeypatch, wish):
    machine(monkeypatch, cuda=1 if wish == "cuda:1" else 0)
    with pytest.raises(UserError, match=wish) as told:
        find_device(wish)
    assert set(told.value.fields) == {"device"}


def test_a_device_is_called_what_its_owner_calls_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"RTX 4090 in slot {device.index}")
    assert device_title(torch.device("cuda:1")) == "RTX 4090 in slot 1"
    assert device_title(torch.device("mps")) == "Apple GPU"
    assert device_title(torch.device("cpu")).startswith("CPU · ")


def test_a_small_step_takes_one_thread_a_large_one_all_of_them(monkeypatch):
    monkeypatch.setattr("workbench.training.devices._ALL_THREADS", 6)
    pictures = Schema(Task.CLASSIFICATION, (1, 28, 28), ("a", "b"))
    model = families.build("convnet").build(pictures)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    assert suitable_threads(model, (1, 28, 28), 128) == 6
    assert suitable_threads(model, (1, 28, 28), 2) == 1
    assert model.training
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize(
    ("cards", "offered"),
    [
        ([], [("cpu", "CPU")]),
        (["RTX"], [("cpu", "CPU"), ("cuda", "RTX")]),
        (["RTX", "A100"], [("cpu", "CPU"), ("cuda", "Any GPU"), ("cuda:0", "RTX"), ("cuda:1", "A100")]),
    ],
)
def test_the_devices_of_this_machine_are_offered_each_by_a_word_that_a_run_takes(monkeypatch, cards, offered):
    machine(monkeypatch, cuda=len(cards))
    monkeypatch.setattr(torch.cuda, "get_device_name", cards.__getitem__)
    assert [(device.name, device.title) for device in devices()] == offered
    for name, _ in offered:
        assert TrainConfig(device=name).device == name
