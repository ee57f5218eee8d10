"""Steps for audio: on the waveform, and on log-mel pictures of it."""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.augmentation.base import Augmentation, Draw, Where, augmentations, strength
from workbench.transforms.base import State


class _Waveform(Augmentation):
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.AUDIO,)

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are waveforms."""
        return super().fits(schema) and len(schema.input_shape) == 1


@augmentations.register("time_shift")
class TimeShift(_Waveform):
    """Earlier or later."""

    text: ClassVar[str] = "Earlier or later; what is moved out comes in at the other end."

    share: float = strength(0.1, 0.0, 0.5, "Share", "Largest shift, as a share of the length. Default 0.1.")

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return shifted waveforms, (n, samples)."""
        count, length = x.shape
        happens = draw.happens(count, self.probability)
        shift = draw.send(np.rint(draw.within(count, self.share * length) * happens), x).long()
        # Round and round: silence of a computer would be the loudest sign of all in a log-mel picture.
        return x.gather(1, (torch.arange(length, device=x.device) - shift) % length)


@augmentations.register("gain")
class Gain(_Waveform):
    """Louder or quieter."""

    text: ClassVar[str] = "Louder or quieter."

    decibels: float = strength(6.0, 0.0, 30.0, "Decibels", "Largest change, either way. Default 6.")

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return waveforms of another loudness, clipped at full loudness."""
        happens = draw.happens(len(x), self.probability)
        factor = 10.0 ** (draw.within(len(x), self.decibels) * happens / 20.0)
        return (x * draw.send(factor, x)).clamp_(-draw.top, draw.top)


@augmentations.register("background_noise")
class BackgroundNoise(_Waveform):
    """White noise, measured by the loudness of the sample."""

    text: ClassVar[str] = "White noise, measured by the loudness of the recording."

    amount: float = strength(
        0.1, 0.0, 1.0, "Amount", "Loudness of the noise; 1 is as loud as the recording. Default 0.1."
    )

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return waveforms with noise."""
        happens = draw.happens(len(x), self.probability)
        level = draw.send(self.amount * draw.numbers.random(len(x)) * happens, x)
        loudness = x.square().mean(dim=1, keepdim=True).sqrt()
        return torch.addcmul(x, draw.normal(tuple(x.shape)), level * loudness).clamp_(-draw.top, draw.top)


class _Mask(Augmentation):
    """A band of a log-mel picture becomes its mean. Park et al. 2019, section 2."""

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.AUDIO,)
    where: ClassVar[Where] = Where.PREPARED
    along: ClassVar[int] = 3

    share: float = strength(0.15, 0.0, 0.5, "Share", "Widest band, as a share of the whole. Default 0.15.")

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are log-mel pictures."""
        return super().fits(schema) and len(schema.input_shape) == 3

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return masked pictures, (n, 1, mels, frames)."""
        count, size = len(x), x.shape[self.along]
        happens = draw.happens(count, self.probability)
        width = np.rint(self.share * size * draw.numbers.random(count)) * happens
        first = draw.send(np.floor(draw.numbers.random(count) * (size - width + 1)), x)
        shape = [1, 1, 1, 1]
        shape[self.along] = size
        places = torch.arange(size, device=x.device).reshape(shape)
        inside = (places >= first) & (places < first + draw.send(width, x))
        return torch.where(inside, x.mean(dim=(2, 3), keepdim=True), x)


@augmentations.register("time_mask")
class TimeMask(_Mask):
    """A stretch of time is missing."""

    text: ClassVar[str] = "A stretch of time is missing, in the log-mel picture."


@augmentations.register("frequency_mask")
class FrequencyMask(_Mask):
    """A band of frequencies is missing."""

    along: ClassVar[int] = 2
    text: ClassVar[str] = "A band of frequencies is missing, in the log-mel picture."
