"""The schema: whether a database has the one that this code knows, and how it gets it.

Migrations are Alembic's, shipped in `payments_adapters.sql.migrations`. Alembic is imported when something is to be migrated, and
not at every start of a server, which must be back quickly after a crash.
"""

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from payments_adapters.sql import migrations
from payments_adapters.sql.sqlite_file import connect, path_of
from payments_core.errors import Unavailable

MIGRATIONS: Final = Path(migrations.__file__).parent


class SchemaOutdated(Unavailable):
    """The database has another schema than this code; somebody has to migrate it."""


def check(found: str | None, url: str) -> None:
    """Raise `SchemaOutdated` if the database is at another revision than this code."""
    if found != migrations.HEAD:
        at = f"at revision {found}" if found else "without our tables"
        shown = sa.make_url(sync_url(url)).render_as_string(hide_password=True)
        raise SchemaOutdated(
            f"The database {shown} is {at}, and this version wants {migrations.HEAD}: run `payments db upgrade`."
        )


def upgrade(url: str) -> None:
    """Bring the database of *url* to the newest schema; one that is there already is left alone."""
    from alembic import command
    from alembic.config import Config

    engine = _engine(url)
    try:
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite:"):
        return sa.create_engine(sync_url(url), poolclass=sa.NullPool)
    path = path_of(url)
    engine = sa.create_engine(
        "sqlite://", creator=lambda: connect(path, reads_only=False), poolclass=sa.NullPool
    )
    # Two processes may meet a new file at once: the second one waits, and finds the tables made.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def sync_url(url: str) -> str:
    """The address as SQLAlchemy's synchronous engines want it."""
    if url.startswith("sqlite:"):
        return f"sqlite:///{path_of(url)}"
    return f"postgresql+psycopg:{url.partition(':')[2]}"
