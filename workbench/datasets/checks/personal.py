"""Personal data, found by headings and by how values are written."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from workbench.core.records import Finding
from workbench.core.states import Modality, Severity
from workbench.datasets.checks.base import Check, Subject, checks
from workbench.datasets.health import EXAMPLES, plural

_LOOKED_AT = 2_000
_SHARE = 0.2
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"(\+|00)\d[\d ()/.-]{6,18}\d|\(?0\d{1,4}\)?[ /-]\d[\d -]{4,12}\d|1[3-9]\d{9}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?")
_US_NUMBER = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}")
_CHINESE_NUMBER = re.compile(r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_HEADINGS = {
    "names": r"(first|last|sur|full|family|given|maiden|patient|customer|client)[ _-]?names?"
    r"|vor-?name|nach-?name|nom|prenom|prénom|apellidos?|nombre|姓名|名字",
    "mail addresses": r"e-?mail([ _-]?address)?|邮箱|电子邮件",
    "phone numbers": r"(tele|mobile |cell |hand)?phone([ _-]?(no|nr|number))?|telefon(nummer)?|mobile"
    r"|电话|手机号?",
    "identity numbers": r"ssn|social[ _-]?security([ _-]?(no|number))?|passport([ _-]?(no|number))?"
    r"|national[ _-]?id|身份证号?",
    "addresses": r"street([ _-]?address)?|home[ _-]?address|(postal[ _-]?)?address|anschrift|住址|地址",
    "birth dates": r"(date[ _-]?of[ _-]?birth|birth[ _-]?(date|day)|dob)|geburtsdatum|出生日期",
}


def _iban_holds(text: str) -> bool:
    """Return whether the check digits are right (ISO 13616: the number modulo 97 is 1)."""
    packed = text.replace(" ", "")
    turned = packed[4:] + packed[:4]
    return 15 <= len(packed) <= 34 and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _chinese_holds(text: str) -> bool:
    """Return whether the check digit is right (GB 11643-1999)."""
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == text[17]


_WRITTEN: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "mail addresses": (_MAIL, lambda _: True),
    "bank accounts (IBAN)": (_IBAN, _iban_holds),
    "identity numbers": (_CHINESE_NUMBER, _chinese_holds),
    "social security numbers": (_US_NUMBER, lambda _: True),
    "phone numbers": (_PHONE, lambda _: True),
}


def kind_of_values(values: Sequence[str]) -> str:
    """Return what personal data the values of a column are; empty where they are none."""
    filled = [value.strip() for value in values if value.strip()]
    for kind, (pattern, holds) in _WRITTEN.items():
        hits = sum(1 for value in filled if pattern.fullmatch(value) and holds(value))
        if filled and hits >= max(1, _SHARE * len(filled)):
            return kind
    return ""


def kind_of_heading(heading: str) -> str:
    """Return what personal data a column holds by its heading; empty where it does not say so."""
    word = " ".join(heading.casefold().split())
    return next((kind for kind, pattern in _HEADINGS.items() if re.fullmatch(pattern, word)), "")


@checks.register("personal_data")
class PersonalData(Check):
    """Names, mail addresses, phone, identity and account numbers may be used only with good reason."""

    title: ClassVar[str] = "Personal data"
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TABLE, Modality.TEXT)
    codes: ClassVar[tuple[str, ...]] = ("personal_data",)

    def find(self, subject: Subject) -> Iterable[Finding]:
        """Look at headings, and at the values of some thousand samples."""
        if subject.dataset.schema.modality is Modality.TEXT:
            yield from self._in_texts(subject)
            return
        rows = subject.rows(0, min(_LOOKED_AT, len(subject.samples)))
        target, found = subject.dataset.schema.target, []
        for place, heading in enumerate(subject.headings):
            if heading != target:
                kind = kind_of_values([row[place] for row in rows]) or kind_of_heading(heading)
                found += [(heading, kind)] if kind else []
        if not found:
            return
        used = {column.name for column in subject.dataset.schema.used_columns}
        learnt = [name for name, _ in found if name in used]
        text = (
            f"{plural(len(found), 'column looks', 'columns look')} like personal data: take it out of the "
            "source, or note on what ground it may be kept."
        )
        if learnt:
            text += f" The model learns from {', '.join(learnt[:EXAMPLES])}."
        examples = tuple(f"{name}: {kind}" for name, kind in found[:EXAMPLES])
        fix, fields = ("drop_columns", {"columns": learnt}) if learnt else ("", {})
        yield Finding("personal_data", Severity.WARNING, len(found), text, examples, (), fix, fields)

    def _in_texts(self, subject: Subject) -> Iterable[Finding]:
        found = []
        for place in subject.some(50_000).tolist():
            text = str(subject.samples.x[place])
            if _MAIL.search(text) or any(_iban_holds(item) for item in _IBAN.findall(text)):
                found.append(place)
            if place % 1000 == 0:
                subject.token.check()
        if found:
            words = (
                f"{plural(len(found), 'text holds', 'texts hold')} a mail address or a bank account: mask "
                "them in the source, or note on what ground they may be kept."
            )
            yield subject.finding("personal_data", Severity.WARNING, words, found)
