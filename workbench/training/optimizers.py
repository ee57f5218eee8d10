"""Optimisers; each skips its step when told that the gradients are not finite, fused ones on the device."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import torch
from lion_pytorch import Lion as LionRule
from pydantic import Field
from torch import Tensor, nn

from workbench.core.registry import Choice, Registry


class Optimizer(Choice):
    """How gradients become steps."""

    text: ClassVar[str] = ""
    whole_dataset: ClassVar[bool] = False
    """Whether a step takes the gradient over all training samples."""

    @abstractmethod
    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return torch's optimiser over these weights."""


optimizers: Registry[Optimizer] = Registry("optimizer", "workbench.training.optimizers")


class _Skipping(torch.optim.Optimizer):
    """Skips a step while `found_inf` is 1, as fused optimisers do by themselves."""

    found_inf: Tensor | None = None

    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Take a step, unless a gradient is not finite. Waits for the device."""
        if self.found_inf is not None and self.found_inf.item():
            return None
        return super().step(closure)


class _RMSprop(_Skipping, torch.optim.RMSprop):
    pass


class _Lion(_Skipping, LionRule):  # type: ignore[misc]
    pass


class _FusedAdam(torch.optim.Adam):
    """Torch's fused Adam, to the bit, without the Python around a step: a fifth of a small model's time."""

    grad_scale: Tensor | None = None
    found_inf: Tensor | None = None
    _state: tuple[list[Tensor], list[Tensor], Tensor, list[Tensor]] | None = None

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved state."""
        super().load_state_dict(state_dict)
        self._state = None

    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Take a step; the first one, and where a weight has no gradient, as torch does it."""
        (group,) = self.param_groups
        weights = group["params"]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        if closure is not None or self.grad_scale is not None or len(gradients) < len(weights):
            return super().step(closure)
        if self._state is None:
            if any(weight not in self.state for weight in weights):
                return super().step()
            self._state = self._gathered([self.state[weight] for weight in weights])
        first, second, count, counts = self._state
        rule = torch._fused_adamw_ if group["decoupled_weight_decay"] else torch._fused_adam_
        with torch.no_grad():
            count.add_(1)
            rule(
                *(weights, gradients, first, second, [], counts),
                amsgrad=False,
                lr=group["lr"],
                beta1=group["betas"][0],
                beta2=group["betas"][1],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                maximize=False,
                found_inf=self.found_inf,
            )
            if self.found_inf is not None:
                count.sub_(self.found_inf)
        return None

    def _gathered(
        self, states: list[dict[str, Tensor]]
    ) -> tuple[list[Tensor], list[Tensor], Tensor, list[Tensor]]:
        """Return the moments and the counts of steps, which become views of one tensor: one addition."""
        count = torch.stack([state["step"] for state in states])
        for state, step in zip(states, count, strict=True):
            state["step"] = step
        first, second = ([state[name] for state in states] for name in ("exp_avg", "exp_avg_sq"))
        return first, second, count, list(count)

    step.hooked = True  # type: ignore[attr-defined] # or torch notes each step for its profiler


def _moving(default: float, title: str, text: str) -> Any:
    return Field(default, ge=0.0, lt=1.0, title=title, description=f"{text} Default {default:g}.")


@optimizers.register("adamw")
class AdamW(Optimizer):
    """Adam with weight decay apart from the gradient. Loshchilov and Hutter 2019."""

    title: ClassVar[str] = "AdamW"
    text: ClassVar[str] = "Adapts each weight's step; the safe choice."

    beta1: float = _moving(0.9, "Beta 1", "How long gradients are remembered.")
    beta2: float = _moving(0.999, "Beta 2", "How long their squares are remembered.")

    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return fused AdamW."""
        return self._fused(parameters, learning_rate, weight_decay, apart=True)

    def _fused(
        self, parameters: Iterable[nn.Parameter], rate: float, weight_decay: float, *, apart: bool
    ) -> torch.optim.Optimizer:
        return _FusedAdam(
            *(parameters, rate, (self.beta1, self.beta2)),
            weight_decay=weight_decay,
            decoupled_weight_decay=apart,
            fused=True,
        )


@optimizers.register("adam")
class Adam(AdamW):
    """Adam, with weight decay as an L2 term in the gradient. Kingma and Ba 2015."""

    title: ClassVar[str] = "Adam"
    text: ClassVar[str] = "Adapts each weight's step."

    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return fused Adam."""
        return self._fused(parameters, learning_rate, weight_decay, apart=False)


@optimizers.register("sgd")
class Sgd(Optimizer):
    """Stochastic gradient descent: a step against the gradient of each batch. Robbins and Monro 1951."""

    title: ClassVar[str] = "SGD"
    text: ClassVar[str] = "Plain steps, batch by batch; wants a larger learning rate, about 0.1."

    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return fused SGD."""
        return torch.optim.SGD(parameters, learning_rate, weight_decay=weight_decay, fused=True)


@optimizers.register("gradient_descent")
class GradientDescent(Sgd):
    """Gradient descent: one step an epoch against the gradient over all training samples. Cauchy 1847."""

    title: ClassVar[str] = "Gradient descent"
    text: ClassVar[str] = "One exact step an epoch over all samples; slow, but without noise."
    whole_dataset: ClassVar[bool] = True


@optimizers.register("momentum")
class Momentum(Optimizer):
    """SGD that keeps rolling: steps are a running sum of gradients. Polyak 1964."""

    title: ClassVar[str] = "Momentum"
    text: ClassVar[str] = "Steps that keep rolling; wants a learning rate of about 0.01 to 0.1."
    nesterov: ClassVar[bool] = False

    momentum: float = _moving(0.9, "Momentum", "How much of the last step is kept.")

    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return fused SGD with momentum."""
        return torch.optim.SGD(
            parameters,
            learning_rate,
            momentum=self.momentum,
            weight_decay=weight_decay,
            nesterov=self.nesterov and self.momentum > 0,
            fused=True,
        )


@optimizers.register("nesterov")
class Nesterov(Momentum):
    """Momentum that looks ahead: the gradient where the step is about to lead. Sutskever et al. 2013."""

    title: ClassVar[str] = "Nesterov"
    text: ClassVar[str] = "Momentum that looks one step ahead; often a little better."
    nesterov: ClassVar[bool] = True


@optimizers.register("rmsprop")
class RmsProp(Optimizer):
    """Divides each gradient by its own running size. Tieleman and Hinton 2012."""

    title: ClassVar[str] = "RMSprop"
    text: ClassVar[str] = (
        "Adapts each weight's step by the size of its gradients; usual for recurrent networks."
    )

    alpha: float = _moving(0.99, "Alpha", "How long squares of gradients are remembered.")
    momentum: float = _moving(0.0, "Momentum", "How much of the last step is kept.")

    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return RMSprop."""
        return _RMSprop(
            parameters,
            learning_rate,
            alpha=self.alpha,
            momentum=self.momentum,
            weight_decay=weight_decay,
            foreach=True,
        )


@optimizers.register("lion")
class Lion(Optimizer):
    """Steps of equal size in the direction of a running gradient. Chen et al. 2023."""

    title: ClassVar[str] = "Lion"
    text: ClassVar[str] = "Only the sign of a running gradient counts; wants a tenth of Adam's learning rate."

    beta1: float = _moving(0.9, "Beta 1", "Weight of the past in a step.")
    beta2: float = _moving(0.99, "Beta 2", "How long gradients are remembered.")

    def build(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> torch.optim.Optimizer:
        """Return Lion."""
        betas = (self.beta1, self.beta2)
        return _Lion(parameters, learning_rate, betas, weight_decay)  # type: ignore[call-arg, arg-type]
