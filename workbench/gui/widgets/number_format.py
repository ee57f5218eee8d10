"""The one way in which numbers and times are shown."""

import datetime as dt
import math
from datetime import datetime

NONE = "–"
_SPACE = "\u00a0"


def measure(value: float | None) -> str:
    """Return a measure such as accuracy with three decimals: 0.871; larger numbers with fewer."""
    if value is None or not math.isfinite(value):
        return NONE
    size = abs(value)
    if size < 10:
        return f"{value:.3f}"
    return f"{value:,.2f}" if size < 1000 else f"{value:,.0f}"


def number(value: float | None) -> str:
    """Return a setting or a curve's value in up to four significant digits: 0.001, 1e-5, 3.142."""
    if value is None or not math.isfinite(value):
        return NONE
    size = abs(value)
    if value == 0 or 1e-3 <= size < 999.95:
        return f"{value:.4g}"
    if 1 <= size < 1e7:
        return f"{value:,.0f}"
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def percent(share: float | None, decimals: int = 0) -> str:
    """Return a share in [0, 1] as `61 %`. What is there but rounds to nothing is `<1 %`."""
    if share is None or not math.isfinite(share):
        return NONE
    smallest = 10.0**-decimals
    if 0 < share * 100 < smallest / 2:
        return f"<{smallest:.{decimals}f}{_SPACE}%"
    return f"{share * 100:.{decimals}f}{_SPACE}%"


def count(value: int | None) -> str:
    """Return a count with separators: 3,512."""
    return NONE if value is None else f"{value:,d}"


def duration(seconds: float | None) -> str:
    """Return a duration as `1:42`, from an hour on as `2:01:42`."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def short_time(seconds: float | None) -> str:
    """Return the time that something small takes: `4.2 ms`, `0.35 s`, `1:42`."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    if seconds < 0.1:
        return f"{seconds * 1000:.2g}{_SPACE}ms"
    return f"{seconds:.2g}{_SPACE}s" if seconds < 10 else duration(seconds)


def size(bytes_: float | None) -> str:
    """Return a size in bytes as `1.2 GB`."""
    if bytes_ is None or not math.isfinite(bytes_):
        return NONE
    value, unit = float(bytes_), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    decimals = 1 if unit != "B" and value < 99.95 else 0
    return f"{value:,.{decimals}f}{_SPACE}{unit}"


def date(moment: datetime | None) -> str:
    """Return a day as `28 Nov 2026`, in local time."""
    if moment is None:
        return NONE
    local = moment.astimezone()
    return f"{local.day}{_SPACE}{local:%b}{_SPACE}{local.year}"


def day(value: dt.date | None) -> str:
    """Return a day that has no time of day, such as a due date, as `28 Nov 2026`."""
    return NONE if value is None else f"{value.day}{_SPACE}{value:%b}{_SPACE}{value.year}"


def date_time(moment: datetime | None) -> str:
    """Return a moment as `21 Nov 2026, 16:04`, in local time."""
    return NONE if moment is None else f"{date(moment)}, {clock(moment)}"


def clock(moment: datetime | None) -> str:
    """Return the time of day as `14:32`, in local time."""
    return NONE if moment is None else f"{moment.astimezone():%H:%M}"


def exact_clock(moment: datetime | None) -> str:
    """Return the time of day to the second as `14:32:05`, in local time."""
    return NONE if moment is None else f"{moment.astimezone():%H:%M:%S}"


def energy(watt_hours: float | None) -> str:
    """Return an amount of energy as `12.4 Wh`, from a thousand on as `1.24 kWh`, a trace as `< 0.01 Wh`."""
    if watt_hours is None or not math.isfinite(watt_hours):
        return NONE
    if 0 < watt_hours < 0.005:
        return f"<{_SPACE}0.01{_SPACE}Wh"
    if watt_hours < 1000:
        return f"{watt_hours:.{1 if watt_hours >= 0.95 else 2}f}{_SPACE}Wh"
    return f"{watt_hours / 1000:,.2f}{_SPACE}kWh"


def money(amount: float | None, currency: str) -> str:
    """Return an amount of money as `EUR 12.40`; what is there but rounds to nothing is `< EUR 0.01`."""
    if amount is None or not math.isfinite(amount):
        return NONE
    if 0 < amount < 0.005:
        return f"<{_SPACE}{currency}{_SPACE}0.01"
    return f"{currency}{_SPACE}{amount:,.2f}"
