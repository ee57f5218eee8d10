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
    assert {path.suffix for path in files} == {".wav", ".flac", ".ogg", ".oga", ".mp3", ".aiff"}
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


@pytest.mark.parametrize("name", ["ffmpeg-flac.oga", "flac-ogg.oga"])
def test_flac_in_ogg_that_is_cut_off_anywhere_is_named_as_damaged(tmp_path, name):
    whole = (FOREIGN / name).read_bytes()
    assert decode(str(FOREIGN / name), 8000, 0).width == 3200
    for tenths in range(1, 10):
        (tmp_path / "cut.oga").write_bytes(whole[: len(whole) * tenths // 10])
        with pytest.raises(UnreadableError, match="damaged or cut off"):
            decode(str(tmp_path / "cut.oga"), 8000, 3200)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x20ftypM4A ", "AAC or MP4"),
        (b"\x1aE\xdf\xa3\x01", "WebM or Matroska"),
        (b"OggS\0\2" + bytes(20) + b"\1PSpeex   ", "Speex"),
    ],
)
def test_a_format_that_is_not_read_is_named_with_what_to_do(tmp_path, head, name):
    (tmp_path / "sound.wav").write_bytes(head + bytes(200))
    with pytest.raises(UnreadableError, match=f"is {name}, which is not read here: save it as WAV or FLAC"):
        decode(str(tmp_path / "sound.wav"), 8000, 0)
