"""Averages of weights, which often generalise better than the last ones."""

from collections.abc import Mapping
from typing import Any

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

_DECAY = 0.999
_SWA_FROM = 0.75


class Averaging:
    """Keeps an average beside a model: `ema` of every step, `swa` of the epochs of the last quarter, `none`.

    Args:
        model: The model that is trained.
        kind: `none`, `ema` or `swa`.

    Source: Polyak and Juditsky 1992; Izmailov et al. 2018.
    """

    def __init__(self, model: nn.Module, kind: str) -> None:
        self._model = model
        self._kind = kind
        self._count = 0
        self._before: dict[str, Any] | None = None
        self._average: AveragedModel | None = None
        if kind == "ema":
            self._average = AveragedModel(model, multi_avg_fn=self._lean_over, use_buffers=True)
        elif kind == "swa":
            self._average = AveragedModel(model, multi_avg_fn=self._take_in, use_buffers=True)

    @property
    def model(self) -> nn.Module:
        """The model to judge and keep: the average once there is one, else the model itself."""
        return self._average.module if self._average is not None and self._count else self._model

    def after_step(self) -> None:
        """Take up the weights after an optimiser step."""
        if self._kind == "ema":
            self._take()

    def after_epoch(self, progress: float) -> None:
        """Take up the weights after an epoch; `progress` is the share of the training that is done."""
        self._before = None
        if self._kind == "swa" and progress > _SWA_FROM and self._average is not None:
            self._before = {name: value.clone() for name, value in self._average.state_dict().items()}
            self._take()

    def forget_epoch(self) -> None:
        """Put back what `after_epoch` took up: the epoch is not judged yet."""
        if self._kind == "swa" and self._before is not None and self._average is not None:
            self._average.load_state_dict(self._before)
            self._count -= 1
            self._before = None

    def state(self) -> dict[str, Any] | None:
        """Return all there is to go on from; None without an average."""
        if self._average is None:
            return None
        return {"count": self._count, "model": self._average.state_dict()}

    def restore(self, state: Mapping[str, Any] | None) -> None:
        """Go on from what `state` returned."""
        if self._average is not None and state is not None:
            self._count = int(state["count"])
            self._average.load_state_dict(state["model"])

    def _take(self) -> None:
        if self._average is not None:
            self._average.update_parameters(self._model)
            self._count += 1

    def _take_in(self, averaged: Any, current: Any, _number: Any) -> None:
        # Not torch's own, which cannot count the batches that a batch norm has seen on a GPU.
        get_ema_multi_avg_fn(self._count / (self._count + 1))(  # type: ignore[no-untyped-call]
            averaged, current, _number
        )

    def _lean_over(self, averaged: Any, current: Any, _number: Any) -> None:
        # At first the average follows quickly, or it would be of weights that had learnt nothing.
        decay = min(_DECAY, (1 + self._count) / (10 + self._count))
        get_ema_multi_avg_fn(decay)(  # type: ignore[no-untyped-call]
            averaged, current, _number
        )
