"""A process that ends between its two commits: the bill is paid once, and everybody who asks again hears so."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_core.billing.credit_notes import CreditNote
from payments_core.billing.invoices import Invoice
from payments_core.errors import InvalidRequest
from payments_core.gateway import Gateway, Merchant
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.credit_notes import CreateCreditNote
from payments_core.operations.customers import CreateCustomer
from payments_core.operations.invoice_collecting import FinalizeInvoice, PayInvoice, VoidInvoice
from payments_core.operations.invoice_items import CreateInvoiceItem
from payments_core.operations.invoices import CreateInvoice, UpdateInvoice
from payments_core.payments.charges import Charge
from payments_core.payments.refunds import Refund
from payments_core.ports import Acquirer, AuthorizationRequest, FollowUp, Query
from payments_core.worker import Worker
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


class ProcessEnded(BaseException):
    """What a plug that is pulled looks like from inside."""


@attrs.define(eq=False)
class Unplugged:
    """Another acquirer, behind which the process ends after (or before) its message arrived."""

    acquirer: Acquirer
    arrives: bool

    @property
    def name(self) -> str:
        return self.acquirer.name

    @property
    def timeout_s(self) -> float:
        return self.acquirer.timeout_s

    async def authorize(self, request: AuthorizationRequest) -> Any:
        if self.arrives:
            await self.acquirer.authorize(request)
        raise ProcessEnded

    async def refund(self, message: FollowUp) -> Any:
        if self.arrives:
            await self.acquirer.refund(message)
        raise ProcessEnded

    async def increment(self, message: FollowUp) -> Any:
        return await self.acquirer.increment(message)

    async def reverse(self, message: FollowUp) -> Any:
        return await self.acquirer.reverse(message)

    async def inquire(self, message: FollowUp) -> Any:
        return await self.acquirer.inquire(message)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def opened(shop: Shop) -> Invoice:
    payer = await shop.merchant.do(CreateCustomer(source="tok_visa"))
    usd = CurrencyCode("usd")
    await shop.merchant.do(CreateInvoiceItem(customer=payer.id, amount=2000, currency=usd))
    draft = await shop.merchant.do(CreateInvoice(customer=payer.id, pending_invoice_items_behavior="include"))
    return await shop.merchant.do(FinalizeInvoice(id=draft.id))


def doomed(shop: Shop, *, arrives: bool = True) -> Merchant:
    """The same merchant in a process that will end while it waits for the network."""
    acquirers = {name: Unplugged(acquirer, arrives) for name, acquirer in shop.ports.acquirers.items()}
    ports = attrs.evolve(shop.ports, acquirers=acquirers)
    return Merchant(shop.merchant.account, Gateway.over(ports).performer)


async def all_of(shop: Shop, kind: Any) -> list[Any]:
    return list((await shop.ports.store.select(kind, shop.id, Query(limit=100))).items)


async def test_a_payment_that_the_network_made_is_found_by_recovery(shop: Shop) -> None:
    invoice = await opened(shop)
    with pytest.raises(ProcessEnded):
        await doomed(shop).do(PayInvoice(id=invoice.id))
    for command in (PayInvoice(id=invoice.id), PayInvoice(id=invoice.id, paid_out_of_band=True)):
        with pytest.raises(InvalidRequest) as refusal:
            await shop.merchant.do(command)
        assert refusal.value.code == "invoice_payment_in_progress"
    with pytest.raises(InvalidRequest):
        await shop.merchant.do(VoidInvoice(id=invoice.id))
    with pytest.raises(InvalidRequest):
        await shop.merchant.do(CreateCreditNote(invoice=invoice.id, amount=500))
    shop.clock.advance(minutes=2)
    await Worker(shop.ports).run_once()

    found = await shop.read(Invoice, invoice.id)
    assert (found.status, found.amount_paid) == ("paid", 2000)
    assert [c.captured for c in await all_of(shop, Charge)] == [True]


async def test_a_payment_that_never_arrived_leaves_the_bill_open(shop: Shop) -> None:
    invoice = await opened(shop)
    with pytest.raises(ProcessEnded):
        await doomed(shop, arrives=False).do(PayInvoice(id=invoice.id))
    shop.clock.advance(hours=2)
    await Worker(shop.ports).run_once()
    again = await shop.merchant.do(PayInvoice(id=invoice.id))

    assert again.status == "paid"
    assert sorted(c.captured for c in await all_of(shop, Charge)) == [False, True]


async def test_a_repeated_key_pays_once_over_a_crash(shop: Shop) -> None:
    invoice = await opened(shop)
    with pytest.raises(ProcessEnded):
        await doomed(shop).do(PayInvoice(id=invoice.id), idempotency_key="pay-1")
    shop.clock.advance(minutes=2)
    await Worker(shop.ports).run_once()
    again = await shop.merchant.do(PayInvoice(id=invoice.id), idempotency_key="pay-1")

    assert again.status == "paid"
    assert len(await all_of(shop, Charge)) == 1


async def test_a_credit_note_whose_refund_was_interrupted_is_issued_once(shop: Shop) -> None:
    invoice = await opened(shop)
    await shop.merchant.do(PayInvoice(id=invoice.id))
    with pytest.raises(ProcessEnded):
        await doomed(shop).do(CreateCreditNote(invoice=invoice.id, amount=500, refund_amount=500))
    shop.clock.advance(minutes=2)
    await Worker(shop.ports).run_once()

    (note,) = await all_of(shop, CreditNote)
    (refund,) = await all_of(shop, Refund)
    assert (note.refunds[0].refund, refund.status) == (refund.id, "succeeded")
    assert (await shop.read(Invoice, invoice.id)).post_payment_credit_notes == 500


async def test_collection_that_was_interrupted_collects_once(shop: Shop) -> None:
    invoice = await opened(shop)
    dying = doomed(shop)
    await shop.merchant.do(UpdateInvoice(id=invoice.id, auto_advance=True))
    with pytest.raises(ProcessEnded):
        await Worker(dying.performer.ports).run_once()
    shop.clock.advance(minutes=2)
    await Worker(shop.ports).run_once()

    assert (await shop.read(Invoice, invoice.id)).status == "paid"
    assert len(await all_of(shop, Charge)) == 1
