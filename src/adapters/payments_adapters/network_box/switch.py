"""The switch: carries messages between an acquirer's line and an issuer's, under audit numbers of its own.

It remembers nothing but who waits. What it cannot carry it answers itself, with "issuer inoperative"; what the issuer leaves
unanswered, it leaves unanswered too.
"""

from typing import Final

import attrs

from payments_adapters.iso8583.errors import NotSent
from payments_adapters.iso8583.meaning import answer
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.notices import Silence
from payments_adapters.iso8583.session import Session

INOPERATIVE: Final = {0: "91", 1: "907"}
OWN: Final = (7, 11)
"""Elements that belong to one line: moment and audit number."""


@attrs.frozen(eq=False)
class Switch:
    """Forwards every request to the issuer at the other end of *issuer*."""

    issuer: Session

    async def __call__(self, message: Message) -> Message | None:
        """The issuer's answer to one message, or nothing."""
        trace = self.issuer.trace()
        carried = message.having({7: trace.transmission, 11: f"{trace.stan:06d}"})
        try:
            reply = await self.issuer.request(carried)
        except NotSent:
            return answer(message, INOPERATIVE[self.issuer.profile.specification.version])
        if isinstance(reply, Silence):
            return None
        return reply.having({number: message[number] for number in OWN})
