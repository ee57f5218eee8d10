"""Points of curves: appended a few times a second, read back as whole curves or as their picture."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql import ColumnElement

from workbench.core.errors import StoreError, UserError
from workbench.core.records import Points
from workbench.store.blocks import (
    BLOCK_POINTS,
    ENVELOPE_POINTS,
    SPAN_BLOCKS,
    SPAN_POINTS,
    as_arrays,
    decode,
    decode_envelopes,
    encode,
    encode_envelope,
    envelope,
    finite_range,
    joined,
    points_of,
    slice_of,
)
from workbench.store.database import Database
from workbench.store.tables import metric_blocks, metric_spans, runs, series

_BLOCK = insert(metric_blocks)
_PUT_BLOCK = _BLOCK.on_conflict_do_update(
    index_elements=["series_id", "number"],
    set_={
        column.name: _BLOCK.excluded[column.name]
        for column in metric_blocks.c
        if column.name not in ("id", "series_id", "number")
    },
)

# Appends come several times a second for hours: their statements are put together once.
_RUN = select(runs.c.epochs, runs.c.steps, runs.c.metrics).where(runs.c.id == bindparam("run"))
_LOG = (
    update(runs)
    .where(runs.c.id == bindparam("run"))
    .values(
        {name: bindparam(f"new_{name}", type_=runs.c[name].type) for name in ("epochs", "steps", "metrics")}
    )
)
_HEADS = (
    select(series, metric_blocks.c.points.label("tail"))
    .outerjoin(
        metric_blocks,
        (metric_blocks.c.series_id == series.c.id) & (metric_blocks.c.number == series.c.blocks - 1),
    )
    .where(series.c.run_id == bindparam("run"))
)
_GROW = (
    update(series)
    .where(series.c.id == bindparam("series"))
    .values({name: bindparam(f"new_{name}") for name in ("count", "blocks", "last_step")})
)

_SPAN = SPAN_BLOCKS * BLOCK_POINTS
_NO_END = 2**62
_OF_SERIES = "WHERE series_id = ? AND number >= ? AND number < ? ORDER BY number"
_POINTS = f"SELECT points FROM metric_blocks {_OF_SERIES}"
_ENVELOPES = f"SELECT envelope FROM metric_blocks {_OF_SERIES}"
_SPANS = f"SELECT envelope FROM metric_spans {_OF_SERIES}"


class MetricStore:
    """Reads and appends the points of all series of all runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(
        self, run_id: int, points: Mapping[str, Points], *, epoch: int, steps: int
    ) -> dict[str, Points]:
        """Add points to a run's series and bring its row up to date, all in one transaction.

        What was stored before is never changed: a point whose step the series has reached already is
        ignored, since a resumed run takes the same steps again and gets the same values.

        Args:
            run_id: The run.
            points: New points by name of series, steps rising.
            epoch: Epochs completed so far.
            steps: Optimiser steps taken so far.

        Returns:
            The points that were new, by name of series; on return they are on the disk.

        Raises:
            UserError: There is no such run.
            DiskError: The disk is full; none of the points was kept.
        """
        added: dict[str, Points] = {}
        grown: list[dict[str, Any]] = []
        blocks: list[dict[str, Any]] = []
        with self._database.write() as connection:
            row = connection.execute(_RUN, {"run": run_id}).one_or_none()
            if row is None:
                raise UserError(f"There is no run with the number {run_id} in this project.")
            heads = {head["name"]: head for head in connection.execute(_HEADS, {"run": run_id}).mappings()}
            for name, given in points.items():
                head = heads.get(name)
                fresh = _after(given, head["last_step"] if head else None)
                if len(fresh):
                    added[name] = fresh
                    series_id = head["id"] if head else _begin(connection, run_id, name)
                    blocks += _blocks_of(series_id, head, fresh)
                    grown.append(_grown(series_id, head, fresh))
            if added:
                connection.execute(_GROW, grown)
                connection.execute(_PUT_BLOCK, blocks)
                for new, fresh in zip(grown, added.values(), strict=True):
                    count = new["new_count"]
                    if count // _SPAN > (count - len(fresh)) // _SPAN:
                        _add_spans(connection, new["series"], count // _SPAN)
            metrics = row.metrics | {name: _last_value(fresh) for name, fresh in added.items()}
            now = {"epochs": max(row.epochs, epoch), "steps": max(row.steps, steps), "metrics": metrics}
            connection.execute(_LOG, {"run": run_id} | {f"new_{name}": value for name, value in now.items()})
        return added

    def series(self, run_id: int) -> list[str]:
        """Return the names of a run's series, in the order in which they began."""
        query = select(series.c.name).where(series.c.run_id == run_id).order_by(series.c.id)
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def points(
        self, run_id: int, name: str, first_step: int | None = None, last_step: int | None = None
    ) -> Points:
        """Return a series' points as arrays, between two steps (both included) when they are given.

        An unknown series has no points.
        """
        conditions = _overlap(first_step, last_step)
        with self._database.read() as connection:
            found = joined([decode(block) for block in self._blocks(connection, run_id, name, conditions)])
        return _between(found, first_step, last_step)

    def overview(
        self,
        run_id: int,
        name: str,
        max_points: int = 4000,
        first_step: int | None = None,
        last_step: int | None = None,
    ) -> Points:
        """Return at most `max_points` points of a series, or of a range of it, that draw the picture of all.

        They are real points: the lowest and highest finite one of every stretch, and of a whole series the
        first and the last one. What holds no more points than that comes back as it is.

        Args:
            run_id: The run.
            name: The series.
            max_points: At least 4.
            first_step: Where the range begins, itself included; None for the beginning of the series.
            last_step: Where it ends, itself included; None for the end of the series.
        """
        with self._database.read() as connection:
            head = connection.execute(
                select(series.c.id, series.c.blocks).where(series.c.run_id == run_id, series.c.name == name)
            ).one_or_none()
            series_id, stop = (0, 0) if head is None else head
            first = 0
            if first_step is not None or last_step is not None:
                first, stop = _blocks_between(connection, series_id, first_step, last_step)
            found = _picture(connection, series_id, first, stop, max_points)
        return envelope(_between(found, first_step, last_step), max_points)

    def last_step(self, run_id: int, name: str) -> int | None:
        """Return the step of a series' last point; None when it has none."""
        with self._database.read() as connection:
            return connection.scalar(
                select(series.c.last_step).where(series.c.run_id == run_id, series.c.name == name)
            )

    def count(self, run_id: int, name: str) -> int:
        """Return how many points a series has."""
        with self._database.read() as connection:
            found = connection.scalar(
                select(series.c.count).where(series.c.run_id == run_id, series.c.name == name)
            )
        return found or 0

    def problems(self) -> list[str]:
        """Return a sentence for every series whose blocks are damaged or not what its row says."""
        return self._miscounted() + self._damaged()

    def _damaged(self) -> list[str]:
        query = (
            select(series.c.run_id, series.c.name, metric_blocks.c.number, metric_blocks.c.points)
            .join(series, series.c.id == metric_blocks.c.series_id)
            .order_by(metric_blocks.c.id)
        )
        found = []
        with self._database.read() as connection:
            for run_id, name, number, block in connection.execute(query.execution_options(yield_per=100)):
                try:
                    decode(block)
                except StoreError:
                    found.append(f"Block {number} of the curve {name} of run {run_id} is damaged.")
        return found

    def _miscounted(self) -> list[str]:
        blocks = metric_blocks.c
        query = (
            select(
                series,
                func.count(blocks.id).label("found_blocks"),
                func.coalesce(func.sum(blocks.count), 0).label("found"),
                func.max(blocks.last_step).label("found_step"),
            )
            .outerjoin(metric_blocks, blocks.series_id == series.c.id)
            .group_by(series.c.id)
            .order_by(series.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            f"The curve {row.name} of run {row.run_id} should have {row.count} points in {row.blocks} blocks "
            f"up to step {row.last_step}, but has {row.found} in {row.found_blocks} up to {row.found_step}."
            for row in rows
            if (row.count, row.blocks, row.last_step) != (row.found, row.found_blocks, row.found_step)
        ]

    def _blocks(
        self,
        connection: Connection,
        run_id: int,
        name: str,
        conditions: list[ColumnElement[bool]],
    ) -> list[bytes]:
        query = (
            select(metric_blocks.c.points)
            .join(series, series.c.id == metric_blocks.c.series_id)
            .where(series.c.run_id == run_id, series.c.name == name, *conditions)
            .order_by(metric_blocks.c.number)
        )
        return list(connection.scalars(query))


def _overlap(first_step: int | None, last_step: int | None) -> list[ColumnElement[bool]]:
    """Return what holds of the blocks that reach into a range of steps, both included."""
    conditions: list[ColumnElement[bool]] = []
    if first_step is not None:
        conditions.append(metric_blocks.c.last_step >= first_step)
    if last_step is not None:
        conditions.append(metric_blocks.c.first_step <= last_step)
    return conditions


def _between(points: Points, first_step: int | None, last_step: int | None) -> Points:
    """Return the points between two steps, both included when they are given."""
    start = None if first_step is None else int(np.searchsorted(points.steps, first_step, "left"))
    stop = None if last_step is None else int(np.searchsorted(points.steps, last_step, "right"))
    return slice_of(points, start, stop)


def _blocks_between(
    connection: Connection, series_id: int, first_step: int | None, last_step: int | None
) -> tuple[int, int]:
    """Return the numbers of the first block that reaches into a range, and of the one behind the last."""
    number = metric_blocks.c.number
    first, last = connection.execute(
        select(func.min(number), func.max(number)).where(
            metric_blocks.c.series_id == series_id, *_overlap(first_step, last_step)
        )
    ).one()
    return (0, 0) if first is None else (first, last + 1)


def _picture(connection: Connection, series_id: int, first: int, stop: int, max_points: int) -> Points:
    """Return the points of blocks `first` to before `stop`, or envelopes that draw twice `max_points`."""
    # Envelopes are fine enough once they hold more points than are asked for. Of the two blocks at the
    # ends little may lie in the range.
    inner = stop - first - 2
    if inner // SPAN_BLOCKS * SPAN_POINTS > max_points * 2:
        begin = -(-first // SPAN_BLOCKS)
        head = _column(connection, _ENVELOPES, series_id, first, begin * SPAN_BLOCKS)
        spans = _column(connection, _SPANS, series_id, begin, stop // SPAN_BLOCKS)
        rest = _column(connection, _ENVELOPES, series_id, (begin + len(spans)) * SPAN_BLOCKS, stop)
        return decode_envelopes(head + spans + rest)
    if inner * ENVELOPE_POINTS > max_points * 2:
        return decode_envelopes(_column(connection, _ENVELOPES, series_id, first, stop))
    return joined([decode(block) for block in _column(connection, _POINTS, series_id, first, stop)])


def _column(
    connection: Connection, query: str, series_id: int, first: int = 0, stop: int = _NO_END
) -> list[bytes]:
    """Return a column of a series' blocks or spans, from number `first` to before `stop`.

    Thousands of rows that are one value each: the driver alone hands them over.
    """
    cursor = connection.connection.cursor()
    try:
        return [value for (value,) in cursor.execute(query, (series_id, first, stop))]
    finally:
        cursor.close()


def _add_spans(connection: Connection, series_id: int, spans: int) -> None:
    """Add the spans up to number `spans` that a series does not have yet."""
    first = len(_column(connection, _SPANS, series_id))
    envelopes = _column(connection, _ENVELOPES, series_id, first * SPAN_BLOCKS)
    rows = [
        {
            "series_id": series_id,
            "number": number,
            "envelope": encode_envelope(
                decode_envelopes(envelopes[start : start + SPAN_BLOCKS]), SPAN_POINTS
            ),
        }
        for number, start in zip(range(first, spans), range(0, len(envelopes), SPAN_BLOCKS), strict=False)
    ]
    connection.execute(insert(metric_spans), rows)


def _after(points: Points, last_step: int | None) -> Points:
    steps, values, times_s = as_arrays(points)
    start = 0 if last_step is None else int(np.searchsorted(steps, last_step, "right"))
    return points_of(steps[start:], values[start:], times_s[start:])


def _grown(series_id: int, head: RowMapping | None, fresh: Points) -> dict[str, int]:
    count = (head["count"] if head else 0) + len(fresh)
    return {
        "series": series_id,
        "new_count": count,
        "new_blocks": -(-count // BLOCK_POINTS),
        "new_last_step": int(fresh.steps[-1]),
    }


def _begin(connection: Connection, run_id: int, name: str) -> int:
    new = insert(series).values(run_id=run_id, name=name, count=0, blocks=0, last_step=0)
    return int(connection.execute(new.returning(series.c.id)).scalar_one())


def _blocks_of(series_id: int, head: RowMapping | None, fresh: Points) -> list[dict[str, Any]]:
    """Return the rows that hold new points: the last block, filled up, and those after it."""
    number = head["blocks"] if head else 0
    if head and head["count"] % BLOCK_POINTS:
        number -= 1
        fresh = joined([decode(head["tail"]), fresh])
    return [
        {"series_id": series_id, "number": number + start // BLOCK_POINTS}
        | _block(slice_of(fresh, start, start + BLOCK_POINTS))
        for start in range(0, len(fresh), BLOCK_POINTS)
    ]


def _last_value(points: Points) -> float | None:
    value = float(points.values[-1])
    return value if math.isfinite(value) else None


def _block(points: Points) -> dict[str, Any]:
    low, high = finite_range(points)
    return {
        "count": len(points),
        "first_step": int(points.steps[0]),
        "last_step": int(points.steps[-1]),
        "first_time": float(points.times_s[0]),
        "last_time": float(points.times_s[-1]),
        "minimum": low,
        "maximum": high,
        "envelope": encode_envelope(points),
        "points": encode(points),
    }
