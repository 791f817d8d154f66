"""What both ends of a line read from the settings: the profile, the MAC key, the addresses.

    iso8583_profile    plain-1987-ascii (the default), plain-1987-binary, plain-1993-ascii, plain-1993-binary
    iso8583_mac        aes-cmac (the default), retail
    iso8583_mac_key    hexadecimal; without it messages carry no code
    iso8583_hosts      HOST:PORT, several separated by commas; the next one is tried when one is down
    iso8583_timeout    seconds until an unanswered request counts as silence, 15 by default

Command line and environment name them `PAYMENTS_ISO8583_…`.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from payments_adapters.iso8583.conversation import conversant
from payments_adapters.iso8583.mac import AesCmac, Mac, RetailMac
from payments_adapters.iso8583.profiles import (
    PLAIN_1987_ASCII,
    PLAIN_1987_BINARY,
    PLAIN_1993_ASCII,
    PLAIN_1993_BINARY,
    NetworkProfile,
)
from payments_adapters.iso8583.session import Endpoint

PROFILES: Final[Mapping[str, NetworkProfile]] = {
    profile.name.replace(" ", "-"): conversant(profile)
    for profile in (PLAIN_1987_ASCII, PLAIN_1987_BINARY, PLAIN_1993_ASCII, PLAIN_1993_BINARY)
}
MACS: Final[Mapping[str, type[AesCmac] | type[RetailMac]]] = {"aes-cmac": AesCmac, "retail": RetailMac}
PORT: Final = 8583
ANSWER_S: Final = 15.0


class LineMisconfigured(ValueError):
    """A setting of the line cannot be used; the message says which and why."""


@attrs.frozen(kw_only=True)
class Line:
    """One line, as the settings describe it."""

    profile: NetworkProfile
    mac: Mac | None
    endpoints: tuple[Endpoint, ...]
    answer_s: float

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> "Line":
        """The line of these settings, or a refusal that names the setting."""
        name = settings.get("iso8583_profile", "plain-1987-ascii")
        if name not in PROFILES:
            raise LineMisconfigured(f"iso8583_profile is one of {', '.join(PROFILES)}; it is {name!r}.")
        hosts = settings.get("iso8583_hosts") or f"127.0.0.1:{PORT}"
        return cls(
            profile=PROFILES[name],
            mac=_mac(settings),
            endpoints=tuple(endpoint(host) for host in hosts.split(",")),
            answer_s=_seconds(settings.get("iso8583_timeout", str(ANSWER_S))),
        )


def endpoint(text: str) -> Endpoint:
    """The address `HOST:PORT`."""
    host, _, port = text.strip().rpartition(":")
    if not host or not (port.isascii() and port.isdigit()):
        raise LineMisconfigured(f"iso8583_hosts holds HOST:PORT, separated by commas; one is {text!r}.")
    return Endpoint(host, int(port))


def _mac(settings: Mapping[str, str]) -> Mac | None:
    if not settings.get("iso8583_mac_key"):
        return None
    name = settings.get("iso8583_mac", "aes-cmac")
    if name not in MACS:
        raise LineMisconfigured(f"iso8583_mac is one of {', '.join(MACS)}; it is {name!r}.")
    try:
        return MACS[name](bytes.fromhex(settings["iso8583_mac_key"]))
    except ValueError as refusal:  # the key itself is not repeated
        raise LineMisconfigured(f"iso8583_mac_key is not a key in hexadecimal: {refusal}.") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise LineMisconfigured(f"iso8583_timeout is a number of seconds; it is {text!r}.")
    return seconds
