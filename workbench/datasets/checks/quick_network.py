"""A small network that learns in seconds to tell classes apart, for a second opinion on labels."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import cos, pi
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Generator, Tensor

T = TypeVar("T")
_HIDDEN = 128
_DROPPED = 0.5
_RATE, _DECAY, _SMOOTHED = 6e-3, 1e-2, 0.999
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
    learn = _adamw(weights, steps)
    samples, labels = torch.from_numpy(x), torch.from_numpy(codes)
    step = 0
    for _ in range(epochs):
        for chosen in torch.randperm(count, generator=chance).split(batch):  # type: ignore[no-untyped-call]
            if step % _LOOK_EVERY == 0:
                tell(step / steps)
            kept = torch.rand((len(chosen), _HIDDEN), generator=chance) >= _DROPPED
            first = torch.relu(samples[chosen] @ weights[0] + weights[1]) * kept / (1 - _DROPPED)
            loss = cross_entropy(first @ weights[2] + weights[3], labels[chosen])
            learn(torch.autograd.grad(loss, weights))
            step += 1
    with torch.no_grad():
        scores = torch.relu(torch.from_numpy(new) @ weights[0] + weights[1]) @ weights[2] + weights[3]
        said: NDArray[np.float32] = scores.softmax(1).numpy()
        return said


def _adamw(weights: "Sequence[Tensor]", steps: int) -> "Callable[[Sequence[Tensor]], None]":
    """Return what takes one step with gradients, as torch's AdamW and OneCycleLR do over so many steps.

    The first use of those loads torch's compiler, for seconds in which a window stands still.
    """
    import torch

    means, squares = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    taken = 0

    def learn(gradients: "Sequence[Tensor]") -> None:
        nonlocal taken
        rate, momentum = _one_cycle(taken, steps)
        taken += 1
        step_size = rate / (1 - momentum**taken)
        unbiased = (1 - _SMOOTHED**taken) ** 0.5
        with torch.no_grad():
            for weight, gradient, mean, square in zip(weights, gradients, means, squares, strict=True):
                weight.mul_(1 - rate * _DECAY)
                mean.lerp_(gradient, 1 - momentum)
                square.mul_(_SMOOTHED).addcmul_(gradient, gradient, value=1 - _SMOOTHED)
                weight.addcdiv_(mean, square.sqrt().div_(unbiased).add_(1e-8), value=-step_size)

    return learn


def _one_cycle(step: int, steps: int) -> tuple[float, float]:
    """Return rate and momentum of a step: up over three tenths of the way, then down to next to nothing."""
    top = 0.3 * steps - 1
    if step <= top:
        done, low = step / top, _RATE / 25
    else:
        done, low = 1 - (step - top) / (steps - 1 - top), _RATE / 25e4
    share = (1 - cos(pi * done)) / 2
    return low + (_RATE - low) * share, 0.95 - 0.1 * share


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
