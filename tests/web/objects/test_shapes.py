"""The official SDK judges what our objects look like."""

from typing import Any

import msgspec
import pytest
import stripe

from payments_web.objects.balance import BalanceObject
from payments_web.objects.card import CardObject
from payments_web.objects.presenter import ApiPresenter, encode
from tests.support.sdk_shapes import assert_shape, class_of
from tests.web.objects import nouns

PRESENTER = ApiPresenter(base_url="https://pay.example")
LIVES = {
    stripe.Account: nouns.ACCOUNTS,
    stripe.BalanceTransaction: nouns.LINES,
    stripe.Charge: nouns.CHARGES,
    stripe.Customer: nouns.CUSTOMERS,
    stripe.Event: nouns.EVENTS,
    stripe.PaymentMethod: nouns.METHODS,
    stripe.Refund: nouns.REFUNDS,
    stripe.Token: nouns.TOKENS,
}
CASES = [
    pytest.param(judge, noun, id=f"{judge.__name__}-{life}")
    for judge, lives in LIVES.items()
    for life, noun in lives.items()  # type: ignore[attr-defined]
]


def rendered(shown: Any) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.json.decode(encode(shown))
    return answer


@pytest.mark.parametrize(("judge", "noun"), CASES)
def test_an_object_has_the_keys_and_types_that_the_sdk_declares(judge: Any, noun: Any) -> None:
    answer = rendered(PRESENTER.show(noun, livemode=False))

    assert_shape(judge, answer)
    assert class_of(answer) is judge


@pytest.mark.parametrize("noun", nouns.METHODS.values(), ids=nouns.METHODS)
def test_a_payment_method_has_an_older_shape_too(noun: Any) -> None:
    assert_shape(stripe.Card, rendered(CardObject.of(noun, livemode=False)))


@pytest.mark.parametrize("balance", nouns.BALANCES.values(), ids=nouns.BALANCES)
def test_a_balance_has_the_keys_and_types_that_the_sdk_declares(balance: Any) -> None:
    assert_shape(stripe.Balance, rendered(BalanceObject.of(balance, livemode=False)))


def test_every_kind_of_object_begins_with_its_id_and_its_kind() -> None:
    for lives in LIVES.values():
        answer = rendered(PRESENTER.show(next(iter(lives.values())), livemode=False))  # type: ignore[attr-defined]

        assert list(answer)[:2] == ["id", "object"]


class TestTheJudge:
    def test_names_a_key_that_is_missing(self) -> None:
        answer = rendered(PRESENTER.show(nouns.charge(), livemode=False))
        del answer["outcome"]["seller_message"]

        with pytest.raises(AssertionError, match=r"charge\.outcome\.seller_message: missing"):
            assert_shape(stripe.Charge, answer)

    def test_names_a_key_that_nobody_knows(self) -> None:
        answer = rendered(PRESENTER.show(nouns.charge(), livemode=False)) | {"colour": "red"}

        with pytest.raises(AssertionError, match=r"charge\.colour: the SDK does not know"):
            assert_shape(stripe.Charge, answer)

    @pytest.mark.parametrize(
        ("key", "value"),
        [("amount", "12"), ("amount", True), ("captured", 1), ("amount", None), ("object", "x")],
    )
    def test_names_a_value_of_the_wrong_type(self, key: str, value: Any) -> None:
        answer = rendered(PRESENTER.show(nouns.charge(), livemode=False)) | {key: value}

        with pytest.raises(AssertionError, match=rf"charge\.{key}: "):
            assert_shape(stripe.Charge, answer)

    def test_looks_into_expanded_objects(self) -> None:
        answer = rendered(PRESENTER.show(nouns.charge(), livemode=False))
        answer["balance_transaction"] = rendered(PRESENTER.show(nouns.LINES["charge"], livemode=False))

        assert_shape(stripe.Charge, answer)

        del answer["balance_transaction"]["net"]
        with pytest.raises(AssertionError, match=r"balance_transaction\.net: missing"):
            assert_shape(stripe.Charge, answer)
