"""The box: one listening host, and behind it either the issuer's desk or a switch to an issuer elsewhere.

iso8583_profile, iso8583_mac, iso8583_mac_key    as on the gateway's side
misbehave    what goes wrong, as `lost=0.1,duplicate=0.05,latency=0.2`: see `misbehaviour_of`
seed         the dice of the misbehaviour
issuer       HOST:PORT of another box that is the issuer; this one is only the switch then
"""

from collections.abc import Mapping
from typing import Final, Self

import attrs

from payments_adapters.iso8583.host import Fate, Handler, Host, Misbehaviour
from payments_adapters.iso8583.line import Line, LineMisconfigured, endpoint
from payments_adapters.iso8583.session import Session, Timings
from payments_adapters.network_box.desk import Desk
from payments_adapters.network_box.switch import Switch
from payments_adapters.sandbox.plugin import sandbox
from payments_core.clock import Clock
from payments_core.ids import Ids
from payments_core.ports import Store

FATES: Final[Mapping[str, Fate]] = {
    "lost": Fate.LOST,
    "duplicate": Fate.DOUBLED,
    "garbled": Fate.GARBLED,
    "cut": Fate.CUT,
    "disconnect": Fate.DISCONNECTED,
    "forged": Fate.FORGED,
}
LATENCY: Final = "latency"


@attrs.define(eq=False)
class NetworkBox:
    """A `Simulator` of a card network."""

    host: Host
    issuer: Session | None = None
    name: str = "network"

    @classmethod
    def of(cls, settings: Mapping[str, str], store: Store, clock: Clock, ids: Ids) -> Self:
        """The box of these settings. What its issuer remembers is in *store*."""
        line = Line.of(settings)
        wrong = misbehaviour_of(settings.get("misbehave", ""), settings.get("seed", "0"))
        session: Session | None = None
        handler: Handler
        if settings.get("issuer"):
            session = _session(line, settings["issuer"])
            handler = Switch(session)
        else:
            handler = Desk(sandbox(store, clock, ids), line.profile, clock)
        return cls(Host(line.profile, handler, mac=line.mac, misbehaviour=wrong), session)

    @property
    def counters(self) -> Mapping[str, int]:
        """Connections, messages by type, and what became of the answers."""
        return {str(name): count for name, count in sorted(self.host.counters.items()) if count}

    async def open(self, host: str, port: int) -> int:
        """Begin to listen."""
        if self.issuer is not None:
            await self.issuer.start()
        await self.host.start(host, port)
        return self.host.port

    async def close(self) -> None:
        """Stop listening."""
        await self.host.close()
        if self.issuer is not None:
            await self.issuer.close()


def misbehaviour_of(text: str, seed: str = "0") -> Misbehaviour:
    """What `lost=0.1,duplicate=0.05,latency=0.2` asks for: likelihoods of fates, and the longest delay in seconds."""
    shares: dict[Fate, float] = {}
    longest_s = 0.0
    for word in filter(None, text.split(",")):
        name, _, value = word.strip().partition("=")
        if name not in FATES and name != LATENCY:
            raise LineMisconfigured(f"misbehave knows {', '.join([*FATES, LATENCY])}; not {name!r}.")
        if name == LATENCY:
            longest_s = _number(name, value)
        else:
            shares[FATES[name]] = _number(name, value)
    try:
        return Misbehaviour(longest_s=longest_s, fates=shares, seed=int(seed))
    except ValueError as refusal:
        raise LineMisconfigured(f"misbehave or seed cannot be used: {refusal}.") from None


def _session(line: Line, issuer: str) -> Session:
    # The switch gives up before the gateway does, so that what the gateway sees is the switch's word where there is one.
    timings = Timings(answer_s=line.answer_s * 0.8)
    return Session(profile=line.profile, endpoints=(endpoint(issuer),), mac=line.mac, timings=timings)


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise LineMisconfigured(f"misbehave: {name} is a number, 0 or more; it is {value!r}.")
    return number
