"""Steps for the dates of a table."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from workbench.core.records import Column, Schema
from workbench.transforms.base import State, TableStep, transforms, with_columns

_MOST_DAYS = 1e8  # what is further than that, 270,000 years, was no date
_PARTS = ("year", "month", "day", "weekday", "hour")


@transforms.register("date_parts")
class DateParts(TableStep):
    """A date becomes numbers of its own: year, month, day, weekday (Monday is 1), hour."""

    title: ClassVar[str] = "Split dates into parts"
    group: ClassVar[str] = "Construct columns"

    year: bool = Field(True, title="Year", description="Such as 2024. Default yes.")
    month: bool = Field(True, title="Month", description="From 1 to 12. Default yes.")
    day: bool = Field(False, title="Day of the month", description="From 1 to 31. Default no.")
    weekday: bool = Field(True, title="Weekday", description="From 1, Monday, to 7. Default yes.")
    hour: bool = Field(False, title="Hour", description="From 0 to 23. Default no.")
    keep: bool = Field(
        False,
        title="Keep the date too",
        description="The days since 1970 stay as a number: for what grows over the years. Default no.",
    )

    def misfit(self, schema: Schema) -> str:
        """Return that there are no dates, or that nothing of them would be left."""
        if self.fits(schema) and not any(column.is_date for column in schema.used_columns):
            return "There is no column of dates here: put this step before those that scale numbers."
        if not self.keep and not self._wanted():
            return "Nothing would be left of the dates: choose a part."
        return super().misfit(schema)

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, columns) rows, the parts in the place of each date; a missing one has none."""
        columns: list[Tensor] = []
        for place, column in enumerate(schema.used_columns):
            if not column.is_date or self.keep:
                columns.append(x[:, place])
            if column.is_date:
                found = _parts(x[:, place].cpu().numpy())
                columns += [torch.from_numpy(found[part]).to(x) for part in self._wanted()]
        return torch.stack(columns, dim=1)

    def output(self, schema: Schema) -> Schema:
        """Return the schema with the parts."""
        columns: list[Column] = []
        for column in schema.used_columns:
            if not column.is_date or self.keep:
                columns.append(replace(column, is_date=False))
            if column.is_date:
                columns += [Column(f"{part} of {column.name}", "number") for part in self._wanted()]
        return with_columns(schema, columns)

    def _wanted(self) -> list[str]:
        return [part for part in _PARTS if getattr(self, part)]


def _parts(days: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return the parts of dates.

    Args:
        days: (n,) days since 1970-01-01, with the time of the day behind the point; NaN is missing.
    """
    known = np.abs(days) < _MOST_DAYS  # false where it is missing, too
    # A float32 has a day of our time to about two minutes.
    minutes = np.round(np.where(known, days, 0.0).astype(np.float64) * 720.0) * 2.0
    moments = minutes.astype(np.int64).astype("datetime64[m]")
    dates = moments.astype("datetime64[D]")
    months = moments.astype("datetime64[M]")
    found = {
        "year": moments.astype("datetime64[Y]").astype(np.int64) + 1970,
        "month": months.astype(np.int64) % 12 + 1,
        "day": (dates - months.astype("datetime64[D]")).astype(np.int64) + 1,
        "weekday": (dates.astype(np.int64) + 3) % 7 + 1,
        "hour": (moments - dates).astype(np.int64) // 60,
    }
    return {part: np.where(known, values, np.nan).astype(np.float32) for part, values in found.items()}
