"""Pictures whose file has another size or shape than the others had, before all were scaled to one."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import Check, Subject, checks
from workbench.datasets.decoding import HEADER, DecoderPool
from workbench.datasets.health import plural

_MOST = 50_000


@checks.register("odd_sizes")
class OddSizes(Check):
    """What was tiny, or long and narrow, is blurred or cropped once it has the size of the others."""

    title: ClassVar[str] = "Odd sizes and aspect ratios"
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.PICTURE,)
    codes: ClassVar[tuple[str, ...]] = ("odd_sizes", "odd_shapes")

    smaller: float = Field(
        3.0,
        ge=1.0,
        le=100.0,
        title="Times smaller",
        description="How many times the median side may be that of a picture. Default 3.",
    )
    narrower: float = Field(
        2.0,
        ge=1.0,
        le=100.0,
        title="Times narrower",
        description="How many times the median ratio of width to height may be that of a picture. Default 2.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Read the headers of the files that were imported, as far as they are still there."""
        home = Path(subject.dataset.source)
        if not subject.dataset.imported.details.get("scaled") or not home.is_dir():
            return
        index = subject.some(_MOST)
        paths = [str(home / subject.samples.names[place]) for place in index.tolist()]
        with DecoderPool(subject.token) as pool:
            read = [(0, 0) if a.reason else (a.width, a.height) for a in pool.decode(paths, HEADER)]
        sizes = np.array(read, np.float64).reshape(-1, 2)
        known = np.flatnonzero(sizes.min(axis=1) > 0)
        if len(known) < 20:
            return
        sides, shape = np.sqrt(sizes[known].prod(axis=1)), np.log(sizes[known, 0] / sizes[known, 1])
        tiny = index[known[sides * self.smaller < np.median(sides)]]
        if len(tiny):
            text = (
                f"{plural(len(tiny), 'picture was', 'pictures were')} far smaller than the others and made "
                "large, so it is blurred: remove it, or find it in full size."
            )
            yield subject.finding("odd_sizes", Severity.INFO, text, tiny, "drop_samples")
        long = index[known[np.abs(shape - np.median(shape)) > np.log(self.narrower)]]
        if len(long):
            text = (
                f"{plural(len(long), 'picture has', 'pictures have')} another ratio of width to height than "
                "the others, so much of it was cropped: look whether what matters is still there."
            )
            yield subject.finding("odd_shapes", Severity.INFO, text, long, "drop_samples")
