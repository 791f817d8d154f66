"""The first schema: all tables as the code declares them.

Until the first release there is this one step, so a new table needs no migration. With the release its tables are written
out here, and every later change is a step of its own.
"""

from alembic import op

from payments_adapters.sql.shelves import METADATA

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    METADATA.create_all(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        for table in METADATA.sorted_tables:
            if "body" in table.c:
                # Written once, read whole: compressing it costs more time than it saves space.
                op.execute(f"ALTER TABLE {table.name} ALTER COLUMN body SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Drop all tables."""
    METADATA.drop_all(op.get_bind())
