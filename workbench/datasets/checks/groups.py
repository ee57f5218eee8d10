"""What belongs together has to lie in one part: the same patient must not be learnt from and judged on."""

import re
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import Check, Subject, checks
from workbench.datasets.checks.copies import across_parts
from workbench.datasets.health import EXAMPLES, plural

_MOST = 200_000
_GROUP = re.compile(
    r"(patient|subject|person|user|customer|client|household|family|group|session|device|speaker|author|"
    r"hospital|site|store|machine|batch|vehicle)([ _-]?(id|no|nr|number|key|code|name))?|病人|患者|用户|客户",
    re.IGNORECASE,
)


@checks.register("groups")
class Groups(Check):
    """Rows of one patient, customer or device are more alike than rows of two."""

    title: ClassVar[str] = "Group leaks"
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE,)
    codes: ClassVar[tuple[str, ...]] = ("group_leak",)

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Look for columns that name groups by their heading, and whose groups lie in several parts."""
        target, count = subject.dataset.schema.target, len(subject.samples)
        places = [
            place
            for place, heading in enumerate(subject.headings)
            if heading != target and _GROUP.fullmatch(" ".join(heading.split()))
        ]
        if not places or count > _MOST:
            return
        rows = [row for start in range(0, count, 4096) for row in subject.rows(start, start + 4096)]
        torn = []
        for place in places:
            subject.token.check()
            groups, codes = np.unique([row[place] for row in rows], return_inverse=True)
            # A few groups, such as two sites, have to be in every part; single rows are no groups.
            if 10 <= len(groups) <= 0.8 * count:
                leaked, _ = across_parts(subject, codes)
                torn += [(subject.headings[place], len(np.unique(codes[leaked])))] if len(leaked) else []
        if torn:
            text = (
                f"{plural(len(torn), 'column names', 'columns name')} groups that lie in several splits, so "
                "the model is judged on groups that it knows: divide by group."
            )
            examples = tuple(f"{name}: {n:,} groups" for name, n in torn[:EXAMPLES])
            yield Finding("group_leak", Severity.WARNING, len(torn), text, examples)
