"""The training loops that Workbench is compared with, written as one would write them by hand."""

import time
from pathlib import Path

# Before anything of workbench, which changes how torch's threads wait: these loops have torch's own way.
import torch
from torch import nn

from tests.benchmarks.material import BATCH, EPOCHS, FAMILY, FIELDS, SEED


class InMemory:
    """A plain loop over tensors that are in memory already."""

    def __init__(self, home: Path) -> None:
        self.data = {kind: tensors(home, kind) for kind in EPOCHS}

    def run(self, kind: str) -> dict[str, float]:
        """Train and return samples a second."""
        x, y, schema = self.data[kind]
        model, loss_of, optimizer = fresh_model(kind, schema)
        start = time.perf_counter()
        for _ in range(EPOCHS[kind]):
            order = torch.randperm(len(x))
            total = 0.0
            for first in range(0, len(x), BATCH):
                index = order[first : first + BATCH]
                optimizer.zero_grad()
                loss = loss_of(model(x[index]), y[index])
                loss.backward()
                optimizer.step()
                total += loss.item()
        return {"speed": EPOCHS[kind] * len(x) / (time.perf_counter() - start)}


class Loaders:
    """The textbook: a Dataset, per-sample transforms on PIL pictures, a DataLoader."""

    def __init__(self, home: Path) -> None:
        from torch.utils.data import DataLoader, TensorDataset
        from torchvision import transforms
        from torchvision.datasets import ImageFolder

        steps = [transforms.Grayscale(), transforms.ToTensor(), transforms.Normalize((0.286,), (0.353,))]
        x, y, _ = tensors(home, "table")
        datasets = {
            "pictures": ImageFolder(home / "pictures", transforms.Compose(steps)),
            "deep": ImageFolder(home / "deep", transforms.Compose(steps)),
            "table": TensorDataset(x, y),
        }
        self.loaders = {k: DataLoader(d, batch_size=BATCH, shuffle=True) for k, d in datasets.items()}
        self.schemas = {kind: tensors(home, kind)[2] for kind in EPOCHS}

    def run(self, kind: str) -> dict[str, float]:
        """Train and return samples a second."""
        loader = self.loaders[kind]
        model, loss_of, optimizer = fresh_model(kind, self.schemas[kind])
        start = time.perf_counter()
        for _ in range(EPOCHS[kind]):
            total = 0.0
            for x, y in loader:
                optimizer.zero_grad()
                loss = loss_of(model(x), y)
                loss.backward()
                optimizer.step()
                total += loss.item()
        return {"speed": EPOCHS[kind] * len(loader.dataset) / (time.perf_counter() - start)}


def tensors(home: Path, kind: str):
    """Return prepared training samples, labels and the schema, from a copy of the imported project."""
    import numpy as np

    from workbench.core.states import Split
    from workbench.services.projects import open_project

    with open_project(home / "project", read_only=True) as session:
        dataset = session.datasets.find(kind)
        samples = session.datasets.samples(dataset.id)
        index = session.datasets.split_indices(dataset.id)[Split.TRAIN]
        x = np.asarray(samples.x[index], dtype=np.float32)
        y = torch.from_numpy(np.array(samples.y[index]))
        axes = (0, 2, 3) if x.ndim == 4 else (0,)
        x = (x - x.mean(axes, keepdims=True)) / x.std(axes, keepdims=True)
        return torch.from_numpy(x), y, dataset.schema


def fresh_model(kind: str, schema):
    from workbench.models.base import families

    torch.manual_seed(SEED)
    model = families.build(FAMILY[kind], FIELDS[kind]).build(schema)
    model.train()
    return model, nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
