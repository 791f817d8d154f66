"""The story of a payment, from the library: confirmations, refusals, holds, captures, increments, challenges, saved cards."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from payments_core.errors import AmountRefused, Declined, InvalidRequest, NotFound, TransitionRefused
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.authentication import CompleteAuthentication
from payments_core.operations.charges import CaptureCharge, CreateCharge
from payments_core.operations.customers import CreateCustomer
from payments_core.operations.intent_captures import CapturePaymentIntent, IncrementAuthorization
from payments_core.operations.intent_params import CardOptionParams, MethodDataParams, MethodOptionParams
from payments_core.operations.intent_settling import expire_intent
from payments_core.operations.payment_intents import (
    CancelPaymentIntent,
    ConfirmPaymentIntent,
    CreatePaymentIntent,
    RetrievePaymentIntent,
    UpdatePaymentIntent,
)
from payments_core.operations.payment_methods import (
    CreatePaymentMethod,
    DetachPaymentMethod,
    MethodCardParams,
)
from payments_core.operations.refunds import CreateRefund
from payments_core.operations.setup_intents import (
    CancelSetupIntent,
    ConfirmSetupIntent,
    CreateSetupIntent,
    UpdateSetupIntent,
)
from payments_core.operations.work import Caller, Work
from payments_core.payments.authentications import Authentication, AuthenticationState
from payments_core.payments.charges import Charge, ChargeState
from payments_core.payments.holds import Hold, HoldState
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.payments.setup_intents import SetupIntent
from payments_core.platform.events import Event
from payments_core.ports import Query
from payments_core.tokenization.cards import Pan
from payments_core.tokenization.payment_methods import PaymentMethod
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio

CHALLENGED = "pm_card_authenticationRequired"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def begin(shop: Shop, method: str | None = None, **more: Any) -> PaymentIntent:
    known: dict[str, Any] = {"amount": 2000, "currency": "usd", "payment_method": method}
    return await shop.merchant.do(CreatePaymentIntent(**known | more))


async def pay(shop: Shop, method: str = "pm_card_visa", **more: Any) -> PaymentIntent:
    return await begin(shop, method, confirm=True, **more)


async def hold(shop: Shop, **more: Any) -> PaymentIntent:
    return await pay(shop, **{"capture_method": "manual"} | more)


async def confirm(shop: Shop, intent: PaymentIntent, method: str | None = None, **more: Any) -> PaymentIntent:
    return await shop.merchant.do(ConfirmPaymentIntent(id=intent.id, payment_method=method, **more))


async def finish(shop: Shop, intent: PaymentIntent | SetupIntent, *, succeeded: bool = True) -> Any:
    assert intent.next_action is not None
    command = CompleteAuthentication(id=intent.next_action.authentication, succeeded=succeeded)
    return await shop.merchant.do(command)


async def again(shop: Shop, intent: PaymentIntent) -> PaymentIntent:
    return await shop.merchant.do(RetrievePaymentIntent(id=intent.id))


async def charges_of(shop: Shop, intent: PaymentIntent) -> list[Charge]:
    query = Query(equal={"payment_intent": intent.id}, limit=100)
    return list((await shop.ports.store.select(Charge, shop.id, query)).items)


async def told(shop: Shop) -> list[str]:
    """Types of all events, the oldest first."""
    page = await shop.ports.store.select(Event, shop.id, Query(limit=100))
    return [event.type for event in reversed(page.items)]


MULTICAPTURE = MethodOptionParams(card=CardOptionParams(request_multicapture="if_available"))


class TestAConfirmation:
    async def test_takes_the_money(self, shop: Shop) -> None:
        intent = await pay(shop, description="Tea", metadata={"order": "1"})

        assert (intent.status, intent.amount_received) == ("succeeded", 2000)
        (charge,) = await charges_of(shop, intent)
        assert (charge.id, charge.captured) == (intent.latest_charge, True)
        assert (charge.description, charge.metadata) == ("Tea", {"order": "1"})
        assert await told(shop) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]

    async def test_waits_for_a_payment_method_and_then_for_the_word(self, shop: Shop) -> None:
        bare = await begin(shop)
        chosen = await begin(shop, "pm_card_visa")

        assert bare.status == "requires_payment_method"
        assert chosen.status == "requires_confirmation"
        assert (await confirm(shop, chosen)).status == "succeeded"

    async def test_without_a_payment_method_is_refused(self, shop: Shop) -> None:
        intent = await begin(shop)

        with pytest.raises(InvalidRequest, match="missing a payment method") as refusal:
            await confirm(shop, intent)
        assert refusal.value.code == "payment_intent_unexpected_state"

    async def test_takes_a_card_that_comes_with_it(self, shop: Shop) -> None:
        card = MethodCardParams(number=Pan("4242424242424242"), exp_month=12, exp_year=2040, cvc="123")
        intent = await confirm(
            shop, await begin(shop), payment_method_data=MethodDataParams(type="card", card=card)
        )

        (charge,) = await charges_of(shop, intent)
        assert intent.status == "succeeded"
        assert charge.paid_with.cvc_check == "pass"

    async def test_that_is_declined_keeps_the_error_and_lets_another_card_try(self, shop: Shop) -> None:
        intent = await begin(shop)

        with pytest.raises(Declined) as refusal:
            await confirm(shop, intent, "pm_card_chargeDeclinedInsufficientFunds")
        failed = refusal.value.about["payment_intent"]
        assert (failed.status, failed.payment_method) == ("requires_payment_method", None)
        assert refusal.value.about["charge"] == failed.latest_charge
        assert refusal.value.about["payment_method"].card.last4 == "9995"
        assert failed.last_error.decline_code == "insufficient_funds"

        paid = await confirm(shop, intent, "pm_card_visa")
        assert (paid.status, paid.last_error) == ("succeeded", None)
        assert [charge.status for charge in await charges_of(shop, intent)] == ["succeeded", "failed"]
        assert "payment_intent.payment_failed" in await told(shop)

    async def test_of_an_intent_that_is_over_is_refused_and_shows_it(self, shop: Shop) -> None:
        paid = await pay(shop)

        with pytest.raises(TransitionRefused) as refusal:
            await confirm(shop, paid, "pm_card_visa")
        assert refusal.value.code == "payment_intent_unexpected_state"
        assert refusal.value.about["payment_intent"].id == paid.id
        assert len(await charges_of(shop, paid)) == 1

    async def test_with_no_answer_from_the_network_fails_and_can_be_repeated(self, shop: Shop) -> None:
        intent = await begin(shop)

        with pytest.raises(Declined) as refusal:
            await confirm(shop, intent, "pm_card_requestLost")
        assert refusal.value.code == "processing_error"
        assert (await confirm(shop, intent, "pm_card_visa")).status == "succeeded"

    async def test_blocked_as_too_risky_is_a_decline(self, shop: Shop) -> None:
        with pytest.raises(Declined):
            await pay(shop, "pm_card_radarBlock")

    async def test_charges_the_amount_that_an_update_left(self, shop: Shop) -> None:
        intent = await begin(shop, "pm_card_visa")
        await shop.merchant.do(UpdatePaymentIntent(id=intent.id, amount=3100))

        assert (await confirm(shop, intent)).amount_received == 3100

    async def test_names_a_customer_only_with_their_own_card(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer())
        saved = await pay(shop, customer=customer.id, setup_future_usage="off_session")
        (charge,) = await charges_of(shop, saved)

        with pytest.raises(InvalidRequest, match="belongs to a customer"):
            await pay(shop, charge.payment_method)
        other = await shop.merchant.do(CreateCustomer())
        with pytest.raises(InvalidRequest, match="belongs to a customer"):
            await pay(shop, charge.payment_method, customer=other.id)


class TestParameters:
    @pytest.mark.parametrize(
        ("changes", "param"),
        [
            ({"amount": 10}, "amount"),
            ({"statement_descriptor": "SHOP"}, "statement_descriptor"),
            ({"statement_descriptor_suffix": "<b>"}, "statement_descriptor_suffix"),
            ({"payment_method_types": ("sepa_debit",)}, "payment_method_types[0]"),
            ({"application_fee_amount": 2001}, "application_fee_amount"),
            ({"customer": "cus_nobody"}, "customer"),
            ({"payment_method": "pm_nothing"}, "payment_method"),
            ({"off_session": True}, "off_session"),
            ({"return_url": "https://shop.example"}, "return_url"),
            ({"confirmation_token": "ctoken_1"}, "confirmation_token"),
            ({"excluded_payment_method_types": ("card",)}, "excluded_payment_method_types"),
        ],
    )
    async def test_that_cannot_be_are_refused_by_name(
        self, shop: Shop, changes: dict[str, Any], param: str
    ) -> None:
        with pytest.raises(InvalidRequest) as refusal:
            await begin(shop, **changes)

        assert refusal.value.param == param
        assert await told(shop) == []

    async def test_of_the_charge_reach_the_charge(self, shop: Shop) -> None:
        intent = await pay(
            shop,
            receipt_email="payer@example.com",
            statement_descriptor_suffix="ORDER 1",
            transfer_group="group",
        )

        (charge,) = await charges_of(shop, intent)
        assert charge.receipt_email == "payer@example.com"
        assert charge.statement_descriptor_suffix == "ORDER 1"
        assert charge.transfer_group == "group"

    async def test_of_an_intent_that_is_over_are_fixed_but_for_notes(self, shop: Shop) -> None:
        paid = await pay(shop)
        noted = await shop.merchant.do(
            UpdatePaymentIntent(id=paid.id, description="Late", metadata={"a": "b"})
        )

        assert (noted.description, noted.metadata) == ("Late", {"a": "b"})
        with pytest.raises(InvalidRequest) as refusal:
            await shop.merchant.do(UpdatePaymentIntent(id=paid.id, amount=1))
        assert (refusal.value.code, refusal.value.param) == ("payment_intent_unexpected_state", "amount")


class TestACancellation:
    @pytest.mark.parametrize("method", [None, "pm_card_visa"])
    async def test_ends_an_intent_that_is_not_under_way(self, shop: Shop, method: str | None) -> None:
        intent = await begin(shop, method)
        ended = await shop.merchant.do(CancelPaymentIntent(id=intent.id, cancellation_reason="duplicate"))

        assert (ended.status, ended.cancellation_reason) == ("canceled", "duplicate")
        assert ended.canceled_at is not None

    async def test_gives_held_money_back(self, shop: Shop) -> None:
        intent = await hold(shop)
        ended = await shop.merchant.do(CancelPaymentIntent(id=intent.id))

        (charge,) = await charges_of(shop, intent)
        held = await shop.read(Hold, charge.hold_id)
        assert (ended.status, ended.amount_capturable) == ("canceled", 0)
        assert (charge.refunded, charge.captured) == (True, False)
        assert held.state is HoldState.RELEASED
        assert await shop.books() == {}

    async def test_of_a_challenged_payment_voids_the_challenge(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED)
        await shop.merchant.do(CancelPaymentIntent(id=intent.id))

        with pytest.raises(TransitionRefused):
            await finish(shop, intent)
        assert await charges_of(shop, intent) == []

    async def test_comes_too_late_for_a_paid_intent(self, shop: Shop) -> None:
        paid = await pay(shop)

        with pytest.raises(TransitionRefused) as refusal:
            await shop.merchant.do(CancelPaymentIntent(id=paid.id))
        assert refusal.value.code == "payment_intent_unexpected_state"


class TestACapture:
    async def test_takes_all_that_is_held(self, shop: Shop) -> None:
        intent = await hold(shop)
        taken = await shop.merchant.do(CapturePaymentIntent(id=intent.id))

        assert (intent.status, intent.amount_capturable) == ("requires_capture", 2000)
        assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 2000, 0)

    async def test_of_a_part_gives_the_rest_back(self, shop: Shop) -> None:
        intent = await hold(shop)
        taken = await shop.merchant.do(CapturePaymentIntent(id=intent.id, amount_to_capture=700))
        (charge,) = await charges_of(shop, intent)

        assert (taken.status, taken.amount_received) == ("succeeded", 700)
        assert (charge.amount_captured, charge.amount_refunded) == (700, 1300)

    async def test_of_too_much_is_refused_and_changes_nothing(self, shop: Shop) -> None:
        intent = await hold(shop)

        with pytest.raises(AmountRefused) as refusal:
            await shop.merchant.do(CapturePaymentIntent(id=intent.id, amount_to_capture=2001))
        assert (refusal.value.code, refusal.value.param) == ("amount_too_large", "amount_to_capture")
        assert (await again(shop, intent)) == intent

    async def test_happens_once(self, shop: Shop) -> None:
        intent = await hold(shop)
        await shop.merchant.do(CapturePaymentIntent(id=intent.id))

        with pytest.raises(TransitionRefused) as refusal:
            await shop.merchant.do(CapturePaymentIntent(id=intent.id))
        assert refusal.value.code == "payment_intent_unexpected_state"

    async def test_by_way_of_the_charge_settles_the_intent_too(self, shop: Shop) -> None:
        intent = await hold(shop)
        await shop.merchant.do(CaptureCharge(id=str(intent.latest_charge), amount=1500))

        assert ((await again(shop, intent)).status, (await again(shop, intent)).amount_received) == (
            "succeeded",
            1500,
        )

    async def test_in_several_parts_is_asked_for_beforehand(self, shop: Shop) -> None:
        intent = await hold(shop)

        with pytest.raises(InvalidRequest) as refusal:
            await shop.merchant.do(
                CapturePaymentIntent(id=intent.id, amount_to_capture=500, final_capture=False)
            )
        assert refusal.value.param == "final_capture"

    async def test_in_several_parts_books_each_and_lets_the_last_rest_go(self, shop: Shop) -> None:
        intent = await hold(shop, payment_method_options=MULTICAPTURE)
        first = await shop.merchant.do(
            CapturePaymentIntent(id=intent.id, amount_to_capture=500, final_capture=False)
        )
        (open_charge,) = await charges_of(shop, intent)
        books_between = await shop.books()
        last = await shop.merchant.do(CapturePaymentIntent(id=intent.id, amount_to_capture=800))
        (charge,) = await charges_of(shop, intent)
        books = await shop.books()

        assert (first.status, first.amount_received, first.amount_capturable) == (
            "requires_capture",
            500,
            1500,
        )
        assert (open_charge.amount_captured, open_charge.refundable) == (500, 500)
        assert books_between["holds_pending"] == 1500
        assert (last.status, last.amount_received) == ("succeeded", 1300)
        assert (charge.amount_captured, charge.amount_refunded) == (1300, 700)
        assert books["network_receivable"] == 1300
        assert "holds_pending" not in books

    async def test_of_a_part_can_be_refunded_while_more_is_held(self, shop: Shop) -> None:
        intent = await hold(shop, payment_method_options=MULTICAPTURE)
        await shop.merchant.do(CapturePaymentIntent(id=intent.id, amount_to_capture=500, final_capture=False))

        with pytest.raises(AmountRefused):
            await shop.merchant.do(CreateRefund(payment_intent=intent.id, amount=501))
        refund = await shop.merchant.do(CreateRefund(payment_intent=intent.id, amount=500))
        assert refund.status == "succeeded"
        assert (await shop.merchant.do(CapturePaymentIntent(id=intent.id))).amount_received == 2000

    async def test_is_the_way_and_not_a_refund_of_the_charge(self, shop: Shop) -> None:
        intent = await hold(shop)

        with pytest.raises(InvalidRequest, match="cancel the PaymentIntent"):
            await shop.merchant.do(CreateRefund(charge=str(intent.latest_charge)))


class TestAnIncrement:
    async def test_raises_what_can_be_captured(self, shop: Shop) -> None:
        intent = await hold(shop)
        raised = await shop.merchant.do(
            IncrementAuthorization(id=intent.id, amount=2600, description="More tea")
        )
        (charge,) = await charges_of(shop, intent)
        held = await shop.read(Hold, charge.hold_id)

        assert (raised.amount, raised.amount_capturable, raised.description) == (2600, 2600, "More tea")
        assert (charge.amount, held.amount) == (2600, 2600)
        assert (await shop.books())["holds_pending"] == 2600
        assert (await shop.merchant.do(CapturePaymentIntent(id=intent.id))).amount_received == 2600
        assert "holds_pending" not in await shop.books()

    async def test_that_is_declined_changes_nothing(self, shop: Shop) -> None:
        intent = await hold(shop, method="pm_card_limited")
        (before,) = await charges_of(shop, intent)

        with pytest.raises(Declined) as refusal:
            await shop.merchant.do(IncrementAuthorization(id=intent.id, amount=5001, description="Greed"))
        after = await again(shop, intent)
        assert refusal.value.code == "card_declined"
        assert (after.amount, after.amount_capturable, after.description) == (2000, 2000, None)
        assert (await charges_of(shop, intent)) == [before]
        assert (await shop.merchant.do(CapturePaymentIntent(id=intent.id))).amount_received == 2000

    async def test_is_more_than_what_is_held(self, shop: Shop) -> None:
        intent = await hold(shop)

        with pytest.raises(AmountRefused):
            await shop.merchant.do(IncrementAuthorization(id=intent.id, amount=2000))

    async def test_is_possible_ten_times_refusals_included(self, shop: Shop) -> None:
        intent = await hold(shop)
        for more in range(1, 11):
            await shop.merchant.do(IncrementAuthorization(id=intent.id, amount=2000 + more))

        with pytest.raises(InvalidRequest, match="10 times"):
            await shop.merchant.do(IncrementAuthorization(id=intent.id, amount=3000))

    async def test_needs_a_hold(self, shop: Shop) -> None:
        with pytest.raises(TransitionRefused):
            await shop.merchant.do(IncrementAuthorization(id=(await pay(shop)).id, amount=3000))


class TestTheEndOfTheWindow:
    async def expire(self, shop: Shop, intent: PaymentIntent) -> PaymentIntent:
        work = Work(Caller(account=shop.merchant.account), shop.ports)
        charge = (await work.get(Charge, str(intent.latest_charge))).released()
        work.put(charge)
        await expire_intent(work, charge)
        await work.commit()
        return await again(shop, intent)

    async def test_cancels_the_intent(self, shop: Shop) -> None:
        ended = await self.expire(shop, await hold(shop))

        assert (ended.status, ended.cancellation_reason) == ("canceled", "automatic")

    async def test_after_a_partial_capture_leaves_it_paid(self, shop: Shop) -> None:
        intent = await hold(shop, payment_method_options=MULTICAPTURE)
        await shop.merchant.do(CapturePaymentIntent(id=intent.id, amount_to_capture=500, final_capture=False))
        ended = await self.expire(shop, intent)

        assert (ended.status, ended.amount_received, ended.amount_capturable) == ("succeeded", 500, 0)

    async def test_does_nothing_to_an_intent_that_is_over(self, shop: Shop) -> None:
        paid = await pay(shop)

        work = Work(Caller(account=shop.merchant.account), shop.ports)
        await expire_intent(work, await work.get(Charge, str(paid.latest_charge)))
        assert await again(shop, paid) == paid


class TestAChallenge:
    async def test_comes_before_the_money(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED, return_url="https://shop.example/done")

        assert intent.status == "requires_action"
        assert intent.next_action is not None
        assert (intent.next_action.return_url, intent.next_action.by_sdk) == (
            "https://shop.example/done",
            False,
        )
        assert await charges_of(shop, intent) == []
        assert (await told(shop))[-1] == "payment_intent.requires_action"

    async def test_that_is_passed_leads_to_the_charge(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED)
        challenge = await finish(shop, intent)
        (charge,) = await charges_of(shop, intent)

        assert (challenge.status, challenge.intent_status) == ("authenticated", "succeeded")
        assert (await again(shop, intent)).status == "succeeded"
        assert charge.three_d_secure["result"] == "authenticated"

    async def test_that_is_passed_leads_to_a_hold_for_manual_capture(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED, capture_method="manual")
        await finish(shop, intent)

        assert (await again(shop, intent)).status == "requires_capture"

    async def test_that_is_failed_leads_back(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED)
        challenge = await finish(shop, intent, succeeded=False)
        failed = await again(shop, intent)

        assert (challenge.status, failed.status) == ("failed", "requires_payment_method")
        assert failed.last_error is not None
        assert failed.last_error.code == "payment_intent_authentication_failure"
        assert (await confirm(shop, intent, "pm_card_visa")).status == "succeeded"

    async def test_ends_once(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED)
        await finish(shop, intent)

        with pytest.raises(TransitionRefused):
            await finish(shop, intent)
        assert len(await charges_of(shop, intent)) == 1

    async def test_that_nobody_takes_is_abandoned(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED)
        shop.clock.advance(hours=1)
        await shop.gateway.worker.run_once()
        failed = await again(shop, intent)

        assert failed.status == "requires_payment_method"
        assert failed.last_error is not None
        assert failed.last_error.code == "payment_intent_authentication_failure"

    async def test_is_handed_back_to_a_server_that_confirms_by_hand(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED, confirmation_method="manual")
        await finish(shop, intent)
        handed = await again(shop, intent)

        assert (handed.status, await charges_of(shop, intent)) == ("requires_confirmation", [])
        assert (await confirm(shop, intent)).status == "succeeded"

    async def test_does_not_prove_another_amount(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED)
        changed = await shop.merchant.do(UpdatePaymentIntent(id=intent.id, amount=900_000))

        assert (changed.status, changed.next_action) == ("requires_confirmation", None)
        with pytest.raises(TransitionRefused):
            await finish(shop, intent)
        assert await charges_of(shop, intent) == []

    async def test_does_not_prove_another_card(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED, confirmation_method="manual")
        await finish(shop, intent)
        again_challenged = await confirm(shop, intent, "pm_card_threeDSecure2Required")

        assert again_challenged.status == "requires_action"

    async def test_that_is_followed_by_a_decline_tells_it(self, shop: Shop) -> None:
        intent = await pay(shop, "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds")
        challenge = await finish(shop, intent)
        failed = await again(shop, intent)

        assert challenge.intent_status == "requires_payment_method"
        assert failed.last_error is not None
        assert failed.last_error.decline_code == "insufficient_funds"

    async def test_of_a_card_that_was_taken_away_meanwhile_fails(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer())
        setup = await shop.merchant.do(
            CreateSetupIntent(customer=customer.id, payment_method=CHALLENGED, confirm=True)
        )
        await finish(shop, setup)
        intent = await pay(shop, str(setup.payment_method), customer=customer.id)
        await shop.merchant.do(DetachPaymentMethod(id=str(setup.payment_method)))
        await finish(shop, intent)

        assert (await again(shop, intent)).status == "requires_payment_method"
        assert await charges_of(shop, intent) == []

    @pytest.mark.parametrize(
        ("card", "wanted", "status"),
        [
            ("authenticationRequired", "automatic", "requires_action"),
            ("authenticationRequiredOnSetup", "automatic", "requires_action"),
            ("authenticationRequiredSetupForOffSession", "automatic", "requires_action"),
            ("threeDSecure2Required", "automatic", "requires_action"),
            ("threeDSecureRequired", "automatic", "requires_action"),
            ("threeDSecureRequiredChargeDeclined", "automatic", "requires_action"),
            ("threeDSecureOptional", "automatic", "succeeded"),
            ("threeDSecureOptional", "any", "requires_action"),
            ("threeDSecureOptional", "challenge", "requires_action"),
            ("threeDSecureOptionalProcessingError", "automatic", "succeeded"),
            ("threeDSecureOptionalProcessingError", "any", "succeeded"),
            ("amex_threeDSecureNotSupported", "any", "succeeded"),
            ("visa", "any", "succeeded"),
        ],
    )
    async def test_is_what_the_documented_card_and_the_merchant_want(
        self, shop: Shop, card: str, wanted: Any, status: str
    ) -> None:
        options = MethodOptionParams(card=CardOptionParams(request_three_d_secure=wanted))
        intent = await pay(shop, f"pm_card_{card}", payment_method_options=options)

        assert intent.status == status

    async def test_that_breaks_down_declines_the_card_that_needs_it(self, shop: Shop) -> None:
        with pytest.raises(Declined) as refusal:
            await pay(shop, "pm_card_threeDSecureRequiredProcessingError")

        assert refusal.value.code == "card_declined"
        assert refusal.value.about["payment_intent"].status == "requires_payment_method"

    async def test_is_spared_a_cardholder_whom_the_bank_knows(self, shop: Shop) -> None:
        card = MethodCardParams(number=Pan("4000000032200000"), exp_month=12, exp_year=2040)
        made = await shop.merchant.do(CreatePaymentMethod(type="card", card=card))
        intent = await pay(shop, made.id)
        (charge,) = await charges_of(shop, intent)

        assert intent.status == "succeeded"
        assert charge.three_d_secure["authentication_flow"] == "frictionless"

    async def test_can_be_an_error_by_the_merchants_wish(self, shop: Shop) -> None:
        with pytest.raises(Declined) as refusal:
            await pay(shop, CHALLENGED, error_on_requires_action=True)

        assert refusal.value.code == "authentication_required"
        assert refusal.value.decline_code == "authentication_not_handled"
        assert "`error_on_requires_action` was set" in refusal.value.message
        assert refusal.value.about["payment_intent"].status == "requires_payment_method"

    async def test_cannot_be_taken_without_the_payer(self, shop: Shop) -> None:
        with pytest.raises(Declined) as refusal:
            await pay(shop, CHALLENGED, off_session=True)

        assert refusal.value.code == "authentication_required"
        assert refusal.value.about["payment_intent"].last_error.code == "authentication_required"

    async def test_cannot_be_taken_by_the_older_charges_api(self, shop: Shop) -> None:
        with pytest.raises(Declined) as refusal:
            await shop.merchant.do(
                CreateCharge(amount=2000, currency=CurrencyCode("usd"), source="tok_authenticationRequired")
            )

        assert refusal.value.code == "authentication_required"

    async def test_knows_its_secret(self, shop: Shop) -> None:
        intent = await pay(shop, CHALLENGED)
        assert intent.next_action is not None
        wrong = CompleteAuthentication(
            id=intent.next_action.authentication, succeeded=True, client_secret="3ds_wrong"
        )

        with pytest.raises(NotFound):
            await shop.merchant.do(wrong)
        challenge = await shop.read(Authentication, intent.next_action.authentication)
        assert challenge.status is AuthenticationState.CHALLENGED


class TestASavedCard:
    async def test_is_attached_when_the_payment_succeeded(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer())
        intent = await pay(shop, customer=customer.id, setup_future_usage="on_session")
        (charge,) = await charges_of(shop, intent)
        method = await shop.read(PaymentMethod, charge.payment_method)

        assert (method.customer, method.set_up) == (customer.id, False)
        assert "payment_method.attached" in await told(shop)

    async def test_is_not_attached_when_the_payment_failed(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer())

        with pytest.raises(Declined) as refusal:
            await pay(
                shop, "pm_card_chargeCustomerFail", customer=customer.id, setup_future_usage="off_session"
            )
        assert refusal.value.about["payment_method"].customer is None
        assert "payment_method.attached" not in await told(shop)

    async def test_that_was_not_kept_is_used_up(self, shop: Shop) -> None:
        card = MethodCardParams(number=Pan("4242424242424242"), exp_month=12, exp_year=2040)
        made = await shop.merchant.do(CreatePaymentMethod(type="card", card=card))
        await pay(shop, made.id)

        with pytest.raises(InvalidRequest, match="may not be used again"):
            await pay(shop, made.id)

    async def test_is_charged_later_without_the_payer_once_it_was_set_up(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer())
        setup = await shop.merchant.do(
            CreateSetupIntent(
                customer=customer.id, payment_method="pm_card_authenticationRequiredOnSetup", confirm=True
            )
        )
        await finish(shop, setup)
        later = await pay(shop, str(setup.payment_method), customer=customer.id, off_session=True)

        assert later.status == "succeeded"

    async def test_that_was_not_set_up_is_refused_without_the_payer(self, shop: Shop) -> None:
        with pytest.raises(Declined) as refusal:
            await pay(shop, "pm_card_authenticationRequiredOnSetup", off_session=True)

        assert refusal.value.code == "authentication_required"

    async def test_of_the_kind_that_is_always_challenged_stays_so(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer())
        setup = await shop.merchant.do(
            CreateSetupIntent(customer=customer.id, payment_method=CHALLENGED, confirm=True)
        )
        await finish(shop, setup)

        with pytest.raises(Declined) as refusal:
            await pay(shop, str(setup.payment_method), customer=customer.id, off_session=True)
        assert refusal.value.code == "authentication_required"


class TestASetup:
    async def test_verifies_and_attaches(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer())
        setup = await shop.merchant.do(
            CreateSetupIntent(customer=customer.id, payment_method="pm_card_visa", confirm=True)
        )
        method = await shop.read(PaymentMethod, str(setup.payment_method))

        assert setup.status == "succeeded"
        assert (method.customer, method.set_up, method.card.cvc_check) == (customer.id, True, "pass")
        assert await told(shop) == [
            "customer.created",
            "setup_intent.created",
            "setup_intent.succeeded",
            "payment_method.attached",
        ]

    async def test_that_is_declined_can_be_tried_with_another_card(self, shop: Shop) -> None:
        setup = await shop.merchant.do(CreateSetupIntent())

        with pytest.raises(Declined) as refusal:
            await shop.merchant.do(ConfirmSetupIntent(id=setup.id, payment_method="pm_card_chargeDeclined"))
        failed = refusal.value.about["setup_intent"]
        assert (failed.status, failed.last_error.code) == ("requires_payment_method", "card_declined")
        paid = await shop.merchant.do(ConfirmSetupIntent(id=setup.id, payment_method="pm_card_visa"))
        assert (paid.status, paid.last_error) == ("succeeded", None)

    async def test_whose_challenge_is_failed_leads_back(self, shop: Shop) -> None:
        setup = await shop.merchant.do(CreateSetupIntent(payment_method=CHALLENGED, confirm=True))
        await finish(shop, setup, succeeded=False)
        failed = await shop.read(SetupIntent, setup.id)

        assert setup.status == "requires_action"
        assert (failed.status, failed.last_error.code) == (
            "requires_payment_method",
            "setup_intent_authentication_failure",
        )

    async def test_can_be_canceled_once(self, shop: Shop) -> None:
        setup = await shop.merchant.do(CreateSetupIntent())
        ended = await shop.merchant.do(CancelSetupIntent(id=setup.id, cancellation_reason="abandoned"))

        assert (ended.status, ended.cancellation_reason) == ("canceled", "abandoned")
        with pytest.raises(TransitionRefused) as refusal:
            await shop.merchant.do(CancelSetupIntent(id=setup.id))
        assert refusal.value.code == "setup_intent_unexpected_state"
        assert refusal.value.about["setup_intent"].id == setup.id

    async def test_needs_a_payment_method(self, shop: Shop) -> None:
        setup = await shop.merchant.do(CreateSetupIntent())

        with pytest.raises(InvalidRequest, match="missing a payment method"):
            await shop.merchant.do(ConfirmSetupIntent(id=setup.id))

    async def test_that_is_over_keeps_its_payment_method(self, shop: Shop) -> None:
        setup = await shop.merchant.do(CreateSetupIntent(payment_method="pm_card_visa", confirm=True))
        noted = await shop.merchant.do(UpdateSetupIntent(id=setup.id, metadata={"a": "b"}))

        assert noted.metadata == {"a": "b"}
        with pytest.raises(InvalidRequest) as refusal:
            await shop.merchant.do(UpdateSetupIntent(id=setup.id, payment_method="pm_card_mastercard"))
        assert refusal.value.code == "setup_intent_unexpected_state"


async def test_a_failed_charge_belongs_to_its_intent(shop: Shop) -> None:
    with pytest.raises(Declined) as refusal:
        await pay(shop, "pm_card_chargeDeclined")

    charge = await shop.read(Charge, refusal.value.about["charge"])
    assert charge.status is ChargeState.FAILED
    assert charge.payment_intent == refusal.value.about["payment_intent"].id
