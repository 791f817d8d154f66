"""How Alembic runs our migrations: on the connection that it is handed, in one transaction. It opens none of its own."""

from alembic import context

from payments_adapters.sql.shelves import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
