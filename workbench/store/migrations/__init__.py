"""Alembic scripts, one a schema number. They are loaded only when an older file is opened."""
