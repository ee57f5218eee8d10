"""Augmentation: each sample is changed by a draw of its own, folded steps as one after the other."""

import math

import numpy as np
import pytest
import torch
from torchvision.transforms import functional as reference

from workbench.core.configs import StepConfig
from workbench.core.errors import DataError
from workbench.core.records import Column, Schema
from workbench.core.states import Modality, Task
from workbench.transforms.augmentation.augmenter import fit_augmenter, fitting
from workbench.transforms.augmentation.base import Draw, Where, augmentations
from workbench.transforms.augmentation.colors import Coloring, recolor
from workbench.transforms.augmentation.geometry import Geometric, turned, warp

CPU = torch.device("cpu")
CLASSES = ("cat", "dog", "bird")
PICTURE = Schema(Task.CLASSIFICATION, (3, 24, 32), CLASSES)
WAVE = Schema(Task.CLASSIFICATION, (400,), CLASSES, kind_of_sample=Modality.AUDIO, rate=8000)
MEL = Schema(Task.CLASSIFICATION, (1, 16, 20), CLASSES, kind_of_sample=Modality.AUDIO)
TOKENS = Schema(Task.CLASSIFICATION, (12,), CLASSES, kind_of_sample=Modality.TEXT, vocabulary=50)
COLUMNS = (Column("age", "number"), Column("city", "category", ("A", "B", "C")), Column("pay", "number"))
ROWS = Schema(Task.CLASSIFICATION, (3,), CLASSES, "target", COLUMNS)


def samples(schema, count=64):
    random = np.random.default_rng(5)
    if schema is PICTURE:
        # Smooth, so that resampling hardly loses anything.
        coarse = torch.from_numpy(random.random((count, 3, 4, 5)))
        return torch.nn.functional.interpolate(coarse, (24, 32), mode="bicubic").clamp(0, 1).float()
    if schema is TOKENS:
        lengths = random.integers(1, 13, count)
        ids = random.integers(1, 50, (count, 12))
        return torch.from_numpy(np.where(np.arange(12) < lengths[:, None], ids, 0))
    if schema is ROWS:
        x = np.column_stack(
            [random.normal(40, 10, count), random.integers(0, 3, count), random.lognormal(8, 1, count)]
        )
        x[::7, 0] = np.nan
        return torch.from_numpy(x.astype(np.float32))
    return torch.from_numpy(random.normal(0, 0.3, (count, *schema.input_shape)).astype(np.float32)).clamp(
        -1, 1
    )


def schema_of(name):
    return next(s for s in (PICTURE, ROWS, WAVE, MEL, TOKENS) if augmentations.build(name).fits(s))


def changed(step, x, schema, *key):
    """Return a batch after one step; what it learns, it learns from the batch."""
    return step.apply(x, Draw(*(key or (1,)), device=CPU), step.fit(x, schema))


def same(first, second):
    return torch.equal(first.nan_to_num(-7), second.nan_to_num(-7))


@pytest.mark.parametrize("name", augmentations.names())
def test_a_step_changes_some_samples_each_by_its_own_draw_and_leaves_its_input_alone(name):
    schema = schema_of(name)
    # All samples alike: what differs afterwards was drawn. Mixing needs others to mix with.
    x = samples(schema)
    mixes = name in ("mixup", "cutmix", "value_swap")
    x = x if mixes else x[1:2].repeat(64, *(1,) * (x.dim() - 1))
    if name == "number_noise":
        state = augmentations.build(name).fit(samples(schema), schema)
    step = augmentations.build(name, {"probability": 1.0})
    before = x.clone()
    state = state if name == "number_noise" else step.fit(x, schema)
    after = step.apply(x, Draw(1, device=CPU), state)
    assert same(x, before)
    assert after.shape == x.shape
    assert after.dtype == x.dtype
    different = {row.nan_to_num(-7).numpy().tobytes() for row in after}
    # A flip has one way to be, and every sample of it is the same.
    least = {"flip_horizontal": 1, "flip_vertical": 1, "grey": 1}.get(name, 10)
    assert len(different) >= least
    assert sum(not same(a, b) for a, b in zip(after, x, strict=True)) >= 12
    again = step.apply(x, Draw(1, device=CPU), state)
    other = step.apply(x, Draw(2, device=CPU), state)
    assert same(again, after)
    assert least == 1 or not same(other, after)


@pytest.mark.parametrize("name", augmentations.names())
def test_a_step_happens_to_about_as_many_samples_as_its_probability_says(name):
    schema = schema_of(name)
    x = samples(schema, 1000)
    strong = (
        {"share": 0.5}
        if "share" in augmentations.get(name).model_fields and name != "salt_and_pepper"
        else {}
    )
    never = augmentations.build(name, {"probability": 0.0, **strong})
    half = augmentations.build(name, {"probability": 0.5, **strong})
    assert torch.allclose(changed(never, x, schema).float(), x.float(), atol=2e-6, equal_nan=True)
    after = changed(half, x, schema).float()
    touched = (~torch.isclose(after, x.float(), atol=1e-5, equal_nan=True)).flatten(1).any(dim=1)
    # Some of it may be too little to be seen, or hit an empty place.
    assert 0.25 < touched.float().mean().item() < 0.58


def test_steps_that_are_off_or_cannot_happen_are_left_out():
    x = samples(PICTURE)
    steps = [StepConfig(name="rotation", on=False), StepConfig(name="blur", fields={"probability": 0})]
    assert fit_augmenter(steps, x, PICTURE, PICTURE) is None


def picture_steps(*names):
    return [augmentations.build(name, {"probability": 1.0}) for name in names]


@pytest.mark.parametrize(
    "names",
    [
        ("rotation", "shift"),
        ("flip_horizontal", "rotation", "scale"),
        ("shear", "resize_crop", "flip_vertical"),
        ("perspective", "rotation", "shift"),
        ("random_crop", "rotation", "perspective"),
    ],
)
def test_folded_moves_give_what_they_give_one_after_the_other_up_to_resampling(names):
    x, steps = samples(PICTURE), picture_steps(*names)
    folded = warp(x, steps, Draw(3, device=CPU))
    draw, by_step = Draw(3, device=CPU), x
    for step in steps:
        by_step = step.apply(by_step, draw, {})
    # Away from the border, where a step mirrors what the step before had not shown.
    inside = (folded - by_step)[:, :, 9:-9, 11:-11].abs()
    assert inside.mean() < 0.012
    # The other order is another picture, so the comparison can fail.
    other = warp(x, steps[::-1], Draw(3, device=CPU))
    assert (other - by_step)[:, :, 9:-9, 11:-11].abs().mean() > 2 * inside.mean()


@pytest.mark.parametrize(
    "names",
    [
        ("brightness", "contrast"),
        ("contrast", "saturation", "hue"),
        ("hue", "grey", "contrast", "brightness"),
    ],
)
def test_folded_colours_give_what_they_give_one_after_the_other(names):
    x = 0.4 + 0.2 * samples(PICTURE)  # far from where a step would be cut off
    steps = picture_steps(*names)
    folded = recolor(x, steps, Draw(4, device=CPU))
    draw, by_step = Draw(4, device=CPU), x
    for step in steps:
        by_step = step.apply(by_step, draw, {})
    assert torch.allclose(folded, by_step, atol=1e-5)


def test_a_pipeline_of_moves_and_colours_is_moved_first_and_recoloured_once():
    x = 0.4 + 0.2 * samples(PICTURE)
    names = ("brightness", "rotation", "contrast", "shift")
    steps = [StepConfig(name=name, fields={"probability": 1.0}) for name in names]
    folded = fit_augmenter(steps, x, PICTURE, PICTURE).change_raw(x, Draw(5, device=CPU))
    draw = Draw(5, device=CPU)
    moved = warp(x, picture_steps("rotation", "shift"), draw)
    assert torch.allclose(folded, recolor(moved, picture_steps("brightness", "contrast"), draw), atol=1e-5)


class _Turn(Geometric):
    angle: float

    def matrices(self, count, height, width, draw):
        return turned(np.full(count, self.angle))


@pytest.mark.parametrize("angle", [90, 180, -90, 30, -45])
def test_a_turn_is_that_of_torchvision(angle):
    x = samples(PICTURE, 3)[:, :, :, 4:28]
    ours = warp(x, [_Turn(angle=angle)], Draw(1, device=CPU))
    theirs = reference.rotate(x, angle, reference.InterpolationMode.BILINEAR)
    # The corners of theirs are black; a circle of radius 10 about the middle is in both.
    places = torch.arange(24) - 11.5
    inside = places[:, None] ** 2 + places[None] ** 2 < 100
    assert (ours - theirs).abs()[:, :, inside].max() < 0.02


def test_a_flip_is_that_of_torchvision():
    x = samples(PICTURE)
    flip, drop = picture_steps("flip_horizontal", "flip_vertical")
    assert torch.allclose(changed(flip, x, PICTURE), reference.hflip(x), atol=1e-5)
    assert torch.allclose(changed(drop, x, PICTURE), reference.vflip(x), atol=1e-5)


class _Factor(Draw):
    """Draws the largest strength for every sample."""

    def within(self, count, strength):
        return np.full(count, strength)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("brightness", reference.adjust_brightness),
        ("contrast", reference.adjust_contrast),
        ("saturation", reference.adjust_saturation),
    ],
)
def test_a_colour_step_is_that_of_torchvision(name, theirs):
    x = 0.3 + 0.4 * samples(PICTURE)
    step = augmentations.build(name, {"probability": 1.0, "amount": 0.4})
    assert torch.allclose(step.apply(x, _Factor(1, device=CPU), {}), theirs(x, 1.4), atol=2e-3)


def test_grey_is_that_of_torchvision_and_a_hue_keeps_the_luma():
    x = 0.4 + 0.2 * samples(PICTURE)
    grey, hue = picture_steps("grey", "hue")
    assert torch.allclose(changed(grey, x, PICTURE), reference.rgb_to_grayscale(x, 3), atol=1e-3)
    turned_hue = changed(hue, x, PICTURE)
    assert not torch.allclose(turned_hue, x, atol=0.02)
    luma = [reference.rgb_to_grayscale(picture, 1) for picture in (turned_hue, x)]
    assert torch.allclose(*luma, atol=2e-3)


def test_a_blur_is_that_of_torchvision():
    x = samples(PICTURE, 4)
    step = augmentations.build("blur", {"probability": 1.0, "sigma": 1.0})
    draw = Draw(1, device=CPU)
    draw.numbers = type("Fixed", (), {"random": lambda self, count: np.full(count, 0.999999)})()
    # A reach of ceil(2.5 sigma) = 3 pixels to either side.
    assert torch.allclose(step.apply(x, draw, {}), reference.gaussian_blur(x, [7, 7], [1.0, 1.0]), atol=1e-4)


def test_bytes_are_augmented_in_their_own_range():
    x = torch.full((200, 1, 6, 6), 250, dtype=torch.uint8)
    steps = [
        StepConfig(name="brightness", fields={"probability": 1.0, "amount": 0.5}),
        StepConfig(name="salt_and_pepper", fields={"probability": 1.0, "share": 0.3}),
    ]
    schema = Schema(Task.CLASSIFICATION, (1, 6, 6), CLASSES)
    after = fit_augmenter(steps, x, schema, schema).change_raw(x, Draw(1, device=CPU))
    assert after.min() == 0
    assert after.max() == 255
    assert (after[:, 0, 0, 0] < 250).any()


@pytest.mark.parametrize(("name", "schema"), [("mixup", PICTURE), ("cutmix", PICTURE), ("mixup", ROWS)])
def test_labels_mix_as_the_samples_do(name, schema):
    # Each sample is full of its own label, so its mean tells how much of which is in it.
    y = torch.arange(90) % 3
    x = torch.nn.functional.one_hot(y, 3).float()
    if schema is PICTURE:
        x = x[:, :, None, None].repeat(1, 1, 24, 32)
    steps = [StepConfig(name=name, fields={"probability": 0.8, "alpha": 1.0})]
    augmenter = fit_augmenter(steps, x, schema, schema)
    mixed, shares = augmenter.change_prepared(x, y, Draw(2, device=CPU))
    assert torch.allclose(mixed.flatten(2).mean(dim=2) if schema is PICTURE else mixed, shares, atol=1e-5)
    assert torch.allclose(shares.sum(dim=1), torch.ones(90), atol=1e-6)
    assert (shares.max(dim=1).values < 0.95).sum() > 20
    # The larger share stays the sample's own, up to whole pixels.
    assert (shares.gather(1, y[:, None]) >= 0.47).all()


def test_numbers_to_predict_mix_as_well():
    schema = Schema(Task.REGRESSION, (3,), (), "pay", COLUMNS)
    y = torch.arange(40.0)[:, None]
    x = y.repeat(1, 3)
    augmenter = fit_augmenter([StepConfig(name="mixup")], x, schema, schema)
    mixed, values = augmenter.change_prepared(x, y, Draw(2, device=CPU))
    assert torch.allclose(mixed[:, :1], values, atol=1e-5)
    assert not torch.allclose(values, y)


def test_noise_of_a_table_leaves_categories_and_gaps_and_stays_within_what_was_seen():
    x = samples(ROWS, 500)
    step = augmentations.build("number_noise", {"probability": 1.0, "amount": 0.5})
    after = changed(step, x, ROWS)
    assert torch.equal(after[:, 1], x[:, 1])
    assert torch.equal(after.isnan(), x.isnan())
    for column in (0, 2):
        there = x[:, column][~x[:, column].isnan()]
        new = after[:, column][~x[:, column].isnan()]
        assert new.min() >= there.min()
        assert new.max() <= there.max()
        off = (new - there).std() / there.std(correction=0)
        assert off == pytest.approx(0.5, rel=0.25)  # a little less, since it is kept inside


def test_values_are_swapped_within_their_column():
    x = samples(ROWS, 300)
    step = augmentations.build("value_swap", {"probability": 1.0, "share": 0.5})
    after = changed(step, x, ROWS)
    for column in range(3):
        assert set(after[:, column].nan_to_num(-1).tolist()) <= set(x[:, column].nan_to_num(-1).tolist())
    moved = (after.nan_to_num(-1) != x.nan_to_num(-1))[:, 2].float().mean()
    assert moved == pytest.approx(0.5, abs=0.1)


def test_dropped_words_leave_no_gap_and_never_an_empty_text():
    x = samples(TOKENS, 400)
    after = changed(augmentations.build("word_drop", {"probability": 1.0, "share": 0.9}), x, TOKENS)
    for before, now in zip(x.tolist(), after.tolist(), strict=True):
        words, kept = [w for w in before if w], [w for w in now if w]
        assert kept
        assert now == kept + [0] * (12 - len(kept))
        rest = iter(words)
        assert all(word in rest for word in kept), "in their order"


def test_swapped_words_are_the_same_words_and_the_padding_stays_behind_them():
    x = samples(TOKENS, 400)
    after = changed(augmentations.build("word_swap", {"probability": 1.0, "share": 1.0}), x, TOKENS)
    for before, now in zip(x.tolist(), after.tolist(), strict=True):
        assert sorted(before) == sorted(now)
        assert [w == 0 for w in before] == [w == 0 for w in now]
        assert all(
            min(abs(a - b) for a, v in enumerate(before) if v == w) <= 1 for b, w in enumerate(now) if w
        )


def test_a_shift_in_time_moves_the_sound_round():
    x = torch.arange(1, 401, dtype=torch.float32).repeat(50, 1)
    after = changed(augmentations.build("time_shift", {"probability": 1.0, "share": 0.1}), x, WAVE)
    moves = [int(row.argmin()) for row in after]
    assert all(torch.equal(row, x[0].roll(move)) for row, move in zip(after, moves, strict=True))
    moves = [min(move, 400 - move) for move in moves]
    assert 20 < max(moves) <= 40


def test_a_gain_is_in_decibels():
    x = samples(WAVE, 20) * 0.1
    after = augmentations.build("gain", {"probability": 1.0, "decibels": 6.0}).apply(
        x, _Factor(1, device=CPU), {}
    )
    assert torch.allclose(after, x * 10 ** (6 / 20), atol=1e-6)


@pytest.mark.parametrize(("name", "dim"), [("time_mask", 3), ("frequency_mask", 2)])
def test_a_mask_is_one_band_in_the_mean(name, dim):
    x = samples(MEL, 60)
    after = changed(augmentations.build(name, {"probability": 1.0, "share": 0.5}), x, MEL)
    other = 5 - dim
    lines = (after != x).all(dim=other)[:, 0]
    widths = lines.sum(dim=1)
    assert widths.max() == math.floor(x.shape[dim] * 0.5) or widths.max() >= x.shape[dim] * 0.4
    for line in lines:
        places = line.nonzero().flatten()
        assert torch.equal(places, torch.arange(len(places)) + (places[0] if len(places) else 0))
    assert torch.allclose(after[after != x][:1], x[0].mean(), atol=1)


def test_a_step_for_other_samples_is_refused_in_words():
    grey = Schema(Task.CLASSIFICATION, (1, 8, 8), CLASSES)
    with pytest.raises(DataError, match="Hue is not for such samples: switch it off"):
        fit_augmenter([StepConfig(name="hue")], torch.zeros(4, 1, 8, 8), grey, grey)


def test_each_kind_of_sample_is_offered_what_makes_sense_for_it():
    offered = {
        kind: {step.name for step in fitting(raw, prepared)}
        for kind, raw, prepared in (
            ("colour", PICTURE, PICTURE),
            (
                "grey",
                Schema(Task.CLASSIFICATION, (1, 8, 8), CLASSES),
                Schema(Task.CLASSIFICATION, (1, 8, 8), CLASSES),
            ),
            ("sound", WAVE, MEL),
            ("rows", ROWS, ROWS),
            ("text", Schema(Task.CLASSIFICATION, (), CLASSES, kind_of_sample=Modality.TEXT), TOKENS),
        )
    }
    assert offered["colour"] - offered["grey"] == {"hue", "saturation", "grey"}
    assert {"rotation", "erasing", "mixup", "cutmix"} <= offered["grey"]
    sound = {"time_shift", "gain", "background_noise", "time_mask", "frequency_mask", "mixup", "cutmix"}
    assert offered["sound"] == sound
    assert offered["rows"] == {"number_noise", "value_swap", "mixup"}
    assert offered["text"] == {"word_drop", "word_swap"}
    known = set().union(*offered.values())
    assert known == set(augmentations.names())
    assert all(isinstance(augmentations.get(name).where, Where) for name in known)
    assert issubclass(augmentations.get("hue"), Coloring)
