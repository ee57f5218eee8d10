"""Texts that are empty, or in another script or language than the rest."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import Check, Subject, checks
from workbench.datasets.checks.languages import language_of
from workbench.datasets.health import plural

_LOOKED_AT = 400
# Japanese is written in three scripts at once, Chinese in the first of them.
_ALIKE = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN"}


def script_of(text: str) -> str:
    """Return the script that most letters of a text are written in, such as `LATIN` or `CJK`; or nothing."""
    found: Counter[str] = Counter()
    for letter in text[:_LOOKED_AT]:
        if letter.isalpha():
            script = unicodedata.name(letter, "").split(" ", 1)[0]
            found[_ALIKE.get(script, script)] += 1
    return found.most_common(1)[0][0] if found else ""


@checks.register("texts")
class Texts(Check):
    """An empty text says nothing, and a foreign one is not learnt from a few."""

    title: ClassVar[str] = "Empty and foreign texts"
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TEXT,)
    codes: ClassVar[tuple[str, ...]] = ("empty_text", "foreign_text")

    share: float = Field(
        0.05,
        ge=0.0,
        le=0.5,
        title="Foreign below",
        description="Share of the texts that a language must have, not to be foreign. Default 0.05.",
    )

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Look at the letters of each text."""
        empty, scripts, languages = [], [], []
        for start, block in subject.blocks(1024):
            for place, text in enumerate(map(str, block), start):
                script = script_of(text)
                scripts.append(script)
                languages.append(language_of(text) if script == "LATIN" else "")
                if not script and not any(letter.isalnum() for letter in text):
                    empty.append(place)
        if empty:
            words = f"{plural(len(empty), 'text has', 'texts have')} neither letter nor digit: best removed."
            yield subject.finding("empty_text", Severity.WARNING, words, empty, "drop_samples")
        rare = self._rare(scripts) | self._rare(languages)
        foreign = [place for place, said in enumerate(zip(scripts, languages, strict=True)) if rare & {*said}]
        if foreign:
            names = ", ".join(sorted(name.capitalize() for name in rare))
            words = (
                f"{plural(len(foreign), 'text is', 'texts are')} written in another language or script than "
                f"the rest ({names}): remove, or collect more such texts."
            )
            yield subject.finding("foreign_text", Severity.INFO, words, foreign, "drop_samples")

    def _rare(self, found: Sequence[str]) -> set[str]:
        """Return what too few of the texts are written in, of which it is known."""
        counts = Counter(name for name in found if name)
        return {name for name, count in counts.items() if count < self.share * counts.total()}
