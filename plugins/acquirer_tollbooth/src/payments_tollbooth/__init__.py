"""A worked example of an acquirer: a toll booth that looks at nothing but the amount. Enabled by `network=tollbooth`.

Amounts that end in 51 are declined, those that end in 52 are lost on their way, and all others are paid. It keeps every
promise of the port, in memory: a real network remembers for you.
"""

from collections.abc import Iterable, Mapping

import attrs

from payments_core.clock import Clock
from payments_core.hookspecs import hookimpl
from payments_core.ids import Ids
from payments_core.payments.answers import SILENCE, Answer, Outcome
from payments_core.payments.routing import is_enabled
from payments_core.ports import Acquirer, AuthorizationRequest, FollowUp, Store

NAME = "tollbooth"
DECLINED_ENDING, LOST_ENDING = 51, 52
NEVER_ARRIVED = Answer(outcome=Outcome.DECLINED, response_code="25", decline_code="processing_error")
NOT_ALLOWED = Answer(outcome=Outcome.DECLINED, response_code="57", decline_code="transaction_not_allowed")
REVOKED = Answer(outcome=Outcome.DECLINED, response_code="R1", decline_code="revocation_of_authorization")
TOO_EXPENSIVE = Answer(outcome=Outcome.DECLINED, response_code="51", decline_code="insufficient_funds")


@attrs.define(eq=False)
class Tollbooth:
    """An `Acquirer`. Each verb first looks whether it has answered this reference before."""

    ids: Ids
    name: str = NAME
    timeout_s: float = 5.0
    _answers: dict[tuple[str, str], Answer] = attrs.field(factory=dict, init=False)
    _held: dict[tuple[str, str], int] = attrs.field(factory=dict, init=False)

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Ask for a promise."""
        key = request.account_id, request.reference
        if request.amount % 100 == LOST_ENDING:
            return SILENCE
        if key not in self._answers:
            declines = request.amount % 100 == DECLINED_ENDING
            self._answers[key] = TOO_EXPENSIVE if declines else self._yes()
            self._held[key] = 0 if declines else request.amount
        return self._answers[key]

    async def increment(self, message: FollowUp) -> Answer:
        """Ask for a larger promise: of the new total, which must be more than what is held."""
        key, original = self._keys(message)
        if key not in self._answers:
            grows = 0 < self._held.get(original, 0) < message.amount
            self._answers[key] = self._yes() if grows else NOT_ALLOWED
            if grows:
                self._held[original] = message.amount
        return self._answers[key]

    async def reverse(self, message: FollowUp) -> Answer:
        """Give a promise back. If it has not arrived yet, it will be refused when it does."""
        key, original = self._keys(message)
        if key not in self._answers:
            self._answers.setdefault(original, REVOKED)
            self._held[original] = max(0, self._held.get(original, 0) - message.amount)
            self._answers[key] = self._yes()
        return self._answers[key]

    async def refund(self, message: FollowUp) -> Answer:
        """Send money back that was promised here."""
        key, original = self._keys(message)
        if key not in self._answers:
            known = self._answers.get(original, NEVER_ARRIVED)
            self._answers[key] = self._yes() if known.approved else NOT_ALLOWED
        return self._answers[key]

    async def inquire(self, message: FollowUp) -> Answer:
        """Tell what was answered to `original`; a promise that was refused before it came never arrived."""
        known = self._answers.get(self._keys(message)[1], NEVER_ARRIVED)
        return NEVER_ARRIVED if known is REVOKED else known

    def _keys(self, message: FollowUp) -> tuple[tuple[str, str], tuple[str, str]]:
        """Where the answer to this message is kept, and where that to its original."""
        return (message.account_id, message.reference), (message.account_id, message.original)

    def _yes(self) -> Answer:
        return Answer(
            outcome=Outcome.APPROVED,
            response_code="00",
            authorization_code=self.ids.secret(6).upper(),
            network_reference=self.ids.secret(12),
        )


@hookimpl
def payments_acquirers(
    settings: Mapping[str, str], store: Store, clock: Clock, ids: Ids
) -> Iterable[Acquirer]:
    """Bring the toll booth to gateways that name it."""
    return [Tollbooth(ids)] if is_enabled(settings, NAME) else []
