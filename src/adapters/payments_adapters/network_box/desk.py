"""The issuer's desk: what a message asks is put to the sandbox's network, and its answer is put into a message.

Here is no socket, and nothing is decided about money.
"""

from datetime import UTC, datetime
from typing import Final

import attrs

from payments_adapters.iso8583.conversation import Verb, read_said, write_reply
from payments_adapters.iso8583.errors import MalformedMessage
from payments_adapters.iso8583.kinds import Kind, kind_of
from payments_adapters.iso8583.meaning import answer
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.presenting import read_presentment, write_result
from payments_adapters.iso8583.profiles import NetworkProfile
from payments_adapters.sandbox.acquirer import SandboxAcquirer
from payments_core.clock import Clock
from payments_core.errors import CardRefused, Conflict, Unavailable
from payments_core.payments.answers import Answer, Outcome
from payments_core.ports import AuthorizationRequest, FollowUp

INVALID_NUMBER: Final = Answer(outcome=Outcome.DECLINED, response_code="14", decline_code="incorrect_number")
FORMAT_ERROR: Final = {0: "30", 1: "904"}


@attrs.frozen(eq=False)
class Desk:
    """Answers messages for the simulated network behind it; silence stays silence."""

    network: SandboxAcquirer
    profile: NetworkProfile
    clock: Clock

    async def __call__(self, message: Message) -> Message | None:
        """The answer to one message, or nothing."""
        try:
            if kind_of(message.mti) is Kind.FINANCIAL_ADVICE:
                return await self._present(message)
            said = await self._ask(message)
        except MalformedMessage:
            return answer(message, FORMAT_ERROR[self.profile.specification.version])
        except (Unavailable, Conflict):
            return None
        return None if said.outcome is Outcome.SILENCE else write_reply(message, said, self.profile)

    async def _ask(self, message: Message) -> Answer:
        year = datetime.fromtimestamp(self.clock.now_ms() / 1000, UTC).year
        try:
            verb, asked = read_said(message, self.profile, year)
        except CardRefused:
            return INVALID_NUMBER
        if isinstance(asked, AuthorizationRequest):
            return await self.network.authorize(asked)
        return await self._follow_up(verb, asked)

    async def _follow_up(self, verb: Verb, message: FollowUp) -> Answer:
        match verb:
            case Verb.INCREMENT:
                return await self.network.increment(message)
            case Verb.REVERSE:
                return await self.network.reverse(message)
            case Verb.REFUND:
                return await self.network.refund(message)
            case _:
                return await self.network.inquire(message)

    async def _present(self, message: Message) -> Message:
        record = read_presentment(message, self.profile)
        (result,) = await self.network.submit("", [record])
        return write_result(message, result, self.profile)
