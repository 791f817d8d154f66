"""Nouns presented through the hook: what events show of an object and of its past."""

import json
from typing import Any

import attrs
import pytest

from payments_core.payments.charges import Shipping
from payments_core.tokenization.payment_methods import Address
from payments_web.objects.plugin import payments_presenter
from payments_web.objects.presenter import ApiPresenter, encode
from tests.web.objects import nouns

PRESENTER = ApiPresenter()


def previous(old: Any, new: Any) -> Any:
    data = json.loads(PRESENTER.event_data(new, old, livemode=False))
    assert data["object"] == json.loads(encode(PRESENTER.show(new, livemode=False)))
    return data["previous_attributes"]


class TestAnEvent:
    def test_shows_the_object_as_the_api_does(self) -> None:
        data = json.loads(PRESENTER.event_data(nouns.charge(), None, livemode=True))

        assert list(data) == ["object"]
        assert data["object"] == json.loads(encode(PRESENTER.show(nouns.charge(), livemode=True)))
        assert data["object"]["livemode"] is True

    def test_is_read_back_as_it_was_written(self) -> None:
        event = nouns.EVENTS["update"]

        shown = json.loads(PRESENTER.encode(event, livemode=False))

        assert shown["data"] == json.loads(event.data)

    def test_of_an_unchanged_object_has_no_past(self) -> None:
        assert previous(nouns.charge(), nouns.charge()) == {}

    def test_shows_only_what_changed(self) -> None:
        old = nouns.customer(email="old@example.com")

        assert previous(old, attrs.evolve(old, email="new@example.com")) == {"email": "old@example.com"}

    def test_shows_of_a_hash_only_the_keys_that_changed(self) -> None:
        old = nouns.customer(address=Address(city="Paris", country="FR"))
        new = attrs.evolve(old, address=Address(city="Lyon", country="FR"))

        assert previous(old, new) == {"address": {"city": "Paris"}}

    def test_shows_added_metadata_as_null_and_removed_metadata_as_it_was(self) -> None:
        old = nouns.customer(metadata={"gone": "1", "kept": "2"})
        new = attrs.evolve(old, metadata={"kept": "2", "added": "3"})

        assert previous(old, new) == {"metadata": {"gone": "1", "added": None}}

    def test_shows_a_whole_hash_where_it_came_or_went(self) -> None:
        bare, sent = nouns.customer(), nouns.customer(shipping=Shipping(name="A. Payer"))

        assert previous(bare, sent) == {"shipping": None}
        assert previous(sent, bare)["shipping"]["name"] == "A. Payer"

    def test_shows_a_field_that_was_left_out_as_null(self) -> None:
        held, captured = nouns.CHARGES["held"], nouns.CHARGES["captured"]

        card = previous(captured, held)["payment_method_details"]["card"]
        assert card["capture_before"] is None


class TestLinks:
    def test_are_null_without_a_base(self) -> None:
        assert PRESENTER.show(nouns.charge(), livemode=False).receipt_url is None

    def test_begin_with_the_base_of_the_settings(self) -> None:
        presenter = payments_presenter({"base_url": "https://pay.example/"})

        shown = presenter.show(nouns.charge(), livemode=False)
        assert shown.receipt_url == "https://pay.example/receipts/ch_1?account=acct_shop"

    def test_to_receipts_are_for_paid_charges_alone(self) -> None:
        presenter = ApiPresenter(base_url="https://pay.example")

        assert presenter.show(nouns.CHARGES["refused"], livemode=False).receipt_url is None


def test_a_deleted_customer_is_an_id_and_the_word() -> None:
    assert json.loads(PRESENTER.encode(nouns.CUSTOMERS["gone"], livemode=False)) == {
        "id": "cus_1",
        "object": "customer",
        "deleted": True,
    }


@pytest.mark.parametrize("life", ["made the older way"])
def test_a_charge_made_the_older_way_shows_its_source(life: str) -> None:
    shown = PRESENTER.show(nouns.CHARGES[life], livemode=False)

    assert shown.source.last4 == "4242"
    assert PRESENTER.show(nouns.charge(), livemode=False).source is None


def test_no_object_tells_the_first_digits_of_a_card() -> None:
    for lives in (nouns.CHARGES, nouns.METHODS, nouns.TOKENS):
        for noun in lives.values():
            assert b"424242" not in PRESENTER.encode(noun, livemode=False)
