"""Rows of health checks: at most one a dataset version, the newest."""

from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from workbench.core.records import HealthReport
from workbench.store.database import Database
from workbench.store.rows import columns_of
from workbench.store.tables import health


class HealthRows:
    """Reads and replaces health reports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, report: HealthReport) -> None:
        """Keep a report in place of the former one of its dataset."""
        values = {field.name: getattr(report, field.name) for field in fields(report)}
        statement = insert(health).values(**values)
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["dataset_id"], set_=values))

    def all(self) -> dict[int, HealthReport]:
        """Return the report of every dataset that was checked."""
        query = select(*columns_of(health, HealthReport))
        with self._database.read() as connection:
            found = [HealthReport(**row) for row in connection.execute(query).mappings()]
        return {report.dataset_id: report for report in found}

    def get(self, dataset_id: int) -> HealthReport | None:
        """Return the report of a dataset; None where it was not checked yet."""
        query = select(*columns_of(health, HealthReport)).where(health.c.dataset_id == dataset_id)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else HealthReport(**row)
