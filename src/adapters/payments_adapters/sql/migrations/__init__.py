"""Alembic's migrations of the SQL store, shipped with it."""

from typing import Final

HEAD: Final = "0001"
"""The newest revision; a test holds it against the files."""
