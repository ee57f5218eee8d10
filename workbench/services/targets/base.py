"""What a compute target does: carry one training, told by values alone, to its end."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.configs import PrepareConfig, SplitConfig, TrainConfig
from workbench.core.control import CancelToken
from workbench.core.records import Schema
from workbench.core.registry import Choice, Registry

if TYPE_CHECKING:
    from workbench.services.targets.workers import Workers
    from workbench.training.job import Callbacks, Outcome


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of one process among those that train together.

    Args:
        number: From 0; the first one reports and writes.
        size: How many there are.
        meeting: A file, not there yet, over which they find each other.
    """

    number: int
    size: int
    meeting: Path


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """One training as plain values, so that it can cross to a process or another machine.

    Args:
        kind: Dataset kind that opens `data`.
        data: Folder of the decoded dataset.
        schema: What its samples are.
        split: How it is divided.
        family: Name of the model family, with its `fields`.
        config: How to train.
        folder: Where checkpoints go.
        threads: CPU threads to compute with; 0 takes as many as the model is worth.
        resume: Checkpoint to go on from, with its SHA-256.
        precision: What was found before for the same run, in the device's trial; empty where nothing was.
        rank: Which process this is, where several train together.
        preparation: How samples are prepared; None is the usual way.
    """

    kind: str
    data: Path
    schema: Schema
    split: SplitConfig
    family: str
    fields: Mapping[str, Any]
    config: TrainConfig
    folder: Path
    threads: int = 0
    resume: tuple[Path, str] | None = None
    precision: str = ""
    rank: Rank | None = None
    preparation: PrepareConfig | None = None


class ComputeTarget(Choice):
    """Where a training runs."""

    def check(self, device: str) -> None:
        """Refuse what this machine has not got.

        Args:
            device: The device that the run asks for.

        Raises:
            UserError: The message says what is missing.
        """

    def chosen(self, spec: TrainSpec, workers: "Workers") -> "ComputeTarget":
        """Return the target that carries this training: this one, unless it is one that chooses."""
        return self

    @abstractmethod
    def run(
        self, spec: TrainSpec, callbacks: "Callbacks", token: CancelToken, workers: "Workers"
    ) -> "Outcome":
        """Train to the end; blocks the lane's thread, which is also where the callbacks are called.

        Args:
            spec: What to train.
            callbacks: What is told on the way; an error that one raises ends the training and is raised here.
            token: The user's wishes.
            workers: Processes that stand ready.

        Raises:
            UserError: The data, the checkpoint or the disk is at fault; the message says what to do.
            WorkerLostError: What carried it is gone; the run can go on from its last checkpoint.
            WorkerFaultError: A fault of ours elsewhere than in this process.
            CancelledError: It was cancelled before it began.
        """


targets: Registry[ComputeTarget] = Registry("compute target", "workbench.services.targets")


def train_here(spec: TrainSpec, callbacks: "Callbacks", token: CancelToken) -> "Outcome":
    """Open the data, prepare it and train in the calling thread."""
    from workbench.datasets.base import kinds
    from workbench.datasets.selection import divide, open_samples
    from workbench.training.checkpoints import read_checkpoint
    from workbench.training.data import prepare
    from workbench.training.devices import find_device
    from workbench.training.job import FitJob
    from workbench.training.loop import fit
    from workbench.training.ranks import JoinedRanks
    from workbench.training.same_data import require_same_data

    resume = read_checkpoint(*spec.resume) if spec.resume else None
    samples = open_samples(kinds.build(spec.kind), spec.data)
    indices = divide(samples, spec.schema.task, spec.split)
    device = find_device(spec.config.device)
    data = prepare(samples.x, samples.y, spec.schema, indices, device, spec.preparation)
    if resume is not None:
        require_same_data(resume, data)
    ranks = None
    if spec.rank is not None:
        ranks = JoinedRanks(spec.rank.number, spec.rank.size, spec.rank.meeting, device)
    try:
        job = FitJob(
            *(spec.family, spec.fields, spec.config, data, spec.folder, resume, spec.threads),
            ranks,
            spec.precision,
        )
        return fit(job, callbacks, token)
    finally:
        if ranks is not None:
            ranks.close()
