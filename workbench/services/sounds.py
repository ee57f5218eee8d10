"""A recording as it is looked at and listened to."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.core.records import Schema
    from workbench.datasets.base import Samples

_SILENT = 4 / 32_768


@dataclass(frozen=True, slots=True)
class Sound:
    """One recording.

    Args:
        wave: (n,) int16 samples, without the silence that it was filled up with.
        rate: Samples a second.
        picture: (bands, frames) logarithms of power, low bands first.
        loudest: The furthest that it goes, as a share of full scale, in [0, 1].
    """

    wave: "NDArray[np.int16]"
    rate: int
    picture: "NDArray[np.float32]"
    loudest: float

    @property
    def silent(self) -> bool:
        """Whether nothing can be heard in it."""
        return self.loudest < _SILENT


def read_sound(samples: "Samples", schema: "Schema", place: int) -> Sound:
    """Return a recording of a dataset. Loads torch the first time: not for the window's thread."""
    from dataclasses import replace

    import numpy as np
    import torch

    from workbench.transforms.audio import LogMel

    wave = np.array(samples.x[place])
    heard = np.flatnonzero(wave)
    # The end that only fills up is not part of the recording; a silent one is shown whole.
    wave = wave[: heard[-1] + 1] if len(heard) else wave
    wave = wave[: max(len(wave), schema.rate // 10)]
    picture = LogMel().pictures(torch.from_numpy(wave[None]), replace(schema, input_shape=wave.shape))
    loudest = int(np.abs(wave.astype(np.int32)).max(initial=0)) / 32_768
    return Sound(wave, schema.rate, picture[0, 0].numpy(), loudest)
