"""`payments simulate`: the other side of a line as a process of its own. It keeps a database that no gateway shares."""

import asyncio
import json
import signal
import sys
from typing import Annotated, Final

from cyclopts import App, Parameter

from payments_core.assembly import AssemblyError, load_plugins
from payments_core.clock import SystemClock
from payments_core.ids import RandomIds
from payments_core.ports import Simulator
from payments_web.commands.opening import Database, Port, run
from payments_web.settings import Settings

app: Final = App(name="simulate", help="Stand-ins for what is outside: a card network.")
NETWORK: Final = "network"


@app.command
def network(
    *,
    host: str = "127.0.0.1",
    port: Port = 8583,
    database: Database = None,
    misbehave: str = "",
    seed: int = 0,
    issuer: str = "",
    counters: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Run acquirer host, switch and issuer behind one TCP port that speaks ISO 8583.

    Parameters
    ----------
    misbehave: likelihoods and the longest delay, as lost=0.1,duplicate=0.05,cut=0.01,latency=0.2
    seed: the dice of the misbehaviour.
    issuer: HOST:PORT of another such process that is the issuer; this one is only the switch.
    counters: print what happened when it ends, as JSON.
    """
    settings = Settings.read(database=database)
    asked = {"misbehave": misbehave, "seed": str(seed), "issuer": issuer}
    # Not the gateway's database: an issuer's books are nobody else's.
    url = database or f"sqlite:///{settings.data / 'network.db'}"
    flat = {**settings.for_plugins(**{k: v for k, v in asked.items() if v}), "database": url}
    settings.make_folder()

    async def go() -> None:
        plugins, clock = load_plugins(), SystemClock()
        store = plugins.hook.payments_store(settings=flat)
        if store is None:
            sys.exit(f"payments: no plugin knows a storage for {url!r}")
        ids = RandomIds(clock)
        brought = plugins.hook.payments_simulators(settings=flat, store=store, clock=clock, ids=ids)
        simulator = _named(NETWORK, [one for some in brought for one in some])
        await store.open()
        try:
            await _until_stopped(simulator, host, port)
        finally:
            await store.close()
        if counters:
            print(json.dumps(dict(simulator.counters)))

    try:
        run(go())
    except (ValueError, AssemblyError) as refusal:
        sys.exit(f"payments: {refusal}")


def _named(name: str, simulators: list[Simulator]) -> Simulator:
    for simulator in simulators:
        if simulator.name == name:
            return simulator
    raise AssemblyError(f"no plugin simulates a {name}: install payments-core[iso8583]")


async def _until_stopped(simulator: Simulator, host: str, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    taken = await simulator.open(host, port)
    print(f"the simulated {simulator.name} listens on {host}:{taken}", flush=True)
    try:
        await stopped.wait()
    finally:
        await simulator.close()
