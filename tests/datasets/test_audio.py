"""Recordings out of files that other programs write, and out of files that are broken."""

import json

import numpy as np
import pytest
import soundfile

from tests.sounds import FORMATS, tone, write_tones
from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, no_progress
from workbench.core.errors import DataError
from workbench.core.states import Modality, Severity, Task
from workbench.datasets.base import kinds
from workbench.datasets.sniff import find_kind


def load(source, into, **config):
    into.mkdir(exist_ok=True)
    kind = kinds.build("audio")
    imported = kind.load(source, into, ImportConfig(**config), CancelToken(), no_progress)
    return imported, kind.open(into)


def strongest_pitch(wave, rate):
    spectrum = np.abs(np.fft.rfft(wave.astype(float) * np.hanning(len(wave))))
    return np.fft.rfftfreq(len(wave), 1 / rate)[spectrum.argmax()]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
def test_every_format_and_rate_gives_the_same_sound_at_one_rate(tmp_path, form, rate):
    for label, pitch in (("a", 440), ("b", 880)):
        (tmp_path / "in" / label).mkdir(parents=True)
        # A wrong name: the content says what it is.
        with (tmp_path / "in" / label / "sound.dat").open("wb") as file:
            wave = tone(pitch, 0.5, rate)
            soundfile.write(file, np.stack([wave, wave], axis=1), rate, format=form.upper())
    imported, samples = load(tmp_path / "in", tmp_path / "into")
    assert imported.schema.modality is Modality.AUDIO
    assert imported.schema.rate == 16_000
    # MP3 fills its last frame up.
    assert 8000 <= imported.schema.input_shape[0] <= 11_000
    assert samples.x.dtype == np.int16
    for place, pitch in enumerate((440, 880)):
        wave = samples.x[place][:8000]
        assert strongest_pitch(wave, 16_000) == pytest.approx(pitch, abs=10)
        assert np.abs(wave).max() / 32768 == pytest.approx(0.4, abs=0.1)


def test_a_folder_of_recordings_is_told_from_pictures_and_texts(tmp_path):
    assert find_kind(write_tones(tmp_path / "tones", 2), ImportConfig()).name == "audio"


def test_a_list_of_files_and_labels_is_read_from_csv_and_from_json_lines(tmp_path):
    root = tmp_path / "flat"
    (root / "wavs").mkdir(parents=True)
    rows = []
    for number in range(6):
        soundfile.write(root / "wavs" / f"{number}.wav", tone(300 + 100 * number, seed=number), 16_000)
        rows.append(
            {"file": f"wavs/{number}.wav", "speaker": f"s{number}", "label": ("no", "yes")[number % 2]}
        )
    rows.append({"file": "wavs/gone.wav", "speaker": "s9", "label": "yes"})
    rows.append({"file": "../outside.wav", "speaker": "s9", "label": "yes"})
    soundfile.write(tmp_path / "outside.wav", tone(300), 16_000)
    for name in ("labels.csv", "labels.jsonl"):
        text = "\n".join(map(json.dumps, rows))
        if name.endswith("csv"):
            text = "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)])
        (root / name).write_text(text)
        assert find_kind(root, ImportConfig()).name == "audio"
        imported, samples = load(root, tmp_path / name)
        assert imported.schema.classes == ("no", "yes")
        assert imported.schema.target == "label"
        assert samples.y.tolist() == [0, 1, 0, 1, 0, 1]
        assert [item.reason for item in imported.skipped] == [
            "names wavs/gone.wav, which is not there",
            "names ../outside.wav, which leads out of the folder",
        ]
        assert list(samples.column("speaker")) == [f"s{number}" for number in range(6)]
        assert imported.found == imported.count + len(imported.skipped)
        (root / name).unlink()


def test_a_list_of_recordings_is_shown_and_its_columns_can_be_chosen_as_for_pictures(tmp_path):
    root = tmp_path / "flat"
    root.mkdir()
    lines = ["who,clip,word,mood"]
    for number in range(8):
        soundfile.write(root / f"{number}.wav", tone(300 + 100 * number, 0.1, seed=number), 16_000)
        lines.append(
            f"s{number},{number}.wav,{('no', 'yes')[number % 2]},{('sad', 'glad', 'calm')[number % 3]}"
        )
    (root / "clips.csv").write_text("\n".join(lines))
    kind = find_kind(root / "clips.csv", ImportConfig())
    assert kind.name == "audio"
    preview = kind.inspect(root, ImportConfig())
    assert (preview.details["files"], preview.target) == ("clip", "word")
    assert preview.columns == ("who", "clip", "word", "mood")
    assert preview.title == "8 recordings with a label in clips.csv, 2 classes"
    imported, samples = load(root, tmp_path / "into", target="mood", files="clip")
    assert imported.schema.classes == ("calm", "glad", "sad")
    new = kind.encode(root, imported.schema, imported.details).samples
    assert new.y.tolist() == samples.y.tolist()
    with pytest.raises(DataError, match="cannot be both file and label"):
        kind.inspect(root, ImportConfig(target="clip", files="clip"))


def test_a_number_for_each_recording_is_learnt_as_a_number(tmp_path):
    root = tmp_path / "flat"
    root.mkdir()
    lines = ["file,age"]
    for number in range(30):
        soundfile.write(root / f"{number}.wav", tone(300 + 10 * number, 0.1, seed=number), 16_000)
        lines.append(f"{number}.wav,{20 + number * 1.5}")
    (root / "ages.csv").write_text("\n".join(lines))
    imported, samples = load(root, tmp_path / "into")
    assert imported.schema.task is Task.REGRESSION
    assert samples.y[1] == pytest.approx(21.5)


def test_what_is_broken_is_named_and_the_rest_goes_on(tmp_path):
    root = write_tones(tmp_path / "tones", 8)
    low = root / "low"
    (low / "empty.wav").write_bytes(b"")
    (low / "words.wav").write_text("this is no recording, whatever its name says")
    whole = (low / "0.wav").read_bytes()
    (low / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (low / "head.wav").write_bytes(whole[:44])
    flac = (low / "1.flac").read_bytes()
    (low / "cut.flac").write_bytes(flac[: len(flac) // 2])
    mp3 = (low / "3.mp3").read_bytes()
    (low / "cut.mp3").write_bytes(mp3[: len(mp3) // 2])
    imported, _ = load(root, tmp_path / "into")
    reasons = {item.path: item.reason for item in imported.skipped}
    assert reasons["low/empty.wav"] == "is empty (0 bytes)"
    assert "is not audio" in reasons["low/words.wav"]
    for name in ("cut.wav", "cut.flac", "cut.mp3", "head.wav"):
        assert f"low/{name}" in reasons, name
    assert imported.count == 16
    assert imported.found == 16 + len(reasons)


def test_silence_copies_and_contradictions_are_told(tmp_path):
    root = write_tones(tmp_path / "tones", 8)
    soundfile.write(root / "low" / "silent.wav", np.zeros(4000), 16_000)
    (root / "low" / "again.wav").write_bytes((root / "low" / "0.wav").read_bytes())
    (root / "high" / "wrong.wav").write_bytes((root / "low" / "4.wav").read_bytes())
    imported, _ = load(root, tmp_path / "into")
    findings = {finding.code: finding for finding in imported.findings}
    assert findings["silent"].examples == ("low/silent.wav",)
    assert findings["duplicates"].examples == ("low/again.wav",)
    assert findings["conflicting_labels"].severity is Severity.DANGER
    assert set(findings["conflicting_labels"].examples) == {"low/4.wav", "high/wrong.wav"}
    assert findings["resampled"].count == 8
    assert imported.duplicates == 1


def test_one_class_alone_is_a_danger_and_a_folder_without_recordings_is_refused(tmp_path):
    imported, _ = load(write_tones(tmp_path / "one", 4, (("low", 300),)), tmp_path / "into")
    assert imported.findings[0].code == "one_class"
    (tmp_path / "none" / "a").mkdir(parents=True)
    (tmp_path / "none" / "a" / "x.wav").write_bytes(b"no sound")
    with pytest.raises(DataError, match="No recording can be read"):
        load(tmp_path / "none", tmp_path / "n")


def test_a_very_long_recording_is_cut_and_only_its_beginning_is_read(tmp_path):
    root = write_tones(tmp_path / "tones", 2)
    hour = root / "low" / "hour.wav"
    with soundfile.SoundFile(hour, "w", 8000, 1, "PCM_U8") as file:
        block = np.tile(tone(300, 0.5, 8000), 120)
        for _ in range(60):
            file.write(block)
    imported, samples = load(root, tmp_path / "into")
    assert imported.schema.input_shape[0] <= 10 * 16_000
    (cut,) = [finding for finding in imported.findings if finding.code == "cut"]
    assert "low/hour.wav" in cut.examples
    assert "seconds and cut there" in cut.message
    place = list(samples.names).index("low/hour.wav")
    assert strongest_pitch(samples.x[place][:8000], 16_000) == pytest.approx(300, abs=10)


def test_length_and_rate_can_be_chosen(tmp_path):
    imported, samples = load(write_tones(tmp_path / "tones", 4), tmp_path / "into", seconds=0.2, rate=8000)
    assert imported.schema.input_shape == (1600,)
    assert imported.schema.rate == 8000
    assert samples.x.shape == (8, 1600)


def test_a_decoder_that_dies_or_hangs_costs_one_file(tmp_path, monkeypatch):
    import sys

    from workbench.datasets import audio

    program = tmp_path / "decoder.py"
    program.write_text(
        "import os, sys\n"
        "import workbench.datasets.sound_decoder as decoder\n"
        "true = decoder.decode\n"
        "def decode(path, rate, samples):\n"
        "    if 'deadly' in path:\n"
        "        os.abort()\n"
        "    return true(path, rate, samples)\n"
        "decoder.decode = decode\n"
        "decoder.main()\n"
    )
    monkeypatch.setattr(audio, "command_of", lambda rate: (sys.executable, str(program), str(rate)))
    root = write_tones(tmp_path / "tones", 6)
    (root / "low" / "deadly.wav").write_bytes((root / "low" / "0.wav").read_bytes())
    imported, _ = load(root, tmp_path / "into")
    assert imported.count == 12
    (lost,) = imported.skipped
    assert lost.path == "low/deadly.wav"
    assert lost.reason


def test_new_recordings_are_read_alone_and_from_a_folder(tmp_path):
    root = write_tones(tmp_path / "tones", 4)
    imported, samples = load(root, tmp_path / "into")
    kind = kinds.build("audio")
    alone = kind.encode(root / "low" / "2.ogg", imported.schema, imported.details).samples
    assert alone.names == ["2.ogg"]
    assert alone.y.tolist() == [-1]
    assert np.array_equal(alone.x[0], samples.x[list(samples.names).index("low/2.ogg")])
    (root / "low" / "new.wav").write_bytes(b"")
    folder = kind.encode(root, imported.schema, imported.details)
    assert folder.samples.y.tolist() == samples.y.tolist()
    assert [item.path for item in folder.skipped] == ["low/new.wav"]
