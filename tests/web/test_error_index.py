"""The index of errors is what the code says: no code without a meaning, no meaning without a code, and the page as it is made."""

import ast
from collections.abc import Iterator
from pathlib import Path

import payments_core
from payments_core import errors
from payments_core.error_codes import ERROR_CODES
from payments_core.payments.declines import DECLINES
from payments_web.error_index import page

ROOT = Path(__file__).parents[2]
OTHERS = frozenset({"bank_account_exists"})
"""Words that are no codes of errors."""


def raised() -> set[str]:
    """Every code that the sources name."""
    codes = {decline.code for decline in DECLINES.values()}
    codes |= {cls.default_code for cls in vars(errors).values() if getattr(cls, "default_code", None)}
    for path in (*ROOT.glob("src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "code":
                codes |= set(_words(node.value))
    return codes - OTHERS


def _words(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(code)):
            yield code
        case ast.IfExp(body=body, orelse=orelse):
            yield from _words(body)
            yield from _words(orelse)


def test_every_code_that_is_raised_has_a_meaning() -> None:
    assert raised() - ERROR_CODES.keys() == set()


def test_every_code_with_a_meaning_is_raised() -> None:
    sources = "\n".join(path.read_text() for path in Path(payments_core.__path__[0]).rglob("*.py"))
    elsewhere = {code for code in ERROR_CODES if sources.count(f'"{code}"') > 1}
    spelt = {f"{word}_authentication_failure" for word in ("payment_intent", "setup_intent")}

    assert ERROR_CODES.keys() - raised() - elsewhere - spelt == set()


def test_the_page_is_as_it_is_made() -> None:
    made = page()

    assert (ROOT / "docs/errors.md").read_text() == made, "run `make format`"
