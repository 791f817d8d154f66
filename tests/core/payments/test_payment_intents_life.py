"""The life of payment intents at random, beside a model that knows what each step must do; and the books after each life."""

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from payments_core.errors import PaymentsError
from payments_core.operations.authentication import CompleteAuthentication
from payments_core.operations.intent_captures import CapturePaymentIntent, IncrementAuthorization
from payments_core.operations.intent_params import CardOptionParams, MethodOptionParams
from payments_core.operations.payment_intents import (
    CancelPaymentIntent,
    ConfirmPaymentIntent,
    CreatePaymentIntent,
    RetrievePaymentIntent,
    UpdatePaymentIntent,
)
from payments_core.payments.charges import Charge
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.ports import Query
from tests.support.shops import Shop, a_shop

GOOD, BAD, CHALLENGED = "pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired"
CARDS = st.sampled_from([GOOD, GOOD, BAD, CHALLENGED])
AMOUNTS = st.integers(min_value=100, max_value=5000)
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
PARTS = MethodOptionParams(card=CardOptionParams(request_multicapture="if_available"))


@attrs.define
class Model:
    """What we expect of one intent."""

    id: str
    amount: int
    manual: bool
    status: str = "requires_payment_method"
    card: str | None = None
    held: int = 0
    taken: int = 0
    challenge: str | None = None


class Lives(RuleBasedStateMachine):
    intents: Bundle[Model] = Bundle("intents")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.models: list[Model] = []
        folder = Path(tempfile.mkdtemp())
        self.shop: Shop = self.run(self.stack.enter_async_context(a_shop(folder)))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def do(self, command: Any) -> Any:
        """The result, or the refusal."""
        try:
            return self.run(self.shop.merchant.do(command))
        except PaymentsError as refusal:
            return refusal

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()

    @rule(target=intents, amount=AMOUNTS, manual=st.booleans(), card=st.none() | CARDS)
    def create(self, amount: int, manual: bool, card: str | None) -> Model:
        intent = self.do(
            CreatePaymentIntent(
                amount=amount,
                currency="usd",
                payment_method=card,
                capture_method="manual" if manual else "automatic",
                payment_method_options=PARTS,
            )
        )
        model = Model(intent.id, amount, manual, card=card)
        model.status = "requires_confirmation" if card else "requires_payment_method"
        self.models.append(model)
        return model

    @rule(model=intents, card=st.none() | CARDS)
    def confirm(self, model: Model, card: str | None) -> None:
        told = self.do(ConfirmPaymentIntent(id=model.id, payment_method=card))
        chosen = card or model.card
        if model.status not in OPEN or chosen is None:
            assert isinstance(told, PaymentsError)
            return
        model.card, model.challenge = chosen, None
        if chosen == BAD:
            assert isinstance(told, PaymentsError)
            model.status, model.card = "requires_payment_method", None
        elif chosen == CHALLENGED:
            model.status, model.challenge = "requires_action", told.next_action.authentication
        else:
            self._paid(model)

    def _paid(self, model: Model) -> None:
        model.challenge = None
        if model.manual:
            model.status, model.held = "requires_capture", model.amount
        else:
            model.status, model.taken = "succeeded", model.amount

    @rule(model=intents, succeeded=st.booleans())
    def end_challenge(self, model: Model, succeeded: bool) -> None:
        if model.challenge is None:
            return
        told = self.do(CompleteAuthentication(id=model.challenge, succeeded=succeeded))
        assert not isinstance(told, PaymentsError)
        if succeeded:
            self._paid(model)
        else:
            model.status, model.card, model.challenge = "requires_payment_method", None, None

    @rule(model=intents, amount=AMOUNTS)
    def reprice(self, model: Model, amount: int) -> None:
        told = self.do(UpdatePaymentIntent(id=model.id, amount=amount))
        assert isinstance(told, PaymentsError) == (model.status not in OPEN)
        if model.status in OPEN:
            if amount != model.amount and model.status == "requires_action":
                model.status, model.challenge = "requires_confirmation", None
            model.amount = amount

    @rule(model=intents, amount=AMOUNTS, final=st.booleans())
    def capture(self, model: Model, amount: int, final: bool) -> None:
        told = self.do(CapturePaymentIntent(id=model.id, amount_to_capture=amount, final_capture=final))
        fits = model.status == "requires_capture" and amount <= model.held
        assert isinstance(told, PaymentsError) != fits
        if fits:
            model.taken += amount
            model.held = 0 if final else model.held - amount
            model.status = "requires_capture" if model.held else "succeeded"

    @rule(model=intents, amount=AMOUNTS)
    def increment(self, model: Model, amount: int) -> None:
        told = self.do(IncrementAuthorization(id=model.id, amount=amount))
        fits = model.status == "requires_capture" and not model.taken and amount > model.amount
        if not fits:
            assert isinstance(told, PaymentsError)
        elif not isinstance(told, PaymentsError):  # ten increments are enough
            model.amount = model.held = amount

    @rule(model=intents)
    def cancel(self, model: Model) -> None:
        told = self.do(CancelPaymentIntent(id=model.id))
        fits = model.status in OPEN or (model.status == "requires_capture" and not model.taken)
        assert isinstance(told, PaymentsError) != fits
        if fits:
            model.status, model.held, model.challenge = "canceled", 0, None

    @rule()
    def work(self) -> None:
        self.run(self.shop.gateway.worker.run_once())

    @invariant()
    def every_intent_is_as_expected(self) -> None:
        for model in self.models:
            intent: PaymentIntent = self.do(RetrievePaymentIntent(id=model.id))
            assert (intent.status, intent.amount) == (model.status, model.amount)
            assert (intent.amount_capturable, intent.amount_received) == (model.held, model.taken)
            assert (intent.next_action is not None) == (model.status == "requires_action")

    @invariant()
    def the_books_hold_what_the_intents_say(self) -> None:
        books = self.run(self.shop.books())
        assert books.get("holds_pending", 0) == sum(model.held for model in self.models)
        assert books.get("network_receivable", 0) == sum(model.taken for model in self.models)

    @invariant()
    def no_intent_is_charged_twice(self) -> None:
        for model in self.models:
            query = Query(equal={"payment_intent": model.id}, limit=100)
            page = self.run(self.shop.ports.store.select(Charge, self.shop.id, query))
            assert sum(charge.status == "succeeded" for charge in page.items) <= 1


TestLives = Lives.TestCase
TestLives.settings = settings(suppress_health_check=list(HealthCheck))
