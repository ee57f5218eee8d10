"""The settings with which a run that failed in a known way is started anew."""

from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.records import Run
from workbench.core.states import RunState

OUT_OF_MEMORY = "Out of memory"
"""How the message of a run begins that wanted more memory than there was."""

_MOST_BATCHES = 4096


def ran_out_of_memory(run: Run) -> bool:
    """Return whether a run ended early because its memory was too small."""
    return run.state in (RunState.FAILED, RunState.INTERRUPTED) and run.message.startswith(OUT_OF_MEMORY)


def half_batch(run: Run, samples: int | None = None) -> TrainConfig:
    """Return a run's settings with half the batch and twice as many batches for each step.

    Args:
        run: The run.
        samples: How many it trains on: half of a batch that is larger than the data would change nothing.

    Raises:
        UserError: Its batch is one sample already.
    """
    size = min(run.train.batch_size, samples or run.train.batch_size)
    if size < 2:
        raise UserError(f"The batch of {run.name} is one sample already: choose a smaller model.")
    changes = {"batch_size": size // 2, "accumulation": min(_MOST_BATCHES, 2 * run.train.accumulation)}
    return TrainConfig.model_validate(run.train.model_dump() | changes)


def smaller_rate(run: Run) -> TrainConfig:
    """Return a run's settings with the smaller learning rate that its message names."""
    rate = run.train.smaller_learning_rate
    return TrainConfig.model_validate(run.train.model_dump() | {"learning_rate": rate})
