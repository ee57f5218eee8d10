"""Mitigations that change how the samples of a run are prepared."""

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
        preparation = settings.preparation
        if preparation is None or preparation.recipe is None:
            return settings
        if any(step.on and step.name in _BALANCING for step in preparation.recipe):
            return settings
        recipe = (*preparation.recipe, StepConfig(name="over_sample"))
        return replace(settings, preparation=preparation.model_copy(update={"recipe": recipe}))
