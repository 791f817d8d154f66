"""Addresses: which ones of the internet a delivery may go to. Asked of numbers, never of names.

What a name means is decided once, here, and the connection goes to that very number; so neither a second look-up nor another
way of writing an address leads to a place inside.
"""

import asyncio
import ipaddress
import socket
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_REFUSED: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "64:ff9b:1::/48",
        "fec0::/10",
    )
)


class AddressRefused(OSError):
    """Nothing is ever sent there."""


def is_public(address: Address) -> bool:
    """Say whether an address belongs to the internet at large, seen through mappings and tunnels."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is None and address.teredo is not None:
            return False
        if inner is None and int(address) >> 32 == 0:  # ::a.b.c.d, as it was once written
            return False
        if inner is not None:
            return is_public(inner)
    if any(address.version == network.version and address in network for network in _REFUSED):
        return False
    return address.is_global and not address.is_multicast


async def resolve(host: str, port: int, *, private_too: bool) -> list[str]:
    """The addresses behind a name, as numbers. One that is not public refuses them all."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OSError(f"the name {host[:100]} cannot be resolved") from error
    numbers = list(dict.fromkeys(str(place[4][0]) for place in found))
    for number in numbers:
        if not private_too and not is_public(ipaddress.ip_address(number.partition("%")[0])):
            raise AddressRefused(f"{host[:100]} is an address that is not public")
    if not numbers:
        raise OSError(f"the name {host[:100]} has no address")
    return numbers
