"""Optimisers, all in torch's fused form: one kernel for all weights, which skips a step when told to."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar

import torch
from pydantic import Field
from torch import nn

from workbench.core.registry import Choice, Registry


class Optimizer(Choice):
    """How gradients become steps."""

    text: ClassVar[str] = ""

    @abstractmethod
    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return torch's optimiser over these weights."""


optimizers: Registry[Optimizer] = Registry("optimizer", "workbench.training.optimizers")


@optimizers.register("adamw")
class AdamW(Optimizer):
    """Adam with weight decay apart from the gradient. Loshchilov and Hutter 2019."""

    title: ClassVar[str] = "AdamW"
    text: ClassVar[str] = "Adapts each weight's step; the safe choice."

    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return fused AdamW."""
        return torch.optim.AdamW(parameters, learning_rate, weight_decay=weight_decay, fused=True)


@optimizers.register("adam")
class Adam(Optimizer):
    """Adam, with weight decay as an L2 term in the gradient. Kingma and Ba 2015."""

    title: ClassVar[str] = "Adam"
    text: ClassVar[str] = "Adapts each weight's step."

    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return fused Adam."""
        return torch.optim.Adam(parameters, learning_rate, weight_decay=weight_decay, fused=True)


@optimizers.register("sgd")
class Sgd(Optimizer):
    """Stochastic gradient descent with Nesterov momentum. Sutskever et al. 2013."""

    title: ClassVar[str] = "SGD with momentum"
    text: ClassVar[str] = "Plain steps with momentum; wants a larger learning rate, about 0.1."

    momentum: float = Field(0.9, ge=0.0, lt=1.0, title="Momentum", description="Default 0.9; 0 is plain SGD.")

    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return fused SGD."""
        return torch.optim.SGD(
            parameters,
            learning_rate,
            momentum=self.momentum,
            weight_decay=weight_decay,
            nesterov=self.momentum > 0,
            fused=True,
        )
