"""The search language's grammar, and its errors that point at the character.

`name:"Jane" AND metadata["order"]:"6735" AND -created>1700000000`: clauses joined by AND or by OR, never by both.
"""

import re
from functools import cache
from typing import Any, Final, NoReturn

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from payments_core.errors import ParamInvalid
from payments_core.searching.queries import CLAUSES_MAX, COMPARES, Clause, Relation, SearchQuery

LENGTH_MAX: Final = 5_000

GRAMMAR: Final = r"""
    ?start: clause | all | any
    all: clause ("AND"i clause | clause)+
    any: clause ("OR"i clause)+
    clause: NOT? field relation value
    field: NAME ("[" STRING "]")?
    !relation: ":" | "~" | ">=" | "<=" | ">" | "<" | "="
    value: STRING | NUMBER | WORD | NULL

    NOT: "-"
    NULL.3: /null(?![A-Za-z0-9_])/
    NUMBER.2: /-?[0-9]+(?![A-Za-z0-9_.])/
    NAME.2: /(?!(?:AND|OR)\b)[A-Za-z_][A-Za-z0-9_.]*(?=\s*(?:[:~<>=]|\[))/i
    WORD.1: /(?!(?:AND|OR)\b)[A-Za-z0-9_@.+-]+/i
    STRING: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
    %ignore /\s+/
"""
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class LarkLanguage:
    """The language by its grammar, in linear time."""

    def parse(self, text: str) -> SearchQuery:
        """What the text says; raises `ParamInvalid` that points at the character where it stops making sense."""
        if len(text) > LENGTH_MAX:
            raise ParamInvalid(f"A query has at most {LENGTH_MAX} characters.", param="query")
        try:
            tree = _parser().parse(text)
        except UnexpectedInput as error:
            _refuse(text, error)
        clauses = [tree] if tree.data == "clause" else tree.children
        if len(clauses) > CLAUSES_MAX:
            raise ParamInvalid(
                f"A query has at most {CLAUSES_MAX} clauses, this has {len(clauses)}.", param="query"
            )
        return SearchQuery(clauses=tuple(map(_clause, clauses)), any=tree.data == "any")


@cache
def _parser() -> Lark:
    return Lark(
        GRAMMAR, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False
    )


def _clause(tree: Any) -> Clause:
    negated = isinstance(tree.children[0], Token)
    field, relation, value = tree.children[1:] if negated else tree.children
    written = str(relation.children[0])
    sign = Relation.IS if written == "=" else Relation(written)
    token = value.children[0]
    if token.type == "NULL" and sign is not Relation.IS:
        _point(token.start_pos, "null can be asked for by `:` only")
    if sign in COMPARES and token.type not in ("NUMBER", "STRING"):
        _point(token.start_pos, "a comparison needs a number")
    return Clause(
        field=str(field.children[0]),
        key=_plain(field.children[1]) if len(field.children) > 1 else None,
        relation=sign,
        value=None if token.type == "NULL" else _plain(token),
        negated=negated,
        position=_begins(tree),
    )


def _begins(tree: Tree[Any]) -> int:
    position: int = tree.meta.start_pos
    return position


def _plain(token: Token) -> str:
    text = str(token)
    return _ESCAPED.sub(r"\1", text[1:-1]) if token.type == "STRING" else text


def _refuse(text: str, error: UnexpectedInput) -> NoReturn:
    found: int | None = getattr(error, "pos_in_stream", None)
    at = len(text) if found is None else found
    if isinstance(error, UnexpectedEOF) or (
        isinstance(error, UnexpectedToken) and error.token.type == "$END"
    ):
        _point(len(text), "it ends too early")
    if isinstance(error, UnexpectedToken) and error.token.upper() in ("AND", "OR"):
        _point(at, "AND and OR cannot be mixed" if at else "a clause begins with a field")
    shown = text[at : at + 1] if isinstance(error, UnexpectedCharacters) else str(getattr(error, "token", ""))
    _point(at, f"`{shown[:40]}` was not expected")


def _point(position: int, why: str) -> NoReturn:
    raise ParamInvalid(
        f"We were unable to parse your search query: at character {position + 1}, {why}.", param="query"
    )
