"""Invoice pages: the address at which a customer sees a bill, who may open it, and paying there.

The address holds the account, the invoice and a secret, so that it is found without a key and cannot be guessed. Of no door: the page
itself calls these operations.
"""

import secrets
from typing import Final

import attrs

from payments_core import ids
from payments_core.billing.invoices import Invoice, InvoiceId
from payments_core.errors import InvalidRequest, NotFound, PaymentsError
from payments_core.operations.cards import payer_by_method
from payments_core.operations.declaring import Ask, Command, operation
from payments_core.operations.invoice_paying import begin_payment, payment_outcome
from payments_core.operations.work import Work
from payments_core.platform.accounts import AccountId
from payments_core.ports import Ports

PLACE: Final = "/i"
ATTEMPTS_MAX: Final = 25
"""How often one bill may be tried on its page: whoever has stolen numbers tries them elsewhere."""
_SECRET: Final = 24
_LENGTH: Final = 2 * ids.LENGTH + _SECRET


def page_url(work: Work, invoice: Invoice) -> str | None:
    """Where the customer will see the bill; None where no address of the server is known."""
    base_url = work.ports.settings.get("base_url")
    if not base_url:
        return None
    account, number = invoice.account_id.removeprefix("acct_"), invoice.id.removeprefix("in_")
    return f"{base_url.rstrip('/')}{PLACE}/{account}{number}{work.ports.ids.secret(_SECRET)}"


async def find_by_page(ports: Ports, token: str) -> Invoice | None:
    """The bill whose address ends with *token*."""
    if len(token) != _LENGTH or not token.isascii() or not token.isalnum():
        return None
    account_id = AccountId(f"acct_{token[: ids.LENGTH]}")
    invoice_id = InvoiceId(f"in_{token[ids.LENGTH : 2 * ids.LENGTH]}")
    try:
        found = await ports.store.find(Invoice, account_id, invoice_id)
    except ValueError:
        return None  # not digits of any id
    return found[0] if found and is_token(found[0], token) else None


def is_token(invoice: Invoice, token: str) -> bool:
    """Whether *token* is the end of the bill's address; takes the same time for every answer."""
    known = (invoice.hosted_url or "").rpartition("/")[2]
    return bool(known) and secrets.compare_digest(known.encode(), token.encode())


@attrs.frozen(kw_only=True)
class PayAtPage(Command[Invoice]):
    """A card that was just typed in, and the amount that was shown."""

    id: str
    token: str
    payment_method: str
    expected_amount: int
    return_url: str


@operation(
    "invoice.pay_at_page",
    post="/v1/invoices/{id}/pay_at_page",
    raises=(PaymentsError,),
    outcome=payment_outcome,
)
async def pay_at_page(command: PayAtPage, work: Work, ports: Ports) -> Invoice | Ask:
    """Pay a bill on its page, once: of all who try at the same time, here or elsewhere, one pays."""
    invoice = await work.get(Invoice, command.id)
    if not is_token(invoice, command.token):
        raise NotFound("invoice", command.id)
    invoice.refuse_payment()
    if invoice.page_attempts >= ATTEMPTS_MAX:
        raise InvalidRequest(
            "Too many attempts to pay were made here. Please ask the sender for another way to pay.",
            code="invoice_too_many_attempts",
        )
    if command.expected_amount != invoice.amount_remaining:
        raise InvalidRequest(
            "The amount has changed since this page was opened. Please look at it again.",
            code="invoice_amount_mismatch",
            param="expected_amount",
        )
    payer = await payer_by_method(work, command.payment_method, invoice.customer, param="payment_method")
    invoice = attrs.evolve(invoice, page_attempts=invoice.page_attempts + 1)
    return await begin_payment(
        work,
        invoice,
        payer,
        operation="invoice.pay_at_page",
        off_session=False,
        return_url=command.return_url,
    )
