"""Recordings with labels: one sub-folder a class, or files that a table beside them names."""

import hashlib
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress, no_progress
from workbench.core.errors import DataError
from workbench.core.files import atomic_write
from workbench.core.records import Finding, Imported, Preview, Schema, Skipped
from workbench.core.states import Modality, Severity, Task
from workbench.datasets.attributes import Attribute
from workbench.datasets.audio_files import AUDIO_SUFFIXES, AudioFiles, find_audio
from workbench.datasets.base import Encoded, Samples, kinds
from workbench.datasets.columns import Coded
from workbench.datasets.decoding import HEADER, DecoderPool
from workbench.datasets.file_samples import LABELS, NAMES, FileSamples
from workbench.datasets.health import EXAMPLES, class_findings, plural, skipped_finding, value_findings
from workbench.datasets.listed_files import ListedFiles, has_list, new_files
from workbench.datasets.names import write_file_names
from workbench.datasets.pace import Pace
from workbench.datasets.part_folders import AS_GIVEN, GIVEN
from workbench.datasets.picture_files import PictureFiles, find_pictures, shown
from workbench.datasets.side_columns import write_columns
from workbench.datasets.sound_writer import Heard, SoundWriter
from workbench.datasets.targets import new_labels
from workbench.datasets.text_files import has_suffixes

_SOUNDS = "sounds.npy"
_RATE = 16_000
_LONGEST_S = 10.0
_SHORTEST_S = 0.1
_USUAL_LENGTH = 95  # percentile
_SILENCE = 1e-10  # -100 dB
_BLOCK = 256


@kinds.register("audio")
class Audio(FileSamples):
    """Recordings: one sub-folder a class, or a list of files and labels; WAV, FLAC, OGG, MP3 and AIFF.

    Each is mixed to one channel, resampled to one rate (16 kHz) and cut, or filled up with silence, to one
    length: the 95th percentile of all lengths, ten seconds at most. The originals are only ever read.
    """

    title = "Audio folder"
    array = _SOUNDS

    def sniff(self, source: Path) -> float:
        """Return 0.95 where sub-folders hold recordings, or a list names some beside it."""
        try:
            if source.is_dir() and has_suffixes(source, AUDIO_SUFFIXES):
                return 0.95
        except OSError:
            return 0.0
        return 0.95 if has_list(source, AUDIO_SUFFIXES) else 0.0

    def inspect(self, source: Path, config: ImportConfig, token: CancelToken | None = None) -> Preview:
        """Return classes and number of files, without opening any; of a list its rows as well."""
        token = token or CancelToken()
        if has_list(source, AUDIO_SUFFIXES):
            listed = ListedFiles.of(source, config, token, AUDIO_SUFFIXES)
            return listed.preview(self.name, ("recording", "recordings"))
        files = find_audio(source, config, token)
        count = len(files.relative) + len(files.skipped)
        title = plural(count, "recording", "recordings")
        if files.classes:
            title += f" in {plural(len(files.classes), 'class', 'classes')}"
        title += f", {AS_GIVEN}" if GIVEN in files.details else ""
        return Preview(self.name, title, count, classes=files.classes)

    def load(
        self, source: Path, into: Path, config: ImportConfig, token: CancelToken, progress: Progress
    ) -> Imported:
        """Decode every recording once into `sounds.npy`, `labels.npy` and `names.arrow`."""
        pace = Pace(progress)
        pace(0, 0, "Looking for recordings")
        rate = config.rate or _RATE
        with DecoderPool(token, command_of(rate)) as pool:
            pool.warm_up()
            files = find_audio(source, config, token)
            paths = [str(files.root / name) for name in files.relative]
            lengths = _lengths(pool, paths, pace)
            samples = _length(lengths, rate, config.seconds)
            writer = SoundWriter(pool, paths, files.labels, samples, pace, rate=rate)
            sounds_sha256 = atomic_write(into / _SOUNDS, writer.write)
        heard = writer.heard
        files.skipped += [Skipped(shown(files.relative[place]), reason) for place, reason in heard.failed]
        labels, classes = _used(files, heard)
        labels_sha256 = atomic_write(into / LABELS, lambda file: np.save(file, labels, allow_pickle=False))
        names = [shown(files.relative[place]) for place in heard.kept]
        words = classes or tuple(dict.fromkeys(f"{value:g}" for value in labels))
        codes = labels if classes else np.array([words.index(f"{value:g}") for value in labels], np.int64)
        names_sha256 = write_file_names(into / NAMES, names, codes, words, token)
        columns_sha256, kept_columns = write_columns(into, files.columns, heard.kept, token)
        digests = (sounds_sha256, labels_sha256, names_sha256, columns_sha256)
        counts = tuple(int(n) for n in np.bincount(labels, minlength=len(classes))) if classes else ()
        about = class_findings(classes, counts) if classes else value_findings(files.target or "", labels)
        return Imported(
            kind=self.name,
            schema=Schema(
                *(files.task, (samples,), classes, files.target),
                kind_of_sample=Modality.AUDIO,
                rate=rate,
            ),
            count=len(names),
            found=len(paths) + len(files.skipped) - len(heard.failed),
            duplicates=len(heard.copies),
            skipped=tuple(files.skipped),
            findings=(
                *about,
                *_findings(files, heard, samples, rate),
                *skipped_finding(files.skipped, "recording"),
            ),
            class_counts=counts,
            sha256=hashlib.sha256("".join(digests).encode()).hexdigest(),
            details={**files.details, **kept_columns, "rate": rate, "seconds": round(samples / rate, 3)},
        )

    def attributes(self, samples: Samples, schema: Schema, token: CancelToken) -> Iterator[Attribute]:
        """Yield how loud each recording is: its root mean square, in decibels below full scale."""
        loudness = np.zeros(len(samples))
        for start in range(0, len(samples), _BLOCK):
            token.check()
            block = np.asarray(samples.x[start : start + _BLOCK], np.float32) / 32_768
            power = np.square(block).mean(axis=1).clip(min=_SILENCE)
            loudness[start : start + len(block)] = 10 * np.log10(power)
        yield Attribute("loudness", loudness)

    def encode(
        self,
        source: Path,
        schema: Schema,
        details: Mapping[str, Any],
        token: CancelToken | None = None,
        progress: Progress = no_progress,
    ) -> Encoded:
        """Return the recordings of a file or folder, of the length and rate of training; copies are kept.

        A label is known where a folder is named like a class, or a labels file says it.
        """
        token, pace = token or CancelToken(), Pace(progress)
        files = _new_files(source, schema, details, token)
        paths = [str(files.root / name) for name in files.relative]
        # Unnamed and gone with the last reference: new data is never kept.
        with DecoderPool(token, command_of(schema.rate)) as pool, tempfile.TemporaryFile() as file:
            writer = SoundWriter(pool, paths, files.labels, schema.input_shape[0], pace, copies=True)
            writer.write(file)
            file.flush()
            kept = writer.heard.kept
            x = np.memmap(file, "<i2", "r", writer.start, (len(kept), *schema.input_shape))
        names = [shown(files.relative[place]) for place in kept]
        failed = [Skipped(shown(files.relative[place]), reason) for place, reason in writer.heard.failed]
        return Encoded(Samples(x, files.labels[kept], names), (*files.skipped, *failed))


def command_of(rate: int) -> tuple[str, ...]:
    """Return what starts a process that decodes audio at a rate."""
    return (sys.executable, "-P", "-m", "workbench.datasets.sound_decoder", str(rate))


def _lengths(pool: DecoderPool, paths: Sequence[str], pace: Pace) -> list[int]:
    """Return the length of each recording that can be opened, in samples at the wanted rate."""
    lengths = []
    for place, answer in enumerate(pool.decode(paths, HEADER), start=1):
        pace(place, len(paths), "Measuring recordings")
        if not answer.reason:
            lengths.append(answer.width)
    return lengths


def _length(lengths: Sequence[int], rate: int, seconds: float | None) -> int:
    if seconds is not None:
        return round(seconds * rate)
    usual = int(np.percentile(lengths, _USUAL_LENGTH)) if lengths else rate
    return max(round(_SHORTEST_S * rate), min(usual, round(_LONGEST_S * rate)))


def _used(files: AudioFiles, heard: Heard) -> tuple[Any, tuple[str, ...]]:
    """Return the labels of what was imported, and the classes that are left."""
    labels = files.labels[heard.kept]
    if files.task is Task.REGRESSION:
        return labels, ()
    used, places = np.unique(labels, return_inverse=True)
    return places.astype(np.int64), tuple(files.classes[label] for label in used)


def _findings(files: AudioFiles, heard: Heard, samples: int, rate: int) -> list[Finding]:
    def told(code: str, severity: Severity, places: Sequence[int], are: str, text: str) -> Finding:
        count = plural(len(places), "recording", "recordings")
        names = tuple(shown(files.relative[place]) for place in places[:EXAMPLES])
        return Finding(code, severity, len(places), f"{count} {are}: {text}", names)

    found = [
        told(
            *("conflicting_labels", Severity.DANGER, heard.conflicts if files.classes else ()),
            "with exactly the same content and different classes",
            "keep each in its right class only, then import again; no model can learn this.",
        ),
        told(
            *("silent", Severity.WARNING, heard.silent, "without any sound"),
            "listen to them, and leave them out unless silence is what they stand for.",
        ),
        told(
            *("duplicates", Severity.INFO, heard.copies, "left out"),
            "another one with the same label holds the same, and no copy can be in two splits now.",
        ),
        told(
            *("cut", Severity.INFO, heard.longer, f"longer than {samples / rate:.3g} seconds and cut there"),
            "cut them into pieces first to learn from all of them.",
        ),
        told(
            *("resampled", Severity.INFO, heard.other_rate, f"resampled to {rate:,} samples a second"),
            "that is the rate of all; record at one rate to spare it.",
        ),
    ]
    return [finding for finding in found if finding.count]


def _new_files(source: Path, schema: Schema, details: Mapping[str, Any], token: CancelToken) -> AudioFiles:
    if not source.exists():
        raise DataError(f"{source} does not exist: choose a recording or a folder of recordings.")
    files = new_files(source, details, token, AUDIO_SUFFIXES)
    if files is None and source.is_dir():
        files = find_pictures(source, token)
    elif files is None:
        files = PictureFiles(source.parent.resolve(), relative=[source.name], labels=[-1])
    if not files.relative:
        raise DataError(f"There are no recordings in {source}: choose a recording or a folder of recordings.")
    words = [files.classes[label] if label >= 0 else "" for label in files.labels]
    coded = Coded.by_text(pa.chunked_array([pa.array(words, pa.large_string())]))
    labels = new_labels(coded, len(words), schema)
    return AudioFiles(files.root, files.relative, labels, schema.classes, schema.target, files.skipped)
