"""The simulated bank: takes every payout, and says on its day what the documented test account numbers stand for.

It keeps nothing: what a payout comes to is read off its account's number.
"""

from collections.abc import Collection, Sequence
from typing import Final

import attrs

from payments_core.settlement.payouts import PayoutId, PayoutOrder, PayoutResult

OUTCOMES: Final = {
    "000111111116": "no_account",
    "000111111113": "account_closed",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
}
"""Account numbers to which payouts fail, and why."""


@attrs.frozen
class SandboxRail:
    """A `BankRail` without a bank."""

    name: str = "sandbox"

    async def submit(self, batch: str, orders: Sequence[PayoutOrder]) -> Collection[PayoutId]:
        """Take them all."""
        return {order.payout for order in orders}

    async def results(self, orders: Sequence[PayoutOrder]) -> Sequence[PayoutResult]:
        """What the account numbers stand for."""
        return [
            PayoutResult(
                payout=order.payout,
                account_id=order.account_id,
                failure_code=OUTCOMES.get(order.number.reveal()),
                trace=f"{int.from_bytes(order.payout.encode()[-6:]):015d}"[-15:],
            )
            for order in orders
        ]
