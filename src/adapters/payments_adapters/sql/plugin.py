"""The SQL store comes in through the same door as anybody's storage."""

from collections.abc import Mapping

from payments_adapters.sql import make_store
from payments_adapters.sql.store import SqlStore
from payments_core.hookspecs import hookimpl


@hookimpl
def payments_store(settings: Mapping[str, str]) -> SqlStore | None:
    """Return the store for `sqlite:` and `postgresql:` addresses."""
    url = settings.get("database", "")
    if not url.startswith(("sqlite:", "postgresql:", "postgres:")):
        return None
    return make_store(url)
