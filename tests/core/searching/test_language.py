"""The query language says what it says, and points at what it does not understand."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_adapters.search.language import LarkLanguage
from payments_core.errors import ParamInvalid
from payments_core.searching.queries import Clause, Relation

LANGUAGE = LarkLanguage()


def said(text: str) -> list[tuple[str, str | None, str, str | None, bool]]:
    return [
        (clause.field, clause.key, str(clause.relation), clause.value, clause.negated)
        for clause in LANGUAGE.parse(text).clauses
    ]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ('email:"a@b.c"', [("email", None, ":", "a@b.c", False)]),
        ("status:active", [("status", None, ":", "active", False)]),
        ("amount>=1000", [("amount", None, ">=", "1000", False)]),
        ("amount=1000", [("amount", None, ":", "1000", False)]),
        ("amount > -5", [("amount", None, ">", "-5", False)]),
        ('-name~"ann"', [("name", None, "~", "ann", True)]),
        ('-metadata["k"]:null', [("metadata", "k", ":", None, True)]),
        ("metadata['a b']:'c'", [("metadata", "a b", ":", "c", False)]),
        (r'name:"say \"hi\" \\"', [("name", None, ":", 'say "hi" \\', False)]),
        ('metadata["null"]:"null"', [("metadata", "null", ":", "null", False)]),
        (
            'a.b.c:"1" AND d:"2" and e<3',
            [("a.b.c", None, ":", "1", False), ("d", None, ":", "2", False), ("e", None, "<", "3", False)],
        ),
        ('a:"1" b:"2"', [("a", None, ":", "1", False), ("b", None, ":", "2", False)]),
        (
            'order:"or" OR android:"and"',
            [("order", None, ":", "or", False), ("android", None, ":", "and", False)],
        ),
    ],
)
def test_a_query_is_read(text: str, clauses: list[tuple[str, str | None, str, str | None, bool]]) -> None:
    assert said(text) == clauses


def test_any_clause_is_enough_between_ors() -> None:
    assert LANGUAGE.parse('a:"1" OR b:"2"').any
    assert not LANGUAGE.parse('a:"1" AND b:"2"').any


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("", 1, "ends too early"),
        ("   ", 4, "ends too early"),
        ("John", 1, "not expected"),
        ('a:"1" AND b:"2" OR c:"3"', 17, "cannot be mixed"),
        ('a:"1" OR b:"2" AND c:"3"', 16, "cannot be mixed"),
        ('(a:"1")', 1, "not expected"),
        ('a:"1', 3, "not expected"),
        ('a:"1" AND', 10, "ends too early"),
        ("a>word", 3, "needs a number"),
        ("a~null", 3, "null"),
        ('a["k:"1"', 7, "not expected"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, place: int, why: str) -> None:
    with pytest.raises(ParamInvalid, match=why) as refused:
        LANGUAGE.parse(text)

    assert f"at character {place}," in refused.value.message
    assert refused.value.param == "query"


def test_ten_clauses_and_no_more() -> None:
    ten = " AND ".join(f'a{n}:"1"' for n in range(10))

    assert len(LANGUAGE.parse(ten).clauses) == 10
    with pytest.raises(ParamInvalid, match="at most 10"):
        LANGUAGE.parse(ten + ' AND b:"1"')


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ParamInvalid):
        assert LANGUAGE.parse(text).clauses


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(list(Relation)[:2]), st.booleans())
def test_what_is_quoted_is_taken_as_it_is(key: str, value: str, relation: Relation, negated: bool) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    (clause,) = LANGUAGE.parse(f"{'-' * negated}metadata[{quoted(key)}]{relation}{quoted(value)}").clauses

    assert clause == Clause(
        field="metadata", key=key, relation=relation, value=value, negated=negated, position=clause.position
    )
