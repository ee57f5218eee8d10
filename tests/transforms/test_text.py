"""Texts become numbers of tokens: learnt from the training split, the same bits at prediction time."""

import pytest
import torch

from tests.training.samples import prepared, texts
from workbench.core.records import Schema
from workbench.core.states import Modality, Split, Task
from workbench.datasets.texts import Texts
from workbench.transforms.base import transforms
from workbench.transforms.pipeline import Pipeline, default_steps, fit_pipeline, prepared_schema

SCHEMA = Schema(Task.CLASSIFICATION, (), ("a", "b"), kind_of_sample=Modality.TEXT)
LEARNT = ["The cat sat.", "the dog ran", "今天天气好"]


def fitted(unit, learnt=LEARNT, **fields):
    step = transforms.build("tokenize", {"unit": unit, "length": 12, **fields})
    state = step.fit(Texts.of(learnt), SCHEMA)
    return lambda *new: step.apply(Texts.of(new), SCHEMA, state)


def test_words_are_told_apart_whatever_their_capitals_and_each_chinese_character_is_one():
    tokens = fitted("word")
    first, second, chinese = tokens("the CAT sat", "The cat, sat!", "天气")
    assert (first != 0).sum() == 3
    assert first[0] == second[0]
    assert first[1] == second[1]
    assert (chinese != 0).sum() == 2
    assert (chinese[:2] > 1).all()


@pytest.mark.parametrize(("unit", "known"), [("word", False), ("character", False), ("byte_pair", True)])
def test_a_word_that_was_never_seen_is_unknown_but_not_in_byte_pairs(unit, known):
    tokens = fitted(unit)("Ж")[0]
    assert (tokens[0] > 1).item() is known


def test_the_end_of_a_text_is_filled_with_0_and_a_long_one_is_cut():
    step = transforms.build("tokenize", {"length": 4})
    state = step.fit(Texts.of(LEARNT), SCHEMA)
    short, long, none = step.apply(Texts.of(["the cat", "the dog ran the dog ran", "!"]), SCHEMA, state)
    assert short[2:].tolist() == [0, 0]
    assert (long != 0).all()
    assert none.tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize("unit", ["word", "character", "byte_pair"])
def test_what_looks_like_padding_in_a_text_is_text(unit):
    assert fitted(unit)("[PAD] the")[0, 0] != 0


@pytest.mark.parametrize("unit", ["word", "character", "byte_pair"])
def test_the_same_texts_give_the_same_tokenizer_and_a_text_the_same_numbers_alone_and_in_a_batch(unit):
    x, _, schema = texts()
    step = transforms.build("tokenize", {"unit": unit, "length": 40})
    state, again = step.fit(x, schema), step.fit(x, schema)
    assert torch.equal(state["tokenizer"], again["tokenizer"])
    out = step.apply(x, schema, state)
    assert out.dtype == torch.int64
    assert tuple(out.shape[1:]) == step.output(schema).input_shape
    assert out.max() < step.output(schema).vocabulary
    alone = torch.cat([step.apply(x[place : place + 1], schema, state) for place in range(10)])
    assert torch.equal(alone, out[:10])
    nothing = step.fit(x[:0], schema)
    assert step.apply(x, schema, nothing).max() <= (300 if unit == "byte_pair" else 1)


def test_only_the_training_split_teaches_words():
    x, y, schema = texts()
    data = prepared(x, y, schema)
    places = data.indices[Split.TEST].numpy()
    changed = list(x)
    for place in places:
        changed[place] = "unheard words 新字"
    other = prepared(Texts.of(changed), y, schema)
    first, second = (d.pipeline.states[0]["tokenizer"] for d in (data, other))
    assert torch.equal(first, second)
    assert not torch.equal(
        first, prepared(Texts.of(["x", *changed[1:]]), y, schema).pipeline.states[0]["tokenizer"]
    )
    batch, labels = other.batch(other.indices[Split.TEST])
    assert (batch[:, :4] == 1).all()
    assert len(batch) == len(labels) == len(places)


def test_a_preparation_of_texts_survives_a_round_trip():
    x, _, schema = texts()
    pipeline = fit_pipeline(default_steps(schema), x[:50], schema)
    again = Pipeline.from_state(pipeline.to_state(), schema)
    assert torch.equal(pipeline.apply(x), again.apply(x))
    assert pipeline.output == again.output == prepared_schema(None, schema)
    assert pipeline.output.vocabulary == 8192
