"""Seeing: what an answer may show of objects that it names, also where they lie in the books of a connected account.

A platform sees there what its own transfers and fees name, and the accounts that it made: nothing else.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final, TypeVar

import attrs

from payments_core.errors import NotFound
from payments_core.operations.opening import find_connected
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge
from payments_core.payments.refunds import Refund
from payments_core.platform.accounts import Account, AccountId
from payments_core.ports import Page, Query, Record
from payments_core.settlement.application_fees import ApplicationFee
from payments_core.settlement.transfers import Transfer, TransferReversal

NounT = TypeVar("NounT", bound=Record)


@attrs.frozen
class Seer:
    """Reads for a presenter on behalf of one work."""

    work: Work

    async def find_many(self, kind: type[NounT], noun_ids: Collection[str]) -> dict[str, NounT]:
        """Return those that exist and may be seen, by id."""
        found = await self.work.find_many(kind, noun_ids)
        look: Any = _ELSEWHERE.get(kind)
        if look is not None and len(found) < len(noun_ids):
            for noun_id in noun_ids:
                noun = found.get(noun_id) or await look(self.work, noun_id)
                if noun is not None:
                    found[noun_id] = noun
        return found

    async def select(self, kind: type[NounT], query: Query) -> Page[NounT]:
        """List the caller's own."""
        return await self.work.select(kind, query)

    async def select_staged(self, kind: type[NounT], query: Query) -> Page[NounT]:
        """List the caller's own, with what the work has staged."""
        return await self.work.select_staged(kind, query)


async def _account(work: Work, account_id: str) -> Account | None:
    try:
        return await find_connected(work.ports, work.account, account_id)
    except NotFound:
        return None


async def _charge(work: Work, charge_id: str) -> Charge | None:
    """A payment that came by a transfer of the caller's, or that the caller keeps a fee of."""
    transfer = await _named(work, Transfer, destination_payment=charge_id)
    fee = None if transfer else await _named(work, ApplicationFee, charge=charge_id)
    owner = transfer.destination if transfer else fee.payer if fee else None
    return await _of(work, Charge, owner, charge_id)


async def _refund(work: Work, refund_id: str) -> Refund | None:
    """The other side of a reversal of the caller's."""
    reversal = await _named(work, TransferReversal, destination_payment_refund=refund_id)
    if reversal is None:
        return None
    transfer = await work.get(Transfer, reversal.transfer)
    return await _of(work, Refund, transfer.destination, refund_id)


async def _named(work: Work, kind: type[NounT], **equal: str) -> NounT | None:
    page = await work.select(kind, Query(equal=equal, limit=1))
    return page.items[0] if page.items else None


async def _of(work: Work, kind: type[NounT], owner: AccountId | None, noun_id: str) -> NounT | None:
    found = await work.ports.store.find(kind, owner, noun_id) if owner else None
    return found[0] if found else None


_ELSEWHERE: Final[Mapping[type, Callable[[Work, str], Awaitable[Any]]]] = {
    Account: _account,
    Charge: _charge,
    Refund: _refund,
}
