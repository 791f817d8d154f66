"""Payouts as NACHA files: PPD credits (debits for reversals), one file for each batch, and return files read back.

A credit that nobody returns by its day is paid: the format knows no other yes. Ids travel as hexadecimal digits in the addenda,
because the format knows no lower case.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs
from achkit import AchError, AchFile, is_valid_routing, parse, validate

from payments_adapters.bank_rails.folder import OutboxFolder
from payments_core import ids
from payments_core.clock import Clock
from payments_core.errors import InvalidRequest
from payments_core.platform.accounts import AccountId
from payments_core.settlement.payouts import PayoutId, PayoutOrder, PayoutResult

RETURNS: Final = {
    "R01": "insufficient_funds",
    "R02": "account_closed",
    "R03": "no_account",
    "R04": "invalid_account_number",
    "R07": "debit_not_authorized",
    "R10": "debit_not_authorized",
    "R16": "account_frozen",
    "R20": "bank_account_restricted",
    "R23": "declined",
    "R29": "debit_not_authorized",
}
"""What return reasons are called; the others are `could_not_process`."""
RETURN: Final = "99"
AMOUNT_MAX: Final = 9_999_999_999
ACCOUNT_LENGTH_MAX: Final = 17
ID_DIGITS: Final = 32
NUMBER_LENGTH: Final = 15
DESCRIPTION: Final = "PAYOUT"


@attrs.frozen(kw_only=True)
class Originator:
    """Who sends the files: a bank's customer."""

    routing: str
    company_id: str
    name: str
    bank: str = ""


@attrs.frozen(kw_only=True)
class NachaRail:
    """A `BankRail` that writes NACHA files and a `ReportingRail` that reads returns."""

    outbox: OutboxFolder
    originator: Originator
    clock: Clock
    name: str = "nacha"

    async def submit(self, batch: str, orders: Sequence[PayoutOrder]) -> Collection[PayoutId]:
        """Write the batch's file once, and return the payouts that are in it."""
        text = self.outbox.read(batch)
        if text is None:
            carried = [order for order in orders if _carries(order)]
            if not carried:
                return ()
            text = self.outbox.write_once(batch, self.render(carried))
        return {payout for _, payout, _ in _members(text)}

    async def results(self, orders: Sequence[PayoutOrder]) -> Sequence[PayoutResult]:
        """Nothing came back by the day: they are paid."""
        return [PayoutResult(payout=order.payout, account_id=order.account_id) for order in orders]

    def render(self, orders: Sequence[PayoutOrder]) -> str:
        """The file of these orders, in batches by the day of arrival. Raises `ValueError` for a file that is not valid."""
        sender = self.originator
        file = AchFile.create(
            origin_dfi=sender.routing,
            company_id=sender.company_id,
            destination_name=sender.bank,
            origin_name=sender.name,
            creation_date=datetime.fromtimestamp(self.clock.now_ms() / 1000, UTC),
        )
        by_day: dict[str, list[PayoutOrder]] = defaultdict(list)
        for order in orders:
            by_day[f"{datetime.fromtimestamp(order.arrival_date, UTC):%Y-%m-%d}"].append(order)
        for day, members in sorted(by_day.items()):
            batch = file.batch("PPD", DESCRIPTION, day)
            for order in members:
                _add(batch, order)
        text: str = file.render()
        found = validate(text)
        if not found["ok"]:
            raise ValueError(f"The NACHA file is not valid: {found['errors']}")
        return text

    def read(self, place: str) -> Sequence[PayoutResult]:
        """Read a file of returns."""
        try:
            entries = list(_entries(Path(place).read_text(encoding="ascii")))
        except (AchError, UnicodeDecodeError, TypeError, ValueError) as error:
            raise InvalidRequest(f"{place} is not a NACHA file: {error}") from None
        returned = {}
        for entry in entries:
            for addenda in entry["addenda"]:
                if addenda["type"] == RETURN:
                    returned[entry["id_number"]] = addenda["info"][:3]
        return list(self._named(returned))

    def _named(self, returned: dict[str, str]) -> Iterator[PayoutResult]:
        """The payouts behind the numbers of returned entries: our own files know them."""
        wanted = dict(returned)
        for text in self.outbox.texts():
            if not wanted:
                return
            for account, payout, number in _members(text):
                reason = wanted.pop(number, None)
                if reason is not None:
                    code = RETURNS.get(reason, "could_not_process")
                    yield PayoutResult(payout=payout, account_id=account, failure_code=code)


def _carries(order: PayoutOrder) -> bool:
    """Whether such a file can hold it: dollars, to a US account."""
    number = order.number.reveal()
    return (
        order.currency == "usd"
        and 0 < abs(order.amount) <= AMOUNT_MAX
        and len(number) <= ACCOUNT_LENGTH_MAX
        and number.isdigit()
        and order.routing_number is not None
        and bool(is_valid_routing(order.routing_number))
    )


def _add(batch: Any, order: PayoutOrder) -> None:
    add = batch.credit if order.amount > 0 else batch.debit
    add(
        order.holder,
        order.routing_number,
        order.number.reveal(),
        abs(order.amount),
        account_type="savings" if order.account_type == "savings" else "checking",
        id_number=_hex(order.payout)[-NUMBER_LENGTH:],
        addenda=f"{_hex(order.account_id)} {_hex(order.payout)}",
    )


def _hex(public_id: str) -> str:
    return f"{ids.decode(public_id.rpartition('_')[2]):0{ID_DIGITS}X}"


def _members(text: str) -> Iterator[tuple[AccountId, PayoutId, str]]:
    for entry in _entries(text):
        account, _, payout = entry["addenda"][0]["info"].partition(" ")
        yield (
            AccountId(f"acct_{ids.encode(int(account, 16))}"),
            PayoutId(f"po_{ids.encode(int(payout, 16))}"),
            entry["id_number"],
        )


def _entries(text: str) -> Iterator[dict[str, Any]]:
    for batch in parse(text)["batches"]:
        yield from batch["entries"]
