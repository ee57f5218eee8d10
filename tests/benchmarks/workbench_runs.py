"""Workbench without a window: training with store, metrics and checkpoints; import; points."""

import shutil
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.material import BATCH, EPOCHS, FAMILY, FIELDS, SEED
from workbench.core.configs import ImportConfig, TrainConfig
from workbench.core.host_memory import share_one_arena
from workbench.core.records import Points
from workbench.services.projects import create_project, open_project


def settings(kind: str, precision: str = "auto") -> TrainConfig:
    return TrainConfig(
        epochs=EPOCHS[kind],
        batch_size=BATCH,
        optimizer="adam",
        schedule="constant",
        seed=SEED,
        precision=precision,
    )


def samples_per_second(session, run) -> float:
    from workbench.core.states import Split

    count = len(session.datasets.split_indices(run.dataset_id)[Split.TRAIN])
    return run.epochs * count / run.seconds


class Headless:
    """An open project with a real store, as the command line has it."""

    def __init__(self, home: Path) -> None:
        shutil.copytree(home / "project", home / "headless")
        self.home = home
        share_one_arena()
        self.session = open_project(home / "headless")
        self.number = 0

    def run(self, kind: str, precision: str = "auto") -> dict[str, object]:
        """Train through the session; return samples a second, as the run's own row has them, and how."""
        session, config = self.session, settings(kind, precision)
        run_id = session.training.start(session.datasets.find(kind).id, FAMILY[kind], FIELDS[kind], config)
        run = session.training.wait(run_id, 600)
        speed = samples_per_second(session, run)
        accuracy = run.metrics["validation/accuracy"]
        return {"speed": speed, "precision": run.precision, "accuracy": accuracy}

    def bring_in(self, folder: str = "many", side: int | None = None) -> float:
        """Import a folder of pictures into a new project and return pictures a second."""
        self.number += 1
        with create_project(self.home / f"import-{self.number}") as session:
            start = time.perf_counter()
            job = session.datasets.import_source(self.home / folder, ImportConfig(picture_size=side))
            dataset = session.jobs.wait(job, 300)
            return dataset.imported.found / (time.perf_counter() - start)

    def bring_in_table(self, source: str) -> float:
        """Import a table into a new project and return the seconds it took."""
        self.number += 1
        with create_project(self.home / f"table-{self.number}") as session:
            start = time.perf_counter()
            session.jobs.wait(session.datasets.import_source(Path(source), ImportConfig()), 300)
            took = time.perf_counter() - start
        shutil.rmtree(self.home / f"table-{self.number}")
        return took

    def log(self, points: int, seconds: float) -> float:
        """Append blocks as a run does, each durable before the next, and return points a second."""
        session = self.session
        dataset = session.datasets.find("table")
        run = session.store.runs.add("", dataset.id, "mlp", {}, settings("table"), dataset.split)
        values = np.random.default_rng(0).normal(size=points)
        start, step = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            steps = np.arange(step + 1, step + points + 1)
            step += points
            block = {"train/loss": Points(steps.tolist(), values.tolist(), (steps * 1e-3).tolist())}
            session.store.metrics.append(run.id, block, epoch=0, steps=step)
        return step / (time.perf_counter() - start)

    def note(self, steps: int) -> float:
        """Return what noting one optimiser step costs the loop, in seconds."""
        import torch

        from workbench.training.recorder import MetricRecorder

        loss, hits = torch.tensor(0.5), torch.tensor(100)
        recorder = MetricRecorder(lambda *_: None, time.perf_counter)
        start = time.perf_counter()
        for step in range(steps):
            recorder.step(step, loss, hits, BATCH)
            recorder.due()
        return (time.perf_counter() - start) / steps

    def close(self) -> None:
        self.session.close()
