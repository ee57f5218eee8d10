"""Numbers in cells taken apart: signs before, digits and what is between them, signs and units behind."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.datasets.units import MONEY, kept_units, measures

if TYPE_CHECKING:
    from workbench.datasets.columns import Coded

WRITTEN = (
    r"^(?:" + MONEY + r")?\s*(?:\()?\s*(?:[+\-−–])?\s*(?:" + MONEY + r")?\s*(?:[+\-−–])?\s*"
    r"(?:(?:\d[\d.,' ]*)?\d[.,]?|[.,]\d+)(?:[eE][+-]?\d+)?"
    r"\s*(?:[%‰°\p{L}\p{Sc}µ\"″′/][^\d\s()]{0,11}[23]?(?:\s[^\d\s()]{1,8})?)?"
    r"\s*(?:[-−+])?\s*(?:\))?$"
)
_POWER = r"^[eE][+-]?\d+"
_GROUPS = r"[1-9]\d{0,2}(?:%s\d{3})+"
_LAKHS = r"[1-9]\d?(?:,\d{2})+,\d{3}"
SIGNS = {".": r"\.", ",": ",", " ": " ", "'": "'"}
_BLANKS = "[\u00a0\u2007\u2009\u202f]"


def matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    """Return (n,) whether texts have the pattern in them; not where one is null."""
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def clean(values: Any) -> Any:
    """Return texts with plain blanks and apostrophes, and none around them."""
    blank = pc.replace_substring_regex(pc.utf8_trim_whitespace(values), _BLANKS, " ")
    for written, plain in (("’", "'"), ("Rs.", "Rs "), ("kr.", "kr "), ("Kr.", "Kr ")):
        blank = pc.replace_substring(blank, written, plain)
    return pc.utf8_trim_whitespace(blank)


@dataclass(frozen=True, slots=True)
class _Side:
    """What stands before or behind each number, without the signs. All arrays are (distinct,).

    Args:
        places: Place of each text in `units`.
        units: What stands there, each once.
        minus: Whether a minus is there.
        signs: How many signs are there.
        brackets: Whether a bracket is there.
    """

    places: NDArray[np.int64]
    units: Sequence[str]
    minus: NDArray[np.bool_]
    signs: NDArray[np.int64]
    brackets: NDArray[np.bool_]

    @classmethod
    def of_each(cls, texts: Any) -> "_Side":
        coded = texts.dictionary_encode()
        places = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        known = [_signs_apart(text) for text in coded.dictionary.to_pylist()]
        signs = np.array([len(signs) for _, signs, _ in known], np.int64)[places]
        minus = np.array([bool(set(signs) - {"+"}) for _, signs, _ in known], np.bool_)[places]
        brackets = np.array([has for _, _, has in known], np.bool_)[places]
        return cls(places, [unit for unit, _, _ in known], minus, signs, brackets)


def _signs_apart(text: str) -> tuple[str, str, bool]:
    """Return a text without signs at its ends, these signs, and whether there is a bracket."""
    unit = re.sub(r"[()\s]+", " ", text).strip()
    signs = "".join(re.findall(r"^[-+−–]+|[-+−–]+$", unit))
    return unit.strip("-+−– "), signs, "(" in text or ")" in text


@dataclass(frozen=True, slots=True)
class Tokens:
    """Texts taken apart. All arrays are (distinct,).

    Args:
        body: Arrow array of the digits with what is between them; null where there is no number in the unit.
        power: Arrow array of exponents such as `e3`.
        factors: What to take each number times: -1 for a minus, thousands for a `k`.
        unit: What the numbers are in; empty for bare ones.
        units: The well-known units that stand beside some of the texts.
    """

    body: Any
    power: Any
    factors: NDArray[np.float64]
    unit: str
    units: tuple[str, ...]

    @classmethod
    def of(cls, coded: "Coded", told: str) -> "Tokens":
        """Take a column apart; `told` is the unit of its numbers where it is known."""
        # Without groups a pattern takes a fiftieth of the time.
        texts = clean(coded.values)
        rest = pc.replace_substring_regex(texts, r"(?s)^(?:[^\d.,]|[.,][^\d])*", "")
        body = pc.utf8_trim_whitespace(pc.replace_substring_regex(rest, r"(?s)[^\d.,' ].*$", ""))
        behind = pc.replace_substring_regex(rest, r"^[\d.,' ]+", "")
        power = _nothing(body)
        if matches(behind, _POWER).any():
            power = pc.fill_null(
                pc.struct_field(pc.extract_regex(behind, f"(?P<power>{_POWER})"), "power"), ""
            )
            behind = pc.replace_substring_regex(behind, _POWER, "")
        before = pc.replace_substring_regex(texts, r"(?s)[.,]?\d.*$", "")
        sides = [_Side.of_each(side) for side in (before, behind)]
        fits = matches(texts, WRITTEN) & (sides[0].brackets == sides[1].brackets)
        fits &= sides[0].signs + sides[1].signs + sides[0].brackets < 2
        minus = sides[0].minus | sides[1].minus | sides[0].brackets
        left, right = sides[0].units, sides[1].units
        kinds, places = np.unique(sides[0].places * len(right) + sides[1].places, return_inverse=True)
        names = [left[kind // len(right)] + right[kind % len(right)] for kind in kinds.tolist()]
        rows = Counter[str]()
        for name, count in zip(names, np.bincount(places[fits], coded.counts[fits], len(kinds)), strict=True):
            rows[name] += int(count)
        rows = +rows
        unit, factors = kept_units(rows, told)
        times = np.array([factors.get(name, np.nan) for name in names])[places]
        fits &= ~np.isnan(times)
        body = pc.if_else(pa.array(fits), body, pa.scalar(None, body.type))
        return cls(body, power, np.where(minus, -times, times), unit, measures(rows))

    def fits(self, decimal: str, thousands: str) -> NDArray[np.bool_]:
        """Return (distinct,) which numbers are written so."""
        point, whole = SIGNS[decimal], r"\d+"
        if thousands:
            whole += "|" + _GROUPS % SIGNS[thousands] + ("|" + _LAKHS if thousands == "," else "")
        return matches(self.body, rf"^((?:{whole})(?:{point}\d*)?|{point}\d+)$")

    def numbers(self, decimal: str, thousands: str) -> NDArray[np.float64]:
        """Return (distinct,) the numbers that are written so, else NaN."""
        body = pc.if_else(pa.array(self.fits(decimal, thousands)), self.body, pa.scalar(None, self.body.type))
        for sign, plain in ((thousands, ""), (decimal, ".")):
            body = pc.replace_substring(body, sign, plain) if sign else body
        texts = pc.binary_join_element_wise(body, self.power, _nothing(body))
        return np.asarray(
            pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False) * self.factors, np.float64
        )


def _nothing(texts: Any) -> Any:
    return pa.scalar("", texts.type)
