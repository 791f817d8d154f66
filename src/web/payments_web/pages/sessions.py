"""Finding what a page is about: a checkout session by its address, its rows, its payment. Reads, and decides nothing."""

from typing import Final

import attrs
from starlette.requests import Request

from payments_core.checkout.line_items import LineItem
from payments_core.checkout.sessions import CheckoutSession
from payments_core.gateway import Gateway
from payments_core.operations.checkout_confirming import is_secret
from payments_core.operations.checkout_pricing import lines_of
from payments_core.operations.work import Caller, Work
from payments_core.payments.payment_intents import PaymentIntent, PaymentIntentState
from payments_core.payments.setup_intents import SetupIntent
from payments_core.platform.accounts import Account, AccountId

ID_MAX: Final = 100


@attrs.frozen
class Visit:
    """A session, whose it is, and what stands of its payment."""

    account: Account
    session: CheckoutSession
    intent: PaymentIntent | SetupIntent | None

    @property
    def is_processing(self) -> bool:
        """Whether the network is being asked for the money."""
        return self.intent is not None and self.intent.status == PaymentIntentState.PROCESSING

    @property
    def message(self) -> str | None:
        """Why the last attempt came to nothing, as a payer may know it."""
        if self.intent is None or self.intent.last_error is None:
            return None
        return self.intent.last_error.message

    def knows(self, secret: object) -> bool:
        """Whether whoever asks was given the page."""
        return isinstance(secret, str) and is_secret(self.session, secret)


async def visit(gateway: Gateway, request: Request) -> Visit | None:
    """The session that a request's address names, or None."""
    account_id = AccountId(request.query_params.get("account", ""))
    session_id: str = request.path_params["id"]
    if not account_id or len(account_id) > ID_MAX or len(session_id) > ID_MAX:
        return None
    store = gateway.ports.store
    account = await store.find(Account, account_id, account_id)
    found = await store.find(CheckoutSession, account_id, session_id) if account else None
    if account is None or found is None:
        return None
    return Visit(account[0], found[0], await _intent(gateway, found[0]))


async def rows(gateway: Gateway, account: Account, session: CheckoutSession) -> tuple[LineItem, ...]:
    """What the session sells."""
    return await lines_of(Work(Caller(account=account), gateway.ports), session.id)


async def _intent(gateway: Gateway, session: CheckoutSession) -> PaymentIntent | SetupIntent | None:
    kind: type[PaymentIntent] | type[SetupIntent]
    kind, intent_id = PaymentIntent, session.payment_intent
    if intent_id is None:
        kind, intent_id = SetupIntent, session.setup_intent
    if intent_id is None:
        return None
    found = await gateway.ports.store.find(kind, session.account_id, intent_id)
    return found[0] if found else None
