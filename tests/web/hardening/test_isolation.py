"""Two merchants, every operation, every id: what belongs to another looks exactly like what nobody has.

The ids are harvested from the first merchant's storage, so a new kind of noun comes in by itself; what cannot be asked with a
generated request is listed below, and a new operation that is not asked fails the test.
"""

import re
import typing
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from payments_core.gateway import Gateway
from payments_core.operations import ALL
from payments_core.operations.declaring import Operation
from payments_core.operations.onboarding import issue_key
from payments_core.testing.clock import SettableClock
from payments_core.testing.memory import MemoryStore
from payments_web.app import App
from payments_web.objects.registry import NOUNS
from tests.support.asking import Told, ask

pytestmark = pytest.mark.anyio

ID: Final = re.compile(r"([a-z]+(?:_[a-z]+)?)_[0-9A-Za-z]{22}\Z")
MADE_UP: Final = "0000000000000000000000"

STORY: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("product", "/v1/products", {"name": "Tea"}),
    ("price", "/v1/prices", {"product": "$product", "unit_amount": 900, "currency": "usd"}),
    ("coupon", "/v1/coupons", {"percent_off": 10}),
    ("promotion_code", "/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": "$coupon"}}),
    ("tax_rate", "/v1/tax_rates", {"display_name": "VAT", "percentage": "20", "inclusive": False}),
    ("webhook_endpoint", "/v1/webhook_endpoints", {"url": "http://127.0.0.1:9/", "enabled_events": ["*"]}),
    ("payment_method", "/v1/payment_methods", {"type": "card", "card": {"token": "tok_visa"}}),
    ("customer", "/v1/customers", {"name": "Marker-of-A", "email": "a@a.example", "source": "tok_visa"}),
    ("spare", "/v1/customers", {"name": "Marker-of-A", "coupon": "$coupon"}),
    ("attached", "/v1/payment_methods/$payment_method/attach", {"customer": "$customer"}),
    ("token", "/v1/tokens", {"card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2040}}),
    ("charge", "/v1/charges", {"amount": 900, "currency": "usd", "customer": "$customer"}),
    ("refund", "/v1/refunds", {"charge": "$charge", "amount": 100}),
    ("held", "/v1/charges", {"amount": 900, "currency": "usd", "source": "tok_visa", "capture": False}),
    ("intent", "/v1/payment_intents", {"amount": 900, "currency": "usd"}),
    (
        "paid",
        "/v1/payment_intents",
        {"amount": 900, "currency": "usd", "payment_method": "$payment_method", "customer": "$customer", "confirm": True,
         "return_url": "https://a.example/"},
    ),
    (
        "challenged",
        "/v1/payment_intents",
        {"amount": 900, "currency": "usd", "payment_method": "pm_card_threeDSecure2Required", "confirm": True,
         "return_url": "https://a.example/"},
    ),
    ("setup_intent", "/v1/setup_intents", {"customer": "$customer"}),
    ("invoice", "/v1/invoices", {"customer": "$customer"}),
    ("item", "/v1/invoiceitems", {"customer": "$customer", "invoice": "$invoice", "amount": 500, "currency": "usd"}),
    ("final", "/v1/invoices/$invoice/pay", {}),
    ("credit_note", "/v1/credit_notes", {"invoice": "$invoice", "amount": 100, "credit_amount": 100}),
    ("draft", "/v1/invoices", {"customer": "$customer"}),
    ("bank", "/v1/customers/$customer/balance_transactions", {"amount": -100, "currency": "usd"}),
    (
        "session",
        "/v1/checkout/sessions",
        {"mode": "payment", "success_url": "https://a.example/", "line_items": [{"price": "$price", "quantity": 1}]},
    ),
    ("monthly", "/v1/prices", {"product": "$product", "unit_amount": 900, "currency": "usd", "recurring": {"interval": "month"}}),
    ("subscription", "/v1/subscriptions", {"customer": "$customer", "items": [{"price": "$monthly"}]}),
    ("clock", "/v1/test_helpers/test_clocks", {"frozen_time": 1_900_000_000}),
    (
        "bank_account",
        "/v1/accounts/$account/external_accounts",
        {"external_account": {"object": "bank_account", "country": "US", "currency": "usd", "routing_number": "110000000",
                              "account_number": "000123456789"}},
    ),
    ("available", "/v1/charges", {"amount": 90_000, "currency": "usd", "source": "tok_bypassPending"}),
    ("payout", "/v1/payouts", {"amount": 1000, "currency": "usd"}),
    ("disputed", "/v1/charges", {"amount": 900, "currency": "usd", "source": "tok_createDispute"}),
    ("seller", "/v1/accounts", {"type": "custom", "country": "US"}),
    ("transfer", "/v1/transfers", {"amount": 1000, "currency": "usd", "destination": "$seller"}),
    ("transfer_reversal", "/v1/transfers/$transfer/reversals", {"amount": 100}),
    (
        "shared",
        "/v1/charges",
        {"amount": 900, "currency": "usd", "source": "tok_visa", "application_fee_amount": 50,
         "transfer_data": {"destination": "$seller"}},
    ),
    ("given_back", "/v1/refunds", {"charge": "$shared", "reverse_transfer": True, "refund_application_fee": True}),
)  # fmt: skip
NOT_MADE: Final = {
    "account",
    "discount",
    "invoice_payment",
    "card",
    "webhook_delivery",
    "event",
    "balance_transaction",
}
"""Kinds that no request makes by itself; the story's other requests leave them."""


@attrs.frozen(eq=False)
class World:
    app: App
    store: MemoryStore
    mine: str
    """Key of the second merchant, who asks for what is not theirs."""
    ids: tuple[str, ...]
    """All ids of the first merchant."""
    account: str


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("isolation")
    store, clock = MemoryStore(), SettableClock()
    async with Gateway.open(
        store=store, clock=clock, data=str(folder), rate_limit="off", webhooks_allow_private="1"
    ) as gateway:
        app = App(gateway)
        one, two = await gateway.open_account("First"), await gateway.open_account("Second")
        _, theirs = await issue_key(gateway.ports, one.account)
        _, mine = await issue_key(gateway.ports, two.account)
        await _tell_story(app, theirs, one.account.id)
        clock.advance(3)
        for job in gateway.worker.jobs:
            await job.run(gateway.ports)
        ids = tuple(
            noun_id
            for (_, owner), shelf in store._shelves.items()
            if owner == one.account.id
            for noun_id in shelf
            if ID.match(noun_id) or noun_id.startswith("le_")
        )
        yield World(app, store, mine, ids, one.account.id)


async def _tell_story(app: App, key: str, account: str) -> None:
    made: dict[str, str] = {"account": account}

    def filled(value: Any) -> Any:
        match value:
            case str():
                return re.sub(r"\$(\w+)", lambda found: made[found[1]], value)
            case dict():
                return {name: filled(inner) for name, inner in value.items()}
            case list():
                return [filled(inner) for inner in value]
        return value

    for name, path, params in STORY:
        told = await ask(app, "POST", filled(path), filled(params), key=key)
        assert told.status == 200, f"{name}: {told.body.decode()}"
        made[name] = told.json["id"]


def one_of_each(ids: tuple[str, ...]) -> dict[str, str]:
    return {noun_id.rpartition("_")[0]: noun_id for noun_id in ids}


async def test_the_story_makes_every_kind_of_object(world: World) -> None:
    kinds = {
        kind for (kind, owner), shelf in world.store._shelves.items() if owner == world.account and shelf
    }

    missing = {name for name, noun in NOUNS.items() if noun not in kinds} - NOT_MADE

    assert not missing, f"add to the story how these are made: {missing}"


@pytest.mark.parametrize("operation", [o for o in ALL if "{" in o.path], ids=lambda o: o.name)
async def test_an_id_in_the_path_reaches_nothing(world: World, operation: Operation) -> None:
    before = _snapshot(world)
    params = _required(operation)
    for noun_id in world.ids:
        path = re.sub(r"\{\w+\}", "{}", operation.path)
        places = path.count("{}")
        told = await ask(
            world.app, operation.method, path.format(*[noun_id] * places), params, key=world.mine
        )
        made_up = _made_up(noun_id)
        nobody = await ask(
            world.app, operation.method, path.format(*[made_up] * places), params, key=world.mine
        )

        _same(told, nobody, noun_id, made_up)
        assert told.status in (400, 404), (
            f"{operation.name} with {noun_id}: {told.status} {told.body.decode()}"
        )
    assert _snapshot(world) == before


@pytest.mark.parametrize("operation", ALL, ids=lambda o: o.name)
async def test_an_id_in_a_parameter_reaches_nothing(world: World, operation: Operation) -> None:
    before = _snapshot(world)
    own = [noun_id for _, noun_id in one_of_each(world.ids).items()]
    path = re.sub(r"\{\w+\}", "nobody", operation.path)
    for place in _text_places(operation.command):
        for noun_id in own:
            made_up = _made_up(noun_id)
            told = await ask(
                world.app, operation.method, path, _with(_required(operation), place, noun_id), key=world.mine
            )
            nobody = await ask(
                world.app, operation.method, path, _with(_required(operation), place, made_up), key=world.mine
            )
            _same(told, nobody, noun_id, made_up)
    assert _snapshot(world) == before


async def test_an_expanded_id_reaches_nothing(world: World) -> None:
    told = await ask(world.app, "GET", "/v1/charges", {"expand": ["data.customer"]}, key=world.mine)

    assert told.json["data"] == []


def _same(told: Told, nobody: Told, noun_id: str, made_up: str) -> None:
    """The same status and the same words, but for what is drawn anew for each answer."""
    assert told.status < 500, told.body.decode()
    assert told.status == nobody.status, f"{noun_id}: {told.body.decode()} but {nobody.body.decode()}"
    if told.status >= 400:
        # Some refusals repeat what they were given, in lower case or cut short.
        spelt = re.compile(re.escape(noun_id.rpartition("_")[0]).encode() + b"_[0-9a-z]{4,22}", re.IGNORECASE)
        assert spelt.sub(b"", told.body) == spelt.sub(b"", nobody.body), f"{noun_id} or {made_up}"
    assert b"Marker-of-A" not in told.body


def _made_up(noun_id: str) -> str:
    return f"{noun_id.rpartition('_')[0]}_{MADE_UP}"


def _snapshot(world: World) -> dict[Any, Any]:
    return {
        (kind, noun_id): noun
        for (kind, owner), shelf in world.store._shelves.items()
        if owner == world.account
        for noun_id, noun in shelf.items()
    }


def _required(operation: Operation) -> dict[str, Any]:
    hints = typing.get_type_hints(operation.command)
    return {
        field.name: _example(field.name, hints[field.name])
        for field in attrs.fields(operation.command)  # type: ignore[arg-type]
        if field.default is attrs.NOTHING and f"{{{field.name}}}" not in operation.path
    }


def _example(name: str, kind: Any) -> Any:
    known = {"currency": "usd", "url": "http://127.0.0.1:9/", "source": "tok_visa"}
    if name in known:
        return known[name]
    if typing.get_origin(kind) is tuple:
        return [_example(name, typing.get_args(kind)[0])]
    if typing.get_origin(kind) is typing.Literal:
        return typing.get_args(kind)[0]
    if attrs.has(kind):
        hints = typing.get_type_hints(kind)
        return {
            f.name: _example(f.name, hints[f.name]) for f in attrs.fields(kind) if f.default is attrs.NOTHING
        }
    examples: dict[Any, Any] = {int: 1000, bool: True, Decimal: "10"}
    return examples.get(kind, "*" if name == "enabled_events" else "nobody")


def _text_places(command: type, prefix: tuple[str, ...] = (), depth: int = 0) -> list[tuple[str, ...]]:
    """Where text may stand in a command, nested ones included."""
    places: list[tuple[str, ...]] = []
    hints = typing.get_type_hints(command)
    for field in attrs.fields(command):
        for part in _parts(hints[field.name]):
            if part is str:
                places.append((*prefix, field.name))
            elif typing.get_origin(part) is tuple and str in _parts(typing.get_args(part)[0]):
                places.append((*prefix, field.name, "0"))
            elif attrs.has(part) and depth < 2:
                places += _text_places(part, (*prefix, field.name), depth + 1)
    return list(dict.fromkeys(places))


def _parts(kind: Any) -> tuple[Any, ...]:
    is_union = typing.get_origin(kind) in (typing.Union, type(int | str))
    return typing.get_args(kind) if is_union else (kind,)


def _with(tree: dict[str, Any], place: tuple[str, ...], value: str) -> dict[str, Any]:
    result = dict(tree)
    here = result
    for name in place[:-1]:
        inner = here.get(name)
        here[name] = dict(inner) if isinstance(inner, dict) else {}
        here = here[name]
    here[place[-1]] = value
    return result
