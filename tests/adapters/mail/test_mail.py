"""E-mail from what happened to a mailbox: over a real SMTP server, into the outbox, through refusals and a dead worker."""

import email
import email.policy
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest
from aiosmtpd.controller import Controller

from payments_adapters.mail.composing import compose
from payments_adapters.mail.outbox import OutboxMailer
from payments_adapters.mail.smtp import SmtpMailer
from payments_core.billing.invoices import Collection, Invoice
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.customers import CreateCustomer
from payments_core.operations.invoice_collecting import FinalizeInvoice, PayInvoice, SendInvoice
from payments_core.operations.invoice_items import CreateInvoiceItem
from payments_core.operations.invoice_jobs import advance_invoices
from payments_core.operations.invoices import CreateInvoice
from payments_core.operations.mailing import send_mails
from payments_core.platform.letters import Handover, Letter, Mailed
from payments_core.platform.mails import LEASE_S, RETRIES, Mail, MailState
from payments_core.ports import Query
from payments_core.values import evolve
from tests.support.processes import free_port
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio

LETTER = Letter(
    message_id="<mail_1@shop.example>",
    sender_name="Corner Shöp",
    sender="billing@shop.example",
    recipient="ada@example.com",
    subject="Your receipt",
    text="Thank you. 20,00 €",
    html="<p>Thank you. 20,00 €</p>",
    date=1_700_000_000,  # type: ignore[arg-type]
)


class Mailbox:
    """What the SMTP server was handed, and what it says to the next recipients."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - the server's name for it
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the server's name for it
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 Taken"


@attrs.frozen
class PostOffice:
    mailbox: Mailbox
    url: str


@pytest.fixture
def office() -> Iterator[PostOffice]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield PostOffice(mailbox, f"smtp://127.0.0.1:{controller.port}")
    controller.stop()


@pytest.fixture
async def shop(tmp_path: Path, office: PostOffice) -> AsyncIterator[Shop]:
    async with a_shop(
        tmp_path, smtp_url=office.url, mail_from="billing@shop.example", base_url="https://pay.example"
    ) as shop:
        yield shop


async def with_receipts(shop: Shop) -> Shop:
    account = evolve(shop.merchant.account, settings={"receipts.enabled": "true"})
    return attrs.evolve(shop, merchant=attrs.evolve(shop.merchant, account=account))


async def a_bill(shop: Shop, **more: Any) -> Invoice:
    customer = await shop.merchant.do(CreateCustomer(name="Ada", email="ada@example.com", **more))
    invoice = await shop.merchant.do(
        CreateInvoice(customer=customer.id, collection_method=Collection.SEND_INVOICE, days_until_due=7)
    )
    await shop.merchant.do(
        CreateInvoiceItem(
            customer=customer.id,
            invoice=invoice.id,
            amount=2000,
            currency=CurrencyCode("usd"),
            description="Beans <&>",
        )
    )
    return await shop.merchant.do(FinalizeInvoice(id=invoice.id))


async def mails(shop: Shop) -> tuple[Mail, ...]:
    return (await shop.ports.store.select(Mail, shop.id, Query(limit=100))).items


async def test_an_invoice_that_is_sent_reaches_its_customer(shop: Shop, office: PostOffice) -> None:
    invoice = await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))

    await send_mails(shop.ports)

    [message] = office.mailbox.messages
    assert message["To"] == "ada@example.com"
    assert message["Subject"] == f"Invoice {invoice.number} from Corner shop"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "$20.00" in plain.get_content()
    assert invoice.hosted_url is not None
    assert invoice.hosted_url in plain.get_content()
    assert invoice.hosted_url in html.get_content()
    assert "Beans &lt;&amp;&gt;" in html.get_content()


async def test_a_mail_is_sent_once(shop: Shop, office: PostOffice) -> None:
    await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))

    await send_mails(shop.ports)
    await send_mails(shop.ports)
    shop.clock.advance(90 * 24 * 3600)
    await send_mails(shop.ports)

    assert len(office.mailbox.messages) == 1
    assert [mail.state for mail in await mails(shop)] == [MailState.SENT]


async def test_amounts_are_written_as_the_customer_writes_them(shop: Shop, office: PostOffice) -> None:
    await shop.merchant.do(SendInvoice(id=(await a_bill(shop, preferred_locales=("de-DE",))).id))

    await send_mails(shop.ports)

    body = office.mailbox.messages[0].get_body(("plain",))
    assert body is not None
    assert "20,00\N{NO-BREAK SPACE}$" in body.get_content()


async def test_a_paid_bill_that_was_mailed_gets_its_receipt_mailed(shop: Shop, office: PostOffice) -> None:
    invoice = await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))
    await shop.merchant.do(PayInvoice(id=invoice.id, payment_method="pm_card_visa", off_session=False))

    while await send_mails(shop.ports):
        pass

    assert [message["Subject"] for message in office.mailbox.messages] == [
        f"Invoice {invoice.number} from Corner shop",
        f"Your receipt from Corner shop for invoice {invoice.number}",
    ]


async def test_a_bill_that_nobody_mailed_is_paid_in_silence(shop: Shop) -> None:
    invoice = await a_bill(shop)

    await shop.merchant.do(PayInvoice(id=invoice.id, payment_method="pm_card_visa", off_session=False))

    assert await mails(shop) == ()


async def test_a_customer_is_reminded_of_a_bill_that_is_overdue(shop: Shop, office: PostOffice) -> None:
    invoice = await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))
    await send_mails(shop.ports)
    shop.clock.advance(8 * 24 * 3600)
    await advance_invoices(shop.ports)

    await send_mails(shop.ports)

    assert (
        office.mailbox.messages[1]["Subject"]
        == f"Reminder: invoice {invoice.number} from Corner shop is overdue"
    )


async def test_nobody_is_reminded_of_a_bill_that_was_not_mailed(shop: Shop) -> None:
    await a_bill(shop)
    shop.clock.advance(8 * 24 * 3600)
    await advance_invoices(shop.ports)

    assert await mails(shop) == ()


async def test_nobody_is_reminded_of_a_bill_that_was_paid_meanwhile(shop: Shop, office: PostOffice) -> None:
    invoice = await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))
    shop.clock.advance(8 * 24 * 3600)
    await advance_invoices(shop.ports)
    await shop.merchant.do(PayInvoice(id=invoice.id, paid_out_of_band=True))

    await send_mails(shop.ports)

    assert not any("Reminder" in message["Subject"] for message in office.mailbox.messages)
    assert MailState.OBSOLETE in {mail.state for mail in await mails(shop)}


async def test_a_charge_with_an_address_for_its_receipt_gets_one_where_the_merchant_wants_that(
    shop: Shop, office: PostOffice
) -> None:
    willing = await with_receipts(shop)
    await willing.charge(1234, receipt_email="bob@example.com")

    await send_mails(shop.ports)

    [message] = office.mailbox.messages
    body = message.get_body(("plain",))
    assert body is not None
    assert message["To"] == "bob@example.com"
    assert "$12.34" in body.get_content()


async def test_a_charge_leaves_no_mail_unless_the_merchant_wants_receipts(shop: Shop) -> None:
    await shop.charge(1234, receipt_email="bob@example.com")

    assert await mails(shop) == ()


async def test_a_charge_that_was_declined_leaves_no_mail(shop: Shop) -> None:
    willing = await with_receipts(shop)
    with pytest.raises(Exception, match="declined"):
        await willing.charge(1234, source="tok_chargeDeclined", receipt_email="bob@example.com")

    assert await mails(shop) == ()


async def test_a_mail_that_is_put_off_is_sent_later_under_the_same_message_id(
    shop: Shop, office: PostOffice
) -> None:
    await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))
    office.mailbox.answers = ["451 Try again later"]
    await send_mails(shop.ports)
    [put_off] = await mails(shop)
    shop.clock.advance(RETRIES[0])

    await send_mails(shop.ports)

    [sent] = await mails(shop)
    assert (put_off.state, sent.state) == (MailState.QUEUED, MailState.SENT)
    assert "451" in (put_off.error or "")
    assert office.mailbox.messages[0]["Message-ID"] == f"<{sent.id}@shop.example>"


async def test_a_mailbox_that_does_not_exist_is_not_tried_again(shop: Shop, office: PostOffice) -> None:
    await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))
    office.mailbox.answers = ["550 No such user"]

    await send_mails(shop.ports)

    [mail] = await mails(shop)
    assert (mail.state, mail.due_at) == (MailState.FAILED, None)


async def test_a_mail_that_nobody_takes_is_given_up_after_some_days(tmp_path: Path) -> None:
    async with a_shop(tmp_path, smtp_url="smtp://127.0.0.1:1") as shop:
        await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))
        for wait in (0, *RETRIES):
            shop.clock.advance(wait)
            await send_mails(shop.ports)

        [mail] = await mails(shop)
        assert (mail.state, mail.tries) == (MailState.FAILED, len(RETRIES) + 1)


class Killed(BaseException):
    """The process ends here."""


class DiesAfterSending:
    """Hands the letter over, and never lives to tell."""

    def __init__(self, mailer: SmtpMailer) -> None:
        self.mailer = mailer

    async def send(self, letter: Letter) -> Mailed:
        await self.mailer.send(letter)
        raise Killed


async def test_a_worker_that_dies_while_sending_leaves_the_mail_to_the_next_one(
    shop: Shop, office: PostOffice
) -> None:
    await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))
    dying = attrs.evolve(shop.ports, mailer=DiesAfterSending(SmtpMailer.of(office.url)))
    with pytest.raises(Killed):
        await send_mails(dying)
    while_leased = await send_mails(shop.ports)
    shop.clock.advance(LEASE_S)

    await send_mails(shop.ports)

    ids = [message["Message-ID"] for message in office.mailbox.messages]
    assert while_leased == 0
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_of_two_workers_one_sends(shop: Shop, office: PostOffice) -> None:
    await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))

    async with anyio.create_task_group() as group:
        group.start_soon(send_mails, shop.ports)
        group.start_soon(send_mails, shop.ports)

    assert len(office.mailbox.messages) == 1


async def test_without_a_server_mails_are_files_in_the_outbox(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        await shop.merchant.do(SendInvoice(id=(await a_bill(shop)).id))
        await send_mails(shop.ports)

        [mail] = await mails(shop)
        written = (tmp_path / "outbox" / f"{mail.id}.eml").read_bytes()
        assert b"Subject: Invoice" in written


async def test_the_same_letter_twice_is_one_file(tmp_path: Path) -> None:
    mailer = OutboxMailer(tmp_path)
    for _ in range(2):
        assert (await mailer.send(LETTER)).handover is Handover.TAKEN

    assert [path.name for path in tmp_path.iterdir()] == ["mail_1.eml"]


async def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    letter = attrs.evolve(LETTER, recipient="nobody")

    assert (await OutboxMailer(tmp_path).send(letter)).handover is Handover.REFUSED


def test_a_merchants_name_cannot_begin_another_header() -> None:
    message = compose(attrs.evolve(LETTER, sender_name="Shop\r\nBcc: eve@example.com"))

    assert message["Bcc"] is None


def test_a_letter_is_plain_text_and_html() -> None:
    message = compose(LETTER)

    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("url", ["http://mail.example", "mail.example", "smtp://"])
def test_an_address_that_is_no_mail_servers_stops_the_assembly(url: str) -> None:
    with pytest.raises(ValueError, match="smtp_url"):
        SmtpMailer.of(url)


def test_a_password_is_never_sent_in_the_clear() -> None:
    assert SmtpMailer.of("smtp://user:secret@mail.example").must_encrypt
