"""What every command needs: a gateway from the settings, for as long as the command runs."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

from cyclopts import Parameter, validators

from payments_core.gateway import Gateway
from payments_web.settings import Settings

Database = Annotated[str | None, Parameter(name="--database", help="sqlite:///FILE or postgresql://…")]

Port = Annotated[int, Parameter(validator=validators.Number(gte=0, lte=65535))]


def opened(database: str | None) -> AbstractAsyncContextManager[Gateway]:
    """The gateway of the settings, with this database if one is named."""
    settings = Settings.read(database=database)
    settings.make_folder()
    return Gateway.open(settings.for_plugins())


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run one command in an event loop of its own."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(coroutine)
    return uvloop.run(coroutine)
