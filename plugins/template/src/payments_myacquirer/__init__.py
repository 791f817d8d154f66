"""An acquirer of your own: fill in `_ask`, and say which network you reach. Enabled by `network=myacquirer`."""

from collections.abc import Iterable, Mapping

from payments_core.clock import Clock
from payments_core.hookspecs import hookimpl
from payments_core.ids import Ids
from payments_core.payments.answers import Answer, Outcome
from payments_core.payments.routing import is_enabled
from payments_core.ports import Acquirer, AuthorizationRequest, FollowUp, Store

NAME = "myacquirer"
NOT_SUPPORTED = Answer(outcome=Outcome.DECLINED, response_code="40", decline_code="transaction_not_allowed")
NEVER_ARRIVED = Answer(outcome=Outcome.DECLINED, response_code="25", decline_code="processing_error")


class MyAcquirer:
    """The five verbs of an `Acquirer`. None of them raises for what the network says, or fails to say."""

    name = NAME
    timeout_s = 10.0

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._known: dict[tuple[str, str], Answer] = {}  # your network's memory, not yours: remove it

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Ask for a promise. `request.pan.reveal()` is the card number: say it to the network and to nobody else."""
        return await self._ask(request.account_id, request.reference, request.amount)

    async def reverse(self, message: FollowUp) -> Answer:
        """Give a promise back. What never arrived is given back too."""
        return Answer(outcome=Outcome.APPROVED, response_code="00", network_reference=message.reference)

    async def inquire(self, message: FollowUp) -> Answer:
        """Ask what became of an earlier message; by its reference, because the process that sent it may be gone."""
        return self._known.get((message.account_id, message.original), NEVER_ARRIVED)

    async def increment(self, message: FollowUp) -> Answer:
        """Ask for a larger promise, if the network can."""
        return NOT_SUPPORTED

    async def refund(self, message: FollowUp) -> Answer:
        """Send taken money back, if the network can."""
        return NOT_SUPPORTED

    async def _ask(self, account_id: str, reference: str, amount: int) -> Answer:
        """Here the network is asked. A repeated reference must get the answer that the first one got."""
        key = account_id, reference
        if key not in self._known:
            self._known[key] = self._made_up(amount)
        return self._known[key]

    def _made_up(self, amount: int) -> Answer:
        reference = self._ids.secret(12)
        if amount % 100 == 1:
            return Answer(
                outcome=Outcome.DECLINED,
                response_code="05",
                decline_code="generic_decline",
                network_reference=reference,
            )
        return Answer(
            outcome=Outcome.APPROVED,
            response_code="00",
            authorization_code=self._ids.secret(6).upper(),
            network_reference=reference,
        )


@hookimpl
def payments_acquirers(
    settings: Mapping[str, str], store: Store, clock: Clock, ids: Ids
) -> Iterable[Acquirer]:
    """Bring the acquirer to gateways that name it."""
    return [MyAcquirer(ids)] if is_enabled(settings, NAME) else []
