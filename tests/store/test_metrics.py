"""Curves: appended in blocks, read back to the bit, drawn from their envelopes."""

import math

import numpy as np
import pytest

from workbench.core.errors import StoreError, UserError
from workbench.core.records import Points
from workbench.store.blocks import BLOCK_POINTS, ENVELOPE_POINTS, decode, encode, envelope
from workbench.store.store import Store


def curve(first, last, seed=0):
    steps = np.arange(first, last + 1)
    noise = np.random.default_rng(seed + first).standard_normal(len(steps))
    return Points(steps, np.exp(-steps / 5000) + 0.1 * noise, steps * 0.01)


def assert_same(found, expected):
    np.testing.assert_array_equal(found.steps, expected.steps)
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(found.times_s, expected.times_s)


def joined(*parts):
    return Points(*(np.concatenate(columns) for columns in zip(*map(columns_of, parts), strict=True)))


def columns_of(points):
    return points.steps, points.values, points.times_s


@pytest.mark.parametrize("count", [1, 2, 2047, 2048])
def test_a_block_keeps_every_bit_nan_and_infinity_included(count):
    points = curve(2**40, 2**40 + count - 1)
    points.values[0] = math.nan
    points.values[-1] = -math.inf
    assert_same(decode(encode(points)), points)


@pytest.mark.parametrize("size", [1, 3, 700, 2047, 2048, 2049, 5000, 10_000])
def test_points_come_back_whatever_the_size_of_the_appends(store, run, size):
    whole = curve(1, 10_000)
    total = min(10_000, size * 50)
    for start in range(0, total, size):
        part = Points(*(column[start : min(start + size, total)] for column in columns_of(whole)))
        added = store.metrics.append(run.id, {"loss": part}, epoch=0, steps=start + len(part))
        assert_same(added["loss"], part)
    count = store.metrics.count(run.id, "loss")
    assert count == total
    assert_same(
        store.metrics.points(run.id, "loss"), Points(*(column[:count] for column in columns_of(whole)))
    )
    assert store.metrics.last_step(run.id, "loss") == count
    assert store.check() == []


def test_the_run_row_shows_what_is_logged_and_only_a_finite_value(store, run):
    store.metrics.append(
        run.id,
        {"loss": Points([1, 2], [0.9, 0.8], [0.1, 0.2]), "accuracy": Points([2], [0.5], [0.2])},
        epoch=1,
        steps=2,
    )
    store.metrics.append(run.id, {"loss": Points([3], [math.nan], [0.3])}, epoch=1, steps=3)
    row = store.runs.get(run.id)
    assert (row.epochs, row.steps, row.metrics) == (1, 3, {"loss": None, "accuracy": 0.5})
    assert store.metrics.series(run.id) == ["loss", "accuracy"]
    assert math.isnan(store.metrics.points(run.id, "loss").values[-1])


def test_steps_that_a_resumed_run_takes_again_are_neither_doubled_nor_deleted(store, run):
    store.metrics.append(run.id, {"loss": curve(1, 3000)}, epoch=3, steps=3000)
    before = store.runs.get(run.id)
    assert store.metrics.append(run.id, {"loss": curve(2001, 2900)}, epoch=2, steps=2900) == {}
    assert store.runs.get(run.id) == before
    added = store.metrics.append(
        run.id, {"loss": Points([2999, 3000, 3001], [9.0, 9.0, 0.25], [1.0, 2.0, 3.0])}, epoch=3, steps=3001
    )
    assert list(added["loss"].steps) == [3001]
    assert store.metrics.count(run.id, "loss") == 3001
    assert_same(store.metrics.points(run.id, "loss", last_step=3000), curve(1, 3000))
    assert store.runs.get(run.id).metrics == {"loss": 0.25}


def test_a_part_of_a_curve_is_read_by_its_first_and_last_step(store, run):
    store.metrics.append(run.id, {"loss": curve(1, 9000)}, epoch=1, steps=9000)
    part = store.metrics.points(run.id, "loss", first_step=2048, last_step=4097)
    assert (part.steps[0], part.steps[-1], len(part)) == (2048, 4097, 2050)
    assert len(store.metrics.points(run.id, "loss", first_step=9001)) == 0
    assert len(store.metrics.points(run.id, "loss", last_step=0)) == 0
    assert list(store.metrics.points(run.id, "loss", 8999, 10_000).steps) == [8999, 9000]


def test_an_unknown_series_is_empty_and_an_unknown_run_is_told(store, run):
    assert len(store.metrics.points(run.id, "nothing")) == 0
    assert len(store.metrics.overview(run.id, "nothing")) == 0
    assert store.metrics.last_step(run.id, "nothing") is None
    assert store.metrics.count(run.id, "nothing") == 0
    assert store.metrics.series(run.id) == []
    with pytest.raises(UserError, match="no run with the number 44"):
        store.metrics.append(44, {"loss": curve(1, 2)}, epoch=0, steps=2)


def test_the_series_of_two_runs_of_one_name_do_not_mix(store, run, dataset):
    other = store.runs.add("other", dataset.id, "mlp", {}, run.train, run.split)
    store.metrics.append(run.id, {"loss": curve(1, 10)}, epoch=0, steps=10)
    store.metrics.append(other.id, {"loss": curve(1, 5, seed=1)}, epoch=0, steps=5)
    assert_same(store.metrics.points(run.id, "loss"), curve(1, 10))
    assert_same(store.metrics.points(other.id, "loss"), curve(1, 5, seed=1))


@pytest.mark.parametrize(
    ("steps", "values"), [([1, 1], [0.0, 0.0]), ([2, 1], [0.0, 0.0]), ([1, 2, 3], [0.0, 0.0])]
)
def test_points_that_do_not_rise_or_do_not_match_are_refused_and_nothing_is_kept(store, run, steps, values):
    bad = {"fine": curve(1, 5), "bad": Points(steps, values, [0.0, 0.0])}
    with pytest.raises(ValueError, match="of a series have to"):
        store.metrics.append(run.id, bad, epoch=0, steps=3)
    assert store.metrics.series(run.id) == []


def test_a_short_curve_is_its_own_overview(store, run):
    store.metrics.append(run.id, {"loss": curve(1, 4000)}, epoch=1, steps=4000)
    assert_same(store.metrics.overview(run.id, "loss"), curve(1, 4000))


@pytest.mark.parametrize("count", [4001, 30_000, 600_000])
def test_the_overview_of_a_long_curve_is_made_of_its_real_extremes(store, run, count):
    points = curve(1, count)
    points.values[count // 3] = 50.0
    points.values[count // 2] = -50.0
    points.values[count // 4] = math.nan
    store.metrics.append(run.id, {"loss": points}, epoch=1, steps=count)
    seen = store.metrics.overview(run.id, "loss")
    assert 1000 < len(seen) <= 4000
    index = np.asarray(seen.steps) - 1
    assert (np.diff(index) > 0).all()
    assert_same(seen, Points(*(column[index] for column in columns_of(points))))
    assert (index[0], index[-1]) == (0, count - 1)
    assert {count // 3, count // 2} <= set(index.tolist())


def test_every_stretch_of_an_envelope_shows_its_lowest_and_highest_value():
    # 100 points for at most 12: 5 stretches of 20; in each the extremes are those of numpy.
    points = curve(0, 99)
    seen = envelope(points, 12)
    assert len(seen) <= 12
    for start in range(0, 100, 20):
        inside = (seen.steps >= start) & (seen.steps < start + 20)
        stretch = points.values[start : start + 20]
        assert seen.values[inside].min() == stretch.min()
        assert seen.values[inside].max() == stretch.max()


def test_a_stretch_that_is_all_nan_stays_visible_as_a_gap():
    points = curve(0, 999)
    points.values[300:600] = math.nan
    seen = envelope(points, 50)
    gap = np.isnan(seen.values)
    assert gap.any()
    assert (seen.steps[gap] >= 300).all()
    assert (seen.steps[gap] < 600).all()
    assert len(envelope(Points([1] * 0, [], []), 50)) == 0
    assert np.isnan(envelope(Points(range(100), [math.nan] * 100, range(100)), 10).values).all()


def test_block_rows_carry_the_range_of_their_finite_values(store, run):
    points = curve(1, BLOCK_POINTS + 1)
    points.values[:2] = [math.inf, math.nan]
    points.values[-1] = math.nan
    store.metrics.append(run.id, {"loss": points}, epoch=1, steps=1)
    with store.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT count, first_step, last_step, first_time, last_time, minimum, maximum, length(envelope)"
            " FROM metric_blocks ORDER BY number"
        ).all()
    finite = points.values[2:BLOCK_POINTS]
    assert rows[0][:-1] == (
        BLOCK_POINTS,
        1,
        BLOCK_POINTS,
        0.01,
        BLOCK_POINTS * 0.01,
        finite.min(),
        finite.max(),
    )
    assert rows[0][-1] <= ENVELOPE_POINTS * 24
    assert rows[1][:2] == (1, BLOCK_POINTS + 1)
    assert rows[1][5:7] == (None, None)


def test_doctor_hears_of_a_lost_block(store, run):
    store.metrics.append(run.id, {"loss": curve(1, 5000)}, epoch=1, steps=5000)
    assert store.check() == []
    with store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM metric_blocks WHERE number = 2")
    (problem,) = store.check()
    assert problem == (
        f"The curve loss of run {run.id} should have 5000 points in 3 blocks up to step 5000, "
        "but has 4096 in 2 up to 4096."
    )


def test_curves_are_there_after_reopening(folder, store, run):
    store.metrics.append(run.id, {"loss": curve(1, 2500)}, epoch=1, steps=2500)
    store.close()
    with Store(folder) as again:
        again.metrics.append(run.id, {"loss": curve(2501, 2600)}, epoch=1, steps=2600)
        assert_same(again.metrics.points(run.id, "loss"), joined(curve(1, 2500), curve(2501, 2600)))


def test_one_flipped_bit_in_a_curve_is_told_and_doctor_names_the_curve(store, run):
    store.metrics.append(run.id, {"loss": curve(1, 5000)}, epoch=1, steps=5000)
    with store.database.write() as connection:
        block = bytearray(
            connection.exec_driver_sql("SELECT points FROM metric_blocks WHERE number = 1").scalar()
        )
        block[len(block) // 2] ^= 1
        connection.exec_driver_sql("UPDATE metric_blocks SET points = ? WHERE number = 1", (bytes(block),))
    with pytest.raises(StoreError, match="A stored curve is damaged: put back a copy"):
        store.metrics.points(run.id, "loss")
    assert store.check() == [f"Block 1 of the curve loss of run {run.id} is damaged."]


def test_the_overview_of_millions_of_points_reads_few_rows_and_keeps_every_extreme(store, run):
    count = 70 * 32 * 2048 + 5000  # 70 whole spans, and blocks after them
    steps = np.arange(1, count + 1)
    values = np.sin(steps / 1000) + 0.01 * np.random.default_rng(2).standard_normal(count)
    peaks = {65_536 * 3 + 17: 9.0, 65_536 * 40 + 60_000: -9.0, count - 10: 5.0}
    for step, value in peaks.items():
        values[step - 1] = value
    for part in np.array_split(np.arange(count), 7):
        points = Points(steps[part], values[part], steps[part] * 0.01)
        store.metrics.append(run.id, {"loss": points}, epoch=0, steps=int(steps[part][-1]))
    with store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM metric_spans").scalar() == 70
        assert connection.exec_driver_sql("SELECT min(number), max(number) FROM metric_spans").one() == (
            0, 69,
        )  # fmt: skip
    found = store.metrics.overview(run.id, "loss", 2000)
    assert 1000 < len(found) <= 2000
    shown = dict(zip(found.steps.tolist(), found.values.tolist(), strict=True))
    assert {step: shown[step] for step in peaks} == peaks
    assert (found.steps[0], found.steps[-1]) == (1, count)
    np.testing.assert_array_equal(found.values, values[found.steps - 1], "they are real points")
    assert len(store.metrics.overview(run.id, "loss", 40_000)) > 20_000, "finer pictures come from the blocks"


def test_a_long_series_of_an_older_version_is_drawn_and_gets_its_spans_when_it_grows(store, run):
    whole = curve(1, 65_536 * 62)
    store.metrics.append(run.id, {"loss": whole}, epoch=0, steps=int(whole.steps[-1]))
    expected = store.metrics.overview(run.id, "loss", 2000)
    with store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM metric_spans")
    assert len(store.metrics.overview(run.id, "loss", 2000)) > 1000
    more = curve(whole.steps[-1] + 1, whole.steps[-1] + 65_536)
    store.metrics.append(run.id, {"loss": more}, epoch=0, steps=int(more.steps[-1]))
    with store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM metric_spans").scalar() == 63
    again = store.metrics.overview(run.id, "loss", 2000)
    assert again.values.min() == min(expected.values.min(), more.values.min())


@pytest.mark.parametrize(("first", "last"), [(1, 5), (2047, 2050), (70_000, 73_999), (199_990, 300_000)])
@pytest.mark.parametrize("most", [64, 4000])
def test_a_range_that_holds_few_points_comes_back_exactly(store, run, first, last, most):
    whole = curve(1, 200_000)
    store.metrics.append(run.id, {"loss": whole}, epoch=0, steps=200_000)
    found = store.metrics.overview(run.id, "loss", most, first, last)
    inside = Points(*(column[first - 1 : last] for column in columns_of(whole)))
    if len(inside) <= most:
        assert_same(found, inside)
    else:
        assert_same(found, envelope(inside, most))
    assert len(store.metrics.overview(run.id, "loss", most, 200_001, 300_000)) == 0
    assert len(store.metrics.overview(run.id, "other", most, first, last)) == 0


@pytest.mark.parametrize(("first", "last"), [(100_001, 9_000_000), (2_000_000, None), (None, 3_000_000)])
def test_a_long_range_keeps_its_extremes_and_nothing_from_outside(store, run, first, last):
    count = 65_536 * 150
    steps = np.arange(1, count + 1)
    values = np.sin(steps / 1000)
    begin, end = first or 1, last or count
    inside = {begin: 9.0, end: -9.0, (begin + end) // 2 + 12_345: 8.0}
    outside = {step: 99.0 for step in (begin - 1, end + 1) if 1 <= step <= count}
    for step, value in (inside | outside).items():
        values[step - 1] = value
    store.metrics.append(run.id, {"loss": Points(steps, values, steps * 0.01)}, epoch=0, steps=count)
    found = store.metrics.overview(run.id, "loss", 2000, first, last)
    assert 1000 < len(found) <= 2000
    assert found.steps[0] >= begin
    assert found.steps[-1] <= end
    shown = dict(zip(found.steps.tolist(), found.values.tolist(), strict=True))
    assert shown[(begin + end) // 2 + 12_345] == 8.0
    assert found.values.max() <= 9.0
    np.testing.assert_array_equal(found.values, values[found.steps - 1], "they are real points")
