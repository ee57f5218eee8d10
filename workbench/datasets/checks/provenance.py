"""Where data is from, and whether it may be used."""

from collections.abc import Iterable
from typing import ClassVar

from workbench.core.records import Finding
from workbench.core.states import Severity
from workbench.datasets.checks.base import Check, Subject, checks


@checks.register("licence")
class Licence(Check):
    """Data without a licence may not be shipped."""

    title: ClassVar[str] = "Licence noted"
    codes: ClassVar[tuple[str, ...]] = ("no_licence",)

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Look whether the licence is filled in."""
        if not subject.dataset.licence.strip():
            text = (
                "No licence is noted: find out on what terms the data may be used, and enter it under Origin."
            )
            yield Finding("no_licence", Severity.INFO, 1, text)
