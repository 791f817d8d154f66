"""Ids become keys and come back; the order of keys is the order of time."""

from hypothesis import given
from hypothesis import strategies as st

from payments_adapters.sql.keys import KeyCodec
from payments_core.ids import RandomIds, encode

CHARGES = KeyCodec(("ch",))
METHODS = KeyCodec(("pm", "card"))
IDS = RandomIds()


@given(number=st.integers(0, 2**128 - 1), prefix=st.sampled_from(["pm", "card", "ch", "", "x_y"]))
def test_an_id_comes_back_from_its_key(number: int, prefix: str) -> None:
    noun_id = f"{prefix}_{encode(number)}"

    assert CHARGES.unpack(CHARGES.pack(noun_id)) == noun_id
    assert METHODS.unpack(METHODS.pack(noun_id)) == noun_id


@given(st.text())
def test_any_text_comes_back_from_its_key(text: str) -> None:
    assert METHODS.unpack(METHODS.pack(text)) == text


@given(
    st.lists(st.one_of(st.text(), st.integers(0, 2**128 - 1).map(lambda n: f"ch_{encode(n)}")), unique=True)
)
def test_different_ids_have_different_keys(ids: list[str]) -> None:
    assert len({CHARGES.pack(noun_id) for noun_id in ids}) == len(ids)


def test_our_own_ids_take_16_bytes_in_the_order_of_time() -> None:
    keys = [CHARGES.pack(IDS.new("ch")) for _ in range(1000)]

    assert {len(key) for key in keys} == {16}
    assert keys == sorted(keys)


def test_free_texts_sort_after_our_own_ids() -> None:
    assert CHARGES.pack("a name") > CHARGES.pack(IDS.new("ch"))
