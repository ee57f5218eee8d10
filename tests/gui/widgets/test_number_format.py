"""Numbers read the same everywhere."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from workbench.gui.widgets import number_format as nf


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (nf.measure(0.8712), "0.871"), (nf.measure(123.456), "123.46"), (nf.measure(12345.6), "12,346"), (nf.measure(None), "–"), (nf.measure(math.nan), "–"),
        (nf.number(0.001), "0.001"), (nf.number(1e-5), "1e-5"), (nf.number(3.14159), "3.142"), (nf.number(9333.4), "9,333"), (nf.number(999.97), "1,000"), (nf.number(0), "0"), (nf.number(2.5e9), "2.5e9"), (nf.number(math.inf), "–"),
        (nf.percent(0.61), "61\u00a0%"), (nf.percent(0.001), "<1\u00a0%"), (nf.percent(0.0), "0\u00a0%"), (nf.percent(0.1234, 1), "12.3\u00a0%"),
        (nf.count(3512), "3,512"), (nf.count(None), "–"),
        (nf.duration(102), "1:42"), (nf.duration(59.7), "1:00"), (nf.duration(7302), "2:01:42"), (nf.duration(-3), "0:00"),
        (nf.short_time(0.0042), "4.2\u00a0ms"), (nf.short_time(0.35), "0.35\u00a0s"), (nf.short_time(102), "1:42"),
        (nf.size(999), "999\u00a0B"), (nf.size(1_200_000_000), "1.2\u00a0GB"), (nf.size(999_600), "1.0\u00a0MB"), (nf.size(154_000_000), "154\u00a0MB"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_people_write_it(written, expected):
    assert written == expected


def test_times_are_stored_in_utc_and_shown_in_local_time():
    moment = datetime(2026, 11, 21, 12, 4, tzinfo=UTC)
    local = moment.astimezone()
    assert nf.clock(moment) == f"{local.hour:02d}:{local.minute:02d}"
    assert nf.date(moment).endswith("2026")
    assert nf.date_time(moment) == f"{nf.date(moment)}, {nf.clock(moment)}"
    assert nf.clock(moment + timedelta(hours=1)) != nf.clock(moment)


def test_an_amount_of_energy_has_three_figures_at_most_and_a_trace_is_not_nothing():
    told = [nf.energy(value).replace("\N{NO-BREAK SPACE}", " ") for value in (0.001, 0.3, 12.42, 1240)]
    assert told == ["< 0.01 Wh", "0.30 Wh", "12.4 Wh", "1.24 kWh"]
