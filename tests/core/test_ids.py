"""Ids sort by time, cannot be guessed, and survive the way to storage and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_core import ids
from payments_core.testing.clock import SettableClock


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_a_number_survives_its_text(value: int) -> None:
    assert ids.decode(ids.encode(value)) == value


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1))
def test_texts_sort_like_their_numbers(one: int, other: int) -> None:
    assert (ids.encode(one) < ids.encode(other)) == (one < other)


@pytest.mark.parametrize("text", ["", "x", "z" * 22, "0" * 21 + "-", "0" * 23, "é" * 22])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"digit|bits"):
        ids.decode(text)


def test_ids_of_one_millisecond_stay_in_order_and_differ() -> None:
    maker = ids.RandomIds(SettableClock(1_800_000_000))

    made = [maker.new("ch") for _ in range(1_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_a_seed_makes_the_same_ids_again() -> None:
    first, second = (
        ids.RandomIds(SettableClock(1_800_000_000), randbits=lambda count: (1 << count) - 7) for _ in range(2)
    )

    assert [first.new("ch") for _ in range(3)] == [second.new("ch") for _ in range(3)]


def test_secrets_are_as_long_as_asked_and_never_the_same() -> None:
    maker = ids.RandomIds()

    assert len({maker.secret(24) for _ in range(200)}) == 200
    assert {len(maker.secret(length)) for length in (1, 24, 200)} == {1, 24, 200}
