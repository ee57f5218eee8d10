"""The mitigation that changes training samples more."""

from dataclasses import replace
from typing import ClassVar

from workbench.board.mitigations.base import Mitigation, RunSettings, mitigations
from workbench.core.augmentation import preset, stronger
from workbench.core.configs import PrepareConfig


@mitigations.register("more_augmentation")
class MoreAugmentation(Mitigation):
    """Training samples are changed more."""

    title: ClassVar[str] = "More augmentation"
    text: ClassVar[str] = (
        "Training samples are changed at random, by the next stronger preset: against overfitting, and for "
        "few samples."
    )

    def change(self, settings: RunSettings) -> RunSettings:
        """Take the next stronger preset."""
        if settings.schema is None:
            return settings
        now = settings.preparation or PrepareConfig()
        level = stronger(now.augmentation, settings.schema)
        if not level:
            return settings
        steps = preset(level, settings.schema)
        return replace(settings, preparation=now.model_copy(update={"augmentation": steps}))
