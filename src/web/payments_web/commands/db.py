"""`payments db`: the database's schema."""

from cyclopts import App

from payments_core.assembly import assemble, load_plugins
from payments_core.gateway import Gateway
from payments_core.operations.audit_log import record_alone
from payments_web.commands.opening import Database, run
from payments_web.settings import Settings

app = App(name="db", help="The database's schema.")


@app.command
def upgrade(*, database: Database = None) -> None:
    """Bring the schema to what this version knows; one that is there already is left alone."""
    settings = Settings.read(database=database)
    settings.make_folder()

    async def go() -> None:
        await assemble(settings.for_plugins(), load_plugins()).store.upgrade()
        async with Gateway.open(settings.for_plugins()) as gateway:
            await record_alone(gateway.ports, "database.upgraded", "schema")

    run(go())
    print("The schema is up to date.")
