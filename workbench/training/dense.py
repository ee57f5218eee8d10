"""Gradients of dense networks without autograd: the same operations, to the bit, in half of a small step."""

from typing import Self

import torch
from torch import Tensor, nn

_ops = torch.ops.aten
_MEAN = 1
_NO_LABEL_LEFT_OUT = -100


class DenseGradient:
    """The gradient of a chain of dense layers with ReLU between them, on a CPU, in full precision.

    With some thousand weights, most of a step is autograd noting what was done and looking it up again. What
    has to be done is known beforehand for such a chain.

    Args:
        layers: All layers with weights, in order.
        classifies: Whether the loss is cross-entropy of labels; else it is the squared error.
    """

    def __init__(self, layers: list[nn.Linear], *, classifies: bool) -> None:
        self._layers, self._classifies = layers, classifies
        self._one = torch.ones(())

    @classmethod
    def of(cls, model: nn.Module, loss: object) -> Self | None:
        """Return the gradient of such a model under such a loss; None where they are of another kind."""
        parts = list(model.children()) if type(model) is nn.Sequential else [model]
        if parts and type(parts[0]) is nn.Flatten:
            del parts[0]
        layers, between = parts[::2], parts[1::2]
        dense = [layer for layer in layers if type(layer) is nn.Linear and _is_plain(layer)]
        chained = len(parts) % 2 == 1 and all(type(part) is nn.ReLU for part in between)
        if not chained or len(dense) < len(layers) or not _is_usual(loss):
            return None
        return cls(dense, classifies=type(loss) is nn.CrossEntropyLoss)

    def __call__(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Set the gradient of all weights and return the () loss and the (batch, outputs) scores.

        Args:
            x: (batch, *shape) prepared samples.
            y: (batch,) labels, or (batch, 1) values.
        """
        seen: list[Tensor] = []
        x = x.flatten(1)
        with torch.no_grad():
            for layer in self._layers:
                if seen:
                    x = x.relu()
                seen.append(x)
                x = torch.addmm(layer.bias, x, layer.weight.t())
            loss, gradient = self._loss(x, y)
            for layer, got in zip(reversed(self._layers), reversed(seen), strict=True):
                layer.weight.grad = gradient.t().mm(got)
                layer.bias.grad = gradient.sum(0)
                if got is not seen[0]:
                    gradient = _ops.threshold_backward.default(gradient.mm(layer.weight), got, 0)
        return loss, x

    def _loss(self, scores: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss and its gradient by the scores."""
        if not self._classifies:
            gradient = _ops.mse_loss_backward.default(self._one, scores, y, _MEAN)
            return _ops.mse_loss.default(scores, y, _MEAN), gradient
        surprise = scores.log_softmax(1)
        loss, weight = _ops.nll_loss_forward.default(surprise, y, None, _MEAN, _NO_LABEL_LEFT_OUT)
        by_surprise = _ops.nll_loss_backward.default(
            self._one, surprise, y, None, _MEAN, _NO_LABEL_LEFT_OUT, weight
        )
        return loss, _ops._log_softmax_backward_data.default(by_surprise, surprise, 1, scores.dtype)


def _is_plain(layer: nn.Linear) -> bool:
    """Return whether all weights of a layer are there and are learnt."""
    weights = [layer.weight, layer.bias]
    return all(weight is not None and weight.requires_grad and weight.is_cpu for weight in weights)


def _is_usual(loss: object) -> bool:
    """Return whether a loss is a mean over all samples, and nothing is weighed or smoothed."""
    if type(loss) is nn.CrossEntropyLoss:
        everything = loss.weight is None and loss.ignore_index == _NO_LABEL_LEFT_OUT
        return everything and loss.label_smoothing == 0.0 and loss.reduction == "mean"
    return type(loss) is nn.MSELoss and loss.reduction == "mean"
