"""What the owner's GraphQL documents call by other words than the REST objects do, and where they are shorter.

A list of differences: everything else is derived.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import attrs
import graphql as gql

from payments_web.graphql.scalars import Long

Rendered = Mapping[str, Any]


@attrs.frozen(eq=False)
class Extra:
    """A field that no REST object has. Where a derived field has its name, that one moves."""

    type: Any
    make: Callable[[Any, Any], Any]
    description: str | None = None
    moved_to: str | None = None


def _sum_of_taxes(invoice: Rendered, _: Any) -> int:
    return sum(tax["amount"] for tax in invoice.get("total_taxes") or ())


def _charges(invoice: Rendered, _: Any) -> Any:
    if invoice.get("total_excluding_tax") is not None:
        return invoice["total_excluding_tax"]
    return invoice.get("subtotal")


def _own_funds(name: str) -> Callable[[Any, Any], Any]:
    def funds(balance: Rendered, context: Any) -> Any:
        own = context.account.default_currency
        return next((part["amount"] for part in balance[name] if part["currency"] == own), 0)

    return funds


def _unit_amount(line: Rendered, _: Any) -> Any:
    price = line.get("price") or {}
    return price.get("unit_amount") if price else line.get("amount_subtotal")


EXTRAS: Final[Mapping[str, Mapping[str, Extra]]] = {
    "Balance": {
        "available": Extra(Long, _own_funds("available"), "In the account's own currency.", "availableFunds"),
        "pending": Extra(Long, _own_funds("pending"), "In the account's own currency.", "pendingFunds"),
        "currency": Extra(gql.GraphQLString, lambda _, context: context.account.default_currency),
    },
    "CheckoutSession": {
        "sessionId": Extra(gql.GraphQLID, lambda session, _: session["id"]),
    },
    "Customer": {"deleted": Extra(gql.GraphQLBoolean, lambda customer, _: customer.get("deleted", False))},
    "Invoice": {
        "applicationCharges": Extra(Long, _charges, "What is billed before tax."),
        "tax": Extra(Long, _sum_of_taxes, "All taxes together."),
        "dueAmount": Extra(Long, lambda invoice, _: invoice.get("amount_due"), "What is to be paid."),
    },
    "LineItem": {
        "itemId": Extra(gql.GraphQLID, lambda line, _: line["id"]),
        "price": Extra(Long, _unit_amount, "The price of one.", "priceDetails"),
    },
}


Change = Callable[[dict[str, Any], Any], Awaitable[dict[str, Any]]]


async def _paid(tree: dict[str, Any], context: Any) -> dict[str, Any]:
    """An invoice that has no customer, and so no card, is paid elsewhere unless something else is said."""
    if tree.keys() == {"id"}:
        invoice = await context.perform(context.readers["invoice"], {"id": tree["id"]})
        if invoice["customer"] is None:
            return {**tree, "paid_out_of_band": True}
    return tree


TREES: Final[Mapping[str, Change]] = {
    "invoice.pay": _paid,
}
"""What is said here in other words, by the name of the operation."""

PATH_NAMES: Final[Mapping[str, Mapping[str, str]]] = {"sessionLineItems": {"id": "sessionId"}}
"""Arguments that are called something else, by field."""
