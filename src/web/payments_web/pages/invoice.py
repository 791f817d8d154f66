"""The page of a bill: shows it, takes a card for it, and hands out the bill and its receipt as PDF. And receipts of charges.

The page works without scripts: the card comes with the form, is sealed in the vault by the same operation as everybody's, and the bill
is paid with what came of that. What the number was is neither kept nor shown again.
"""

from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import parse_qs

import attrs
from babel import Locale
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payments_core.billing.invoice_payments import InvoicePayment
from payments_core.billing.invoices import PAYABLE, Invoice, InvoiceState
from payments_core.clock import now
from payments_core.errors import Declined, InvalidRequest, PaymentsError
from payments_core.gateway import Gateway
from payments_core.operations.invoice_pages import PLACE, find_by_page, pay_at_page
from payments_core.operations.onboarding import find_account
from payments_core.operations.payment_methods import create_payment_method
from payments_core.operations.structuring import structure
from payments_core.operations.work import Caller
from payments_core.payments.charges import Charge, ChargeState
from payments_core.payments.payment_intents import PaymentIntent, PaymentIntentState
from payments_core.platform.accounts import Account, AccountId
from payments_core.tokenization.payment_methods import PaymentMethod
from payments_web.documents.bills import Bill, Writing, bill_of, receipt_of
from payments_web.objects.authentication import challenge_url
from payments_web.objects.replies import status_of
from payments_web.pages.assets import Assets
from payments_web.pages.branding import Brand
from payments_web.pages.rendering import Renderer
from payments_web.pages.safety import headers, is_ours, origin_of
from payments_web.pages.showing import BRANDS
from payments_web.pages.wording import Tongue

BODY_MAX: Final = 4_000
ACCEPT_MAX: Final = 400
PAGE: Final = PLACE + "/{token}"
NO_STORE: Final = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
WORDS: Final = (
    "bad_cvc",
    "bad_expiry",
    "bad_number",
    "cvc_where",
    "cvc_where_amex",
    "past_expiry",
    "processing",
    "required",
    "short_number",
)
REQUIRES_ACTION: Final = "invoice_payment_intent_requires_action"
MOVED_ON: Final = frozenset({"invoice_already_paid", "invoice_payment_in_progress"})
"""Refusals after which the page has something else to show than an alert."""


@attrs.frozen
class Visit:
    """A bill, whose it is, and what stands of its payment."""

    account: Account
    invoice: Invoice
    payment: InvoicePayment | None
    intent: PaymentIntent | None

    @property
    def is_processing(self) -> bool:
        """Whether the network is being asked for the money."""
        return self.intent is not None and self.intent.status is PaymentIntentState.PROCESSING

    @property
    def is_payable(self) -> bool:
        """Whether a card can pay it now."""
        return self.invoice.status in PAYABLE and self.intent is not None and not self.is_processing


@attrs.frozen(eq=False)
class InvoicePages:
    """The page, its form, and its documents."""

    gateway: Gateway
    renderer: Renderer
    assets: Assets

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(PAGE, self._page, methods=["GET"]),
            Route(PAGE + "/brand.css", self._style, methods=["GET"]),
            Route(PAGE + "/pay", self._pay, methods=["POST"]),
            Route(PAGE + "/pay", self._back, methods=["GET"]),
            Route(PAGE + "/pdf", self._pdf, methods=["GET"]),
            Route(PAGE + "/receipt", self._receipt, methods=["GET"]),
            Route("/receipts/{charge}", self._charge, methods=["GET"]),
        ]

    async def _visit(self, request: Request) -> Visit | None:
        ports = self.gateway.ports
        invoice = await find_by_page(ports, request.path_params["token"])
        if invoice is None:
            return None
        account = await find_account(ports, invoice.account_id)
        payment = intent = None
        if invoice.payment is not None:
            found = await ports.store.find(InvoicePayment, invoice.account_id, invoice.payment)
            payment = found[0] if found else None
        if payment is not None and payment.payment_intent is not None:
            seen = await ports.store.find(PaymentIntent, invoice.account_id, payment.payment_intent)
            intent = seen[0] if seen else None
        return Visit(account, invoice, payment, intent)

    async def _page(self, request: Request) -> Response:
        visit = await self._visit(request)
        if visit is None:
            return self._unknown(request)
        return self._html(request, visit, _alert(request, visit))

    async def _back(self, request: Request) -> Response:
        """Somebody reloads the answer to the form."""
        return RedirectResponse(_address(request), 303, NO_STORE)

    def _html(self, request: Request, visit: Visit, alert: str | None, status: int = 200) -> Response:
        tongue = _tongue(request)
        brand = Brand.of(visit.account)
        bill = bill_of(visit.invoice, visit.account, tongue.locale, now=now(self.gateway.ports.clock))
        writing = Writing(tongue.locale, visit.invoice.currency)
        till, title, text = _till(visit, bill)
        page = self.renderer.page(
            "invoice.html",
            lang=tongue.language,
            say=tongue.say,
            brand=brand,
            bill=bill,
            taxed=any(row.tax for row in bill.rows),
            address=_address(request),
            livemode=visit.account.livemode,
            alert=alert,
            till=till,
            till_title=title,
            till_text=text,
            left=writing.amount(visit.invoice.amount_remaining),
            amount=visit.invoice.amount_remaining,
            is_paid=_has_receipt(visit.invoice),
            can_print=can_print(),
            data={
                "words": tongue.phrases(WORDS),
                "pictures": {name: self.assets[f"brands/{name}.svg"].url for name in BRANDS},
            },
        )
        pictures = origin_of(brand.logo) if brand.logo else ""
        return Response(page, status, headers(pictures=pictures), "text/html")

    def _unknown(self, request: Request) -> Response:
        tongue = Tongue.of(None, request.headers.get("accept-language", "")[:ACCEPT_MAX])
        return self._message(
            tongue, tongue.say("unknown_title"), tongue.say("unknown_text"), "unknown", status=404
        )

    def _message(
        self,
        tongue: Tongue,
        title: str,
        text: str,
        sign: str,
        *,
        status: int = 200,
        brand: Brand | None = None,
        amount: str | None = None,
    ) -> Response:
        page = self.renderer.page(
            "message.html",
            lang=tongue.language,
            brand=brand,
            brand_css=None,
            title=title,
            text=text,
            sign=sign,
            amount=amount,
            link=None,
            link_text="",
            powered=tongue.say("powered"),
        )
        return Response(page, status, headers(), "text/html")

    async def _style(self, request: Request) -> Response:
        visit = await self._visit(request)
        if visit is None:
            return Response("", 404, NO_STORE, "text/css")
        told = {**NO_STORE, "cache-control": "private, max-age=300"}
        return Response(Brand.of(visit.account).style, headers=told, media_type="text/css")

    async def _pay(self, request: Request) -> Response:
        visit = await self._visit(request)
        if visit is None:
            return self._unknown(request)
        form = await _form(request)
        if form is None or not is_ours(request):
            return self._html(request, visit, "Please fill in the form on this page.", 400)
        caller = Caller(
            account=visit.account,
            publishable=True,
            client_ip=request.client.host if request.client else None,
        )
        try:
            result = await self._paid(request, visit, form, caller)
        except PaymentsError as refusal:
            result = refusal
        visit = await self._visit(request) or visit
        if (
            isinstance(result, Declined)
            and result.code == REQUIRES_ACTION
            and visit.intent
            and visit.intent.next_action
        ):
            return RedirectResponse(challenge_url(visit.intent.next_action, None), 303, NO_STORE)
        if isinstance(result, PaymentsError) and result.code not in MOVED_ON:
            return self._html(request, visit, result.message, status_of(result))
        return RedirectResponse(_address(request), 303, NO_STORE)

    async def _paid(self, request: Request, visit: Visit, form: dict[str, str], caller: Caller) -> Any:
        """Seal the card, and pay with it. What is refused before the bank was asked leaves the sealed card unused."""
        visit.invoice.refuse_payment()
        performer = self.gateway.performer
        sealed = (
            await performer.perform(
                create_payment_method, structure(create_payment_method.command, _card(form)), caller
            )
        ).result
        if not isinstance(sealed, PaymentMethod):
            return sealed
        pay = {
            "id": visit.invoice.id,
            "token": request.path_params["token"],
            "payment_method": sealed.id,
            "expected_amount": form.get("expected_amount", ""),
            "return_url": f"{request.base_url}".rstrip("/") + _address(request),
        }
        return (await performer.perform(pay_at_page, structure(pay_at_page.command, pay), caller)).result

    async def _pdf(self, request: Request) -> Response:
        visit = await self._visit(request)
        if visit is None:
            return self._unknown(request)
        moment = now(self.gateway.ports.clock)
        bill = bill_of(visit.invoice, visit.account, _tongue(request).locale, now=moment)
        return await self._document(bill, visit, f"Invoice-{bill.number}")

    async def _receipt(self, request: Request) -> Response:
        visit = await self._visit(request)
        if visit is None or not _has_receipt(visit.invoice):
            return self._unknown(request)
        charge = None
        if visit.intent is not None and visit.intent.latest_charge is not None:
            found = await self.gateway.ports.store.find(Charge, visit.account.id, visit.intent.latest_charge)
            charge = found[0] if found and found[0].status is ChargeState.SUCCEEDED else None
        bill = receipt_of(visit.invoice, visit.account, _tongue(request).locale, charge)
        return await self._document(bill, visit, f"Receipt-{bill.number}")

    async def _document(self, bill: Bill, visit: Visit, name: str) -> Response:
        if not can_print():
            return Response("PDF needs payments-core[pdf].", 501, NO_STORE, "text/plain")
        from payments_web.documents.fonts import find_fonts  # an extra
        from payments_web.documents.pdf import pdf_of

        fonts = find_fonts(self.gateway.ports.settings.get("pdf_fonts"))
        # Long bills take a while: other requests are answered meanwhile.
        body = await run_in_threadpool(pdf_of, bill, color=Brand.of(visit.account).color, fonts=fonts)
        safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)
        told = {**NO_STORE, "content-disposition": f'inline; filename="{safe}.pdf"'}
        return Response(body, headers=told, media_type="application/pdf")

    async def _charge(self, request: Request) -> Response:
        """The receipt of a charge: an address of two ids that nobody can guess."""
        tongue = _tongue(request)
        store, account_id = self.gateway.ports.store, request.query_params.get("account", "")
        charge_id: str = request.path_params["charge"]
        if max(len(charge_id), len(account_id)) > 60:
            return self._unknown(request)
        try:
            charge = await store.find(Charge, AccountId(account_id), charge_id)
            account = await find_account(self.gateway.ports, account_id) if charge else None
        except (PaymentsError, ValueError):
            return self._unknown(request)
        if charge is None or account is None or charge[0].status is not ChargeState.SUCCEEDED:
            return self._unknown(request)
        one, card, brand = charge[0], charge[0].card, Brand.of(account)
        if card is None:
            return self._unknown(request)
        writing = Writing(tongue.locale, one.currency)
        text = f"Paid to {brand.name} on {writing.day(one.created)} with {card.brand.title()} ending in {card.last4}."
        if one.amount_refunded:
            text += f" {writing.amount(one.amount_refunded)} of it went back."
        amount = writing.amount(one.amount_captured or one.amount)
        return self._message(tongue, "Receipt", text, "done", brand=brand, amount=amount)


def can_print() -> bool:
    """Whether documents can be made here."""
    return find_spec("fpdf") is not None


def _till(visit: Visit, bill: Bill) -> tuple[str, str, str]:
    """What stands beside the bill: a form, or why there is none."""
    invoice = visit.invoice
    if invoice.status is InvoiceState.PAID:
        return "note", "Paid", f"Thank you. {bill.merchant} has received your payment."
    if invoice.status is InvoiceState.VOID:
        return "note", "Void", "This invoice was taken back. Nothing is to be paid."
    if visit.is_processing:
        return "processing", "Processing", "Your payment is being processed. This page goes on by itself."
    if visit.is_payable:
        return "form", "", ""
    return (
        "note",
        "Pay another way",
        f"This invoice cannot be paid by card here. Please ask {bill.merchant} how to pay.",
    )


def _alert(request: Request, visit: Visit) -> str | None:
    """What a payer who comes back from their bank is told."""
    if visit.intent is None or not visit.is_payable or "redirect_status" not in request.query_params:
        return None
    if visit.intent.next_action is not None:
        return _tongue(request).say("challenge_left")
    error = visit.intent.last_error
    if error is None:
        return None
    if (error.code or "").endswith("authentication_failure"):
        return _tongue(request).say("challenge_failed")
    return error.message


def _has_receipt(invoice: Invoice) -> bool:
    return invoice.status is InvoiceState.PAID and invoice.amount_paid > 0


def _tongue(request: Request) -> Tongue:
    """English words, and the reader's way to write amounts and dates."""
    accepted = request.headers.get("accept-language", "")[:ACCEPT_MAX]
    told = request.query_params.get("locale", "")[:20] or None
    locale: Locale = Tongue.of(told, accepted).locale
    return Tongue("en", locale)


def _address(request: Request) -> str:
    return f"{PLACE}/{request.path_params['token']}"


def _card(form: dict[str, str]) -> dict[str, Any]:
    """The form's card as the API takes it. Raises `InvalidRequest` for a date that is none."""
    month, slash, year = form.get("expiry", "").replace(" ", "").partition("/")
    if not slash and len(month) in (4, 6):
        month, year = month[:2], month[2:]
    if not (
        month.isascii() and month.isdecimal() and year.isascii() and year.isdecimal() and len(year) in (2, 4)
    ):
        raise InvalidRequest(
            "Please write the expiry date as MM / YY.", code="invalid_expiry_month", param="expiry"
        )
    card = {
        "number": "".join(letter for letter in form.get("number", "") if letter.isalnum()),
        "exp_month": str(int(month)),
        "exp_year": year if len(year) == 4 else f"20{year}",
        "cvc": form.get("cvc", "").strip(),
    }
    name = form.get("name", "").strip()[:200]
    return {"type": "card", "card": card, **({"billing_details": {"name": name}} if name else {})}


async def _form(request: Request) -> dict[str, str] | None:
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > BODY_MAX:
                return None
        told = parse_qs(body.decode("ascii"), max_num_fields=10)
    except (ClientDisconnect, UnicodeDecodeError, ValueError):
        return None
    return {name: values[0] for name, values in told.items()}
