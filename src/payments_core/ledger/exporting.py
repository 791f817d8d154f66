"""Exports: the books as text for spreadsheets, programs, hledger and beancount, one entry at a time.

Amounts are decimal numbers with as many places as the currency has; commodities are ISO 4217 codes. Nothing is rounded.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from payments_core.clock import Timestamp
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.entries import Entry
from payments_core.money.amounts import money

COLUMNS: Final = (
    "account",
    "entry",
    "recorded",
    "effective",
    "kind",
    "source",
    "ledger_account",
    "sub",
    "debit",
    "credit",
    "currency",
)
FAMILIES: Final[dict[LedgerAccount, str]] = {
    LedgerAccount.MERCHANT_PENDING: "Liabilities",
    LedgerAccount.MERCHANT_AVAILABLE: "Liabilities",
    LedgerAccount.MERCHANT_RESERVED: "Liabilities",
    LedgerAccount.PAYOUTS_IN_TRANSIT: "Liabilities",
    LedgerAccount.CUSTOMER_CREDIT: "Liabilities",
    LedgerAccount.TRANSFERS: "Liabilities",
    LedgerAccount.FEE_REVENUE: "Income",
    LedgerAccount.NETWORK_COST: "Expenses",
    LedgerAccount.DISPUTE_LOSS: "Expenses",
}
"""Where the five families of plain-text accounting put our ledger accounts; all others are assets."""


class Format(StrEnum):
    """What can be written."""

    CSV = "csv"
    JSONL = "jsonl"
    HLEDGER = "hledger"
    BEANCOUNT = "beancount"


async def exported(entries: AsyncIterator[Entry], wanted: Format) -> AsyncIterator[str]:
    """The text of *entries*, piece by piece."""
    write = _WRITERS[wanted]
    if wanted is Format.CSV:
        yield _row(COLUMNS)
    opened: set[str] = set()
    async for entry in entries:
        if wanted is Format.BEANCOUNT:
            for line in _opened(entry, opened):
                yield line
        yield write(entry)


def _csv(entry: Entry) -> str:
    head = (
        entry.account_id,
        entry.id,
        _moment(entry.recorded),
        _moment(entry.effective),
        entry.kind,
        entry.source,
    )
    rows = []
    for posting in entry.postings:
        size = _decimal(abs(posting.amount), entry)
        sides = (size, "") if posting.amount >= 0 else ("", size)
        rows.append(_row((*head, posting.account, posting.sub, *sides, entry.currency)))
    return "".join(rows)


def _row(values: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def _jsonl(entry: Entry) -> str:
    postings = [
        {"ledger_account": posting.account, "sub": posting.sub, "amount": posting.amount}
        for posting in entry.postings
    ]
    told = {
        "account": entry.account_id,
        "entry": entry.id,
        "recorded": entry.recorded,
        "effective": entry.effective,
        "kind": entry.kind,
        "source": entry.source,
        "currency": entry.currency,
        "postings": postings,
    }
    return json.dumps(told, separators=(",", ":")) + "\n"


def _hledger(entry: Entry) -> str:
    second = f"={_day(entry.recorded)}" if _day(entry.recorded) != _day(entry.effective) else ""
    lines = [
        f"{_day(entry.effective)}{second} * {_plain(f'{entry.kind} {entry.source}')}  ; entry:{entry.id}"
    ]
    lines += _lines(entry, "    {account}  {amount} {currency}")
    return "\n".join(lines) + "\n\n"


def _beancount(entry: Entry) -> str:
    lines = [f'{_day(entry.effective)} * "{_plain(entry.kind)}" "{_plain(entry.source)}"']
    lines += [f'  entry: "{entry.id}"', f'  recorded: "{_moment(entry.recorded)}"']
    lines += _lines(entry, "  {account}  {amount} {currency}")
    return "\n".join(lines) + "\n\n"


def _lines(entry: Entry, form: str) -> list[str]:
    currency = entry.currency.upper()
    return [
        form.format(account=name, amount=_decimal(posting.amount, entry), currency=currency)
        for name, posting in zip(_names(entry), entry.postings, strict=True)
    ]


def _names(entry: Entry) -> list[str]:
    """`Liabilities:MerchantPending:Acct…`: five families, then the chart, then whose it is."""
    owner = entry.account_id.removeprefix("acct_")
    return [
        ":".join(
            part
            for part in (
                FAMILIES.get(posting.account, "Assets"),
                posting.account.title().replace("_", ""),
                f"A-{owner}",
                f"S-{_word(posting.sub)}" if posting.sub else "",
            )
            if part
        )
        for posting in entry.postings
    ]


def _opened(entry: Entry, opened: set[str]) -> Iterator[str]:
    """Beancount wants every account opened before its first use."""
    for name in _names(entry):
        if name not in opened:
            opened.add(name)
            yield f"1970-01-01 open {name}\n"


def _word(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text)


def _plain(text: str) -> str:
    """Text that no format takes for its own signs."""
    return text.replace('"', "'").replace(";", ",").replace("|", "/").replace("\n", " ")


def _decimal(units: int, entry: Entry) -> str:
    return f"{money(units, entry.currency).amount:f}"


def _day(moment: Timestamp) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def _moment(moment: Timestamp) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


_WRITERS: Final[dict[Format, Callable[[Entry], str]]] = {
    Format.CSV: _csv,
    Format.JSONL: _jsonl,
    Format.HLEDGER: _hledger,
    Format.BEANCOUNT: _beancount,
}
