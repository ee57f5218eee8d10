"""Rows of evaluations. None is ever replaced: the newest counts."""

import builtins
from collections.abc import Mapping, Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.sql import ColumnElement

from workbench.core.records import ClassMeasures, Evaluation
from workbench.core.states import Split
from workbench.store.database import Database
from workbench.store.rows import columns_of, in_parts
from workbench.store.tables import evaluations, utc_now


class EvaluationRows:
    """Reads and adds evaluations."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # None ever changes, so each of the newest is read once.
        self._newest: Mapping[int, Evaluation] = {}

    def add(
        self,
        run_id: int,
        split: Split,
        epoch: int,
        count: int,
        metrics: Mapping[str, float | None],
        *,
        labels: Sequence[str] = (),
        counts: Sequence[Sequence[int]] = (),
        per_class: Sequence[ClassMeasures] = (),
        predictions: str = "",
    ) -> Evaluation:
        """Insert an evaluation; the arguments are the fields of `Evaluation`."""
        with self._database.write() as connection:
            row = connection.execute(
                insert(evaluations)
                .values(
                    run_id=run_id,
                    split=split,
                    epoch=epoch,
                    count=count,
                    metrics=dict(metrics),
                    created_at=utc_now(),
                    labels=tuple(labels),
                    counts=tuple(tuple(row) for row in counts),
                    per_class=tuple(per_class),
                    predictions=predictions,
                )
                .returning(*columns_of(evaluations, Evaluation))
            ).mappings()
            return Evaluation(**row.one())

    def latest(self, run_id: int, split: Split) -> Evaluation | None:
        """Return the newest evaluation of a run on one split."""
        found = self._find(evaluations.c.run_id == run_id, evaluations.c.split == split)
        return found[-1] if found else None

    def list(self, run_id: int) -> builtins.list[Evaluation]:
        """Return all evaluations of a run, oldest first."""
        return self._find(evaluations.c.run_id == run_id)

    def newest(self) -> builtins.list[Evaluation]:
        """Return for each run and split the newest evaluation."""
        last = select(func.max(evaluations.c.id)).group_by(evaluations.c.run_id, evaluations.c.split)
        with self._database.read() as connection:
            ids = sorted(connection.scalars(last))
            known = self._newest
            found = {row_id: known[row_id] for row_id in ids if row_id in known}
            for part in in_parts(row_id for row_id in ids if row_id not in known):
                found |= {item.id: item for item in self._find(evaluations.c.id.in_(part))}
        self._newest = found
        return [found[row_id] for row_id in ids]

    def _find(self, *conditions: ColumnElement[bool]) -> builtins.list[Evaluation]:
        query = select(*columns_of(evaluations, Evaluation)).where(*conditions).order_by(evaluations.c.id)
        with self._database.read() as connection:
            return [Evaluation(**row) for row in connection.execute(query).mappings()]
