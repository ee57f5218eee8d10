"""The first schema: project, datasets, runs with checkpoints and evaluations, points of curves.

Revision ID: 0001
"""

from alembic import op

revision = "0001"
down_revision: str | None = None

_STATEMENTS = (
    """
    CREATE TABLE project (
        id INTEGER NOT NULL,
        name TEXT NOT NULL,
        created_at DATETIME NOT NULL,
        stage VARCHAR(32) NOT NULL,
        starter TEXT,
        CONSTRAINT pk_project PRIMARY KEY (id),
        CONSTRAINT ck_project_only_one CHECK (id = 1)
    )
    """,
    """
    CREATE TABLE datasets (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        source TEXT NOT NULL,
        folder TEXT NOT NULL,
        sha256 VARCHAR(64) NOT NULL,
        imported TEXT NOT NULL,
        split TEXT NOT NULL,
        created_at DATETIME NOT NULL,
        notes TEXT NOT NULL,
        deleted_at DATETIME,
        CONSTRAINT uq_datasets_name_version UNIQUE (name, version)
    )
    """,
    """
    CREATE INDEX ix_datasets_sha256 ON datasets (sha256)
    """,
    """
    CREATE TABLE runs (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        dataset_id INTEGER NOT NULL,
        family TEXT NOT NULL,
        family_fields TEXT NOT NULL,
        train TEXT NOT NULL,
        split TEXT NOT NULL,
        state VARCHAR(32) NOT NULL,
        created_at DATETIME NOT NULL,
        started_at DATETIME,
        ended_at DATETIME,
        message TEXT NOT NULL,
        epochs INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        best_epoch INTEGER,
        metrics TEXT NOT NULL,
        seconds FLOAT NOT NULL,
        device TEXT NOT NULL,
        threads INTEGER NOT NULL,
        parameters INTEGER NOT NULL,
        weights_sha256 TEXT NOT NULL,
        starred BOOLEAN NOT NULL,
        notes TEXT NOT NULL,
        deleted_at DATETIME,
        CONSTRAINT fk_runs_dataset_id FOREIGN KEY(dataset_id) REFERENCES datasets (id)
    )
    """,
    """
    CREATE INDEX ix_runs_dataset_id ON runs (dataset_id)
    """,
    """
    CREATE INDEX ix_runs_state ON runs (state)
    """,
    """
    CREATE INDEX ix_runs_name ON runs (name)
    """,
    """
    CREATE TABLE checkpoints (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        run_id INTEGER NOT NULL,
        role TEXT NOT NULL,
        path TEXT NOT NULL,
        sha256 VARCHAR(64) NOT NULL,
        epoch INTEGER NOT NULL,
        step INTEGER NOT NULL,
        CONSTRAINT uq_checkpoints_run_id_role UNIQUE (run_id, role),
        CONSTRAINT fk_checkpoints_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
    )
    """,
    """
    CREATE TABLE evaluations (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        run_id INTEGER NOT NULL,
        split VARCHAR(32) NOT NULL,
        epoch INTEGER NOT NULL,
        count INTEGER NOT NULL,
        metrics TEXT NOT NULL,
        created_at DATETIME NOT NULL,
        labels TEXT NOT NULL,
        counts TEXT NOT NULL,
        per_class TEXT NOT NULL,
        predictions TEXT NOT NULL,
        CONSTRAINT fk_evaluations_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
    )
    """,
    """
    CREATE INDEX ix_evaluations_run_id_evaluations_split ON evaluations (run_id, split)
    """,
    """
    CREATE TABLE series (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        run_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        count INTEGER NOT NULL,
        blocks INTEGER NOT NULL,
        last_step INTEGER NOT NULL,
        CONSTRAINT uq_series_run_id_name UNIQUE (run_id, name),
        CONSTRAINT fk_series_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
    )
    """,
    """
    CREATE TABLE metric_blocks (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        series_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        count INTEGER NOT NULL,
        first_step INTEGER NOT NULL,
        last_step INTEGER NOT NULL,
        first_time FLOAT NOT NULL,
        last_time FLOAT NOT NULL,
        minimum FLOAT,
        maximum FLOAT,
        envelope BLOB NOT NULL,
        points BLOB NOT NULL,
        CONSTRAINT uq_metric_blocks_series_id_number UNIQUE (series_id, number),
        CONSTRAINT fk_metric_blocks_series_id FOREIGN KEY(series_id) REFERENCES series (id)
    )
    """,
)


def upgrade() -> None:
    """Make all tables in an empty file. Written out, so that it stays what it was when tables change."""
    for statement in _STATEMENTS:
        op.execute(statement)
