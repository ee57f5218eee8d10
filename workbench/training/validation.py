"""One pass over the validation split, for the curves and for which epoch is best."""

import math
from collections.abc import Callable

import torch
from torch import nn

from workbench.core.states import Split, Task
from workbench.training.stepper import Stepper, score_of


def validate(
    stepper: Stepper, model: nn.Module, stopped: Callable[[], bool] = bool
) -> dict[str, float] | None:
    """Return loss and accuracy, or loss and RMSE, on the validation split; empty without one.

    Args:
        stepper: Knows the loss, the precision and the data.
        model: The weights to judge; left in evaluation mode.
        stopped: Asked between batches; None is returned as soon as it says yes.
    """
    data, device = stepper.data, stepper.device
    count = len(data.indices[Split.VALIDATION])
    if not count:
        return {}
    task = data.pipeline.output.task
    kind = torch.int64 if task is Task.CLASSIFICATION else torch.float32
    loss_sum = torch.zeros((), device=device)
    score_sum = torch.zeros((), device=device, dtype=kind)
    model.eval()
    with torch.inference_mode():
        for number, (x, y) in enumerate(data.batches(stepper.ranks.part(data.indices[Split.VALIDATION]))):
            if number and stopped():
                return None
            scores = stepper.scores(x, model)
            loss_sum += stepper.loss_of(scores, y) * len(y)
            score_sum += score_of(scores, y, task)
    loss_sum, score_sum = stepper.ranks.add(loss_sum), stepper.ranks.add(score_sum)
    return {"loss": loss_sum.item() / count} | measure_of(stepper, score_sum.item() / count)


def measure_of(stepper: Stepper, mean: float) -> dict[str, float]:
    """Return the measure of the task by its name.

    Args:
        stepper: Knows the data.
        mean: Mean score of a sample: share of hits, or squared error of the scaled target.
    """
    if stepper.data.pipeline.output.task is Task.CLASSIFICATION:
        return {"accuracy": mean}
    return {"rmse": math.sqrt(mean) * stepper.data.scale.deviation}
