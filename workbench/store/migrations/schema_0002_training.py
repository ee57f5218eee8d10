"""Runs know where they come from, where they wait and what they compute in; a log; a price.

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
)


def upgrade() -> None:
    """Add what runs have learnt to tell."""
    for statement in _STATEMENTS:
        op.execute(statement)
