"""Audio becomes log-mel pictures; expected bands follow from the mel scale."""

import numpy as np
import pytest
import torch

from tests.training.samples import recordings
from workbench.core.records import Schema
from workbench.core.states import Modality, Task
from workbench.transforms.audio import mel_bank
from workbench.transforms.base import transforms

RATE = 16_000


def schema_of(samples, rate=RATE):
    return Schema(Task.CLASSIFICATION, (samples,), ("a", "b"), kind_of_sample=Modality.AUDIO, rate=rate)


def tone(pitch, seconds=1.0, loudness=0.5):
    time = np.arange(int(RATE * seconds)) / RATE
    return (np.sin(2 * np.pi * pitch * time) * loudness * 32767).astype(np.int16)


@pytest.mark.parametrize("pitch", [250, 1000, 4000])
def test_a_tone_is_brightest_in_the_band_around_its_pitch(pitch):
    schema = schema_of(RATE)
    step = transforms.build("log_mel")
    x = torch.from_numpy(np.stack([tone(pitch)]))
    picture = step.pictures(x, schema)[0, 0]
    mel = 2595 * np.log10(1 + pitch / 700)
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    expected = mel / top * (step.bands + 1) - 1  # 64 centres between 65 equal steps
    assert abs(int(picture[:, 10:50].mean(dim=1).argmax()) - expected) <= 1


def test_twice_the_loudness_is_six_decibels_more_in_the_brightest_band():
    schema, step = schema_of(RATE), transforms.build("log_mel")
    x = torch.from_numpy(np.stack([tone(1000, loudness=0.25), tone(1000, loudness=0.5)]))
    pictures = step.pictures(x, schema)
    quiet, loud = pictures[:, 0, :, 30].amax(dim=1)
    # Power is four times as large: log10(4) = 0.602.
    assert (loud - quiet).item() == pytest.approx(0.602, abs=0.01)


@pytest.mark.parametrize("samples", [1600, 15_999, RATE])
@pytest.mark.parametrize(
    "fields", [{}, {"bands": 8, "window_ms": 128, "hop_ms": 2}, {"window_ms": 8, "hop_ms": 128}]
)
def test_the_picture_has_the_shape_that_is_promised_whatever_the_length(samples, fields):
    schema, step = schema_of(samples), transforms.build("log_mel", fields)
    x = torch.from_numpy(np.stack([tone(440)[:samples]] * 3))
    out = step.apply(x, schema, step.fit(x, schema))
    assert tuple(out.shape[1:]) == step.output(schema).input_shape
    assert out.dtype == torch.float32


def test_bands_are_standardised_on_the_training_split_and_silence_stays_finite():
    x, _, schema = recordings()
    raw, step = torch.from_numpy(x), transforms.build("log_mel")
    state = step.fit(raw, schema)
    out = step.apply(raw, schema, state)
    assert out.mean(dim=(0, 1, 3)).abs().max() < 1e-3
    assert (out.std(dim=(0, 1, 3)) - 1).abs().max() < 1e-2
    alone = torch.cat([step.apply(raw[place : place + 1], schema, state) for place in range(10)])
    assert torch.equal(alone, out[:10])
    assert torch.isfinite(step.apply(torch.zeros_like(raw), schema, state)).all()
    assert torch.isfinite(step.apply(raw, schema, step.fit(raw[:0], schema))).all()


def test_every_band_hears_something_even_where_bands_are_narrower_than_the_frequencies():
    bank = mel_bank(64, RATE, 128)
    assert bank.shape == (128, 33)
    assert (bank.sum(axis=1) > 0).all()
