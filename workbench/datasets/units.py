"""What stands beside the numbers of a column: a currency, a percent sign, a unit, or a word for thousands."""

import re
from collections import Counter
from collections.abc import Mapping

MONEY = r"(?:[A-Z]{1,3}\s?)?\p{Sc}|USD|EUR|GBP|CHF|CNY|RMB|JPY|INR|SEK|NOK|DKK|PLN|BRL|Rs\.?|[Kk]r\.?|R\$"
SCALES = "k/M"
"""The unit of a column in which thousands and millions stand for factors."""

_SHARES = ("%", "‰", "percent", "pct")
_TIMES = (
    dict.fromkeys(("k", "thousand", "tsd"), 1e3)
    | dict.fromkeys(("m", "mm", "mn", "mio", "million"), 1e6)
    | dict.fromkeys(("b", "bn", "mrd", "billion"), 1e9)
    | dict.fromkeys("万萬", 1e4)
    | dict.fromkeys("亿億", 1e8)
)
_WELL_KNOWN = "mg g kg t lb lbs oz mm cm m km in inch ft mi ml cl l min h hour day week month year % ‰"
_MEASURES = frozenset(_WELL_KNOWN.split())
_STRAY = 0.05
_LETTERS = ("m", "mm", "b")  # metres and bytes as well
_CURRENCY = re.compile(
    r"(?:(?:[a-z]{1,3}\s?)?[$€£¥₹₽₩₺₴฿₫₦₱₪元]|usd|eur|gbp|chf|cny|rmb|jpy|inr|sek|nok|dkk|pln|brl|rs\.?|kr\.?)"
)


def kept_units(rows: Mapping[str, int], told: str = "") -> tuple[str, dict[str, float]]:
    """Return what the numbers of a column are in, and by what numbers with each unit are to be taken times.

    Units that are not in the answer are not those of the column. Bare numbers are in the same unit as the
    others, but not in percent; a few numbers with a unit among many bare ones are no numbers of the column.

    Args:
        rows: How many numbers stand with each unit; the empty one is that of bare numbers.
        told: The unit, where it is known.
    """
    parts = {text: _split(text) for text in rows}
    are_scales = told == SCALES or (not told and _are_scales(parts))
    if not are_scales:
        parts = {
            text: (_singular(text), 1.0) if not name else (name, factor)
            for text, (name, factor) in parts.items()
        }
    names = Counter[str]()
    for text, (name, _) in parts.items():
        names[name] += rows[text]
    bare = names.pop("", 0)
    wanted = _told_name(told, names) if told else max(names, key=lambda name: names[name], default="")
    is_stray = names[wanted] <= _STRAY * bare or (wanted in _SHARES and bare > names[wanted])
    if not told and is_stray:
        wanted = ""
    kept = {wanted} if wanted in _SHARES and not told else {wanted, ""}
    shown = max((t for t, (n, _) in parts.items() if n == wanted), key=lambda t: rows[t], default="")
    if wanted:
        shown = _currency_of(shown) if parts[shown][1] != 1 else shown.strip()
    else:
        shown = SCALES if are_scales else ""
    return told or shown, {text: factor for text, (name, factor) in parts.items() if name in kept}


def measures(rows: Mapping[str, int]) -> tuple[str, ...]:
    """Return which well-known units and currencies are there, the one of most rows first."""
    counts = Counter[str]()
    for text, count in rows.items():
        if is_money(text) or _singular(text) in _MEASURES:
            counts[text.strip()] += count
    return tuple(name for name, _ in counts.most_common())


def is_money(unit: str) -> bool:
    """Return whether a unit is a currency."""
    return bool(unit) and _CURRENCY.match(unit.strip().casefold()) is not None


def _are_scales(parts: Mapping[str, tuple[str, float]]) -> bool:
    """Return whether letters such as `k` and `M` are factors: not where all numbers have the same one."""
    used = {factor for name, factor in parts.values() if not name and factor != 1}
    is_clear = any(
        factor != 1 and text.strip().casefold() not in _LETTERS for text, (_, factor) in parts.items()
    )
    has_money = any(name and factor != 1 for name, factor in parts.values())
    return has_money or len(used) > 1 or (len(used) == 1 and is_clear and "" in parts)


def _told_name(told: str, names: Mapping[str, int]) -> str:
    """Return the name of a unit that is known, as the units of the column are named."""
    if told == SCALES:
        return ""
    name, _ = _split(told)
    return name or _singular(told)


def _split(text: str) -> tuple[str, float]:
    """Return the name of a unit, and what it says to take a number times: `$M` are millions of `$`."""
    name = text.strip().casefold()
    found = _CURRENCY.match(name)
    money, rest = (found[0].strip(" ."), name[found.end() :]) if found else ("", name)
    rest = rest.strip(" .")
    if rest in _TIMES:
        return money, _TIMES[rest]
    return (money, 1.0) if money and not rest else (_singular(text), 1.0)


def _singular(text: str) -> str:
    name = text.strip(" .").casefold()
    return name[:-1] if len(name) > 3 and name.endswith("s") else name


def _currency_of(text: str) -> str:
    found = _CURRENCY.match(text.casefold())
    return text[: found.end()].strip() if found else text
