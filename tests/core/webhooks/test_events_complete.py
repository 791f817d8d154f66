"""No change is silent: every arrow of every machine is told by an event, or is named here as an inner matter.

A new machine, a new arrow or a new operation that makes something fails these tests until somebody has decided what is told.
"""

import ast
import importlib
import pkgutil
from pathlib import Path
from typing import Any, Final

import pytest

import payments_core
from payments_core.machine import Machine
from payments_core.operations import ALL
from payments_core.platform.event_types import EVENT_TYPES

INNER: Final = "not shown to merchants, or shown by the object that it belongs to"
LATER: Final = "a step on the way of one request; its end is told"

TOLD: Final[dict[str, dict[str, str]]] = {
    "attempt": dict.fromkeys(("answer", "lose_contact"), INNER),
    "authentication": dict.fromkeys(("abandon", "fail", "pass"), INNER),
    "charge": {
        "approve": "charge.succeeded",
        "capture": "charge.captured",
        "dispute": "charge.dispute.created",
        "expire": "charge.expired",
        "fail": "charge.failed",
        "refund": "charge.refunded",
    },
    "checkout session": {"complete": "checkout.session.completed", "expire": "checkout.session.expired"},
    "credit_note": {"void": "credit_note.voided"},
    "dispute": {
        "close": "charge.dispute.closed",
        "escalate": "charge.dispute.updated",
        "expire": "charge.dispute.closed",
        "lose": "charge.dispute.closed",
        "submit": "charge.dispute.updated",
        "win": "charge.dispute.closed",
    },
    "hold": dict.fromkeys(
        ("approve", "capture_part", "capture_rest", "decline", "increase", "lose_contact", "release"), INNER
    ),
    "invoice": {
        "finalize": "invoice.finalized",
        "mark_uncollectible": "invoice.marked_uncollectible",
        "pay": "invoice.paid",
        "pay_part": "invoice.updated",
        "void": "invoice.voided",
    },
    "invoice_payment": {"cancel": INNER, "pay": "invoice_payment.paid"},
    "mail": dict.fromkeys(("accept", "claim", "defer", "drop", "give_up"), INNER),
    "payment_intent": {
        "cancel": "payment_intent.canceled",
        "capture_part": "payment_intent.amount_capturable_updated",
        "capture_rest": "payment_intent.succeeded",
        "challenge": "payment_intent.requires_action",
        "choose": LATER,
        "expire": "payment_intent.canceled",
        "fail": "payment_intent.payment_failed",
        "hand_back": "payment_intent.payment_failed",
        "hold": "payment_intent.amount_capturable_updated",
        "increase": "payment_intent.amount_capturable_updated",
        "pay": "payment_intent.succeeded",
        "submit": LATER,
    },
    "payout": {
        "cancel": "payout.canceled",
        "fail": "payout.failed",
        "pay": "payout.paid",
        "submit": "payout.updated",
    },
    "refund": {
        "act": "refund.updated",
        "cancel": "refund.updated",
        "fail": "refund.failed",
        "succeed": "refund.updated",
    },
    "settlement batch": dict.fromkeys(
        ("answer", "close", "fund", "fund_part", "gather", "submit", "verify"), INNER
    ),
    "settlement exception": dict.fromkeys(("represent", "write_off"), INNER),
    "setup_intent": {
        "cancel": "setup_intent.canceled",
        "challenge": "setup_intent.requires_action",
        "choose": LATER,
        "fail": "setup_intent.setup_failed",
        "succeed": "setup_intent.succeeded",
    },
    "subscription": {
        "cancel": "customer.subscription.deleted",
        "end_trial": "customer.subscription.updated",
        "expire": "customer.subscription.deleted",
        "fail": "customer.subscription.updated",
        "lapse": "customer.subscription.updated",
        "pause": "customer.subscription.updated",
        "pay": "customer.subscription.updated",
        "resume": "customer.subscription.updated",
        "start": "customer.subscription.created",
        "start_trial": "customer.subscription.created",
    },
    "test_clock": {
        "advance": "test_helpers.test_clock.advancing",
        "arrive": "test_helpers.test_clock.ready",
        "break": "test_helpers.test_clock.internal_failure",
    },
    "transfer_reversal": {"pay": "transfer.reversed", "refuse": INNER},
    "webhook delivery": dict.fromkeys(
        ("abandon", "accept", "claim", "defer", "give_up", "refuse", "resend"), INNER
    ),
    "webhook endpoint": dict.fromkeys(("disable", "enable"), INNER),
}

SILENT_OPERATIONS: Final = {
    "token.create": "tokens have no events in the public API",
    "webhook_endpoint.create": "nobody is told of endpoints, least of all the endpoints",
    "webhook_endpoint.update": "as above",
    "webhook_endpoint.delete": "as above",
    "webhook_endpoint.roll_secret": "as above",
    "event.retry": "an event about an event would never end",
    "payment_method.create": "an unattached payment method has no event in the public API",
}

OF_ACCOUNTS: Final[dict[str, str]] = {
    "account.delete": "nobody is left who could be told: the public API has no event of it",
    "account.reject": "account.updated",
    "account.unreject": "account.updated",
    "account.update": "account.updated",
    "capability.update": "capability.updated",
    "external_account.create": "account.external_account.created",
    "external_account.delete": "account.external_account.deleted",
    "external_account.update": "account.external_account.updated",
}
"""What is done to an account by its id, and the event that tells it. Accounts have no machine: their states are settings."""


def _machines() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for module in pkgutil.walk_packages(payments_core.__path__, "payments_core."):
        if ".testing" in module.name:
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Machine):
                machine: Machine[Any, Any] = value
                found[machine.name] = {str(event) for _, event, _ in machine.edges()}
    return found


def _trees() -> dict[Path, ast.Module]:
    (root,) = payments_core.__path__
    return {path: ast.parse(path.read_text()) for path in Path(root).rglob("*.py")}


def _constants(tree: ast.AST) -> set[str]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


MACHINES: Final = _machines()
TREES: Final = _trees()
SAID: Final = {
    word for path, tree in TREES.items() if "operations" in path.parts for word in _constants(tree)
}


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_every_arrow_is_told_or_is_an_inner_matter(name: str) -> None:
    told = TOLD.get(name, {})

    assert set(told) == MACHINES[name], f"say for each arrow of {name} which event tells it"
    for arrow, event in told.items():
        if event not in (INNER, LATER):
            assert event in EVENT_TYPES, f"{event} is no event of the public API"
            assert event in SAID, f"{name}: {arrow} should be told as {event}, but nothing announces that"


def test_only_events_of_the_public_api_are_announced() -> None:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "announce":
                unknown = {word for word in _constants(node.args[0]) if "." in word} - EVENT_TYPES
                assert not unknown, f"{path.name} announces {unknown}"


def test_what_makes_or_removes_an_object_says_so() -> None:
    """By name: an operation `noun.create` or `noun.delete` has an event of that name, or is listed as silent."""
    spelt = {"refund": "refund", "checkout_session": "checkout.session", "invoiceitem": "invoiceitem"}
    verbs = {"create": "created", "delete": "deleted"}
    for operation in ALL:
        noun, _, verb = operation.name.partition(".")
        if verb not in verbs or operation.name in SILENT_OPERATIONS or operation.reads:
            continue
        event = f"{spelt.get(noun, noun)}.{verbs[verb]}"
        if event in EVENT_TYPES:
            assert event in SAID, f"{operation.name} should be told as {event}"


def test_what_is_done_to_an_account_is_told() -> None:
    done = {operation.name for operation in ALL if operation.whose is not None and not operation.reads}

    assert set(OF_ACCOUNTS) == done, "say which event tells what is done to an account"
    for name, event in OF_ACCOUNTS.items():
        if " " not in event:
            assert event in EVENT_TYPES, f"{event} is no event of the public API"
            assert event in SAID, f"{name} should be told as {event}, but nothing announces that"


def test_every_type_is_one_that_the_official_library_knows() -> None:
    from stripe.params import _webhook_endpoint_create_params as params

    known = _constants(ast.parse(Path(params.__file__).read_text()))

    assert known >= EVENT_TYPES
