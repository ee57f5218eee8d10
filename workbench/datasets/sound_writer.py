"""One pass over recordings: decode, drop exact copies, write one growing array."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from workbench.core.errors import DataError
from workbench.datasets.decoder import Order
from workbench.datasets.decoding import Decoded, DecoderPool
from workbench.datasets.pace import Pace


@dataclass(slots=True)
class Heard:
    """What one pass found. All but `failed` are places among the files; `failed` has the reasons as well."""

    kept: list[int] = field(default_factory=list)
    copies: list[int] = field(default_factory=list)
    conflicts: list[int] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)
    longer: list[int] = field(default_factory=list)
    other_rate: list[int] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)


class SoundWriter:
    """Decodes recordings into one `.npy` file that grows one by one.

    Args:
        pool: Decodes, at the rate that it was started with.
        paths: The files.
        labels: (n,) their labels or values.
        samples: Length of each in the array.
        pace: Is told how far it is.
        rate: Samples a second of the array; what has another rate in its file is noted.
        copies: Whether exact copies with the same label are kept.
    """

    def __init__(
        self,
        pool: DecoderPool,
        paths: Sequence[str],
        labels: NDArray[Any],
        samples: int,
        pace: Pace,
        *,
        rate: int = 0,
        copies: bool = False,
    ) -> None:
        self.heard = Heard()
        self.start = 0
        self._pool, self._paths, self._labels = pool, paths, labels
        self._samples, self._pace, self._copies, self._rate = samples, pace, copies, rate
        self._labels_of: dict[bytes, dict[float, int]] = {}

    def write(self, file: BinaryIO) -> None:
        """Write the array (n, samples) of int16; n is known at the end.

        Raises:
            DataError: No file could be decoded.
        """
        self._header(file)
        with closing(self._pool.decode(self._paths, Order(1, self._samples, 2))) as answers:
            for place, answer in enumerate(answers):
                if answer.reason:
                    self.heard.failed.append((place, answer.reason))
                elif self._wanted(place, answer):
                    self.heard.kept.append(place)
                    self._note(place, answer)
                    file.write(answer.pixels)
                self._pace(place + 1, len(self._paths), "Reading recordings")
        if not self.heard.kept:
            first = self.heard.failed[0][1] if self.heard.failed else "there is none"
            raise DataError(f"No recording can be read: the first {first}. Choose a folder with intact ones.")
        file.seek(0)
        self._header(file)

    def _header(self, file: BinaryIO) -> None:
        """NumPy pads the header so that the first axis can grow in place."""
        about = {"descr": "<i2", "fortran_order": False, "shape": (len(self.heard.kept), self._samples)}
        np.lib.format.write_array_header_1_0(file, about)
        self.start = file.tell()

    def _note(self, place: int, answer: Decoded) -> None:
        if answer.grey:
            self.heard.silent.append(place)
        if answer.width > self._samples:
            self.heard.longer.append(place)
        if answer.height != self._rate:
            self.heard.other_rate.append(place)

    def _wanted(self, place: int, answer: Decoded) -> bool:
        known = self._labels_of.setdefault(answer.digest, {})
        label = float(self._labels[place])
        if self._copies or not known:
            known.setdefault(label, place)
            return True
        if label in known:
            self.heard.copies.append(place)
            return False
        if len(known) == 1:
            self.heard.conflicts += known.values()
        known[label] = place
        self.heard.conflicts.append(place)
        return True
