"""Dense networks get their gradients without autograd: the same bits, and nothing else is taken for one."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.models.base import families
from workbench.training.dense import DenseGradient
from workbench.training.losses import losses

CLASSES = Schema(Task.CLASSIFICATION, (30,), ("a", "b", "c"))
NUMBER = Schema(Task.REGRESSION, (30,), ())
PICTURES = Schema(Task.CLASSIFICATION, (3, 8, 8), ("a", "b", "c"))


def samples(schema: Schema, count: int) -> tuple[Tensor, Tensor]:
    chance = torch.Generator().manual_seed(3)
    x = torch.randn(count, *schema.input_shape, generator=chance)
    if x.dim() == 4:
        x = x.contiguous(memory_format=torch.channels_last)
    if schema.task is Task.REGRESSION:
        return x, torch.randn(count, 1, generator=chance)
    return x, torch.randint(0, len(schema.classes), (count,), generator=chance)


def network(schema: Schema, **fields: object) -> nn.Module:
    torch.manual_seed(0)
    return families.build("mlp", fields).build(schema)


def loss_for(schema: Schema, name: str = "standard", **fields: object):
    return losses.build(name, fields).build(schema.task, torch.ones(len(schema.classes)))


@pytest.mark.parametrize("count", [1, 2, 127, 128])
@pytest.mark.parametrize("depth", [0, 1, 2, 5])
@pytest.mark.parametrize("schema", [CLASSES, NUMBER, PICTURES], ids=["classes", "number", "pictures"])
def test_loss_scores_and_gradients_are_those_of_autograd_to_the_bit(schema, depth, count):
    model, loss_of = network(schema, depth=depth), loss_for(schema)
    x, y = samples(schema, count)
    scores = model(x)
    loss = loss_of(scores, y)
    loss.backward()
    expected = [weight.grad for weight in model.parameters()]

    gradient = DenseGradient.of(model, loss_of)
    assert gradient is not None
    found, scored = gradient(x, y)

    assert torch.equal(found, loss.detach())
    assert torch.equal(scored, scores.detach())
    for weight, other in zip(model.parameters(), expected, strict=True):
        assert torch.equal(weight.grad, other)
        assert weight.grad.stride() == other.stride()


def test_the_linear_family_is_a_chain_of_one_layer():
    model = families.build("linear", {}).build(CLASSES)
    assert DenseGradient.of(model, loss_for(CLASSES)) is not None


def frozen(model: nn.Module) -> nn.Module:
    next(model.parameters()).requires_grad_(requires_grad=False)
    return model


@pytest.mark.parametrize(
    "model",
    [
        network(CLASSES, dropout=0.5),
        network(CLASSES, batch_norm=True),
        frozen(network(CLASSES)),
        families.build("convnet", {}).build(PICTURES),
        nn.Sequential(nn.Linear(30, 3), nn.Tanh(), nn.Linear(3, 3)),
        nn.Sequential(nn.Linear(30, 3), nn.ReLU()),
        nn.Sequential(nn.Linear(30, 3, bias=False)),
        nn.Sequential(nn.Flatten()),
        nn.Identity(),
    ],
    ids=["dropout", "batch norm", "frozen", "convnet", "tanh", "relu last", "no bias", "none", "other"],
)  # fmt: skip
def test_other_networks_are_left_to_autograd(model):
    assert DenseGradient.of(model, loss_for(CLASSES)) is None


@pytest.mark.parametrize(
    "loss",
    [
        loss_for(CLASSES, "cross_entropy", label_smoothing=0.1),
        loss_for(CLASSES, "focal"),
        nn.CrossEntropyLoss(label_smoothing=0.1),
        nn.CrossEntropyLoss(weight=torch.ones(3)),
        nn.CrossEntropyLoss(ignore_index=0),
        nn.MSELoss(reduction="sum"),
        loss_for(NUMBER, "huber"),
    ],
)
def test_other_losses_are_left_to_autograd(loss):
    assert DenseGradient.of(network(CLASSES), loss) is None


def test_many_steps_lead_to_the_same_weights():
    x, y = samples(CLASSES, 1000)
    ours, theirs, loss_of = network(CLASSES), network(CLASSES), loss_for(CLASSES)
    gradient = DenseGradient.of(ours, loss_of)
    assert gradient is not None
    optimizers = [torch.optim.Adam(model.parameters(), 1e-2) for model in (ours, theirs)]
    for first, last in pairwise([*range(0, 1000, 64), 1000]):
        gradient(x[first:last], y[first:last])
        optimizers[0].step()
        optimizers[1].zero_grad()
        loss_of(theirs(x[first:last]), y[first:last]).backward()
        optimizers[1].step()
    for weight, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(weight, other)
