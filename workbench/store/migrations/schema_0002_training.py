"""Runs know where they come from, where they wait and what they compute in; a log; a price; long curves.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision: str | None = "0001"

_STATEMENTS = (
    "ALTER TABLE project ADD COLUMN price_per_hour FLOAT",
    "ALTER TABLE project ADD COLUMN currency TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE runs ADD COLUMN parent_id INTEGER REFERENCES runs (id)",
    "ALTER TABLE runs ADD COLUMN group_id INTEGER REFERENCES runs (id)",
    "ALTER TABLE runs ADD COLUMN queue_place INTEGER DEFAULT '0' NOT NULL",
    "ALTER TABLE runs ADD COLUMN precision TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE runs ADD COLUMN energy_wh FLOAT DEFAULT '0' NOT NULL",
    # What was called SGD had Nesterov momentum; plain SGD has that name now.
    "UPDATE runs SET train = json_set(train, '$.optimizer', 'nesterov') "
    "WHERE json_extract(train, '$.optimizer') = 'sgd'",
    """
    CREATE TABLE run_log (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        run_id INTEGER NOT NULL,
        at DATETIME NOT NULL,
        level VARCHAR(32) NOT NULL,
        text TEXT NOT NULL,
        CONSTRAINT fk_run_log_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
    )
    """,
    "CREATE INDEX ix_run_log_run_id ON run_log (run_id)",
    # Filled when a long series next grows; until then its blocks are read.
    """
    CREATE TABLE metric_spans (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        series_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        envelope BLOB NOT NULL,
        CONSTRAINT uq_metric_spans_series_id_number UNIQUE (series_id, number),
        CONSTRAINT fk_metric_spans_series_id FOREIGN KEY(series_id) REFERENCES series (id)
    )
    """,
)


def upgrade() -> None:
    """Add what runs have learnt to tell."""
    for statement in _STATEMENTS:
        op.execute(statement)
