"""`--set learning_rate=auto` and `batch_size=auto`: found out before the training begins."""

from typing import TYPE_CHECKING

from workbench.cli.console import Console
from workbench.cli.drawing import number
from workbench.cli.follow import Interrupts, awaited
from workbench.cli.settings import Settings
from workbench.core.configs import TrainConfig
from workbench.core.events import JobChanged

if TYPE_CHECKING:
    from workbench.services.session import Session


def find_out(
    session: "Session",
    dataset_id: int,
    family: str,
    wanted: Settings,
    console: Console,
    interrupts: Interrupts,
) -> TrainConfig:
    """Return the settings with what had to be found; each find is told as it is made.

    The batch size comes first: the learning rate depends on it.

    Raises:
        UserError: A setting is wrong, or the data is too small to find anything.
        CancelledError: A signal came.
    """
    train = wanted.train
    unsubscribe = session.bus.subscribe(JobChanged, lambda event: console.progress(event.job))
    try:
        for key in wanted.found:
            search = getattr(session.models, f"find_{key}")
            result = awaited(session, search(dataset_id, family, wanted.fields, train), interrupts)
            train = train.model_copy(update={key: result.suggestion})
            console.event("found", setting=key, value=result.suggestion)
            title = TrainConfig.model_fields[key].title
            console.say(f"{title}: {number(result.suggestion)} (found)")
    finally:
        unsubscribe()
    return train
