"""`payments trigger`: makes an event happen, by the requests that lead to it in earnest. For test mode."""

import re
import sys
from typing import Final

from cyclopts import App

from payments_web.commands.calling import Caller, Key, Url

app: Final = App(name="trigger", help="Make an event happen.")
Step = tuple[str, str, dict[str, str]]

_CUSTOMER: Final[Step] = (
    "customer",
    "POST /v1/customers",
    {"name": "Jenny Rosen", "email": "jenny@example.com"},
)
_METHOD: Final[Step] = ("method", "POST /v1/payment_methods", {"type": "card", "card[token]": "tok_visa"})
_CHARGE: Final[Step] = (
    "charge",
    "POST /v1/charges",
    {"amount": "2000", "currency": "usd", "source": "tok_visa"},
)
_HELD: Final[Step] = (*_CHARGE[:2], {**_CHARGE[2], "capture": "false"})
_PRODUCT: Final[Step] = ("product", "POST /v1/products", {"name": "Tea"})
_PRICE: Final[Step] = (
    "price",
    "POST /v1/prices",
    {"product": "$product", "unit_amount": "900", "currency": "usd"},
)
_INTENT: Final = {"amount": "2000", "currency": "usd", "return_url": "https://example.com/"}
_CARD: Final = {"payment_method_types[]": "card", "confirm": "true"}
_INVOICE: Final[tuple[Step, ...]] = (
    ("customer", "POST /v1/customers", {"name": "Jenny Rosen", "source": "tok_visa"}),
    ("invoice", "POST /v1/invoices", {"customer": "$customer", "auto_advance": "false"}),
    (
        "item",
        "POST /v1/invoiceitems",
        {"customer": "$customer", "invoice": "$invoice", "amount": "2000", "currency": "usd"},
    ),
)


def _intent(method: str, **more: str) -> Step:
    return ("intent", "POST /v1/payment_intents", {**_INTENT, **_CARD, "payment_method": method, **more})


def _on(name: str, path: str, params: dict[str, str] | None = None, method: str = "POST") -> Step:
    return (name, f"{method} {path}", params or {})


STORIES: Final[dict[str, tuple[Step, ...]]] = {
    "charge.succeeded": (_CHARGE,),
    "charge.failed": ((*_CHARGE[:2], {**_CHARGE[2], "source": "tok_chargeDeclined"}),),
    "charge.captured": (_HELD, _on("captured", "/v1/charges/$charge/capture")),
    "charge.updated": (_CHARGE, _on("updated", "/v1/charges/$charge", {"description": "changed"})),
    "charge.refunded": (_CHARGE, _on("refund", "/v1/refunds", {"charge": "$charge"})),
    "refund.created": (_CHARGE, _on("refund", "/v1/refunds", {"charge": "$charge"})),
    "customer.created": (_CUSTOMER,),
    "customer.updated": (_CUSTOMER, _on("updated", "/v1/customers/$customer", {"description": "changed"})),
    "customer.deleted": (_CUSTOMER, _on("deleted", "/v1/customers/$customer", method="DELETE")),
    "payment_method.attached": (
        _CUSTOMER,
        _METHOD,
        _on("attached", "/v1/payment_methods/$method/attach", {"customer": "$customer"}),
    ),
    "payment_intent.created": (
        ("intent", "POST /v1/payment_intents", {"amount": "2000", "currency": "usd"}),
    ),
    "payment_intent.succeeded": (_intent("pm_card_visa"),),
    "payment_intent.payment_failed": (_intent("pm_card_visa_chargeDeclined"),),
    "payment_intent.requires_action": (_intent("pm_card_threeDSecure2Required"),),
    "payment_intent.amount_capturable_updated": (_intent("pm_card_visa", capture_method="manual"),),
    "payment_intent.canceled": (
        ("intent", "POST /v1/payment_intents", {"amount": "2000", "currency": "usd"}),
        _on("canceled", "/v1/payment_intents/$intent/cancel"),
    ),
    "setup_intent.created": (("setup", "POST /v1/setup_intents", {"payment_method_types[]": "card"}),),
    "product.created": (_PRODUCT,),
    "price.created": (_PRODUCT, _PRICE),
    "coupon.created": (("coupon", "POST /v1/coupons", {"percent_off": "10", "duration": "once"}),),
    "invoice.created": _INVOICE,
    "invoice.finalized": (*_INVOICE, _on("final", "/v1/invoices/$invoice/finalize")),
    "invoice.paid": (*_INVOICE, _on("paid", "/v1/invoices/$invoice/pay")),
    "invoice.payment_succeeded": (*_INVOICE, _on("paid", "/v1/invoices/$invoice/pay")),
}


@app.default
def trigger(event: str, *, key: Key = None, url: Url = None) -> None:
    """Make EVENT happen, such as payment_intent.succeeded. Without a known name the known ones are printed."""
    story = STORIES.get(event)
    if story is None:
        sys.exit("payments: the events that can be triggered are\n  " + "\n  ".join(sorted(STORIES)))
    made: dict[str, str] = {}
    with Caller(url, key) as caller:
        for name, route, params in story:
            method, _, path = _filled(route, made).partition(" ")
            filled = {field: _filled(value, made) for field, value in params.items()}
            made[name] = caller.ask(method, path, filled).get("id", "")
            print(f"{method} {path} {made[name]}".rstrip())
    print(f"triggered {event}")


def _filled(text: str, made: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: made[found[1]], text)
