"""Searching: the query language's fields for each kind of noun, and one operation for each.

The text of a query is read by the `queries` port; here its fields are looked up, its values are read, and the storage is asked.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeVar

import attrs

from payments_core.billing.customers import Customer
from payments_core.billing.invoices import Invoice
from payments_core.billing.prices import Price
from payments_core.billing.products import Product
from payments_core.billing.subscriptions import Subscription
from payments_core.errors import InvalidRequest, ParamInvalid, Unavailable
from payments_core.operations.declaring import LIMIT_DEFAULT, LIMIT_MAX, Command, operation
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.ports import Found, Ports
from payments_core.searching.matching import Kind, Search, Sought, folded
from payments_core.searching.queries import (
    CLAUSES_MAX,
    COMPARES,
    SUBSTRING_MIN,
    Clause,
    Relation,
    SearchQuery,
)

NounT = TypeVar("NounT")

COUNTED_MAX: Final = 10_000
COUNTED_AT_ONCE: Final = 1_000
TOTAL: Final = "total_count"

Fields = Mapping[str, tuple[Kind, str]]
"""By the name in queries: what it holds, and where the noun has it."""

TEXT, TOKEN, NUMBER, FLAG, HASH = Kind.TEXT, Kind.TOKEN, Kind.NUMBER, Kind.FLAG, Kind.HASH

_COMMON: Final[Fields] = {"created": (NUMBER, "created"), "metadata": (HASH, "metadata")}

CUSTOMER_FIELDS: Final[Fields] = {
    **_COMMON,
    "description": (TEXT, "description"),
    "email": (TEXT, "email"),
    "name": (TEXT, "name"),
    "phone": (TEXT, "phone"),
}
CHARGE_FIELDS: Final[Fields] = {
    **_COMMON,
    "amount": (NUMBER, "amount"),
    "billing_details.address.postal_code": (TOKEN, "billing.address.postal_code"),
    "currency": (TOKEN, "currency"),
    "customer": (TOKEN, "customer"),
    "description": (TEXT, "description"),
    "disputed": (FLAG, "disputed"),
    "payment_method_details.card.brand": (TOKEN, "card.brand"),
    "payment_method_details.card.exp_month": (NUMBER, "card.exp_month"),
    "payment_method_details.card.exp_year": (NUMBER, "card.exp_year"),
    "payment_method_details.card.fingerprint": (TOKEN, "card.fingerprint"),
    "payment_method_details.card.last4": (TOKEN, "card.last4"),
    "refunded": (FLAG, "refunded"),
    "status": (TOKEN, "status"),
}
INVOICE_FIELDS: Final[Fields] = {
    **_COMMON,
    "currency": (TOKEN, "currency"),
    "customer": (TOKEN, "customer"),
    "due_date": (NUMBER, "due_date"),
    "number": (TEXT, "number"),
    "status": (TOKEN, "status"),
    "subscription": (TOKEN, "subscription"),
    "total": (NUMBER, "total"),
}
PAYMENT_INTENT_FIELDS: Final[Fields] = {
    **_COMMON,
    "amount": (NUMBER, "amount"),
    "currency": (TOKEN, "currency"),
    "customer": (TOKEN, "customer"),
    "status": (TOKEN, "status"),
}
PRODUCT_FIELDS: Final[Fields] = {
    **_COMMON,
    "active": (FLAG, "active"),
    "description": (TEXT, "description"),
    "name": (TEXT, "name"),
    "shippable": (FLAG, "shippable"),
    "url": (TEXT, "url"),
}
PRICE_FIELDS: Final[Fields] = {
    **_COMMON,
    "active": (FLAG, "active"),
    "currency": (TOKEN, "currency"),
    "lookup_key": (TOKEN, "lookup_key"),
    "product": (TOKEN, "product"),
    "type": (TOKEN, "type"),
}

SUBSCRIPTION_FIELDS: Final[Fields] = {
    **_COMMON,
    "canceled_at": (NUMBER, "canceled_at"),
    "customer": (TOKEN, "customer"),
    "status": (TOKEN, "status"),
}


@attrs.frozen(kw_only=True)
class Searching:
    """The parameters that every search takes."""

    query: str
    limit: int = LIMIT_DEFAULT
    page: str | None = None


async def search(command: Searching, work: Work, kind: type[Any], fields: Fields) -> Found[Any]:
    """Find nouns of *kind*, newest first."""
    if not 1 <= command.limit <= LIMIT_MAX:
        raise InvalidRequest(
            f"This value must be between 1 and {LIMIT_MAX}: it is {command.limit}.",
            code="parameter_invalid_integer",
            param="limit",
        )
    wanted = Search(sought=(), live=True, after=_after(command.page), limit=command.limit)
    wanted = understood(work, command.query, fields, wanted)
    page = await work.ports.store.search(kind, work.account_id, wanted)
    counts = TOTAL in work.caller.expand
    return Found(
        items=page.items,
        has_more=page.has_more,
        next_page=_page(page.items[-1].id) if page.has_more else None,
        total=await _count(work, kind, wanted) if counts else None,
    )


def understood(work: Work, text: str, fields: Fields, wanted: Search) -> Search:
    """*wanted* with what the text of a query says."""
    if work.ports.queries is None:
        raise Unavailable("No plugin reads the query language: install payments-core[search].")
    query: SearchQuery = work.ports.queries.parse(text)
    if len(query.clauses) > CLAUSES_MAX:
        raise ParamInvalid(f"A query has at most {CLAUSES_MAX} clauses.", param="query")
    sought = tuple(_sought(clause, fields) for clause in query.clauses)
    return attrs.evolve(wanted, sought=sought, any=query.any)


def _sought(clause: Clause, fields: Fields) -> Sought:
    known = fields.get(clause.field)
    if known is None:
        _refuse(
            clause, f"field `{clause.field[:100]}` is not searchable here: try {', '.join(sorted(fields))}"
        )
    kind, path = known
    if (kind is HASH) != (clause.key is not None):
        key = '["key"]' if kind is HASH else ""
        _refuse(clause, f"field `{clause.field}` is written {clause.field}{key}")
    return Sought(
        path=path,
        kind=kind,
        key=clause.key,
        relation=clause.relation,
        value=None if clause.value is None else _value(clause, kind, clause.value),
        raw=clause.value,
        negated=clause.negated,
    )


def _value(clause: Clause, kind: Kind, value: str) -> str | int | bool:
    if clause.relation in COMPARES and kind is not NUMBER:
        _refuse(clause, f"field `{clause.field}` is no number: it has no order")
    if clause.relation is Relation.HAS:
        if kind not in (TEXT, HASH):
            _refuse(clause, f"field `{clause.field}` can be compared by `:` only")
        if len(value) < SUBSTRING_MIN:
            _refuse(clause, f"a part of a text has at least {SUBSTRING_MIN} characters")
    if kind is NUMBER:
        if not value.removeprefix("-").isdecimal() or not value.isascii() or len(value) > 18:
            _refuse(clause, f"field `{clause.field}` is compared with a whole number")
        return int(value)
    if kind is FLAG:
        if value not in ("true", "false"):
            _refuse(clause, f'field `{clause.field}` is "true" or "false"')
        return value == "true"
    return folded(value)


def _refuse(clause: Clause, why: str) -> NoReturn:
    raise ParamInvalid(
        f"We were unable to parse your search query: at character {clause.position + 1}, {why}.",
        param="query",
    )


def _page(noun_id: str) -> str:
    return base64.urlsafe_b64encode(noun_id.encode()).decode().rstrip("=")


def _after(page: str | None) -> str | None:
    if page is None:
        return None
    try:
        text = base64.urlsafe_b64decode(page + "=" * (-len(page) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = ""
    if not text.isprintable() or "_" not in text or len(text) > 100:
        raise ParamInvalid("Invalid page: take it from `next_page`.", param="page")
    return text


async def _count(work: Work, kind: type[Any], wanted: Search) -> int:
    """How many there are, exactly up to a limit."""
    total, after = 0, None
    while total < COUNTED_MAX:
        page = await work.ports.store.search(
            kind, work.account_id, attrs.evolve(wanted, after=after, limit=COUNTED_AT_ONCE)
        )
        total += len(page.items)
        if not page.has_more:
            break
        after = page.items[-1].id
    return min(total, COUNTED_MAX)


_RAISES: Final = (InvalidRequest, ParamInvalid, Unavailable)


@attrs.frozen(kw_only=True)
class SearchCustomers(Searching, Command[Found[Customer]]):
    """Which customers."""


@operation("customer.search", get="/v1/customers/search", raises=_RAISES)
async def search_customers(command: SearchCustomers, work: Work, ports: Ports) -> Found[Customer]:
    """Search customers by name, email, phone, metadata and age."""
    return await search(command, work, Customer, CUSTOMER_FIELDS)


@attrs.frozen(kw_only=True)
class SearchCharges(Searching, Command[Found[Charge]]):
    """Which charges."""


@operation("charge.search", get="/v1/charges/search", raises=_RAISES)
async def search_charges(command: SearchCharges, work: Work, ports: Ports) -> Found[Charge]:
    """Search charges by amount, customer, card, status, metadata and age."""
    return await search(command, work, Charge, CHARGE_FIELDS)


@attrs.frozen(kw_only=True)
class SearchInvoices(Searching, Command[Found[Invoice]]):
    """Which invoices."""


@operation("invoice.search", get="/v1/invoices/search", raises=_RAISES)
async def search_invoices(command: SearchInvoices, work: Work, ports: Ports) -> Found[Invoice]:
    """Search invoices by customer, number, status, total, metadata and age."""
    return await search(command, work, Invoice, INVOICE_FIELDS)


@attrs.frozen(kw_only=True)
class SearchPaymentIntents(Searching, Command[Found[PaymentIntent]]):
    """Which payment intents."""


@operation("payment_intent.search", get="/v1/payment_intents/search", raises=_RAISES)
async def search_payment_intents(
    command: SearchPaymentIntents, work: Work, ports: Ports
) -> Found[PaymentIntent]:
    """Search payment intents by amount, customer, status, metadata and age."""
    return await search(command, work, PaymentIntent, PAYMENT_INTENT_FIELDS)


@attrs.frozen(kw_only=True)
class SearchProducts(Searching, Command[Found[Product]]):
    """Which products."""


@operation("product.search", get="/v1/products/search", raises=_RAISES)
async def search_products(command: SearchProducts, work: Work, ports: Ports) -> Found[Product]:
    """Search products by name, description, state and metadata."""
    return await search(command, work, Product, PRODUCT_FIELDS)


@attrs.frozen(kw_only=True)
class SearchPrices(Searching, Command[Found[Price]]):
    """Which prices."""


@operation("price.search", get="/v1/prices/search", raises=_RAISES)
async def search_prices(command: SearchPrices, work: Work, ports: Ports) -> Found[Price]:
    """Search prices by product, currency, lookup key, state and metadata."""
    return await search(command, work, Price, PRICE_FIELDS)


@attrs.frozen(kw_only=True)
class SearchSubscriptions(Searching, Command[Found[Subscription]]):
    """Which subscriptions."""


@operation("subscription.search", get="/v1/subscriptions/search", raises=_RAISES)
async def search_subscriptions(command: SearchSubscriptions, work: Work, ports: Ports) -> Found[Subscription]:
    """Search subscriptions by status, metadata, age and end."""
    return await search(command, work, Subscription, SUBSCRIPTION_FIELDS)
