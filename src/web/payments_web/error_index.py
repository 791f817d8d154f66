"""The index of errors, as a page for the documentation: made from the declarations and never written by hand.

`make format` writes it; a test compares.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from payments_core import errors
from payments_core.error_codes import ERROR_CODES
from payments_core.operations import ALL
from payments_core.payments.declines import DECLINES
from payments_web.objects.replies import STATUS

INTRODUCTION: Final = """# Errors

Every refusal is an object with a `type`, a `message` for people, and mostly a `code` and a `param`; card declines add `decline_code`. What
the SDKs raise goes by status and type. This page is made from the code, by `make format`.
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = (
        INTRODUCTION,
        "## Kinds\n",
        _table(("refusal", "status", "type", "meaning"), _kinds()),
        "## Codes\n",
        _table(
            ("code", "meaning"), ((f"`{code}`", meaning) for code, meaning in sorted(ERROR_CODES.items()))
        ),
        "## Decline codes\n\nA `card_error` with one of these was decided by the issuer, the network or a rule.\n",
        _table(("decline_code", "code", "message", "advice"), _declines()),
        "## By operation\n\nBeside what every request may meet: no or a wrong key, too much at once, a key in use, the storage away.\n",
        _table(("operation", "refusals"), _operations()),
    )
    return "\n".join(parts)


def _kinds() -> Iterator[tuple[str, ...]]:
    for cls in _below(errors.PaymentsError):
        status = next(STATUS[above] for above in cls.__mro__ if above in STATUS)
        meaning = inspect.getdoc(cls) or ""
        yield f"`{cls.__name__}`", str(status), f"`{cls.type}`", meaning.partition("\n")[0]


def _below(cls: type[errors.PaymentsError]) -> Iterator[type[errors.PaymentsError]]:
    for one in cls.__subclasses__():
        if one.__module__ == errors.__name__:
            yield one
            yield from _below(one)


def _declines() -> Iterator[tuple[str, ...]]:
    for name, decline in sorted(DECLINES.items()):
        advice = f"`{decline.advice_code}`" if decline.advice_code else ""
        yield f"`{name}`", f"`{decline.code}`", decline.message, advice


def _operations() -> Iterator[tuple[str, ...]]:
    for operation in sorted(ALL, key=lambda one: (one.path, one.method)):
        names = ", ".join(f"`{cls.__name__}`" for cls in operation.raises)
        yield f"`{operation.method} {operation.path}`", names


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return (
        "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines) + "\n"
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page())
