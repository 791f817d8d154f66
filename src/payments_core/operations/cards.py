"""From what a caller names as payer to a card that can be charged: tokens, saved cards, test cards, raw card data.

Card numbers pass through here masked; only the vault and the connectors look inside.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Literal

import attrs

from payments_core.billing.customers import Customer
from payments_core.errors import CardRefused, Declined, InvalidRequest, NotFound, ParamInvalid
from payments_core.operations.declaring import Message
from payments_core.operations.keeping_time import keep_time
from payments_core.operations.work import Work
from payments_core.payments.answers import SILENCE, Answer, Outcome
from payments_core.payments.declines import explain
from payments_core.ports import AuthorizationRequest
from payments_core.rules import PaymentContext
from payments_core.tokenization.cards import CardInput, Cvc, Expiry, Pan, brand_of
from payments_core.tokenization.payment_methods import (
    Address,
    BillingDetails,
    CardFacts,
    CardId,
    PaymentMethod,
    PaymentMethodId,
    SealedCard,
)
from payments_core.tokenization.tokens import Token


@attrs.frozen(kw_only=True)
class CardParams:
    """Card details as the tokens and sources APIs take them, address parts by their older names."""

    object: Literal["card"] = "card"
    number: Pan
    exp_month: int
    exp_year: int
    cvc: str | None = None
    name: str | None = None
    currency: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_city: str | None = None
    address_state: str | None = None
    address_zip: str | None = None
    address_country: str | None = None

    @property
    def billing(self) -> BillingDetails:
        """Name and address of the cardholder."""
        address = Address(
            line1=self.address_line1 or None,
            line2=self.address_line2 or None,
            city=self.address_city or None,
            state=self.address_state or None,
            postal_code=self.address_zip or None,
            country=self.address_country or None,
        )
        return BillingDetails(name=self.name or None, address=address)


@attrs.frozen(kw_only=True, slots=False)
class Payer:
    """A card ready to be charged, and what is known of its holder."""

    method: str
    """Id of the payment method, card or token's card: what the charge shows."""
    card: CardFacts
    billing: BillingDetails
    customer: str | None = None
    in_hand: CardInput | None = None
    """The card itself, when it came with this request and the vault need not be asked."""


def read_card(work: Work, params: CardParams) -> CardInput:
    """Check number, expiry and code, or raise `CardRefused`."""
    today = datetime.fromtimestamp(work.now, UTC).date()
    expiry = Expiry.given(params.exp_month, params.exp_year, today=today)
    cvc = Cvc(params.cvc, brand_of(params.number)) if params.cvc else None
    return CardInput(number=params.number, expiry=expiry, cvc=cvc)


def tokenize(work: Work, card: CardInput) -> CardFacts:
    """Seal the number, stage the envelope, and return what may be shown."""
    ports = work.ports
    card_id = CardId(work.new_id("card"))
    pan = card.number
    work.put(
        SealedCard(
            account_id=work.account_id,
            id=card_id,
            created=work.now,
            sealed=ports.vault.seal(work.account_id, card_id, pan),
        )
    )
    if card.cvc is not None:
        ports.cvcs.keep(work.account_id, card_id, card.cvc)
    facts = ports.rules.bin_facts(pan.bin, pan.last4)
    return CardFacts(
        id=card_id,
        brand=brand_of(pan),
        bin=pan.bin,
        last4=pan.last4,
        exp_month=card.expiry.month,
        exp_year=card.expiry.year,
        fingerprint=ports.vault.fingerprint(pan),
        funding=facts.funding,
        country=facts.country,
    )


def test_card(work: Work, name: str) -> CardInput | None:
    """The card behind a documented test token or payment method; there are none in live mode."""
    return None if work.account.livemode else work.ports.rules.test_card(name)


async def spend_token(
    work: Work, token_id: str, *, param: str = "source"
) -> tuple[CardFacts, BillingDetails]:
    """Use a token, or a test token, and return its card."""
    card = test_card(work, token_id)
    if card is not None:
        return tokenize(work, card), BillingDetails()
    token = await work.get(Token, token_id, param=param)
    work.put(token.use())
    return token.card, token.billing


async def payer_for(work: Work, source: str | CardParams | None, customer_id: str | None) -> Payer:
    """Find the card that `source` and `customer` name in the older charges API."""
    if source == "":
        raise ParamInvalid(
            "You passed an empty string for 'source'.", code="parameter_invalid_empty", param="source"
        )
    if customer_id is not None:
        return await _customers_card(work, customer_id, source)
    if source is None:
        raise InvalidRequest("Must provide source or customer.", code="parameter_missing", param="source")
    if isinstance(source, CardParams):
        card = read_card(work, source)
        facts = tokenize(work, card)
        return Payer(method=facts.id, card=facts, billing=source.billing, in_hand=card)
    known = test_card(work, source)
    if known is not None:
        facts = tokenize(work, known)
        return Payer(method=facts.id, card=facts, billing=BillingDetails(), in_hand=known)
    if source.startswith("tok_"):
        facts, billing = await spend_token(work, source)
        return Payer(method=facts.id, card=facts, billing=billing)
    return await payer_by_method(work, source, None, param="source")


async def payer_by_method(work: Work, method_id: str, customer_id: str | None, *, param: str) -> Payer:
    """Find the card of a payment method; one that belongs to a customer is charged for that customer alone."""
    known = test_card(work, method_id)
    if known is not None:
        facts = tokenize(work, known)
        method = PaymentMethod(
            account_id=work.account_id,
            id=PaymentMethodId(work.new_id("pm")),
            created=work.now,
            card=facts,
        )
        work.put(method)
        return Payer(
            method=method.id, card=facts, billing=method.billing, customer=customer_id, in_hand=known
        )
    found = await work.get(PaymentMethod, method_id, param=param)
    if found.customer is not None and found.customer != customer_id:
        raise InvalidRequest(
            f"The payment method {method_id} belongs to a customer: name that customer to charge it.",
            code="payment_method_invalid_parameter",
            param=param,
        )
    if found.customer is None and (found.detached or found.used):
        found.attach("")  # raises: it says why such a method is of no use any more
    return Payer(method=found.id, card=found.card, billing=found.billing, customer=customer_id)


async def _customers_card(work: Work, customer_id: str, source: str | CardParams | None) -> Payer:
    customer = await live_customer(work, customer_id)
    if source is None:
        if customer.pays_with is None:
            raise CardRefused(
                "Cannot charge a customer that has no active card", code="missing", param="card"
            )
        return await payer_by_method(work, customer.pays_with, customer.id, param="customer")
    if isinstance(source, CardParams):
        card = read_card(work, source)
        facts = tokenize(work, card)
        return Payer(method=facts.id, card=facts, billing=source.billing, customer=customer.id, in_hand=card)
    method = await work.find(PaymentMethod, source)
    if method is None or method.customer != customer.id:
        raise InvalidRequest(
            f"Customer {customer.id} does not have a linked source with ID {source}.",
            code="missing",
            param="source",
        )
    return Payer(method=method.id, card=method.card, billing=method.billing, customer=customer.id)


async def live_customer(work: Work, customer_id: str, *, param: str = "customer") -> Customer:
    """The customer, unless deleted. From here on it is as late as the customer's test clock says."""
    customer = await work.get(Customer, customer_id, param=param)
    if customer.deleted:
        raise NotFound("customer", customer_id, param=param)
    await keep_time(work, customer.test_clock)
    return customer


async def reveal_for(work: Work, payer: Payer) -> tuple[Pan, Cvc | None]:
    """The sealed number as a masked value for a connector, and the code if it is still in memory."""
    cvc = work.ports.cvcs.take(work.account_id, payer.card.id)
    if payer.in_hand is not None:
        return payer.in_hand.number, payer.in_hand.cvc
    sealed = await work.get(SealedCard, payer.card.id)
    return work.ports.vault.open(work.account_id, payer.card.id, sealed.sealed), cvc


def context_of(
    work: Work, payer: Payer, amount: int, currency: str, *, off_session: bool = False
) -> PaymentContext:
    """What pricing, routing and risk rules may look at."""
    card = payer.card
    return PaymentContext(
        account_id=work.account_id,
        amount=amount,
        currency=currency,
        brand=card.brand,
        bin=card.bin,
        country=card.country,
        funding=card.funding,
        fingerprint=card.fingerprint,
        customer=payer.customer,
        client_ip=work.caller.client_ip,
        off_session=off_session,
    )


async def verify(work: Work, payer: Payer) -> CardFacts:
    """Ask the issuer whether the card is good, for no money; raise `Declined` if not.

    No attempt is kept: nothing is promised, so nothing can be lost.
    """
    currency = work.account.default_currency
    route = work.ports.rules.route(context_of(work, payer, 0, currency), tuple(work.ports.acquirers))
    pan, cvc = await reveal_for(work, payer)
    request = AuthorizationRequest(
        reference=work.new_id("verify"),
        account_id=work.account_id,
        merchant=work.account.name,
        amount=0,
        currency=currency,
        pan=pan,
        expiry=Expiry(month=payer.card.exp_month, year=payer.card.exp_year),
        cvc=cvc,
        address=payer.billing.address,
        capture_now=False,
    )
    answer = SILENCE
    for name in route:
        acquirer = work.ports.acquirers[name]
        answer = await Message(partial(acquirer.authorize, request), acquirer.timeout_s).answer()
        if answer.approved:
            return payer.card.checked(answer.checks)
        if not answer.retry_elsewhere:
            break
    raise declined(answer)


def declined(answer: Answer, **about: object) -> Declined:
    """The error that tells a payer why the network said no."""
    code = answer.decline_code or (
        "processing_error" if answer.outcome is Outcome.SILENCE else "generic_decline"
    )
    decline = explain(code)
    about = {key: value for key, value in about.items() if value is not None}
    if decline.advice_code:
        about["advice_code"] = decline.advice_code
    if answer.response_code:
        about["network_decline_code"] = answer.response_code
    return Declined(
        decline.message, code=decline.code, decline_code=decline.shown, about=about, param=decline.param
    )
