"""What every criterion of a gate does: judge itself."""

from abc import abstractmethod

from workbench.board.view import Judged, ProjectView
from workbench.core.registry import Choice, Registry


class GateCriterion(Choice):
    """Something that has to be true before a project leaves a stage. Its fields say how much of it."""

    @abstractmethod
    def judge(self, view: ProjectView) -> Judged:
        """Return whether it holds now, with the measured value and where it is mended."""

    def phrase(self) -> str:
        """Return what is asked in a few words, such as `No open risk of 15 or more without an owner`."""
        return self.title


criteria: Registry[GateCriterion] = Registry("gate criterion", "workbench.board.criteria")
