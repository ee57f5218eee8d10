"""Augmentation of whole batches against torchvision's transforms on PIL pictures, one by one as in a textbook."""

import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image

from tests.benchmarks.figures import Line, median, paired_ratio
from workbench.core.configs import StepConfig
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.transforms.augmentation.augmenter import Augmenter, fit_augmenter
from workbench.transforms.augmentation.base import Draw

STEPS = (
    StepConfig(name="random_crop", fields={"probability": 1.0, "margin": 0.125}),
    StepConfig(name="flip_horizontal", fields={"probability": 0.5}),
    StepConfig(name="rotation", fields={"probability": 1.0, "degrees": 15.0}),
    StepConfig(name="brightness", fields={"probability": 1.0, "amount": 0.2}),
    StepConfig(name="contrast", fields={"probability": 1.0, "amount": 0.2}),
)
BATCHES = {"28×28": ((1, 28, 28), 128, 40), "224×224×3": ((3, 224, 224), 32, 4)}


def augmenting(repetitions: int = 5) -> list[Line]:
    """Microseconds a picture for the same five steps, on one thread, a draw for each picture."""
    lines = []
    torch.set_num_threads(1)
    for what, (shape, size, batches) in BATCHES.items():
        random = np.random.default_rng(0)
        x = torch.from_numpy(random.integers(0, 256, (size, *shape), dtype=np.uint8))
        schema = Schema(Task.CLASSIFICATION, shape, ("a", "b"))
        augmenter = fit_augmenter(STEPS, x, schema, schema)
        assert augmenter is not None
        pictures = [Image.fromarray(np.moveaxis(item, 0, -1).squeeze()) for item in x.numpy()]
        transforms = textbook(shape[1])
        ours, theirs = [], []
        for repetition in range(repetitions + 1):
            pair = batched(augmenter, x, batches), one_by_one(pictures, transforms, max(1, batches // 10))
            if repetition:
                ours.append(pair[0])
                theirs.append(pair[1])
        lines.append(
            Line(
                f"augmenting a batch of {size} pictures of {what}",
                f"{median(ours) * 1e6:,.1f} µs a picture",
                f"PIL, one by one: {median(theirs) * 1e6:,.0f} µs",
                paired_ratio(theirs, ours),
                repetitions,
            )
        )
    return lines


def batched(augmenter: Augmenter, x: torch.Tensor, batches: int) -> float:
    """Return seconds a picture."""
    start = time.perf_counter()
    for number in range(batches):
        augmenter.change_raw(x, Draw(0, number, device=x.device))
    return (time.perf_counter() - start) / batches / len(x)


def textbook(side: int) -> Callable[[Image.Image], torch.Tensor]:
    """Return torchvision's transforms with the same strengths."""
    from torchvision import transforms

    return transforms.Compose(
        [
            transforms.RandomCrop(side, padding=side // 8),
            transforms.RandomHorizontalFlip(),
            transforms.RandomRotation(15.0, transforms.InterpolationMode.BILINEAR),
            transforms.ColorJitter(brightness=0.2, contrast=0.2),
            transforms.ToTensor(),
        ]
    )


def one_by_one(
    pictures: list[Image.Image], transforms: Callable[[Image.Image], torch.Tensor], batches: int
) -> float:
    """Return seconds a picture for the same steps, up to the tensor of a batch."""
    start = time.perf_counter()
    for _ in range(batches):
        torch.stack([transforms(picture) for picture in pictures])
    return (time.perf_counter() - start) / batches / len(pictures)
