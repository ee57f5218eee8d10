"""Pictures that show nothing: blank, dark or blurred."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import Check, Subject, checks
from workbench.datasets.health import plural

_PICTURES = (Modality.PICTURE,)
_LIGHT = "light"


def _light(subject: Subject) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return (n,) contrast, brightness of the brightest pixels, and sharpness of each picture.

    Sharpness is the variance of the Laplacian over that of the picture: blur takes the first away and
    leaves most of the second.
    """
    if _LIGHT not in subject.shared:
        contrast, top, sharp = [], [], []
        for _, block in subject.blocks(1024):
            grey = np.asarray(block).astype(np.float32).mean(axis=1)
            flat = grey.reshape(len(grey), -1)
            spread = flat.std(axis=1)
            edges = (
                4 * grey[:, 1:-1, 1:-1]
                - grey[:, :-2, 1:-1] - grey[:, 2:, 1:-1] - grey[:, 1:-1, :-2] - grey[:, 1:-1, 2:]
            )  # fmt: skip
            contrast.append(spread)
            top.append(np.quantile(flat, 0.98, axis=1))
            sharp.append(edges.reshape(len(grey), -1).var(axis=1) / np.maximum(spread**2, 1e-6))
        subject.shared[_LIGHT] = tuple(np.concatenate(part) for part in (contrast, top, sharp))
    found: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] = subject.shared[_LIGHT]
    return found


@checks.register("blank_pictures")
class BlankPictures(Check):
    """One colour all over, or next to black: there is nothing to learn."""

    title: ClassVar[str] = "Blank and dark pictures"
    modalities: ClassVar[tuple[Modality, ...]] = _PICTURES
    codes: ClassVar[tuple[str, ...]] = ("blank_pictures", "dark_pictures")

    contrast: float = Field(
        1.5,
        ge=0.0,
        le=50.0,
        title="Contrast below",
        description="Deviation of the pixels, of 255, below which a picture is blank. Default 1.5.",
    )
    darkness: float = Field(
        32.0,
        ge=0.0,
        le=255.0,
        title="Darker than",
        description="Brightness, of 255, that even the brightest pixels of a dark one lack. Default 32.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Measure contrast and brightness."""
        contrast, top, _ = _light(subject)
        blank = np.flatnonzero(contrast < self.contrast)
        if len(blank):
            text = f"{plural(len(blank), 'picture is', 'pictures are')} of one colour all over: best removed."
            yield subject.finding("blank_pictures", Severity.WARNING, text, blank, "drop_samples")
        dark = np.flatnonzero((top < self.darkness) & (contrast >= self.contrast))
        if len(dark):
            text = (
                f"{plural(len(dark), 'picture is', 'pictures are')} so dark that hardly anything can be "
                "seen: best removed, unless such pictures will come in use."
            )
            yield subject.finding("dark_pictures", Severity.WARNING, text, dark, "drop_samples")


@checks.register("blurred_pictures")
class BlurredPictures(Check):
    """Far less sharp than the others: details are lost."""

    title: ClassVar[str] = "Blurred pictures"
    modalities: ClassVar[tuple[Modality, ...]] = _PICTURES
    codes: ClassVar[tuple[str, ...]] = ("blurred_pictures",)

    distance: float = Field(
        5.0,
        ge=1.0,
        le=50.0,
        title="Distance",
        description="How many robust deviations less sharp than the median, on a log scale. Default 5.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Compare the share of fine detail with that of the other pictures."""
        if min(subject.dataset.schema.input_shape[1:]) < 3:
            return
        contrast, _, sharp = _light(subject)
        seen = np.flatnonzero(contrast >= 1.5)
        if len(seen) < 20:
            return
        detail = np.log(np.maximum(sharp[seen], 1e-9))
        middle = np.median(detail)
        # 1.4826 makes the median deviation that of a normal distribution; below a half it is no blur.
        deviation = 1.4826 * np.median(np.abs(detail - middle))
        limit = max(self.distance * deviation, np.log(4.0))
        blurred = seen[detail < middle - limit]
        if len(blurred):
            text = (
                f"{plural(len(blurred), 'picture is', 'pictures are')} far less sharp than the others: "
                "remove them unless blurred pictures will come in use."
            )
            yield subject.finding("blurred_pictures", Severity.INFO, text, blurred, "drop_samples")
