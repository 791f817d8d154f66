"""Alembic's migrations of the SQL store, shipped with it."""
