"""A small network that learns in seconds to tell classes apart, for a second opinion on labels."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Generator, Tensor

T = TypeVar("T")
_HIDDEN = 128
_DROPPED = 0.5
_RATE, _DECAY = 6e-3, 1e-2
_MANY = 10_000
_LOOK_EVERY = 20


def network(
    x: NDArray[np.float32], codes: NDArray[np.int64], new: NDArray[np.float32], tell: Callable[[float], None]
) -> NDArray[np.float32]:
    """Return (n, classes) probabilities of the classes of new samples.

    One hidden layer with dropout (Srivastava et al. 2014), AdamW and one cycle of the learning rate (Smith
    2018): sure enough to doubt a label, and stopped before it learns wrong ones by heart. It draws from
    random numbers of its own, so that it changes no training that runs beside it.

    Args:
        x: (n, features) samples of mean 0 and deviation 1.
        codes: (n,) their classes, every one of 0 to the largest.
        new: (n, features).
        tell: Is told the share that is done several times a second; may raise to end the work.
    """
    import torch
    from torch.nn.functional import cross_entropy

    chance = torch.Generator().manual_seed(0)
    classes, count = int(codes.max()) + 1, len(codes)
    weights = _weights(x.shape[1], classes, chance)
    # Of many samples each is needed less often, and steps of more samples at once cost less each.
    batch, epochs = (128, 12) if count <= _MANY else (256, 4)
    steps = epochs * -(-count // batch)
    optimizer = torch.optim.AdamW(weights, lr=_RATE, weight_decay=_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps)
    samples, labels = torch.from_numpy(x), torch.from_numpy(codes)
    step = 0
    for _ in range(epochs):
        for chosen in torch.randperm(count, generator=chance).split(batch):  # type: ignore[no-untyped-call]
            if step % _LOOK_EVERY == 0:
                tell(step / steps)
            kept = torch.rand((len(chosen), _HIDDEN), generator=chance) >= _DROPPED
            first = torch.relu(samples[chosen] @ weights[0] + weights[1]) * kept / (1 - _DROPPED)
            loss = cross_entropy(first @ weights[2] + weights[3], labels[chosen])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            step += 1
    with torch.no_grad():
        scores = torch.relu(torch.from_numpy(new) @ weights[0] + weights[1]) @ weights[2] + weights[3]
        said: NDArray[np.float32] = scores.softmax(1).numpy()
        return said


def alone(work: Callable[[], T]) -> T:
    """Do work of torch in a thread that computes by itself.

    Steps as small as these wait for one another at every turn: beside other programs, two threads take many
    times as long as one.
    """
    import torch

    before = torch.get_num_threads()

    def begin() -> None:
        torch.get_num_threads()  # a thread takes over the number of the others when it is first asked
        torch.set_num_threads(1)
        # That holds for this thread, and for all that begin from now on: the latter shall have what they had.
        after = Thread(target=torch.set_num_threads, args=(before,))
        after.start()
        after.join()

    with ThreadPoolExecutor(1, thread_name_prefix="labels", initializer=begin) as pool:
        return pool.submit(work).result()


def _weights(features: int, classes: int, chance: "Generator") -> "list[Tensor]":
    """Return weights and biases of both layers, drawn as torch's own linear layers draw them."""
    import torch

    drawn = []
    for inputs, outputs in ((features, _HIDDEN), (_HIDDEN, classes)):
        bound = inputs**-0.5
        for shape in ((inputs, outputs), (outputs,)):
            drawn.append(torch.empty(shape).uniform_(-bound, bound, generator=chance).requires_grad_())
    return drawn
