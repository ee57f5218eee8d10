"""Sounds that are silent, or louder than the file could hold."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from pydantic import Field

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import Check, Subject, checks
from workbench.datasets.health import plural


@checks.register("sounds")
class Sounds(Check):
    """Silence teaches nothing; clipping is a sound that no microphone made."""

    title: ClassVar[str] = "Silent and clipped audio"
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.AUDIO,)
    codes: ClassVar[tuple[str, ...]] = ("silent_audio", "clipped_audio")

    silence_db: float = Field(
        -60.0,
        ge=-120.0,
        le=0.0,
        title="Silent below (dB)",
        description="Loudest moment, against the loudest possible, of a silent sound. Default -60 dB.",
    )
    clipped: float = Field(
        0.001,
        ge=0.0,
        le=1.0,
        title="Clipped from",
        description="Share of samples at the limit from which a sound is clipped. Default 0.001.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Look at the peak and at how often it is reached."""
        silent, clipped = [], []
        for start, block in subject.blocks(256):
            sounds = np.asarray(block)
            full = float(np.iinfo(sounds.dtype).max) if sounds.dtype.kind == "i" else 1.0
            loud = np.abs(sounds.astype(np.float32)) / full
            peak = loud.max(axis=1) if loud.shape[1] else np.zeros(len(loud))
            silent.append(start + np.flatnonzero(peak < 10 ** (self.silence_db / 20)))
            clipped.append(start + np.flatnonzero((loud >= 0.9999).mean(axis=1) >= self.clipped))
        quiet, harsh = np.concatenate(silent), np.concatenate(clipped)
        if len(quiet):
            text = f"{plural(len(quiet), 'sound is', 'sounds are')} silent: best removed, unless meant."
            yield subject.finding("silent_audio", Severity.WARNING, text, quiet, "drop_samples")
        if len(harsh):
            text = (
                f"{plural(len(harsh), 'sound is', 'sounds are')} clipped, being louder than the file can "
                "hold: record anew, or remove."
            )
            yield subject.finding("clipped_audio", Severity.INFO, text, harsh, "drop_samples")
