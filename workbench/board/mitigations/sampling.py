"""Mitigations that change which training samples a run sees, and how often."""

from dataclasses import replace
from typing import ClassVar

from workbench.board.mitigations.base import Mitigation, RunSettings, mitigations
from workbench.core.configs import StepConfig
from workbench.core.states import Task

_BALANCING = ("over_sample", "under_sample", "smote")


@mitigations.register("balanced_sampling")
class BalancedSampling(Mitigation):
    """Training samples of rare classes are drawn as often as those of frequent ones."""

    title: ClassVar[str] = "Balanced sampling"
    text: ClassVar[str] = (
        "Training samples of rare classes are drawn several times: for a class that is found too seldom."
    )
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSIFICATION,)

    def change(self, settings: RunSettings) -> RunSettings:
        """Over-sample behind all other steps, where nothing balances the classes yet."""
        recipe = settings.preparation.recipe
        # Which steps are the usual ones only the data can tell.
        if recipe is None or any(step.on and step.name in _BALANCING for step in recipe):
            return settings
        more = {"recipe": (*recipe, StepConfig(name="over_sample"))}
        return replace(settings, preparation=settings.preparation.model_copy(update=more))
