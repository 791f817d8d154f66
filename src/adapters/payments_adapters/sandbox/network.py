"""The network's switch: it knows which bank issued a number, carries messages there and answers back, and nets what is cleared.

It decides nothing about money and keeps nothing; numbers of no member's are refused on the spot.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from payments_adapters.sandbox.cardholders import Cardholder
from payments_adapters.sandbox.clearing import ClearingRecord, ClearingResult, Rejection, Totals, net
from payments_adapters.sandbox.decisions import NOT_FOUND, refusal
from payments_adapters.sandbox.issuer import Issuer
from payments_core import clock as time
from payments_core.clock import Clock
from payments_core.payments.answers import Answer
from payments_core.ports import AuthorizationRequest, FollowUp

NO_SUCH_ISSUER: Final = "15"


@attrs.frozen
class Cleared:
    """What the network reports of a batch: every record's answer, in order, and who is owed what."""

    results: tuple[ClearingResult, ...]
    totals: Totals


@attrs.frozen(eq=False)
class Network:
    """A card network with its member banks."""

    members: tuple[Issuer, ...]
    clock: Clock

    def issuer_of(self, bin_digits: str) -> Issuer | None:
        """The member whose numbers begin like this."""
        return next((issuer for issuer in self.members if bin_digits in issuer.bins), None)

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Carry a request to the bank that issued the card."""
        issuer = self.issuer_of(request.pan.bin)
        if issuer is None:
            return refusal("test_mode_live_card", response_code=NO_SUCH_ISSUER)
        return await issuer.authorize(request)

    async def reverse(self, message: FollowUp) -> Answer:
        """Carry a reversal to the bank that promised."""
        return await (await self._promised(message)).reverse(message)

    async def increment(self, message: FollowUp) -> Answer:
        """Carry an increment to the bank that promised."""
        return await (await self._promised(message)).increment(message)

    async def refund(self, message: FollowUp) -> Answer:
        """Carry a refund to the bank that promised."""
        return await (await self._promised(message)).refund(message)

    async def inquire(self, message: FollowUp) -> Answer:
        """Ask the bank that promised what it answered."""
        return await (await self._promised(message)).inquire(message)

    async def clear(self, records: Sequence[ClearingRecord]) -> Cleared:
        """Have every record verified by the bank that promised, and net what is owed."""
        answers: dict[int, ClearingResult] = {}
        for issuer in self.members:
            theirs = [at for at, record in enumerate(records) if self.issuer_of(record.bin) is issuer]
            results = await issuer.present([records[at] for at in theirs])
            answers |= dict(zip(theirs, results, strict=True))
        ordered = tuple(answers.get(at) or self._unroutable(record) for at, record in enumerate(records))
        return Cleared(ordered, net(ordered))

    def cardholder(self, request: AuthorizationRequest) -> Cardholder | None:
        """Whose card it is."""
        issuer = self.issuer_of(request.pan.bin)
        return issuer.cardholders.get(request.pan) if issuer else None

    async def _promised(self, message: FollowUp) -> Issuer:
        """The member that knows of the original; a later message bears no card number. If none does, the first one."""
        for issuer in self.members if len(self.members) > 1 else ():
            if (await issuer.inquire(message)).response_code != NOT_FOUND:
                return issuer
        return self.members[0]

    def _unroutable(self, record: ClearingRecord) -> ClearingResult:
        return ClearingResult(record=record, reason=Rejection.NO_SUCH_ISSUER, posted=time.now(self.clock))
