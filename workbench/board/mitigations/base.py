"""What every mitigation does: change the settings of a run."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from workbench.core.configs import PrepareConfig, TrainConfig
from workbench.core.records import Run, Schema
from workbench.core.registry import Choice, Registry


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a run is trained with.

    Args:
        family: Name of the model family.
        fields: All fields of the family.
        train: How it is trained.
        preparation: How its samples are prepared and augmented, with the usual steps told where nobody chose
            others.
        schema: What its samples are; None where that is not known.
    """

    family: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    train: TrainConfig = field(default_factory=TrainConfig)
    preparation: PrepareConfig = field(default_factory=PrepareConfig)
    schema: Schema | None = None


class Mitigation(Choice):
    """A change of a run that may make a risk smaller.

    `against` are the categories of risks that it is proposed for.
    """

    against: ClassVar[tuple[str, ...]] = ("technical", "data")

    def misfit(self, run: Run, settings: RunSettings) -> str:
        """Return why it cannot be tried on a run; empty when it can."""
        return (
            ""
            if self.change(settings) != settings
            else "The run has it already, or its kind of model cannot have it."
        )

    @abstractmethod
    def change(self, settings: RunSettings) -> RunSettings:
        """Return the settings with the change; the same where it cannot be made."""


mitigations: Registry[Mitigation] = Registry("mitigation", "workbench.board.mitigations")
