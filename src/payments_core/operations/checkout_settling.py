"""What becomes of a checkout session when something happened to its payment, or to its time. Decides and stages; followers and a job."""

import logging
from typing import Final

from payments_core import clock
from payments_core.billing.customers import Customer
from payments_core.checkout.sessions import CheckoutSession, PaymentStatus, SessionState
from payments_core.clock import Timestamp
from payments_core.errors import Conflict, InvalidRequest, PaymentsError
from payments_core.operations.checkout_offers import release
from payments_core.operations.checkout_subscribing import begin_subscription, give_up_subscription
from payments_core.operations.confirming import abandon_challenge
from payments_core.operations.onboarding import find_account
from payments_core.operations.work import Caller, Work
from payments_core.payments.charges import Charge
from payments_core.payments.payment_intents import (
    PAYMENT_INTENT,
    PaymentIntent,
    PaymentIntentEvent,
    PaymentIntentState,
)
from payments_core.payments.setup_intents import SETUP_INTENT, SetupIntent, SetupIntentEvent
from payments_core.platform.accounts import AccountId
from payments_core.ports import Ports
from payments_core.values import evolve

LOG: Final = logging.getLogger("payments.checkout")
CHUNK: Final = 200
PATIENCE_S: Final = 60
"""How long a session whose time is over waits for a payment that is under way."""
_PAID: Final = {
    PaymentIntentState.SUCCEEDED: PaymentStatus.PAID,
    # Held and not yet taken: the merchant captures when the goods go out.
    PaymentIntentState.REQUIRES_CAPTURE: PaymentStatus.UNPAID,
}


async def settle_session(work: Work, charge: Charge) -> None:
    """The charge of a session's intent has succeeded or failed, and the intent says so already."""
    if charge.payment_intent is None:
        return
    intent = await work.get(PaymentIntent, charge.payment_intent)
    if intent.checkout_session is None or intent.status not in _PAID:
        return
    session = await work.get(CheckoutSession, intent.checkout_session)
    if session.status is SessionState.OPEN:
        await complete_session(work, session, _PAID[intent.status])


async def settle_setup_session(work: Work, intent: SetupIntent) -> None:
    """The card of a session's setup intent is ready."""
    if intent.checkout_session is None:
        return
    session = await work.get(CheckoutSession, intent.checkout_session)
    if session.status is SessionState.OPEN:
        if session.mode == "subscription":
            session = await begin_subscription(work, session, intent.payment_method)
        await complete_session(work, session, PaymentStatus.NO_PAYMENT_REQUIRED)


async def complete_session(
    work: Work, session: CheckoutSession, payment_status: PaymentStatus
) -> CheckoutSession:
    """Stage that the payer has done all there was to do."""
    await _tell_customer(work, session)
    session = session.completed(payment_status)
    work.put(session)
    work.announce("checkout.session.completed", session)
    return session


async def _tell_customer(work: Work, session: CheckoutSession) -> None:
    """Keep on the customer what the payer told, where the merchant wants that."""
    wanted = {name for name, when in session.customer_update.items() if when == "auto"}
    customer = await work.find(Customer, session.customer) if wanted and session.customer else None
    if customer is None or customer.deleted:
        return
    details = session.details
    if "name" in wanted and details and details.name:
        customer = evolve(customer, name=details.name)
    if "address" in wanted and details and details.address.line1:
        customer = evolve(customer, address=details.address)
    if "shipping" in wanted and session.shipping:
        customer = evolve(customer, shipping=session.shipping)
    work.put(customer)
    work.announce("customer.updated", customer)


async def in_progress(work: Work, session: CheckoutSession) -> None:
    """Refuse while a payment is under way, which nobody can call back."""
    intent = await payment_of(work, session)
    if intent is not None and intent.status is PaymentIntentState.PROCESSING:
        raise InvalidRequest(
            "A payment for this Checkout Session is being processed. Try again when it has succeeded or failed.",
            code="checkout_session_payment_in_progress",
            param="session",
        )


async def payment_of(work: Work, session: CheckoutSession) -> PaymentIntent | None:
    """The intent, once there is one."""
    return await work.find(PaymentIntent, session.payment_intent) if session.payment_intent else None


async def expire_session(work: Work, session: CheckoutSession) -> CheckoutSession:
    """Stage the end of an open session, and of its intent, so that a payer in another window is too late."""
    expired = (await release(work, session)).expired(work.now)
    work.put(expired)
    work.announce("checkout.session.expired", expired)
    await give_up_subscription(work, session)
    payment = await payment_of(work, session)
    if payment is not None and PAYMENT_INTENT.allows(payment.status, PaymentIntentEvent.CANCEL):
        await abandon_challenge(work, payment)
        payment = payment.canceled("automatic", work.now)
        work.put(payment)
        work.announce("payment_intent.canceled", payment)
    setup = await work.find(SetupIntent, session.setup_intent) if session.setup_intent else None
    if setup is not None and SETUP_INTENT.allows(setup.status, SetupIntentEvent.CANCEL):
        await abandon_challenge(work, setup)
        setup = setup.canceled("abandoned")
        work.put(setup)
        work.announce("setup_intent.canceled", setup)
    return expired


async def expire_sessions(ports: Ports) -> int:
    """Expire every session whose time is over; return how many that were."""
    ended = 0
    for session in await ports.store.due(CheckoutSession, clock.now(ports.clock), CHUNK):
        try:
            ended += await _expire(ports, session.account_id, session.id)
        except Conflict:
            continue  # the payer was faster
        except PaymentsError:
            LOG.exception("session %s of %s cannot be expired", session.id, session.account_id)
    return ended


async def _expire(ports: Ports, account_id: AccountId, session_id: str) -> bool:
    work = Work(Caller(account=await find_account(ports, account_id)), ports)
    session = await work.get(CheckoutSession, session_id)
    if session.due_at is None or session.due_at > work.now:
        return False
    try:
        await in_progress(work, session)
    except InvalidRequest:
        # The payment decides: if it fails, the session expires a little late.
        work.put(evolve(session, due_at=Timestamp(work.now + PATIENCE_S)))
        await work.commit()
        return False
    await expire_session(work, session)
    await work.commit()
    return True
