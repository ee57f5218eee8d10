"""Versions of datasets know what they were made of; preparation, saved recipes and health checks.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision: str | None = "0003"

_STATEMENTS = (
    "ALTER TABLE datasets ADD COLUMN parent_id INTEGER REFERENCES datasets (id)",
    "ALTER TABLE datasets ADD COLUMN change TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE datasets ADD COLUMN licence TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE datasets ADD COLUMN owner TEXT DEFAULT '' NOT NULL",
    "ALTER TABLE datasets ADD COLUMN preparation TEXT",
    "ALTER TABLE runs ADD COLUMN preparation TEXT",
    """
    CREATE TABLE health (
        id INTEGER NOT NULL,
        dataset_id INTEGER NOT NULL,
        created_at DATETIME NOT NULL,
        findings TEXT NOT NULL,
        split TEXT NOT NULL,
        CONSTRAINT pk_health PRIMARY KEY (id),
        CONSTRAINT uq_health_dataset_id UNIQUE (dataset_id),
        CONSTRAINT fk_health_dataset_id FOREIGN KEY(dataset_id) REFERENCES datasets (id)
    )
    """,
    """
    CREATE TABLE recipes (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        modality VARCHAR(32) NOT NULL,
        preparation TEXT NOT NULL,
        created_at DATETIME NOT NULL,
        CONSTRAINT uq_recipes_name UNIQUE (name)
    )
    """,
)


def upgrade() -> None:
    """Add what datasets have learnt to tell."""
    for statement in _STATEMENTS:
        op.execute(statement)
