"""`expand[]`: which paths lead where, and how many look-ups they cost."""

from collections.abc import Collection, Mapping
from typing import Any

import attrs
import pytest

from payments_core.errors import InvalidRequest
from payments_core.ledger.balance_transactions import BalanceTransactionId
from payments_core.ports import Page, Query
from payments_web.objects.charge import ChargeObject
from payments_web.objects.expanding import Loader, check, expand
from payments_web.objects.loading import NounLoader
from payments_web.objects.presenter import ApiPresenter
from tests.web.objects import nouns

pytestmark = pytest.mark.anyio
PRESENTER = ApiPresenter()
KNOWN: dict[str, Any] = {
    noun.id: noun
    for noun in (
        nouns.charge(),
        nouns.charge(id="ch_2", customer="cus_2", balance_transaction="txn_2"),
        nouns.refund(),
        nouns.CUSTOMERS["known"],
        nouns.customer(id="cus_2"),
        nouns.METHODS["saved"],
        nouns.method(id="card_1", customer="cus_1"),
        nouns.LINES["charge"],
        attrs.evolve(nouns.LINES["charge"], id=BalanceTransactionId("txn_2"), source="re_1", type="refund"),
    )
}


@attrs.define
class Shelf:
    """Finds the known nouns, and writes down each look-up."""

    asked: list[tuple[str, set[str]]] = attrs.field(factory=list)

    async def find(self, kind: type[Any], ids: Collection[str]) -> Mapping[str, Any]:
        self.asked.append((kind.__name__, set(ids)))
        return {key: KNOWN[key] for key in ids if isinstance(KNOWN.get(key), kind)}

    async def select(self, kind: type[Any], query: Query) -> Page[Any]:
        self.asked.append((kind.__name__, set(query.equal.values())))
        [(column, wanted)] = query.equal.items()
        items = [
            noun for noun in KNOWN.values() if isinstance(noun, kind) and getattr(noun, column) == wanted
        ]
        return Page(items=tuple(items[: query.limit]), has_more=False)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def loader(shelf: Shelf) -> NounLoader:
    return NounLoader(find=shelf.find, select=shelf.select, presenter=PRESENTER, livemode=False)


def show(loader: NounLoader, kind: str, noun_id: str) -> dict[str, Any]:
    return loader.render(kind, KNOWN[noun_id])


class TestOneObject:
    async def test_shows_the_object_in_place_of_its_id(self, loader: NounLoader) -> None:
        answer = await expand(show(loader, "charge", "ch_1"), ["customer"], loader)

        assert answer["customer"]["email"] == "payer@example.com"
        assert answer["balance_transaction"] == "txn_1"

    async def test_takes_what_stays_together_from_one_look_up(self, loader: NounLoader, shelf: Shelf) -> None:
        paths = ["balance_transaction.source.customer", "customer", "balance_transaction"]
        answer = await expand(show(loader, "charge", "ch_1"), paths, loader)

        assert answer["balance_transaction"]["source"]["customer"]["id"] == "cus_1"
        assert [kind for kind, _ in shelf.asked] == ["BalanceTransaction", "Customer", "Charge", "Customer"]

    async def test_tells_several_kinds_apart_by_the_prefix(self, loader: NounLoader) -> None:
        answer = await expand(show(loader, "balance_transaction", "txn_2"), ["source"], loader)

        assert answer["source"]["object"] == "refund"

    async def test_looks_into_hashes(self, loader: NounLoader) -> None:
        answer = await expand(
            show(loader, "customer", "cus_1"), ["invoice_settings.default_payment_method"], loader
        )

        assert answer["invoice_settings"]["default_payment_method"]["object"] == "payment_method"

    async def test_shows_a_default_source_in_its_older_shape(self, loader: NounLoader) -> None:
        answer = await expand(show(loader, "customer", "cus_1"), ["default_source"], loader)

        assert answer["default_source"]["object"] == "card"

    async def test_leaves_null_and_unknown_ids_as_they_are(self, loader: NounLoader) -> None:
        answer = await expand(
            show(loader, "refund", "re_1"), ["payment_intent.customer", "transfer_reversal", "charge"], loader
        )

        assert answer["payment_intent"] is None
        assert answer["transfer_reversal"] is None

        lost = show(loader, "refund", "re_1") | {"charge": "ch_lost"}
        assert (await expand(lost, ["charge"], loader))["charge"] == "ch_lost"


class TestLists:
    async def test_look_up_each_kind_once_for_all_rows(self, loader: NounLoader, shelf: Shelf) -> None:
        rows = [show(loader, "charge", "ch_1"), show(loader, "charge", "ch_2")]
        answer = await expand(
            {"object": "list", "data": rows, "has_more": False, "url": "/v1/charges"},
            ["data.customer", "data.balance_transaction.source"],
            loader,
        )

        assert [row["customer"]["id"] for row in answer["data"]] == ["cus_1", "cus_2"]
        assert [row["balance_transaction"]["source"]["object"] for row in answer["data"]] == [
            "charge",
            "refund",
        ]
        assert shelf.asked[:2] == [
            ("Customer", {"cus_1", "cus_2"}),
            ("BalanceTransaction", {"txn_1", "txn_2"}),
        ]
        assert len(shelf.asked) == 4

    async def test_give_each_row_an_object_of_its_own(self, loader: NounLoader) -> None:
        rows = [show(loader, "charge", "ch_1"), show(loader, "charge", "ch_1")]
        answer = await expand({"object": "list", "data": rows}, ["data.customer"], loader)

        first, second = answer["data"]
        assert first["customer"] == second["customer"]
        assert first["customer"] is not second["customer"]

    async def test_that_are_left_out_come_when_asked_for(self, loader: NounLoader) -> None:
        charge = show(loader, "charge", "ch_1")
        assert "refunds" not in charge

        answer = await expand(charge, ["refunds.data.balance_transaction"], loader)

        assert answer["refunds"]["url"] == "/v1/charges/ch_1/refunds"
        assert answer["refunds"]["has_more"] is False
        assert answer["refunds"]["data"][0]["balance_transaction"]["object"] == "balance_transaction"

    async def test_of_what_nobody_has_are_empty(self, loader: NounLoader) -> None:
        answer = await expand(show(loader, "customer", "cus_2"), ["tax_ids"], loader)

        assert answer["tax_ids"] == {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": "/v1/customers/cus_2/tax_ids",
        }


class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("amount", "This property cannot be expanded (amount)."),
            ("metadata", "This property cannot be expanded (metadata)."),
            ("status.x", "This property cannot be expanded (status)."),
            ("colour", "This property cannot be expanded because it doesn't exist: colour."),
            (
                "customer.colour",
                "This property cannot be expanded because it doesn't exist: customer.colour.",
            ),
            ("", "This property cannot be expanded because it doesn't exist: ."),
            ("a.b.c.d.e", "You cannot expand more than 4 levels of a property. Property: a.b.c.d.e"),
        ],
    )
    async def test_say_which_path_leads_nowhere(self, loader: NounLoader, path: str, message: str) -> None:
        with pytest.raises(InvalidRequest) as refusal:
            await expand(show(loader, "charge", "ch_1"), [path], loader)

        assert refusal.value.message == message
        assert refusal.value.param == "expand"


def test_a_noun_loader_is_a_loader(loader: NounLoader) -> None:
    accepted: Loader = loader

    assert accepted is loader


class TestPathsAreCheckedBeforeAnythingIsDone:
    @pytest.mark.parametrize(
        "path", ["customer", "balance_transaction.source", "refunds", "billing_details.address"]
    )
    def test_good_ones_pass(self, path: str) -> None:
        check(ChargeObject, [path])

    @pytest.mark.parametrize(
        ("path", "place"),
        [("nope", "nope"), ("customer.nope", "customer.nope"), ("refunds.nope", "refunds.nope")],
    )
    def test_bad_ones_are_refused_by_place(self, path: str, place: str) -> None:
        with pytest.raises(InvalidRequest, match=f"doesn't exist: {place}"):
            check(ChargeObject, [path])
