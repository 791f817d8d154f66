"""Transfers and application fees: what each side of a platform has, and that both sides' books agree in the end."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_core.billing.invoices import Invoice
from payments_core.billing.prices import Interval
from payments_core.errors import AmountRefused, BalanceInsufficient, InvalidRequest, NotFound
from payments_core.gateway import Merchant
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.application_fees import ListFees, RefundFee
from payments_core.operations.billing_params import ProductDataParams
from payments_core.operations.billing_shares import SubscriptionTransferParams
from payments_core.operations.charges import CaptureCharge, RetrieveCharge
from payments_core.operations.crossing import deliver
from payments_core.operations.customers import CreateCustomer
from payments_core.operations.external_accounts import BankAccountParams, CreateExternalAccount
from payments_core.operations.invoice_collecting import PayInvoice
from payments_core.operations.invoice_items import CreateInvoiceItem
from payments_core.operations.invoices import CreateInvoice
from payments_core.operations.params import TransferChanges, TransferParams
from payments_core.operations.payment_intents import CreatePaymentIntent
from payments_core.operations.payouts import CreatePayout
from payments_core.operations.prices import CreatePrice
from payments_core.operations.pricing import RecurringParams
from payments_core.operations.refunds import CreateRefund
from payments_core.operations.subscription_params import SubscriptionItemParams
from payments_core.operations.subscriptions import CreateSubscription
from payments_core.operations.transfers import (
    CreateReversal,
    CreateTransfer,
    ListReversals,
    RetrieveTransfer,
    UpdateReversal,
    UpdateTransfer,
)
from payments_core.payments.charges import Charge
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.payments.refunds import Refund
from payments_core.platform.events import Event
from payments_core.ports import Batch
from payments_core.settlement.application_fees import ApplicationFee
from payments_core.settlement.crossings import Crossing, CrossingKind
from payments_core.settlement.external_accounts import AccountNumber
from payments_core.settlement.transfers import Transfer, TransferReversal
from payments_core.testing.memory import MemoryStore
from tests.support.platforms import House, a_house

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        yield house


def to(house: House, **more: Any) -> CreateTransfer:
    return CreateTransfer(currency="usd", destination=house.seller.account.id, **more)


def goes_to(house: House, amount: int | None = None) -> TransferParams:
    return TransferParams(destination=house.seller.account.id, amount=amount)


async def events(house: House, who: Any) -> list[str]:
    return [event.type for event in reversed(await house.all_of(who, Event))]


async def test_a_transfer_moves_available_money(house: House) -> None:
    charge = await house.charge()
    had, _ = await house.balance(house.platform)

    transfer = await house.platform.do(to(house, amount=4_000, transfer_group="order 1"))

    assert await house.balance(house.platform) == (had - 4_000, 0)
    assert await house.balance(house.seller) == (4_000, 0)
    payment = await house.seller.do(RetrieveCharge(id=transfer.destination_payment))
    assert (payment.amount, payment.source_transfer, payment.card) == (4_000, transfer.id, None)
    assert payment.transfer_group == "order 1"
    assert charge.transfer is None
    assert (await house.lines(house.platform))["transfer"] == (-4_000, 0, "available")
    assert (await house.lines(house.seller))["payment"] == (4_000, 0, "available")
    await house.check()


async def test_no_more_is_transferred_than_there_is(house: House) -> None:
    await house.charge(amount=1_000)

    with pytest.raises(BalanceInsufficient):
        await house.platform.do(to(house, amount=1_000))  # the fee of the charge is missing

    assert await house.balance(house.seller) == (0, 0)
    assert await house.all_of(house.platform, Transfer) == ()


async def test_money_that_is_pending_can_be_sent_on_only_by_naming_its_charge(house: House) -> None:
    charge = await house.charge(source="tok_visa")
    with pytest.raises(BalanceInsufficient):
        await house.platform.do(to(house, amount=1_000))

    await house.platform.do(to(house, amount=7_000, source_transaction=charge.id))

    assert await house.balance(house.seller) == (0, 7_000)
    await house.check()


async def test_transferred_money_is_available_when_the_money_behind_it_is(house: House) -> None:
    charge = await house.charge(source="tok_visa")
    await house.platform.do(to(house, amount=7_000, source_transaction=charge.id))
    _, pending = await house.balance(house.platform)

    await house.settle()

    assert await house.balance(house.platform) == (pending, 0)
    assert await house.balance(house.seller) == (7_000, 0)
    await house.check()


async def test_transfers_come_to_no_more_than_their_source(house: House) -> None:
    charge = await house.charge()
    await house.platform.do(to(house, amount=6_000, source_transaction=charge.id))

    with pytest.raises(AmountRefused) as refused:
        await house.platform.do(to(house, amount=4_001, source_transaction=charge.id))

    assert refused.value.param == "amount"


async def test_without_an_amount_all_that_is_left_of_the_source_goes(house: House) -> None:
    charge = await house.charge(source="tok_visa")
    await house.platform.do(to(house, amount=6_000, source_transaction=charge.id))

    rest = await house.platform.do(to(house, source_transaction=charge.id))

    assert rest.amount == 4_000
    assert rest.transfer_group == f"group_{charge.id}"


@pytest.mark.parametrize("who", ["itself", "its platform", "nobody", "rubbish"])
async def test_only_own_connected_accounts_get_transfers(house: House, who: str) -> None:
    stranger = await house.gateway.open_account("Stranger")
    names = {
        "itself": house.platform.account.id,
        "its platform": stranger.account.id,
        "nobody": "acct_0000000000000000000000",
        "rubbish": "x" * 200,
    }
    await house.charge()

    with pytest.raises(NotFound) as refused:
        await house.platform.do(CreateTransfer(amount=100, currency="usd", destination=names[who]))

    assert (refused.value.code, refused.value.param) == ("resource_missing", "destination")


async def test_a_reversal_takes_back_what_is_there(house: House) -> None:
    await house.charge()
    transfer = await house.platform.do(to(house, amount=4_000))
    had, _ = await house.balance(house.platform)

    reversal = await house.platform.do(CreateReversal(id=transfer.id, amount=1_500))

    assert await house.balance(house.platform) == (had + 1_500, 0)
    assert await house.balance(house.seller) == (2_500, 0)
    transfer = await house.platform.do(RetrieveTransfer(id=transfer.id))
    assert (transfer.amount_reversed, transfer.latest_reversals) == (1_500, (reversal,))
    payment = await house.read(house.seller, Charge, transfer.destination_payment)
    assert payment.amount_refunded == 1_500
    refund = await house.read(house.seller, Refund, reversal.destination_payment_refund)
    assert (refund.amount, refund.source_transfer_reversal) == (1_500, reversal.id)
    await house.check()


async def test_what_the_seller_has_no_more_is_not_taken_back(house: House) -> None:
    await house.charge()
    transfer = await house.platform.do(to(house, amount=4_000))
    await spend(house, 3_000)

    with pytest.raises(BalanceInsufficient):
        await house.platform.do(CreateReversal(id=transfer.id, amount=1_001))

    assert await house.balance(house.seller) == (1_000, 0)
    assert (await house.platform.do(RetrieveTransfer(id=transfer.id))).amount_reversed == 0
    assert (await house.platform.do(ListReversals(id=transfer.id))).items == ()
    await house.platform.do(CreateReversal(id=transfer.id, amount=1_000))
    await house.check()


async def test_no_more_comes_back_than_went(house: House) -> None:
    await house.charge(amount=50_000)
    transfer = await house.platform.do(to(house, amount=4_000))
    await house.platform.do(to(house, amount=4_000))

    with pytest.raises(AmountRefused):
        await house.platform.do(CreateReversal(id=transfer.id, amount=4_001))
    with pytest.raises(AmountRefused):
        await house.platform.do(CreateReversal(id=transfer.id, amount=0))
    await house.platform.do(CreateReversal(id=transfer.id))
    with pytest.raises(InvalidRequest):
        await house.platform.do(CreateReversal(id=transfer.id, amount=1))

    assert await house.balance(house.seller) == (4_000, 0)


async def test_many_reversals_at_once_take_back_no_more_than_there_is(house: House) -> None:
    await house.charge(amount=50_000)
    transfers = [await house.platform.do(to(house, amount=1_000)) for _ in range(6)]
    await spend(house, 3_500)

    answers = await asyncio.gather(
        *(house.platform.do(CreateReversal(id=one.id)) for one in transfers for _ in range(3)),
        return_exceptions=True,
    )

    done = [answer for answer in answers if isinstance(answer, TransferReversal)]
    assert len(done) == 2
    assert await house.balance(house.seller) == (500, 0)
    await house.check()


async def test_a_pending_transfer_comes_back_before_it_is_funded(house: House) -> None:
    charge = await house.charge(source="tok_visa")
    transfer = await house.platform.do(to(house, amount=7_000, source_transaction=charge.id))
    await house.platform.do(CreateReversal(id=transfer.id, amount=2_000))

    assert await house.balance(house.seller) == (0, 5_000)
    await house.settle()

    assert await house.balance(house.seller) == (5_000, 0)
    await house.check()


async def test_a_destination_charge_is_sent_on_less_the_fee(house: House) -> None:
    charge = await house.charge(transfer_data=goes_to(house), application_fee_amount=1_000)

    assert await house.balance(house.seller) == (9_000, 0)
    own = (await house.lines(house.platform))["charge"]
    assert await house.balance(house.platform) == (1_000 - own[1], 0)
    fee = await house.read(house.platform, ApplicationFee, charge.application_fee or "")
    assert (fee.amount, fee.payer, fee.originating_transaction) == (
        1_000,
        house.seller.account.id,
        charge.id,
    )
    transfer = await house.read(house.platform, Transfer, charge.transfer or "")
    assert (transfer.amount, transfer.source_transaction) == (10_000, charge.id)
    assert fee.charge == transfer.destination_payment
    assert (await house.lines(house.seller))["payment"] == (10_000, 1_000, "available")
    await house.check()


async def test_a_part_of_a_destination_charge_is_sent_on(house: House) -> None:
    await house.charge(transfer_data=goes_to(house, 6_000))

    assert await house.balance(house.seller) == (6_000, 0)
    await house.check()


async def test_the_fee_of_a_direct_charge_goes_to_the_platform(house: House) -> None:
    charge = await house.charge(house.for_seller, application_fee_amount=700)

    line = (await house.lines(house.seller))["charge"]
    assert await house.balance(house.platform) == (700, 0)
    assert await house.balance(house.seller) == (10_000 - line[1], 0)
    assert line[1] > 700
    (fee,) = (await house.platform.do(ListFees(charge=charge.id))).items
    assert (fee.id, fee.payer, fee.charge) == (charge.application_fee, house.seller.account.id, charge.id)
    await house.check()


async def test_fees_of_pending_money_are_pending_until_it_is_funded(house: House) -> None:
    await house.charge(house.for_seller, source="tok_visa", application_fee_amount=700)
    await house.charge(source="tok_visa", transfer_data=goes_to(house), application_fee_amount=300)
    platform, seller = await house.balance(house.platform), await house.balance(house.seller)
    assert platform[0] == seller[0] == 0

    await house.settle()

    assert await house.balance(house.platform) == (platform[1], 0)
    assert await house.balance(house.seller) == (seller[1], 0)
    await house.check()


async def test_fees_are_for_platforms(house: House) -> None:
    for who in (house.platform, house.seller):
        with pytest.raises(InvalidRequest) as refused:
            await house.charge(who, application_fee_amount=100)
        assert refused.value.code == "application_fees_not_allowed"
    with pytest.raises(AmountRefused):
        await house.charge(house.for_seller, amount=1_000, application_fee_amount=1_001)
    with pytest.raises(InvalidRequest):
        await house.charge(transfer_data=goes_to(house, 100), application_fee_amount=100)


async def test_a_held_payment_is_shared_when_it_is_captured(house: House) -> None:
    held = await house.charge(capture=False, transfer_data=goes_to(house), application_fee_amount=1_000)
    assert (held.transfer, held.application_fee) == (None, None)

    taken = await house.platform.do(CaptureCharge(id=held.id, amount=5_000, application_fee_amount=500))

    assert taken.transfer is not None
    assert await house.balance(house.seller) == (4_500, 0)
    await house.check()


async def test_no_less_is_captured_than_is_to_be_shared(house: House) -> None:
    held = await house.charge(capture=False, transfer_data=goes_to(house, 6_000))

    with pytest.raises(AmountRefused):
        await house.platform.do(CaptureCharge(id=held.id, amount=5_999))
    await house.platform.do(
        CaptureCharge(id=held.id, amount=5_999, transfer_data=TransferChanges(amount=5_000))
    )

    assert await house.balance(house.seller) == (5_000, 0)


async def test_a_payment_intent_is_shared(house: House) -> None:
    intent = await house.platform.do(
        CreatePaymentIntent(
            amount=10_000,
            currency="usd",
            payment_method="pm_card_bypassPending",
            confirm=True,
            return_url="https://example.com",
            transfer_data=goes_to(house),
            application_fee_amount=1_200,
        )
    )

    assert isinstance(intent, PaymentIntent)
    assert await house.balance(house.seller) == (8_800, 0)
    charge = await house.read(house.platform, Charge, intent.latest_charge or "")
    assert charge.transfer_group == f"group_{intent.id}"
    await house.check()


async def test_a_refund_leaves_the_seller_alone_unless_asked(house: House) -> None:
    charge = await house.charge(transfer_data=goes_to(house), application_fee_amount=1_000)

    await house.platform.do(CreateRefund(charge=charge.id))

    assert await house.balance(house.seller) == (9_000, 0)
    await house.check()


async def test_a_refund_takes_its_part_back_from_the_seller(house: House) -> None:
    charge = await house.charge(transfer_data=goes_to(house), application_fee_amount=1_000)
    had, _ = await house.balance(house.platform)

    refund = await house.platform.do(
        CreateRefund(charge=charge.id, amount=2_500, reverse_transfer=True, refund_application_fee=True)
    )

    # A quarter of everything: the seller had 10,000 less 1,000, and has 7,500 less 750.
    assert await house.balance(house.seller) == (6_750, 0)
    assert await house.balance(house.platform) == (had - 250, 0)
    reversal = await house.read(house.platform, TransferReversal, refund.transfer_reversal or "")
    assert (reversal.amount, reversal.source_refund) == (2_500, refund.id)
    await house.check()


async def test_three_refunds_of_a_third_take_everything_back(house: House) -> None:
    charge = await house.charge(transfer_data=goes_to(house), application_fee_amount=1_000)

    for amount in (3_333, 3_333, 3_334):
        await house.platform.do(
            CreateRefund(charge=charge.id, amount=amount, reverse_transfer=True, refund_application_fee=True)
        )

    assert await house.balance(house.seller) == (0, 0)
    fee = await house.read(house.platform, ApplicationFee, charge.application_fee or "")
    assert fee.refundable == 0
    await house.check()


async def test_a_refund_may_leave_the_seller_below_zero(house: House) -> None:
    charge = await house.charge(transfer_data=goes_to(house))
    await spend(house, 9_000)

    await house.platform.do(CreateRefund(charge=charge.id, reverse_transfer=True))

    assert await house.balance(house.seller) == (-9_000, 0)
    await house.check()


async def test_the_fee_of_a_direct_charge_goes_back_with_it(house: House) -> None:
    charge = await house.charge(house.for_seller, application_fee_amount=700)
    had, _ = await house.balance(house.seller)

    await house.for_seller.do(CreateRefund(charge=charge.id, amount=5_000, refund_application_fee=True))

    assert await house.balance(house.platform) == (350, 0)
    assert await house.balance(house.seller) == (had - 5_000 + 350, 0)
    await house.check()


async def test_sellers_cannot_take_fees_or_transfers_back_themselves(house: House) -> None:
    direct = await house.charge(house.for_seller, application_fee_amount=700)
    transfer = await house.platform.do(to(house, amount=100))

    with pytest.raises(InvalidRequest):
        await house.seller.do(CreateRefund(charge=direct.id, refund_application_fee=True))
    with pytest.raises(InvalidRequest):
        await house.seller.do(CreateRefund(charge=transfer.destination_payment))
    with pytest.raises(NotFound):
        await house.seller.do(CreateReversal(id=transfer.id))
    with pytest.raises(NotFound):
        await house.seller.do(RefundFee(id=direct.application_fee or ""))


async def test_a_fee_is_given_back_in_parts_and_no_further(house: House) -> None:
    charge = await house.charge(house.for_seller, application_fee_amount=700)
    had, _ = await house.balance(house.seller)
    fee = charge.application_fee or ""

    await house.platform.do(RefundFee(id=fee, amount=200))
    with pytest.raises(AmountRefused):
        await house.platform.do(RefundFee(id=fee, amount=501))
    await house.platform.do(RefundFee(id=fee))
    with pytest.raises(InvalidRequest):
        await house.platform.do(RefundFee(id=fee))

    assert await house.balance(house.platform) == (0, 0)
    assert await house.balance(house.seller) == (had + 700, 0)
    shown = await house.read(house.platform, ApplicationFee, fee)
    assert [refund.amount for refund in shown.latest_refunds] == [500, 200]
    await house.check()


async def test_a_fee_that_went_back_already_is_not_given_back_with_the_payment(house: House) -> None:
    charge = await house.charge(house.for_seller, application_fee_amount=700)
    await house.platform.do(RefundFee(id=charge.application_fee or "", amount=600))

    await house.for_seller.do(CreateRefund(charge=charge.id, refund_application_fee=True))

    assert await house.balance(house.platform) == (0, 0)
    await house.check()


async def test_a_reversal_gives_the_fee_back_in_proportion(house: House) -> None:
    charge = await house.charge(transfer_data=goes_to(house), application_fee_amount=1_000)

    await house.platform.do(
        CreateReversal(id=charge.transfer or "", amount=5_000, refund_application_fee=True)
    )

    assert await house.balance(house.seller) == (4_500, 0)
    await house.check()


async def test_a_reversal_gives_no_more_of_the_fee_back_than_is_left(house: House) -> None:
    charge = await house.charge(transfer_data=goes_to(house), application_fee_amount=1_000)
    await house.charge()
    await house.platform.do(RefundFee(id=charge.application_fee or "", amount=900))

    await house.platform.do(
        CreateReversal(id=charge.transfer or "", amount=5_000, refund_application_fee=True)
    )

    fee = await house.read(house.platform, ApplicationFee, charge.application_fee or "")
    assert [refund.amount for refund in fee.latest_refunds] == [100, 900]
    await house.check()


@attrs.define
class Losing(MemoryStore):
    """Loses contact when anything is to be written for one account."""

    lost: str = ""

    async def apply(self, batch: Batch) -> None:
        if batch.account_id == self.lost:
            raise OSError("lost contact")
        await super().apply(batch)


async def test_what_a_crash_kept_is_delivered_before_it_is_taken_back(tmp_path: Path) -> None:
    store = Losing()
    async with a_house(tmp_path, store) as house:
        await house.charge()
        store.lost = house.seller.account.id
        transfer = await house.platform.do(to(house, amount=4_000))
        assert await house.balance(house.seller) == (0, 0)
        store.lost = ""

        await house.platform.do(CreateReversal(id=transfer.id, amount=1_500))

        assert await house.balance(house.seller) == (2_500, 0)
        await house.check()


@attrs.define
class Remembering(MemoryStore):
    """Keeps every crossing that was ever left."""

    crossings: dict[str, Crossing] = attrs.field(factory=dict)

    async def apply(self, batch: Batch) -> None:
        await super().apply(batch)
        for write in batch.writes:
            if isinstance(write.noun, Crossing) and not write.drop:
                self.crossings[write.noun.id] = write.noun


async def test_what_is_delivered_twice_arrives_once(tmp_path: Path) -> None:
    store = Remembering()
    async with a_house(tmp_path, store) as house:
        charge = await house.charge(
            source="tok_visa", transfer_data=goes_to(house), application_fee_amount=1_000
        )
        direct = await house.charge(house.for_seller, application_fee_amount=700)
        await house.for_seller.do(CreateRefund(charge=direct.id, amount=5_000, refund_application_fee=True))
        await house.platform.do(
            CreateRefund(charge=charge.id, amount=5_000, reverse_transfer=True, refund_application_fee=True)
        )
        await house.settle()
        had = await house.balance(house.platform), await house.balance(house.seller)

        for owed in store.crossings.values():
            assert await deliver(house.gateway.ports, owed)

        assert {owed.kind for owed in store.crossings.values()} == set(CrossingKind)
        assert (await house.balance(house.platform), await house.balance(house.seller)) == had
        await house.check()


async def test_words_about_transfers_can_change(house: House) -> None:
    await house.charge()
    transfer = await house.platform.do(to(house, amount=1_000, metadata={"a": "1"}))
    reversal = await house.platform.do(CreateReversal(id=transfer.id, amount=10))

    await house.platform.do(UpdateTransfer(id=transfer.id, description="For May", metadata={"b": "2"}))
    await house.platform.do(UpdateReversal(id=transfer.id, reversal=reversal.id, metadata={"c": "3"}))

    shown = await house.platform.do(RetrieveTransfer(id=transfer.id))
    assert (shown.description, shown.metadata) == ("For May", {"a": "1", "b": "2"})
    assert shown.latest_reversals[0].metadata == {"c": "3"}


async def test_both_sides_are_told(house: House) -> None:
    charge = await house.charge(transfer_data=goes_to(house), application_fee_amount=1_000)
    await house.platform.do(
        CreateRefund(charge=charge.id, reverse_transfer=True, refund_application_fee=True)
    )

    told = await events(house, house.platform)
    assert [name for name in told if name.startswith(("transfer", "application"))] == [
        "transfer.created",
        "application_fee.created",
        "transfer.reversed",
        "application_fee.refunded",
    ]
    assert await events(house, house.seller) == ["charge.succeeded", "refund.created", "charge.refunded"]


async def spend(house: House, amount: int) -> None:
    """Let the seller pay *amount* of its available money to its bank."""
    seller = house.seller
    account = BankAccountParams(
        account_number=AccountNumber("000123456789"), country="US", routing_number="110000000"
    )
    await seller.do(CreateExternalAccount(account=seller.account.id, external_account=account))
    await seller.do(CreatePayout(amount=amount, currency="usd"))


class TestBills:
    """What is shared of invoices and subscriptions."""

    async def customer(self, who: Merchant) -> str:
        made = await who.do(CreateCustomer(source="tok_bypassPending"))
        return made.id

    async def paid(self, who: Merchant, **more: Any) -> Invoice:
        customer = await self.customer(who)
        draft = await who.do(CreateInvoice(customer=customer, currency=CurrencyCode("usd"), **more))
        await who.do(
            CreateInvoiceItem(
                customer=customer, invoice=draft.id, amount=10_000, currency=CurrencyCode("usd")
            )
        )
        return await who.do(PayInvoice(id=draft.id))

    async def test_a_bill_is_sent_on_less_the_fee(self, house: House) -> None:
        bill = await self.paid(house.platform, transfer_data=goes_to(house), application_fee_amount=1_000)

        assert bill.status == "paid"
        assert await house.balance(house.seller) == (9_000, 0)
        await house.check()

    async def test_the_fee_of_the_sellers_own_bill_goes_to_the_platform(self, house: House) -> None:
        await self.paid(house.for_seller, application_fee_amount=700)

        assert await house.balance(house.platform) == (700, 0)
        await house.check()

    async def test_every_bill_of_a_subscription_is_shared(self, house: House) -> None:
        who = house.platform
        price = await who.do(
            CreatePrice(
                currency=CurrencyCode("usd"),
                unit_amount=9_999,
                product_data=ProductDataParams(name="Bread"),
                recurring=RecurringParams(interval=Interval.MONTH),
            )
        )
        made = await who.do(
            CreateSubscription(
                customer=await self.customer(who),
                items=(SubscriptionItemParams(price=price.id),),
                application_fee_percent=Decimal("12.5"),
                transfer_data=SubscriptionTransferParams(destination=house.seller.account.id),
            )
        )
        assert made.status == "active"
        assert await house.balance(house.seller) == (9_999 - 1_250, 0)

        house.clock.advance(32 * 86_400)
        for _ in range(3):
            for job in house.gateway.worker.jobs:
                await job.run(house.gateway.ports)
            house.clock.advance(7_200)

        assert (await house.balance(house.seller))[0] == 2 * (9_999 - 1_250)
        await house.check()

    @pytest.mark.parametrize(
        ("shares", "param"),
        [
            ({"application_fee_percent": Decimal(10)}, "application_fee_percent"),
            ({"application_fee_percent": Decimal("100.5")}, "application_fee_percent"),
            ({"application_fee_percent": Decimal("0.123")}, "application_fee_percent"),
            (
                {"transfer_data": SubscriptionTransferParams(destination="acct_nobody")},
                "transfer_data[destination]",
            ),
            ({"on_behalf_of": "acct_nobody"}, "on_behalf_of"),
        ],
    )
    async def test_what_cannot_be_shared_is_refused(
        self, house: House, shares: dict[str, Any], param: str
    ) -> None:
        who = house.platform
        price = await who.do(
            CreatePrice(
                currency=CurrencyCode("usd"),
                unit_amount=100,
                product_data=ProductDataParams(name="Bread"),
                recurring=RecurringParams(interval=Interval.MONTH),
            )
        )
        customer = await self.customer(who)

        with pytest.raises(InvalidRequest) as refused:
            await who.do(
                CreateSubscription(
                    customer=customer, items=(SubscriptionItemParams(price=price.id),), **shares
                )
            )

        assert refused.value.param == param
