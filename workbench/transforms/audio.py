"""Steps for audio."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.base import State, Transform, transforms

_FULL_SCALE = 32768.0
_QUIET = 1e-10  # -100 dB, about the step of 16 bits: what is quieter is silence
_BLOCK = 256
_FITTED = 2000


@transforms.register("log_mel")
class LogMel(Transform):
    """Audio becomes log-mel pictures: the loudness in each band of hearing, window by window.

    Bands are standardised by mean and deviation measured on the training split. The mel scale is that of
    HTK, 2595 log10(1 + f / 700), with triangular bands; windows are Hann.
    """

    title: ClassVar[str] = "Log-mel"
    text: ClassVar[str] = "Pictures of sound, bands of hearing upwards and time to the right."
    group: ClassVar[str] = "Audio"

    bands: int = Field(
        64,
        ge=8,
        le=256,
        title="Bands",
        description="Default 64 bands of hearing; 128 for music, 40 for speech alone.",
    )
    window_ms: int = Field(
        32,
        ge=8,
        le=128,
        title="Window in ms",
        description="Default 32. Longer windows tell tones apart, shorter ones clicks.",
    )
    hop_ms: int = Field(
        16,
        ge=2,
        le=128,
        title="Step in ms",
        description="Default 16: a column of the picture for so much time.",
    )

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are waveforms that are long enough for a window."""
        return schema.modality is Modality.AUDIO and len(schema.input_shape) == 1 and schema.rate > 0

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return the bank of bands, and mean and deviation of each band, shape (1, 1, bands, 1)."""
        bank = torch.from_numpy(mel_bank(self._window(schema), schema.rate, self.bands))
        # A part of many recordings, spread over all, says as well how loud their bands are.
        x = x[:: max(1, len(x) // _FITTED)]
        total = torch.zeros(self.bands, dtype=torch.float64)
        squares = torch.zeros_like(total)
        values = max(1, len(x) * self.output(schema).input_shape[2])
        for start in range(0, len(x), _BLOCK):
            part = self._pictures(x[start : start + _BLOCK], schema, bank).double()
            total += part.sum(dim=(0, 1, 3))
            squares += part.square().sum(dim=(0, 1, 3))
        mean = total / values
        deviation = (squares / values - mean.square()).clamp(min=0).sqrt()
        deviation[deviation < 1e-6] = 1.0
        shape = (1, 1, -1, 1)
        return {
            "bank": bank,
            "mean": mean.float().reshape(shape),
            "deviation": deviation.float().reshape(shape),
        }

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, 1, bands, frames) float32 pictures, low bands first."""
        parts = [
            self._pictures(x[start : start + _BLOCK], schema, state["bank"])
            for start in range(0, max(1, len(x)), _BLOCK)
        ]
        return (torch.cat(parts) - state["mean"]) / state["deviation"]

    def output(self, schema: Schema) -> Schema:
        """Return the schema of one picture a sample."""
        frames = 1 + schema.input_shape[0] // self._hop(schema)
        return replace(schema, input_shape=(1, self.bands, frames))

    def pictures(self, x: Tensor, schema: Schema) -> Tensor:
        """Return (batch, 1, bands, frames) logarithms of power, not standardised."""
        bank = torch.from_numpy(mel_bank(self._window(schema), schema.rate, self.bands))
        return self._pictures(x, schema, bank)

    def _window(self, schema: Schema) -> int:
        return max(16, schema.rate * self.window_ms // 1000)

    def _hop(self, schema: Schema) -> int:
        return max(1, schema.rate * self.hop_ms // 1000)

    def _pictures(self, x: Tensor, schema: Schema, bank: Tensor) -> Tensor:
        window, hop = self._window(schema), self._hop(schema)
        waves = x.float() / _FULL_SCALE
        # Padded with silence, since reflection needs more samples than half a window.
        waves = torch.nn.functional.pad(waves, (window // 2, window // 2))
        hann = torch.hann_window(window, device=x.device)
        spectrum = torch.stft(waves, window, hop, window=hann, center=False, return_complex=True)
        power = spectrum.abs().square() / hann.sum().square()
        frames = self.output(schema).input_shape[2]
        picture = (bank @ power)[:, :, :frames]
        picture = torch.nn.functional.pad(picture, (0, frames - picture.shape[2]))
        return picture.clamp(min=_QUIET).log10().unsqueeze(1)


def mel_bank(window: int, rate: int, bands: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """Return (bands, window // 2 + 1) triangular weights of frequencies, equally wide on the mel scale.

    A band that is narrower than the distance of two frequencies takes the nearest one.

    Args:
        window: Samples of a window.
        rate: Samples a second.
        bands: How many.

    Source: HTK book, section 5.4.
    """
    frequencies = np.fft.rfftfreq(window, 1 / rate)
    top = 2595 * np.log10(1 + rate / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, bands + 2) / 2595) - 1)
    low, centre, high = (edges[k : k + bands, None] for k in range(3))
    rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
    bank = np.clip(np.minimum(rising, falling), 0, None)
    for band in np.flatnonzero(bank.sum(axis=1) == 0):
        bank[band, np.abs(frequencies - centre[band, 0]).argmin()] = 1.0
    return np.asarray(bank, np.float32)
