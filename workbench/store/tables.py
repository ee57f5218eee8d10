"""The tables of schema 4, and how values lie in them. Private to `workbench.store`."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    DDL,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
)

from workbench.core.board import NOUNS, Figure
from workbench.core.configs import PrepareConfig, SplitConfig, TrainConfig
from workbench.core.records import ClassMeasures, Finding, Imported
from workbench.core.risks import Link
from workbench.core.states import DecisionKind, LogLevel, Modality, RunState, Split, Stage

SCHEMA = 4
"""Number of the schema that `metadata` describes; raise it together with a new migration."""

APPLICATION_ID = 0x57424E43
"""Marks the file as ours: `WBNC` in the header of the SQLite file."""


def utc_now() -> datetime:
    """Return the time that a row is stamped with."""
    return datetime.now(UTC)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC because SQLite knows no zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as it is stored; a time without a zone is a bug and is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time with its zone."""
        return None if value is None else value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A nested record as strict JSON text; a number that is not finite becomes null."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the JSON text of a record."""
        return None if value is None else self._adapter.dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Return the record that the text describes."""
        return None if value is None else self._adapter.validate_json(value)


def _word(states: type[StrEnum]) -> Enum:
    return Enum(
        states, native_enum=False, length=32, values_callable=lambda words: [word.value for word in words]
    )


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="")


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, default=0)


_MEASURES = dict[str, float | None]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

project = Table(
    "project",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("stage", _word(Stage), nullable=False),
    Column("starter", Text),
    Column("price_per_hour", Float),
    Column("currency", Text, nullable=False, server_default=""),
    CheckConstraint("id = 1", name="only_one"),
)

datasets = Table(
    "datasets",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("imported", Json(Imported), nullable=False),
    Column("split", Json(SplitConfig), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    _text("notes"),
    Column("deleted_at", UtcTime),
    Column("parent_id", ForeignKey("datasets.id")),
    Column("change", Text, nullable=False, server_default=""),
    Column("licence", Text, nullable=False, server_default=""),
    Column("owner", Text, nullable=False, server_default=""),
    Column("preparation", Json(PrepareConfig)),
    UniqueConstraint("name", "version"),
    sqlite_autoincrement=True,
)

health = Table(
    "health",
    metadata,
    _id(),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("findings", Json(tuple[Finding, ...]), nullable=False),
    Column("split", Json(SplitConfig), nullable=False),
)

recipes = Table(
    "recipes",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("modality", _word(Modality), nullable=False),
    Column("preparation", Json(PrepareConfig), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    _id(),
    Column("name", Text, nullable=False, index=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False, index=True),
    Column("family", Text, nullable=False),
    Column("family_fields", Json(dict[str, Any]), nullable=False),
    Column("train", Json(TrainConfig), nullable=False),
    Column("split", Json(SplitConfig), nullable=False),
    Column("state", _word(RunState), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    _text("message"),
    _number("epochs"),
    _number("steps"),
    Column("best_epoch", Integer),
    Column("metrics", Json(_MEASURES), nullable=False, default=dict),
    Column("seconds", Float, nullable=False, default=0.0),
    _text("device"),
    _number("threads"),
    _number("parameters"),
    _text("weights_sha256"),
    Column("starred", Boolean, nullable=False, default=False),
    _text("notes"),
    Column("deleted_at", UtcTime),
    Column("parent_id", ForeignKey("runs.id")),
    Column("group_id", ForeignKey("runs.id")),
    Column("queue_place", Integer, nullable=False, server_default="0"),
    Column("precision", Text, nullable=False, server_default=""),
    Column("energy_wh", Float, nullable=False, server_default="0"),
    Column("preparation", Json(PrepareConfig)),
    sqlite_autoincrement=True,
)

run_log = Table(
    "run_log",
    metadata,
    _id(),
    Column("run_id", ForeignKey("runs.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("level", _word(LogLevel), nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _id(),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    UniqueConstraint("run_id", "role"),
    sqlite_autoincrement=True,
)

evaluations = Table(
    "evaluations",
    metadata,
    _id(),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("split", _word(Split), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("metrics", Json(_MEASURES), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("labels", Json(tuple[str, ...]), nullable=False),
    Column("counts", Json(tuple[tuple[int, ...], ...]), nullable=False),
    Column("per_class", Json(tuple[ClassMeasures, ...]), nullable=False),
    _text("predictions"),
    Index(None, "run_id", "split"),
    sqlite_autoincrement=True,
)

series = Table(
    "series",
    metadata,
    _id(),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("blocks", Integer, nullable=False),
    Column("last_step", Integer, nullable=False),
    UniqueConstraint("run_id", "name"),
    sqlite_autoincrement=True,
)

# The points come last in a row: SQLite then reads the columns before them without touching the points' pages.
metric_blocks = Table(
    "metric_blocks",
    metadata,
    _id(),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("first_step", Integer, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("first_time", Float, nullable=False),
    Column("last_time", Float, nullable=False),
    Column("minimum", Float),
    Column("maximum", Float),
    Column("envelope", LargeBinary, nullable=False),
    Column("points", LargeBinary, nullable=False),
    UniqueConstraint("series_id", "number"),
    sqlite_autoincrement=True,
)

# The upper level of the pyramid: one envelope for many blocks, so that a picture of millions of points reads
# hundreds of small rows. A long series of an older version has none until it grows; its blocks are read then.
metric_spans = Table(
    "metric_spans",
    metadata,
    _id(),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    UniqueConstraint("series_id", "number"),
    sqlite_autoincrement=True,
)

_PLURALS = {"person": "people", "watch": "watches", "criterion": "criteria"}

# What can be edited on the board, a table a noun. They are read whole and changed record by record, so each
# record lies in its row as it is; what points from one to another is checked where it is edited.
board = {
    noun: Table(
        _PLURALS.get(noun, f"{noun}s"),
        metadata,
        _id(),
        Column("body", Json(record), nullable=False),
        sqlite_autoincrement=True,
    )
    for noun, record in NOUNS.items()
}

changes = Table(
    "changes",
    metadata,
    _id(),
    Column("at", UtcTime, nullable=False, index=True),
    _text("who"),
    Column("noun", String(32), nullable=False),
    Column("item_id", Integer, nullable=False),
    _text("label"),
    Column("before", Json(dict[str, Any] | None)),
    Column("after", Json(dict[str, Any] | None)),
    _text("reason"),
    Column("link", Json(Link | None)),
    Index(None, "noun", "item_id"),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    _id(),
    Column("at", UtcTime, nullable=False),
    _text("who"),
    Column("kind", _word(DecisionKind), nullable=False),
    Column("title", Text, nullable=False),
    _text("reason"),
    Column("figures", Json(tuple[Figure, ...]), nullable=False),
    Column("links", Json(tuple[Link, ...]), nullable=False),
    Column("stage", _word(Stage)),
    Column("takes_back", ForeignKey("decisions.id")),
    sqlite_autoincrement=True,
)

# What was decided or done stays as it was written, whoever opens the file.
for _kept in (changes, decisions):
    for _verb in ("UPDATE", "DELETE"):
        event.listen(
            _kept,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]
                f"CREATE TRIGGER {_kept.name}_no_{_verb.lower()} BEFORE {_verb} ON {_kept.name} "
                f"BEGIN SELECT RAISE(ABORT, '{_kept.name} are only ever added'); END"
            ),
        )
