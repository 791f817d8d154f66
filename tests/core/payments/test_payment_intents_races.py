"""Two at once: one charge, one winner, one capture. And the life of a process that ends between its two commits."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_core.errors import Conflict, Declined, NotFound, PaymentsError
from payments_core.gateway import OPERATIONS, Gateway, Merchant
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.authentication import CompleteAuthentication
from payments_core.operations.customers import CreateCustomer, DeleteCustomer
from payments_core.operations.intent_captures import CapturePaymentIntent, IncrementAuthorization
from payments_core.operations.jobs import BY_NAME
from payments_core.operations.payment_intents import (
    CancelPaymentIntent,
    ConfirmPaymentIntent,
    CreatePaymentIntent,
    RetrievePaymentIntent,
)
from payments_core.operations.payment_methods import (
    AttachPaymentMethod,
    CreatePaymentMethod,
    MethodCardParams,
)
from payments_core.operations.performing import Done
from payments_core.operations.recovering import recover
from payments_core.operations.setup_intents import ConfirmSetupIntent, CreateSetupIntent
from payments_core.operations.work import Caller
from payments_core.payments.answers import SILENCE, Answer
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.payments.refunds import Refund
from payments_core.ports import Acquirer, AuthorizationRequest, FollowUp, Query
from payments_core.tokenization.cards import Pan
from payments_core.tokenization.payment_methods import PaymentMethod
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


class ProcessEnded(BaseException):
    """What a plug that is pulled looks like from inside."""


@attrs.define(eq=False)
class Interrupted:
    """Another acquirer; after (or before) one verb arrived there, something happens to the process that waits."""

    acquirer: Acquirer
    verb: str
    arrives: bool = True
    silent: bool = False
    """The process goes on and hears nothing."""
    armed: bool = True

    @property
    def name(self) -> str:
        return self.acquirer.name

    @property
    def timeout_s(self) -> float:
        return self.acquirer.timeout_s

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        return await self._pass("authorize", request)

    async def increment(self, message: FollowUp) -> Answer:
        return await self._pass("increment", message)

    async def reverse(self, message: FollowUp) -> Answer:
        return await self._pass("reverse", message)

    async def refund(self, message: FollowUp) -> Answer:
        return await self._pass("refund", message)

    async def inquire(self, message: FollowUp) -> Answer:
        return await self._pass("inquire", message)

    async def _pass(self, verb: str, message: Any) -> Answer:
        strikes = self.armed and verb == self.verb
        if strikes:
            self.armed = False
            if self.arrives:
                await getattr(self.acquirer, verb)(message)
            if self.silent:
                return SILENCE
            raise ProcessEnded
        answer: Answer = await getattr(self.acquirer, verb)(message)
        return answer


@attrs.define(eq=False)
class Overtaken:
    """Another acquirer; while a request is on its way there, somebody else is faster once."""

    acquirer: Acquirer
    command: Any
    merchant: Merchant

    @property
    def name(self) -> str:
        return self.acquirer.name

    @property
    def timeout_s(self) -> float:
        return self.acquirer.timeout_s

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        command, self.command = self.command, None
        if command is not None:
            await self.merchant.do(command)
        return await self.acquirer.authorize(request)


def interrupted(shop: Shop, verb: str, **how: bool) -> Merchant:
    """The same merchant in another process, to which something will happen."""
    acquirers = {name: Interrupted(acquirer, verb, **how) for name, acquirer in shop.ports.acquirers.items()}
    ports = attrs.evolve(shop.ports, acquirers=acquirers)
    return Merchant(shop.merchant.account, Gateway.over(ports).performer)


async def perform(merchant: Merchant, command: Any, key: str | None = None) -> Done:
    operation = OPERATIONS[type(command)]
    caller = Caller(account=merchant.account, idempotency_key=key, fingerprint=repr(command))
    return await merchant.performer.perform(operation, command, caller)


async def recovered(shop: Shop, seconds: int = 60) -> None:
    shop.clock.advance(seconds)
    while await recover(shop.ports, BY_NAME.get):
        pass


async def both(*commands: Any) -> list[Any]:
    return await asyncio.gather(*commands, return_exceptions=True)


def won(results: list[Any]) -> list[Any]:
    assert all(isinstance(r, PaymentsError) for r in results if isinstance(r, BaseException)), results
    return [result for result in results if not isinstance(result, BaseException)]


async def begin(shop: Shop, **more: Any) -> PaymentIntent:
    known: dict[str, Any] = {"amount": 2000, "currency": "usd", "payment_method": "pm_card_visa"}
    return await shop.merchant.do(CreatePaymentIntent(**known | more))


async def of(shop: Shop, kind: type[Any], intent: PaymentIntent) -> list[Any]:
    page = await shop.ports.store.select(kind, shop.id, Query(equal={"payment_intent": intent.id}, limit=100))
    return list(page.items)


async def now(shop: Shop, intent: PaymentIntent) -> PaymentIntent:
    return await shop.merchant.do(RetrievePaymentIntent(id=intent.id))


class TestTwoAtOnce:
    async def test_confirmations_make_one_charge(self, shop: Shop) -> None:
        intent = await begin(shop)
        results = await both(*(shop.merchant.do(ConfirmPaymentIntent(id=intent.id)) for _ in range(8)))

        assert len(won(results)) == 1
        assert len(await of(shop, Charge, intent)) == 1
        assert {r.code for r in results if isinstance(r, PaymentsError)} == {
            "payment_intent_unexpected_state"
        }

    async def test_confirmations_with_different_cards_make_one_charge(self, shop: Shop) -> None:
        intent = await begin(shop)
        cards = ("pm_card_visa", "pm_card_mastercard", "pm_card_chargeDeclined")
        await both(
            *(shop.merchant.do(ConfirmPaymentIntent(id=intent.id, payment_method=card)) for card in cards)
        )

        assert len(await of(shop, Charge, intent)) == 1

    async def test_confirmation_and_cancellation_have_one_winner(self, shop: Shop) -> None:
        for _ in range(5):
            intent = await begin(shop)
            results = await both(
                shop.merchant.do(ConfirmPaymentIntent(id=intent.id)),
                shop.merchant.do(CancelPaymentIntent(id=intent.id)),
            )
            charges = await of(shop, Charge, intent)

            assert len(won(results)) == 1
            assert (await now(shop, intent)).status == won(results)[0].status
            assert len(charges) == (won(results)[0].status == "succeeded")

    async def test_captures_take_the_money_once(self, shop: Shop) -> None:
        intent = await begin(shop, capture_method="manual", confirm=True)
        results = await both(*(shop.merchant.do(CapturePaymentIntent(id=intent.id)) for _ in range(5)))

        assert len(won(results)) == 1
        assert (await shop.books())["network_receivable"] == 2000

    async def test_capture_and_cancellation_have_one_winner(self, shop: Shop) -> None:
        intent = await begin(shop, capture_method="manual", confirm=True)
        results = await both(
            shop.merchant.do(CapturePaymentIntent(id=intent.id)),
            shop.merchant.do(CancelPaymentIntent(id=intent.id)),
        )
        taken = (await shop.books()).get("network_receivable", 0)

        assert len(won(results)) == 1
        assert taken == (2000 if won(results)[0].status == "succeeded" else 0)

    async def test_cancellations_give_the_hold_back_once(self, shop: Shop) -> None:
        intent = await begin(shop, capture_method="manual", confirm=True)
        results = await both(*(shop.merchant.do(CancelPaymentIntent(id=intent.id)) for _ in range(5)))

        assert len(won(results)) == 1
        assert len(await of(shop, Refund, intent)) == 1

    async def test_ends_of_a_challenge_make_one_charge(self, shop: Shop) -> None:
        intent = await begin(shop, payment_method="pm_card_authenticationRequired", confirm=True)
        assert intent.next_action is not None
        challenge = intent.next_action.authentication
        results = await both(
            *(
                shop.merchant.do(CompleteAuthentication(id=challenge, succeeded=succeeded))
                for succeeded in (True, True, False, True)
            )
        )

        assert len(won(results)) == 1
        assert len(await of(shop, Charge, intent)) == 1

    async def test_capture_waits_for_an_increment_that_is_on_its_way(self, shop: Shop) -> None:
        intent = await begin(shop, capture_method="manual", confirm=True)
        results = await both(
            shop.merchant.do(IncrementAuthorization(id=intent.id, amount=2500)),
            shop.merchant.do(CapturePaymentIntent(id=intent.id)),
        )
        after = await now(shop, intent)

        assert after.status == "succeeded"
        assert after.amount_received == after.amount == (2500 if len(won(results)) == 2 else 2000)

    async def test_confirmations_of_a_setup_set_up_once(self, shop: Shop) -> None:
        setup = await shop.merchant.do(CreateSetupIntent(payment_method="pm_card_visa"))
        results = await both(*(shop.merchant.do(ConfirmSetupIntent(id=setup.id)) for _ in range(4)))

        assert len(won(results)) == 1

    async def test_payments_with_a_payment_method_of_nobody_use_it_once(self, shop: Shop) -> None:
        first = await begin(shop)
        second = await begin(shop, payment_method=first.payment_method)
        results = await both(*(shop.merchant.do(ConfirmPaymentIntent(id=i.id)) for i in (first, second)))

        assert len(won(results)) == 1
        assert len(await of(shop, Charge, first)) + len(await of(shop, Charge, second)) == 1

    async def test_payments_with_a_customers_payment_method_all_go_through(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer())
        method = await shop.merchant.do(AttachPaymentMethod(id="pm_card_visa", customer=customer.id))
        intents = [await begin(shop, payment_method=method.id, customer=customer.id) for _ in range(3)]
        results = await both(*(shop.merchant.do(ConfirmPaymentIntent(id=intent.id)) for intent in intents))

        assert len(won(results)) == 3

    async def test_a_card_is_not_attached_to_a_customer_who_is_deleted_meanwhile(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer())
        card = MethodCardParams(number=Pan("4242424242424242"), exp_month=12, exp_year=2040)
        method = await shop.merchant.do(CreatePaymentMethod(type="card", card=card))
        ((name, acquirer),) = shop.ports.acquirers.items()
        slow: Any = Overtaken(acquirer, DeleteCustomer(id=customer.id), shop.merchant)
        ports = attrs.evolve(shop.ports, acquirers={name: slow})
        other = Merchant(shop.merchant.account, Gateway.over(ports).performer)

        with pytest.raises(NotFound):
            await other.do(AttachPaymentMethod(id=method.id, customer=customer.id))
        assert (await shop.read(PaymentMethod, method.id)).customer is None

    async def test_a_payment_method_that_was_declined_can_be_tried_again(self, shop: Shop) -> None:
        first = await begin(shop, payment_method="pm_card_limited", amount=6000)
        with pytest.raises(Declined):
            await shop.merchant.do(ConfirmPaymentIntent(id=first.id))
        second = await begin(shop, payment_method=first.payment_method, confirm=True)

        assert second.status == "succeeded"


class TestAfterACrash:
    @pytest.mark.parametrize(
        ("arrives", "seconds", "paid"), [(True, 60, True), (False, 60, True), (False, 7200, False)]
    )
    async def test_the_intent_ends_right_and_the_key_gets_one_reply(
        self, shop: Shop, arrives: bool, seconds: int, paid: bool
    ) -> None:
        """What never arrived is sent after all while somebody may still wait for it, and else given up."""
        intent = await begin(shop)
        command = ConfirmPaymentIntent(id=intent.id)
        with pytest.raises(ProcessEnded):
            await perform(interrupted(shop, "authorize", arrives=arrives), command, "key")
        between = await now(shop, intent)
        await recovered(shop, seconds)
        first = await perform(shop.merchant, command, "key")
        second = await perform(shop.merchant, command, "key")
        after = await now(shop, intent)

        assert between.status == "processing"
        assert after.status == ("succeeded" if paid else "requires_payment_method")
        assert first.replayed
        assert first.reply == second.reply
        assert first.reply.status == (200 if paid else 402)
        assert len(await of(shop, Charge, intent)) == 1
        told = json.loads(first.reply.body)
        shown = told if paid else told["error"]["payment_intent"]
        assert (shown["id"], shown["status"]) == (intent.id, after.status)

    async def test_nobody_can_confirm_or_cancel_before_recovery(self, shop: Shop) -> None:
        intent = await begin(shop)
        with pytest.raises(ProcessEnded):
            await perform(interrupted(shop, "authorize"), ConfirmPaymentIntent(id=intent.id))

        for command in (ConfirmPaymentIntent(id=intent.id), CancelPaymentIntent(id=intent.id)):
            with pytest.raises(PaymentsError):
                await shop.merchant.do(command)
        await recovered(shop)
        assert len(await of(shop, Charge, intent)) == 1

    async def test_a_created_and_confirmed_intent_is_found_again(self, shop: Shop) -> None:
        command = CreatePaymentIntent(
            amount=2000, currency=CurrencyCode("usd"), payment_method="pm_card_visa", confirm=True
        )
        with pytest.raises(ProcessEnded):
            await perform(interrupted(shop, "authorize"), command, "key")
        await recovered(shop)
        replay = await perform(shop.merchant, command, "key")
        page = await shop.ports.store.select(PaymentIntent, shop.id, Query())

        assert replay.replayed
        assert [intent.status for intent in page.items] == ["succeeded"]

    async def test_a_cancellation_gives_the_hold_back_in_the_end(self, shop: Shop) -> None:
        intent = await begin(shop, capture_method="manual", confirm=True)
        with pytest.raises(ProcessEnded):
            await perform(
                interrupted(shop, "reverse", arrives=False), CancelPaymentIntent(id=intent.id), "key"
            )
        await recovered(shop)
        replay = await perform(shop.merchant, CancelPaymentIntent(id=intent.id), "key")
        (refund,) = await of(shop, Refund, intent)

        assert json.loads(replay.reply.body)["status"] == "canceled"
        assert refund.status == "succeeded"
        assert await shop.books() == {}

    async def test_a_passed_challenge_is_charged_in_the_end(self, shop: Shop) -> None:
        intent = await begin(shop, payment_method="pm_card_authenticationRequired", confirm=True)
        assert intent.next_action is not None
        command = CompleteAuthentication(id=intent.next_action.authentication, succeeded=True)
        with pytest.raises(ProcessEnded):
            await perform(interrupted(shop, "authorize"), command, "key")
        await recovered(shop)
        replay = await perform(shop.merchant, command, "key")

        assert json.loads(replay.reply.body)["intent_status"] == "succeeded"
        assert (await now(shop, intent)).status == "succeeded"

    @pytest.mark.parametrize("arrives", [True, False])
    async def test_an_increment_is_asked_for_once_more(self, shop: Shop, arrives: bool) -> None:
        intent = await begin(shop, capture_method="manual", confirm=True)
        command = IncrementAuthorization(id=intent.id, amount=2500)
        with pytest.raises(ProcessEnded):
            await perform(interrupted(shop, "increment", arrives=arrives), command, "key")
        with pytest.raises(Conflict):
            await shop.merchant.do(CancelPaymentIntent(id=intent.id))
        await recovered(shop)
        replay = await perform(shop.merchant, command, "key")

        assert json.loads(replay.reply.body)["amount"] == 2500
        assert (await now(shop, intent)).amount_capturable == 2500


class TestSilence:
    async def test_about_a_confirmation_is_a_failure_and_what_was_promised_goes_back(
        self, shop: Shop
    ) -> None:
        intent = await begin(shop)
        done = await perform(interrupted(shop, "authorize", silent=True), ConfirmPaymentIntent(id=intent.id))
        await recovered(shop)
        (charge,) = await of(shop, Charge, intent)
        hold = await shop.read(Hold, charge.hold_id)

        assert done.reply.status == 402
        assert (await now(shop, intent)).status == "requires_payment_method"
        assert hold.state == "released"

    async def test_about_an_increment_changes_nothing_and_a_late_yes_is_given_back(self, shop: Shop) -> None:
        intent = await begin(shop, payment_method="pm_card_limited", capture_method="manual", confirm=True)
        done = await perform(
            interrupted(shop, "increment", silent=True), IncrementAuthorization(id=intent.id, amount=4900)
        )
        after = await now(shop, intent)
        await recovered(shop)
        await recovered(shop)
        more = await begin(shop, payment_method="pm_card_limited", amount=3000, confirm=True)

        assert done.reply.status == 402
        assert (after.amount, after.amount_capturable) == (2000, 2000)
        assert (await now(shop, intent)).amount == 2000
        assert more.status == "succeeded", "the bank has let the larger promise go: 5000 is the limit"
