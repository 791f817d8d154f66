"""Parameters are read strictly, and every mistake is named with its place."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

import attrs
import pytest

from payments_core.errors import ParamInvalid, ParamMissing, ParamUnknown, PaymentsError
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.structuring import STRING_MAX, structure


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@attrs.frozen(kw_only=True)
class Inner:
    size: int
    note: str | None = None


@attrs.frozen(kw_only=True)
class Wish:
    amount: int
    colour: Colour | None = None
    currency: CurrencyCode | None = None
    description: str | Literal[""] | None = None
    flag: bool | None = None
    inner: Inner | Literal[""] | None = None
    items: tuple[Inner, ...] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    rate: Decimal | None = None
    source: Inner | str | None = None


def mistake(tree: Mapping[str, Any]) -> PaymentsError:
    with pytest.raises(PaymentsError) as refused:
        structure(Wish, tree)
    return refused.value


def test_what_is_right_is_read() -> None:
    wish = structure(
        Wish,
        {
            "amount": "12",
            "colour": "red",
            "currency": "EUR",
            "flag": "true",
            "inner": {"size": "1"},
            "items": [{"size": "2", "note": "x"}],
            "metadata": {"a": "b"},
            "rate": "2.50",
            "source": "tok_visa",
        },
    )

    assert wish == Wish(
        amount=12,
        colour=Colour.RED,
        currency=CurrencyCode("eur"),
        flag=True,
        inner=Inner(size=1),
        items=(Inner(size=2, note="x"),),
        metadata={"a": "b"},
        rate=Decimal("2.50"),
        source="tok_visa",
    )


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1_0", "+1", "01", "1.0", "1e2", "١", "１", "0x1", "9" * 19, "-0", "NaN"]
)
def test_an_integer_is_plain_digits(text: str) -> None:
    error = mistake({"amount": text})

    assert error.param == "amount"
    assert error.code in ("parameter_invalid_integer", "parameter_invalid_empty")


@pytest.mark.parametrize("value", [1.0, True, None, [], {}, b"1"])
def test_an_integer_is_no_other_thing(value: object) -> None:
    assert mistake({"amount": value}).param == "amount"


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\ud800b", "x" * (STRING_MAX + 1), "pay 4242 4242 4242 4242 now"]
)
def test_text_is_text_and_ends_somewhere(text: str) -> None:
    error = mistake({"amount": "1", "description": text})

    assert isinstance(error, ParamInvalid)
    assert error.param == "description"
    assert "4242" not in error.message


def test_an_empty_string_unsets_only_what_can_be_unset() -> None:
    assert structure(Wish, {"amount": "1", "description": "", "inner": "", "metadata": ""}).inner == ""
    assert mistake({"amount": "1", "flag": ""}).code == "parameter_invalid_empty"
    assert mistake({"amount": "1", "items": ""}).code == "parameter_invalid_empty"


@pytest.mark.parametrize(
    ("tree", "kind", "param"),
    [
        ({}, ParamMissing, "amount"),
        ({"amount": "1", "nonsense": "x"}, ParamUnknown, "nonsense"),
        ({"amount": "1", "inner": {}}, ParamMissing, "inner[size]"),
        ({"amount": "1", "inner": {"size": "1", "x": "y"}}, ParamUnknown, "inner[x]"),
        ({"amount": "1", "items": [{"size": "1"}, {"size": "no"}]}, ParamInvalid, "items[1][size]"),
        ({"amount": "1", "colour": "green"}, ParamInvalid, "colour"),
        ({"amount": "1", "metadata": {"a": {"b": "c"}}}, ParamInvalid, "metadata"),
        ({"amount": "1", "source": []}, ParamInvalid, "source"),
        ({"amount": "1", "flag": "yes"}, ParamInvalid, "flag"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    tree: Mapping[str, Any], kind: type[PaymentsError], param: str
) -> None:
    error = mistake(tree)

    assert type(error) is kind
    assert error.param == param


def test_all_mistakes_are_told_at_once_and_the_unknown_first() -> None:
    error = mistake({"amount": "x", "inner": {"size": "y"}, "other": "z"})

    assert [one["param"] for one in error.about["errors"]] == ["other", "amount", "inner[size]"]
