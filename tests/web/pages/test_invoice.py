"""The page of a bill, without a browser: what it shows, paying on it once, refusals, documents, and whose business it is not."""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import anyio
import attrs
import httpx2
import pytest

from payments_core.billing.coupons import Duration
from payments_core.billing.invoices import Collection, Invoice, InvoiceState
from payments_core.errors import PaymentsError
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.authentication import CompleteAuthentication
from payments_core.operations.billing_params import DiscountParams
from payments_core.operations.coupons import CreateCoupon
from payments_core.operations.customers import CreateCustomer
from payments_core.operations.invoice_collecting import FinalizeInvoice, PayInvoice, VoidInvoice
from payments_core.operations.invoice_items import CreateInvoiceItem
from payments_core.operations.invoice_jobs import advance_invoices
from payments_core.operations.invoice_pages import ATTEMPTS_MAX
from payments_core.operations.invoices import CreateInvoice
from payments_core.operations.tax_rates import CreateTaxRate
from payments_core.payments.authentications import Authentication
from payments_core.payments.charges import Charge, ChargeState
from payments_core.ports import Query
from payments_web.app import App
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio

CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123", "name": "Ada Lovelace"}
DECLINED = {**CARD, "number": "4000000000000002"}
CHALLENGED = {**CARD, "number": "4000002760003184"}


@attrs.frozen(eq=False)
class Desk:
    """A shop, and a reader of its pages."""

    shop: Shop
    http: httpx2.AsyncClient

    async def bill(self, amount: int = 2000, currency: str = "usd", **more: Any) -> Invoice:
        merchant, code = self.shop.merchant, CurrencyCode(currency)
        customer = await merchant.do(
            CreateCustomer(name="Ada <b>", email="ada@example.com", balance=more.pop("balance", None))
        )
        more = {"collection_method": Collection.SEND_INVOICE, "days_until_due": 14, **more}
        invoice = await merchant.do(CreateInvoice(customer=customer.id, currency=code, **more))
        await merchant.do(
            CreateInvoiceItem(
                customer=customer.id,
                invoice=invoice.id,
                amount=amount,
                currency=code,
                description="Beans & <more>",
            )
        )
        return await merchant.do(FinalizeInvoice(id=invoice.id))

    async def get(self, invoice: Invoice, place: str = "", **headers: str) -> httpx2.Response:
        return await self.http.get(f"{invoice.hosted_url}{place}", headers=headers)

    async def pay(self, invoice: Invoice, card: dict[str, str] = CARD, **more: str) -> httpx2.Response:
        form = {**card, "expected_amount": str(invoice.amount_remaining), **more}
        return await self.http.post(f"{invoice.hosted_url}/pay", data=form)

    async def now(self, invoice: Invoice) -> Invoice:
        return await self.shop.read(Invoice, invoice.id)  # type: ignore[no-any-return]

    async def taken(self) -> list[int]:
        charges = await self.shop.ports.store.select(Charge, self.shop.id, Query(limit=100))
        return [one.amount for one in charges.items if one.status is ChargeState.SUCCEEDED]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_shop(tmp_path, base_url="http://pay.example") as shop:
        transport = httpx2.ASGITransport(app=App(shop.gateway))
        async with httpx2.AsyncClient(transport=transport, base_url="http://pay.example") as http:
            yield Desk(shop, http)


async def test_the_page_shows_lines_discounts_taxes_and_credit(desk: Desk) -> None:
    vat = await desk.shop.merchant.do(
        CreateTaxRate(display_name="VAT", percentage=Decimal(20), inclusive=False)
    )
    sale = await desk.shop.merchant.do(
        CreateCoupon(percent_off=Decimal(10), name="Spring sale", duration=Duration.ONCE)
    )
    invoice = await desk.bill(
        balance=-300, default_tax_rates=(vat.id,), discounts=(DiscountParams(coupon=sale.id),)
    )

    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (await desk.get(invoice)).text))

    for expected in (
        "Beans &amp; &lt;more&gt;",
        "Spring sale (10% off) -$2.00",
        "VAT 20% on $18.00 $3.60",
        "Total $21.60",
        "Applied balance -$3.00",
        "Amount due $18.60",
        "$18.60 due November 16, 2026",
    ):
        assert expected in told


async def test_amounts_and_dates_are_written_as_the_reader_writes_them(desk: Desk) -> None:
    invoice = await desk.bill(123456, "eur")

    page = unescape((await desk.get(invoice, **{"accept-language": "de-DE"})).text)

    assert "1.234,56\N{NO-BREAK SPACE}€" in page
    assert "16. November 2026" in page


async def test_the_object_says_where_page_and_pdf_are(desk: Desk) -> None:
    invoice = await desk.bill()

    presenter: Any = desk.shop.ports.presenter
    shown = presenter.show(invoice, livemode=False)

    assert shown.hosted_invoice_url == invoice.hosted_url
    assert shown.invoice_pdf == f"{invoice.hosted_url}/pdf"


async def test_an_address_that_is_not_quite_right_shows_nothing(desk: Desk) -> None:
    invoice = await desk.bill()
    assert invoice.hosted_url is not None
    last = invoice.hosted_url[-1]
    wrong = invoice.hosted_url[:-1] + ("a" if last != "a" else "b")

    answers = [
        (await desk.http.get(wrong)).status_code,
        (await desk.http.get(wrong + "/pdf")).status_code,
        (await desk.http.post(wrong + "/pay", data=CARD)).status_code,
        (await desk.http.get("http://pay.example/i/" + "0" * 68)).status_code,
        (await desk.http.get("http://pay.example/i/" + "z" * 68)).status_code,
        (await desk.http.get("http://pay.example/i/short")).status_code,
    ]

    assert answers == [404] * 6


async def test_a_card_pays_the_bill(desk: Desk) -> None:
    invoice = await desk.bill()

    answer = await desk.pay(invoice)

    assert answer.status_code == 303
    assert (await desk.now(invoice)).status is InvoiceState.PAID
    assert await desk.taken() == [2000]
    assert "has received your payment" in (await desk.get(invoice)).text


async def test_a_decline_is_shown_and_another_card_can_pay(desk: Desk) -> None:
    invoice = await desk.bill()

    refused = await desk.pay(invoice, DECLINED)
    paid = await desk.pay(invoice)

    assert refused.status_code == 402
    assert "Your card was declined." in refused.text
    assert 'id="number"' in refused.text
    assert "4000000000000002" not in refused.text
    assert paid.status_code == 303
    assert await desk.taken() == [2000]


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ({"number": "4242424242424241"}, "number"),
        ({"expiry": "soon"}, "MM / YY"),
        ({"expiry": "01 / 20"}, "expir"),
        ({"cvc": "1"}, "security code"),
    ],
)
async def test_what_is_wrong_with_a_card_is_said(desk: Desk, mistake: dict[str, str], told: str) -> None:
    invoice = await desk.bill()

    answer = await desk.pay(invoice, {**CARD, **mistake})

    alert = re.search(r'role="alert"[^>]*>([^<]*)', answer.text)
    assert answer.status_code in (400, 402)
    assert alert is not None
    assert told in alert[1]
    assert await desk.taken() == []


async def test_paying_twice_takes_once(desk: Desk) -> None:
    invoice = await desk.bill()

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(desk.pay, invoice)
    await desk.pay(invoice)

    assert await desk.taken() == [2000]


async def test_of_page_api_and_collection_one_pays(desk: Desk) -> None:
    merchant = desk.shop.merchant
    customer = await merchant.do(CreateCustomer(source="tok_visa"))
    invoice = await merchant.do(CreateInvoice(customer=customer.id, auto_advance=True))
    await merchant.do(
        CreateInvoiceItem(customer=customer.id, invoice=invoice.id, amount=2000, currency=CurrencyCode("usd"))
    )
    invoice = await merchant.do(FinalizeInvoice(id=invoice.id))

    async def by_api() -> None:
        with suppress(PaymentsError):  # whoever is late is told so
            await merchant.do(PayInvoice(id=invoice.id))

    async with anyio.create_task_group() as group:
        group.start_soon(desk.pay, invoice)
        group.start_soon(by_api)
        group.start_soon(advance_invoices, desk.shop.ports)

    assert await desk.taken() == [2000]
    assert (await desk.now(invoice)).status is InvoiceState.PAID


async def test_an_amount_that_has_changed_is_shown_again_before_it_is_taken(desk: Desk) -> None:
    invoice = await desk.bill()

    answer = await desk.pay(invoice, expected_amount="1999")

    assert "The amount has changed" in answer.text
    assert await desk.taken() == []


async def challenge_of(desk: Desk) -> Authentication:
    [found] = (await desk.shop.ports.store.select(Authentication, desk.shop.id, Query())).items
    return found


async def test_a_bank_that_wants_to_see_its_customer_is_visited_first(desk: Desk) -> None:
    invoice = await desk.bill()

    answer = await desk.pay(invoice, CHALLENGED)
    challenge = await challenge_of(desk)
    page = await desk.http.get(answer.headers["location"])
    await desk.shop.merchant.do(CompleteAuthentication(id=challenge.id, succeeded=True))

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/3ds/{challenge.id}?")
    assert page.status_code == 200
    assert challenge.return_url == invoice.hosted_url
    assert (await desk.now(invoice)).status is InvoiceState.PAID
    assert await desk.taken() == [2000]


async def test_a_challenge_that_fails_is_told_and_nothing_is_taken(desk: Desk) -> None:
    invoice = await desk.bill()
    await desk.pay(invoice, CHALLENGED)
    await desk.shop.merchant.do(CompleteAuthentication(id=(await challenge_of(desk)).id, succeeded=False))

    page = await desk.get(invoice, "?redirect_status=failed")

    assert "could not confirm that it is you" in page.text
    assert await desk.taken() == []


async def test_a_page_of_somebody_else_cannot_pay(desk: Desk) -> None:
    invoice = await desk.bill()

    answer = await desk.http.post(
        f"{invoice.hosted_url}/pay",
        data={**CARD, "expected_amount": "2000"},
        headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    )

    assert answer.status_code == 400
    assert await desk.taken() == []


async def test_stolen_numbers_are_not_tried_here_for_ever(desk: Desk) -> None:
    invoice = await desk.bill()
    for _ in range(ATTEMPTS_MAX):
        await desk.pay(invoice, DECLINED)

    answer = await desk.pay(invoice)

    assert "Too many attempts" in answer.text
    assert await desk.taken() == []


async def test_a_void_bill_cannot_be_paid(desk: Desk) -> None:
    invoice = await desk.bill()
    await desk.shop.merchant.do(VoidInvoice(id=invoice.id))

    page, answer = await desk.get(invoice), await desk.pay(invoice)

    assert "taken back" in page.text
    assert 'id="number"' not in page.text
    assert answer.status_code == 400
    assert await desk.taken() == []


async def test_a_bill_of_nothing_is_paid_already(desk: Desk) -> None:
    invoice = await desk.bill(0)

    assert "Thank you" in (await desk.get(invoice)).text


async def test_the_page_loads_nothing_from_elsewhere_and_is_kept_nowhere(desk: Desk) -> None:
    answer = await desk.get(await desk.bill())

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert answer.headers["x-frame-options"] == "DENY"


async def test_the_bill_is_there_as_pdf(desk: Desk) -> None:
    answer = await desk.get(await desk.bill(), "/pdf")

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


async def test_a_receipt_is_for_paid_bills_alone(desk: Desk) -> None:
    invoice = await desk.bill()
    before = await desk.get(invoice, "/receipt")
    await desk.pay(invoice)

    after = await desk.get(invoice, "/receipt")

    assert before.status_code == 404
    assert after.content.startswith(b"%PDF-")


async def test_a_paid_charge_has_a_receipt_where_the_object_says(desk: Desk) -> None:
    charge = await desk.shop.charge(1234)
    presenter: Any = desk.shop.ports.presenter

    page = await desk.http.get(presenter.show(charge, livemode=False).receipt_url)

    assert page.status_code == 200
    assert "$12.34" in page.text
    assert "ending in 4242" in page.text


@pytest.mark.parametrize(
    "address", ["ch_1", "ch_1?account=acct_1", "x?account=../..", "ch_1?account=" + "a" * 99]
)
async def test_a_receipt_of_nothing_is_not_found(desk: Desk, address: str) -> None:
    assert (await desk.http.get(f"http://pay.example/receipts/{address}")).status_code == 404
