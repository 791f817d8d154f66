"""Bracketed forms: what they spell, and that nothing they hold can hurt."""

from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_core.errors import InvalidRequest
from payments_web.rest.forms import DEPTH_MAX, FIELDS_MAX, parse


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a", {"a": ""}),
        (b"a+b=c+d%21", {"a b": "c d!"}),
        (b"m[x]=1&m[y][z]=2", {"m": {"x": "1", "y": {"z": "2"}}}),
        (b"l[]=a&l[]=b", {"l": ["a", "b"]}),
        (b"l[1]=b&l[0]=a", {"l": ["a", "b"]}),
        (b"l[0][p]=1&l[0][q]=2&l[1][p]=3", {"l": [{"p": "1", "q": "2"}, {"p": "3"}]}),
        (b"l[][p]=1&l[][q]=2&l[][p]=3", {"l": [{"p": "1", "q": "2"}, {"p": "3"}]}),
        (b"m%5Bx%5D=1", {"m": {"x": "1"}}),
        (b"m[6735]=a&m[k]=b", {"m": {"6735": "a", "k": "b"}}),
        (b"&&a=1&", {"a": "1"}),
    ],
)
def test_a_form_spells_a_tree(body: bytes, tree: dict[str, Any]) -> None:
    assert parse(body) == tree


@pytest.mark.parametrize(
    "body",
    [
        b"a=%ff",
        b"%ff=a",
        b"a[=1",
        b"a]=1",
        b"[a]=1",
        b"a[b]c=1",
        b"a[[b]]=1",
        b"a=1&a[b]=2",
        b"a[b]=2&a=1",
        b"=1",
        b"a%00=1",
        b"a" * 3_000 + b"=1",
        b"a" + b"[b]" * DEPTH_MAX + b"=1",
        b"&".join(b"a%d=1" % number for number in range(FIELDS_MAX + 1)),
    ],
)
def test_what_is_malformed_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_tree_or_refused(body: bytes) -> None:
    try:
        tree = parse(body)
    except InvalidRequest:
        return

    assert isinstance(tree, dict)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]\x00"), min_size=1),
        st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_what_a_client_writes_is_what_we_read(pairs: dict[str, str]) -> None:
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs.items())

    assert parse(body.encode()) == pairs
