"""Alembic's revisions: each a step from one schema to the next, on SQLite and on PostgreSQL."""
