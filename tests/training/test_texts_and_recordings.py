"""Texts and recordings on their way into a model."""

import pytest
import torch

from tests.training.samples import prepared, recordings, texts
from workbench.core.states import Split
from workbench.models.base import families
from workbench.training import data as training_data
from workbench.training.dry_run import dry_run

CASES = {"text_bag": texts, "text_cnn": texts, "convnet": recordings, "linear": recordings}


@pytest.mark.parametrize("case", [texts, recordings])
def test_what_is_prepared_batch_by_batch_is_what_is_prepared_at_once(case, monkeypatch):
    x, y, schema = case()
    at_once = prepared(x, y, schema)
    monkeypatch.setattr(training_data, "_PREPARE_AT_ONCE_BYTES", 0)
    later = prepared(x, y, schema)
    assert at_once.prepared
    assert not later.prepared
    index = at_once.indices[Split.TRAIN][5:12]
    for first, second in zip(at_once.batch(index), later.batch(index), strict=True):
        assert torch.equal(first, second)
    bounds = [0, 4, 8]
    drawn = list(later.drawn(index, bounds[:2]))
    assert torch.equal(drawn[0][0], index[:4])


@pytest.mark.parametrize("family", CASES)
def test_a_dry_batch_says_what_the_model_is(family):
    x, y, schema = CASES[family]()
    check = dry_run(families.build(family), x, y, schema, torch.device("cpu"), steps=10)
    assert check.parameters > 0
    assert check.layers
    assert check.layers[-1].output_shape == (2,)


def test_words_alone_say_the_class_to_both_text_models():
    data = prepared(*texts())
    x, y = data.batch(data.indices[Split.TRAIN])
    unseen, truth = data.batch(data.indices[Split.TEST])
    for family in ("text_bag", "text_cnn"):
        torch.manual_seed(0)
        model = families.build(family).build(data.pipeline.output)
        optimizer = torch.optim.AdamW(model.parameters(), 0.01)
        for _ in range(40):
            loss = torch.nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        assert (model.eval()(unseen).argmax(dim=1) == truth).float().mean() > 0.9, family


def test_padding_at_the_end_says_nothing():
    data = prepared(*texts())
    tokens, _ = data.batch(data.indices[Split.TRAIN][:4])
    longer = torch.cat([tokens, torch.zeros_like(tokens)], dim=1)
    for family in ("text_bag", "text_cnn"):
        model = families.build(family).build(data.pipeline.output).eval()
        assert torch.allclose(model(tokens), model(longer), atol=1e-5)
