"""The acquirer that speaks ISO 8583: the core's port over one session.

It maps outcomes and knows no bytes. What is uncertain stays uncertain: an answer that did not come, or cannot be read, is
silence, and the core takes the promise back; a request of which no byte left is a decline that may be tried elsewhere.
A late answer needs nothing here, because every silence has its reversal already.
"""

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Self

import attrs

from payments_adapters.iso8583.conversation import (
    Terms,
    Verb,
    is_partial,
    read_reply,
    write_authorization,
    write_follow_up,
)
from payments_adapters.iso8583.errors import MalformedMessage, NotSent
from payments_adapters.iso8583.line import Line
from payments_adapters.iso8583.meaning import Trace
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.notices import Happening, Notice, Silence
from payments_adapters.iso8583.presenting import read_result, write_presentment
from payments_adapters.iso8583.session import Session, Timings
from payments_adapters.iso8583.traces import LAST_STAN, TraceCounter
from payments_core.errors import Unavailable
from payments_core.payments.answers import SILENCE, Answer, Outcome
from payments_core.ports import AuthorizationRequest, FollowUp
from payments_core.settlement.clearing import ClearingRecord, ClearingResult

LOG: Final = logging.getLogger("payments.iso8583")
PATIENCE_S: Final = 2.0
"""How long a request may wait for a session that is being signed on."""
REMEMBERED: Final = 10_000
ALARMING: Final = frozenset(
    {
        Happening.LATE_ANSWER,
        Happening.BROKEN_MAC,
        Happening.MALFORMED,
        Happening.HALF_WRITTEN,
        Happening.KEY_REFUSED,
        Happening.SIGN_ON_REFUSED,
        Happening.CONNECT_FAILED,
        Happening.UNMATCHED_ANSWER,
    }
)
REVERSAL_TRIES: Final = 3
"""How often one call says an advice; whoever called calls again later."""
PRESENTED_AT_ONCE: Final = 32

NOWHERE: Final = Answer(
    outcome=Outcome.DECLINED,
    response_code="91",
    decline_code="issuer_not_available",
    retry_elsewhere=True,
)
"""No byte left this machine."""
UNSPEAKABLE: Final = Answer(outcome=Outcome.DECLINED, response_code="30", decline_code="processing_error")
"""The network's format has no place for such a request."""
TOO_LITTLE: Final = Answer(outcome=Outcome.DECLINED, response_code="51", decline_code="insufficient_funds")
"""Only a part was promised, and it was given back."""


@attrs.define(eq=False)
class Iso8583Acquirer:
    """An `Acquirer` on the other side of a session. It belongs to the event loop that opens it."""

    session: Session
    terms: Terms = Terms()
    name: str = "iso8583"
    patience_s: float = PATIENCE_S
    _traces: OrderedDict[str, Trace] = attrs.field(factory=OrderedDict, init=False, repr=False)
    _is_open: bool = attrs.field(default=False, init=False)

    @classmethod
    def of(cls, line: Line, terms: Terms, *, timings: Timings | None = None, name: str = "iso8583") -> Self:
        """An acquirer over a session of its own; it connects when it is opened."""
        repeats = line.answer_s / REVERSAL_TRIES
        session = Session(
            profile=line.profile,
            endpoints=line.endpoints,
            mac=line.mac,
            timings=timings or Timings(answer_s=line.answer_s, repeat_every_s=repeats),
            observer=_note,
            # Messages are found by their references, so the audit number only has to be new to this connection.
            traces=TraceCounter(last_used=secrets.randbelow(LAST_STAN)),
        )
        return cls(session, terms, name)

    @property
    def timeout_s(self) -> float:
        """A little more than the session takes, so that it is the session that notices silence."""
        return self.patience_s + self.session.timings.answer_s + 1.0

    async def open(self) -> None:
        """Begin to connect, and stay connected."""
        if not self._is_open:
            self._is_open = True
            await self.session.start()

    async def close(self) -> None:
        """Wait for what is under way, sign off and disconnect."""
        if self._is_open:
            await self.session.close()

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Ask for a promise."""
        trace = self.session.trace()
        try:
            message = write_authorization(request, trace, self.session.profile, self.terms)
            self._remember(request.reference, trace)
            reply = await self._request(message)
        except NotSent:
            return NOWHERE
        except MalformedMessage as refusal:
            LOG.warning("a request cannot be written: %s", refusal)
            return UNSPEAKABLE
        if isinstance(reply, Message) and self._is_partial(reply):
            return await self._without_a_part(request)
        return self._answer(reply)

    async def increment(self, message: FollowUp) -> Answer:
        """Ask for a larger promise."""
        return await self._follow_up(Verb.INCREMENT, message)

    async def reverse(self, message: FollowUp) -> Answer:
        """Give a promise back, whole or in part."""
        said = self._written(Verb.REVERSE, message)
        try:
            async with asyncio.timeout(self.timeout_s):
                await self.open()
                return self._answer(await self.session.reverse(said, REVERSAL_TRIES))
        except (NotSent, MalformedMessage, TimeoutError):
            return SILENCE

    async def refund(self, message: FollowUp) -> Answer:
        """Send taken money back to the payer."""
        return await self._follow_up(Verb.REFUND, message)

    async def inquire(self, message: FollowUp) -> Answer:
        """Ask what became of the message `original`."""
        return await self._follow_up(Verb.INQUIRE, message)

    async def submit(self, batch: str, records: Sequence[ClearingRecord]) -> Sequence[ClearingResult]:
        """Present *records*, several at once. If any of them stays unanswered, all may be presented again."""
        turns = asyncio.Semaphore(PRESENTED_AT_ONCE)

        async def present(record: ClearingRecord) -> ClearingResult:
            async with turns:
                return await self._present(record)

        told = await asyncio.gather(*map(present, records), return_exceptions=True)
        for answer in told:
            if isinstance(answer, BaseException):
                raise answer
        return [answer for answer in told if isinstance(answer, ClearingResult)]

    async def _present(self, record: ClearingRecord) -> ClearingResult:
        profile = self.session.profile
        said = write_presentment(record, self.session.trace(), profile, self.terms)
        try:
            async with asyncio.timeout(self.timeout_s):
                await self.open()
                reply = await self.session.advise(said, REVERSAL_TRIES)
        except NotSent as refusal:
            raise Unavailable(f"A presentment was not sent: {refusal}.") from refusal
        if isinstance(reply, Silence):
            raise TimeoutError("The network did not answer a presentment.")
        return read_result(reply, record, profile)

    async def _follow_up(self, verb: Verb, message: FollowUp) -> Answer:
        """Say it once. Not sent is silence too: an earlier try with this reference may have arrived."""
        try:
            return self._answer(await self._request(self._written(verb, message)))
        except (NotSent, MalformedMessage):
            return SILENCE

    async def _request(self, message: Message) -> Message | Silence:
        await self.open()
        if not self.session.is_ready:
            await self.session.ready(self.patience_s)
        return await self.session.request(message)

    async def _without_a_part(self, request: AuthorizationRequest) -> Answer:
        """Nobody asked for a part: give it back. If that stays unanswered, the whole stays in doubt."""
        reversal = FollowUp(
            reference=f"{request.reference}.part",
            original=request.reference,
            network_reference=None,
            account_id=request.account_id,
            amount=request.amount,
            currency=request.currency,
        )
        given_back = await self.reverse(reversal)
        return TOO_LITTLE if given_back.approved else SILENCE

    def _written(self, verb: Verb, message: FollowUp) -> Message:
        original = self._traces.get(message.original)
        return write_follow_up(
            verb, message, self.session.trace(), self.session.profile, self.terms, original
        )

    def _answer(self, reply: Message | Silence) -> Answer:
        if isinstance(reply, Silence):
            return SILENCE
        try:
            return read_reply(reply, self.session.profile)
        except MalformedMessage as refusal:
            LOG.warning("an answer cannot be read and counts as silence: %s", refusal)
            return SILENCE

    def _is_partial(self, reply: Message) -> bool:
        try:
            return is_partial(reply, self.session.profile)
        except MalformedMessage:
            return False

    def _remember(self, reference: str, trace: Trace) -> None:
        """Keep the latest traces for element 90. Who crashed does without: references are enough."""
        self._traces[reference] = attrs.evolve(
            trace, reference=""
        )  # twelve digits can look like a card number
        if len(self._traces) > REMEMBERED:
            self._traces.popitem(last=False)


def _note(notice: Notice) -> None:
    level = logging.WARNING if notice.happening in ALARMING else logging.DEBUG
    LOG.log(level, "%s at %s %s", notice.happening, notice.endpoint, notice.detail)
