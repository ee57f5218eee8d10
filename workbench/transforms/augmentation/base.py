"""What every augmentation does: change a batch at random, each sample by a draw of its own."""

from abc import abstractmethod
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from workbench.core.records import Schema
from workbench.core.registry import Choice, Registry
from workbench.core.states import Modality
from workbench.transforms.base import State

Numbers = NDArray[Any]
_TOPS = {torch.uint8: 255.0, torch.int16: 32768.0}


class Where(StrEnum):
    """Which samples a step changes: as the dataset holds them, or as they come out of the preparation."""

    RAW = "raw"
    PREPARED = "prepared"


class Draw:
    """The random numbers of one batch.

    What is drawn once a sample comes from `numbers`, on the CPU and so the same on every device; what is
    drawn once a pixel from `normal` and `uniform`, on the device.

    Args:
        key: Numbers that decide all that is drawn, such as the seed, the step and the process.
        device: Where the batch is.
        top: The value that stands for full brightness or loudness.
    """

    def __init__(self, *key: int, device: torch.device, top: float = 1.0) -> None:
        self.numbers = np.random.default_rng(key)
        self.device, self.top = device, top
        self._generator: torch.Generator | None = None

    def happens(self, count: int, probability: float) -> NDArray[np.bool_]:
        """Return (count,) whether a step happens to each sample; draws the same whatever the probability."""
        return self.numbers.random(count) < probability

    def within(self, count: int, strength: float) -> Numbers:
        """Return (count,) numbers in [-strength, strength]."""
        return strength * (2.0 * self.numbers.random(count) - 1.0)

    def send(self, values: Numbers, like: Tensor) -> Tensor:
        """Return numbers of each sample on the device, shaped (count, 1, ...) to go with a batch."""
        sent = torch.from_numpy(np.asarray(values, dtype=np.float32)).to(self.device)
        return sent.reshape(-1, *(1,) * (like.dim() - 1))

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Return normal numbers of deviation 1 on the device."""
        return torch.randn(shape, generator=self._on_device(), device=self.device)

    def uniform(self, shape: tuple[int, ...]) -> Tensor:
        """Return numbers in [0, 1) on the device."""
        return torch.rand(shape, generator=self._on_device(), device=self.device)

    def _on_device(self) -> torch.Generator:
        if self._generator is None:
            seed = int(self.numbers.integers(2**62))
            self._generator = torch.Generator(self.device).manual_seed(seed)
        return self._generator


def chance(default: float = 0.5) -> Any:
    """Return the field that says how often a step happens."""
    return Field(
        default,
        ge=0.0,
        le=1.0,
        title="Probability",
        json_schema_extra={"slider": True},
        description=f"Share of the samples that it happens to. Default {default:g}.",
    )


def strength(default: float, low: float, high: float, title: str, text: str, **extra: Any) -> Any:
    """Return a field that says how strong a step is; the form shows it with a slider."""
    return Field(
        default, ge=low, le=high, title=title, json_schema_extra={"slider": True, **extra}, description=text
    )


class Augmentation(Choice):
    """One step that changes training samples at random. With probability 0 it changes nothing.

    `modalities` says what samples it is for, `where` whether it changes them raw or prepared.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.PICTURE,)
    where: ClassVar[Where] = Where.RAW

    probability: float = chance()

    def fits(self, schema: Schema) -> bool:
        """Return whether the step makes sense for such samples, raw or prepared as `where` says."""
        return schema.modality in self.modalities

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return what the step has to know of the training samples, such as the spread of columns.

        Args:
            x: (n, *schema.input_shape), the training split alone.
            schema: What `x` is.
        """
        return {}

    @abstractmethod
    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return changed samples of the same shape; `x` itself may not be changed.

        Args:
            x: (batch, ...) on the device; pictures and sound as float32 up to `draw.top`.
            draw: Random numbers.
            state: What `fit` returned.
        """


augmentations: Registry[Augmentation] = Registry("augmentation", "workbench.transforms.augmentation")


def top_of(dtype: torch.dtype) -> float:
    """Return the value that stands for full brightness or loudness in samples of a type; 1 for decimals."""
    return _TOPS.get(dtype, 1.0)
