"""The project board: cards, people, meetings, risks, watches, gates; their history; the decision log.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision: str | None = "0002"

_NOUNS = (
    "lanes", "cards", "people", "meetings", "risks", "watches", "proposals", "trials", "criteria", "charters",
)  # fmt: skip

_STATEMENTS = (
    *(
        f"""
    CREATE TABLE {noun} (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL
    )
    """
        for noun in _NOUNS
    ),
    """
    CREATE TABLE changes (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        at DATETIME NOT NULL,
        who TEXT NOT NULL,
        noun VARCHAR(32) NOT NULL,
        item_id INTEGER NOT NULL,
        label TEXT NOT NULL,
        before TEXT,
        after TEXT,
        reason TEXT NOT NULL,
        link TEXT
    )
    """,
    "CREATE INDEX ix_changes_at ON changes (at)",
    "CREATE INDEX ix_changes_noun_changes_item_id ON changes (noun, item_id)",
    """
    CREATE TABLE decisions (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        at DATETIME NOT NULL,
        who TEXT NOT NULL,
        kind VARCHAR(32) NOT NULL,
        title TEXT NOT NULL,
        reason TEXT NOT NULL,
        figures TEXT NOT NULL,
        links TEXT NOT NULL,
        stage VARCHAR(32),
        takes_back INTEGER,
        CONSTRAINT fk_decisions_takes_back FOREIGN KEY(takes_back) REFERENCES decisions (id)
    )
    """,
    *(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} are only ever added'); END"
        for table in ("changes", "decisions")
        for verb in ("UPDATE", "DELETE")
    ),
)


def upgrade() -> None:
    """Make room for the board."""
    for statement in _STATEMENTS:
        op.execute(statement)
