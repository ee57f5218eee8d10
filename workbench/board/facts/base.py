"""What every fact does: read one number from the project."""

from abc import abstractmethod
from typing import ClassVar

from workbench.board.view import Measured, ProjectView
from workbench.core.registry import Choice, Registry
from workbench.core.states import Condition


class Fact(Choice):
    """A number that can be watched. Its fields say what of it.

    `unit` stands behind the number; `share` numbers lie in [0, 1] and are shown as they are.
    `wrong` is the side of the limit that is usually wrong.
    """

    unit: ClassVar[str] = ""
    wrong: ClassVar[Condition] = Condition.ABOVE

    @abstractmethod
    def read(self, view: ProjectView) -> Measured:
        """Return the number as it is now."""

    @abstractmethod
    def phrase(self) -> str:
        """Return what it is in a few words, such as `recall of malignant on the test split`."""


facts: Registry[Fact] = Registry("fact", "workbench.board.facts")
