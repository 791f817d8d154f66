"""The acquirer's host of the sandbox: the core's way into the simulated network.

There is no line that could be slow, so nothing is timed; silence comes from cards that are known for it, and from storage
that cannot say whether it has written.
"""

from collections.abc import Awaitable, Sequence

import attrs

from payments_adapters.sandbox.clearing import ClearingKind as PresentedKind
from payments_adapters.sandbox.clearing import ClearingRecord as Presented
from payments_adapters.sandbox.clearing import ClearingResult as Answered
from payments_adapters.sandbox.network import Network
from payments_core.errors import Unavailable
from payments_core.payments.answers import SILENCE, Answer
from payments_core.ports import AuthorizationRequest, FollowUp
from payments_core.settlement.clearing import ClearingRecord, ClearingResult


@attrs.frozen(eq=False)
class SandboxAcquirer:
    """An `Acquirer` in front of the simulated network."""

    network: Network
    name: str = "sandbox"
    timeout_s: float = 10.0

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Ask for a promise."""
        cardholder = self.network.cardholder(request)
        silent = cardholder.silent if cardholder else None
        if silent == "request":
            return SILENCE
        answer = await _or_silence(self.network.authorize(request))
        return SILENCE if silent == "answer" else answer

    async def increment(self, message: FollowUp) -> Answer:
        """Ask for a larger promise."""
        return await _or_silence(self.network.increment(message))

    async def reverse(self, message: FollowUp) -> Answer:
        """Give a promise back, whole or in part."""
        return await _or_silence(self.network.reverse(message))

    async def refund(self, message: FollowUp) -> Answer:
        """Send taken money back to the payer."""
        return await _or_silence(self.network.refund(message))

    async def inquire(self, message: FollowUp) -> Answer:
        """Ask what became of the message `original`."""
        return await _or_silence(self.network.inquire(message))

    async def submit(self, batch: str, records: Sequence[ClearingRecord]) -> Sequence[ClearingResult]:
        """Present a part of a batch; the network has every record verified by the bank that promised."""
        cleared = await self.network.clear([_presented(record) for record in records])
        return [_answered(result) for result in cleared.results]


def _presented(record: ClearingRecord) -> Presented:
    return Presented(
        reference=record.reference,
        kind=PresentedKind(record.kind),
        account_id=record.account_id,
        merchant=record.merchant,
        original=record.original,
        authorization_code=record.authorization_code,
        bin=record.bin,
        amount=record.amount,
        currency=record.currency,
        captured=record.captured,
        final=record.final,
    )


def _answered(result: Answered) -> ClearingResult:
    return ClearingResult(
        reference=result.record.reference,
        amount=result.record.amount,
        reason=str(result.reason) if result.reason else None,
        repeated=result.repeated,
    )


async def _or_silence(answer: Awaitable[Answer]) -> Answer:
    """A bank that cannot reach its books says nothing at all."""
    try:
        return await answer
    except Unavailable:
        return SILENCE
