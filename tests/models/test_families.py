"""What each family is, and when it does not fit."""

import pytest
import torch

from tests.training.samples import pictures, table
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.models.base import families
from workbench.models.recommend import rank
from workbench.models.summary import layers_of, parameters_of

PICTURES, TABLE = pictures()[2], table()[2]


def test_a_cnn_does_not_take_tables_nor_halve_a_picture_to_nothing():
    assert "Needs pictures" in families.build("convnet").misfit(TABLE)
    assert families.build("convnet", {"blocks": 3}).misfit(PICTURES) == ""
    assert "fewer blocks" in families.build("convnet", {"blocks": 4}).misfit(PICTURES)


def test_a_linear_model_has_one_weight_an_input_and_class():
    model = families.build("linear").build(PICTURES)
    assert parameters_of(model) == 64 * 3 + 3
    x = torch.randn(2, 1, 8, 8)
    assert torch.allclose(model(2 * x) - model(x), model(x) - model(0 * x), atol=1e-5)


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_an_mlp_has_as_many_hidden_layers_as_it_was_told(depth):
    model = families.build("mlp", {"width": 5, "depth": depth}).build(PICTURES)
    widths = [layer.out_features for layer in model.modules() if isinstance(layer, torch.nn.Linear)]
    assert widths == [5] * depth + [3]


def test_every_block_of_a_cnn_doubles_the_channels():
    model = families.build("convnet", {"width": 4, "blocks": 3}).build(PICTURES)
    channels = [layer.out_channels for layer in model.modules() if isinstance(layer, torch.nn.Conv2d)]
    assert channels == [4, 8, 16]


def test_dropout_acts_in_training_alone():
    for family in ("mlp", "convnet"):
        model = families.build(family, {"dropout": 0.5}).build(PICTURES)
        x = torch.randn(64, 1, 8, 8)
        model.eval()
        assert torch.equal(model(x), model(x))
        model.train()
        assert not torch.equal(model(x), model(x))


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 33, 47), (1, 5, 200)])
def test_a_cnn_takes_pictures_of_any_shape(shape):
    schema = Schema(Task.CLASSIFICATION, shape, ("a", "b"))
    model = families.build("convnet", {"width": 2}).build(schema)
    assert model(torch.randn(3, *shape)).shape == (3, 2)


def test_the_summary_has_every_layer_with_its_shape_and_weights():
    model = families.build("mlp", {"width": 7, "depth": 1}).build(PICTURES)
    layers = layers_of(model, torch.randn(2, 1, 8, 8))
    dense = [layer for layer in layers if layer.kind == "Linear"]
    assert [layer.output_shape for layer in dense] == [(7,), (3,)]
    assert sum(layer.parameters for layer in layers) == parameters_of(model) == 64 * 7 + 7 + 7 * 3 + 3
    assert not model._forward_hooks
    assert all(not module._forward_hooks for module in model.modules())


def test_pictures_want_a_cnn_and_few_rows_a_simple_model():
    assert rank(PICTURES, 1000)[0].name == "convnet"
    assert rank(TABLE, 40)[0].name == "linear"
    assert rank(TABLE, 100_000)[0].name == "mlp"


@pytest.mark.parametrize("layers", ["18", "34", "50"])
def test_a_resnet_of_full_width_is_the_published_one(layers):
    from torchvision.models import resnet

    published = getattr(resnet, f"resnet{layers}")(num_classes=7)
    schema = Schema(Task.CLASSIFICATION, (3, 96, 96), tuple("abcdefg"))
    ours = families.build("resnet", {"layers": layers}).build(schema)
    shapes = [tuple(weight.shape) for weight in published.parameters()]
    # The same weights in the same layers: torchvision lists a short cut behind its block's own convolutions too.
    assert sorted(shapes) == sorted(tuple(weight.shape) for weight in ours.parameters())
    ours.load_state_dict(dict(zip(ours.state_dict(), published.state_dict().values(), strict=True)))
    x = torch.randn(2, 3, 96, 96)
    assert torch.allclose(ours.eval()(x), published.eval()(x), atol=1e-5)


def test_a_narrow_resnet_on_small_pictures_has_a_sixteenth_of_the_weights():
    schema = Schema(Task.CLASSIFICATION, (1, 28, 28), ("a", "b"))
    sizes = [
        sum(
            weight.numel() for weight in families.build("resnet", {"width": width}).build(schema).parameters()
        )
        for width in (16, 64)
    ]
    assert sizes[1] / sizes[0] == pytest.approx(16, rel=0.05)
