"""Recordings that other programs wrote, each of the same tone."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.test_audio import load, strongest_pitch
from workbench.datasets.sound_decoder import UnreadableError, decode

FOREIGN = Path(__file__).parent / "foreign" / "sounds"


def test_every_program_s_recording_gives_the_tone_that_went_in(tmp_path):
    files = sorted(FOREIGN.iterdir())
    assert {path.suffix for path in files} == {".wav", ".flac", ".ogg", ".mp3"}
    for number, path in enumerate(files):
        (tmp_path / "in" / "ab"[number % 2]).mkdir(parents=True, exist_ok=True)
        # A name that says nothing: the content decides.
        shutil.copy(path, tmp_path / "in" / "ab"[number % 2] / f"{path.stem}.dat")
    imported, samples = load(tmp_path / "in", tmp_path / "into")
    assert not imported.skipped
    assert imported.count + imported.duplicates == len(files)
    for name, wave in zip(samples.names, samples.x, strict=True):
        inner = wave[1600:4800]  # past what a codec puts before the beginning
        assert strongest_pitch(inner, 16_000) == pytest.approx(440, abs=5), name
        assert np.abs(inner).max() / 32_768 == pytest.approx(0.5, abs=0.1), name


@pytest.mark.parametrize("length", [0xFFFF_FFFF, 0x7FFF_F000])
def test_a_recording_that_came_through_a_pipe_is_whole_though_its_head_knows_no_length(tmp_path, length):
    piped = bytearray((FOREIGN / "ffmpeg-piped.wav").read_bytes())
    place = piped.index(b"data") + 4
    piped[place : place + 4] = length.to_bytes(4, "little")
    (tmp_path / "piped.wav").write_bytes(piped)
    assert decode(str(tmp_path / "piped.wav"), 8000, 0).width == 3200


def test_a_recording_that_is_cut_off_is_still_named_as_damaged(tmp_path):
    whole = (FOREIGN / "sox-24bit.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableError, match="cut off"):
        decode(str(tmp_path / "cut.wav"), 8000, 0)
