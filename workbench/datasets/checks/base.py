"""What every check of the health of data does: look at the samples, tell what is wrong with them."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from workbench.core.control import CancelToken
from workbench.core.records import Dataset, Finding
from workbench.core.registry import Choice, Registry
from workbench.core.states import Modality, Severity, Split, Task
from workbench.datasets.base import Samples
from workbench.datasets.health import EXAMPLES

MOST_SAMPLES = 10_000
"""So many samples a finding names at most."""

Rows = Callable[[int, int], Sequence[Sequence[str]]]


@dataclass
class Subject:
    """What is checked.

    Args:
        dataset: The version.
        samples: Its samples.
        parts: Sorted places of the samples in each part.
        rows: Returns samples [start, stop) as text, every column of a table in the order of the file.
        headings: Headings of those columns; empty where there are none.
        token: Looked at by work that takes long.
        shared: What one check has worked out and others need too.
        tell: Is told by a check that takes long which share of it is done, in [0, 1].
    """

    dataset: Dataset
    samples: Samples
    parts: Mapping[Split, NDArray[np.int64]]
    rows: Rows
    headings: Sequence[str] = ()
    token: CancelToken = field(default_factory=CancelToken)
    shared: dict[str, Any] = field(default_factory=dict)
    tell: Callable[[float], None] = lambda _: None

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; empty for regression."""
        return self.dataset.schema.classes if self.dataset.schema.task is Task.CLASSIFICATION else ()

    @cached_property
    def part_of(self) -> NDArray[np.int8]:
        """(n,) the number of the part of each sample: 0 training, 1 validation, 2 test."""
        found = np.zeros(len(self.samples), np.int8)
        for number, split in enumerate((Split.TRAIN, Split.VALIDATION, Split.TEST)):
            found[self.parts[split]] = number
        return found

    def blocks(self, size: int = 2048) -> Iterable[tuple[int, NDArray[Any]]]:
        """Yield (place of the first, samples) block by block, until the check is cancelled."""
        for start in range(0, len(self.samples), size):
            self.token.check()
            yield start, self.samples.x[start : start + size]

    def some(self, most: int) -> NDArray[np.int64]:
        """Return sorted places of at most so many samples, the same ones every time."""
        count = len(self.samples)
        if count <= most:
            return np.arange(count)
        return np.sort(np.random.default_rng(0).choice(count, most, replace=False))

    def finding(
        self,
        code: str,
        severity: Severity,
        message: str,
        samples: Sequence[int] | NDArray[np.int64],
        fix: str = "",
        **fields: Any,
    ) -> Finding:
        """Return a finding about samples, with the first of them as examples."""
        places = [int(place) for place in samples]
        names = tuple(self.samples.names[place] for place in places[:EXAMPLES])
        return Finding(code, severity, len(places), message, names, tuple(places[:MOST_SAMPLES]), fix, fields)


class Check(Choice):
    """Looks for one kind of problem.

    `modalities` says in what kinds of data; `codes` are the findings it makes: those of the same code from
    an import are replaced by what it finds.
    """

    modalities: ClassVar[tuple[Modality, ...]] = tuple(Modality)
    codes: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def find(self, subject: Subject) -> Iterable[Finding]:
        """Return what is wrong; at most one finding a code.

        Raises:
            CancelledError: The check was cancelled.
        """


checks: Registry[Check] = Registry("health check", "workbench.datasets.checks")
