"""Which messages there are, and how their types belong together.

The first digit of a type is the version and comes from the specification; the rest is here.
"""

from enum import StrEnum


class Kind(StrEnum):
    """The last three digits of the type of a message that somebody sends first."""

    AUTHORIZATION = "100"
    AUTHORIZATION_ADVICE = "120"
    FINANCIAL = "200"
    FINANCIAL_ADVICE = "220"
    """The completion of an authorization, among others: it tells, it does not ask."""
    REVERSAL = "400"
    REVERSAL_ADVICE = "420"
    RECONCILIATION = "500"
    NETWORK = "800"

    def mti(self, version: int) -> str:
        """Return the whole message type."""
        return f"{version}{self.value}"


def kind_of(mti: str) -> Kind | None:
    """Return the kind of a request or advice, also of its repeat; nothing for answers and unknown types."""
    try:
        return Kind(f"{mti[1:3]}0")
    except ValueError:
        return None


def answer_mti(mti: str) -> str:
    """Return the type that answers *mti*: `0110` for `0100`, `0430` for `0420` and for its repeat `0421`."""
    return f"{mti[:2]}{int(mti[2]) + 1}0"


def repeat_mti(mti: str) -> str:
    """Return the type of the same message said again by the acquirer: `0421` for `0420`."""
    return f"{mti[:3]}1"


def message_class(mti: str) -> str:
    """Return the digit that a request and its answer share: 1 authorization, 2 financial, 4 reversal, …"""
    return mti[1:2]


class NetworkCode(StrEnum):
    """What a network management message is about."""

    SIGN_ON = "001"
    SIGN_OFF = "002"
    KEY_CHANGE = "161"
    ECHO = "301"


# The version of 1993 has function codes instead.
NETWORK_FUNCTIONS_1993 = {
    NetworkCode.SIGN_ON: "801",
    NetworkCode.SIGN_OFF: "802",
    NetworkCode.KEY_CHANGE: "811",
    NetworkCode.ECHO: "831",
}
