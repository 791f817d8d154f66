"""Shares: what a platform or a connected account gets of every bill of a subscription, or of one bill."""

from decimal import ROUND_HALF_UP, Decimal

import attrs

from payments_core.payments.charges import TransferData

HUNDRED = Decimal(100)


@attrs.frozen(kw_only=True, slots=False)
class Shares:
    """Amounts are in minor units of the bill's currency; percentages are of what is charged for it."""

    fee_amount: int | None = None
    fee_percent: Decimal | None = None
    destination: str | None = None
    """The connected account that gets the money; all of it if neither amount nor percentage is said."""
    amount: int | None = None
    amount_percent: Decimal | None = None

    def fee_of(self, charged: int) -> int | None:
        """The platform's fee of what is charged, never more than that."""
        return _share(charged, self.fee_amount, self.fee_percent)

    def transfer_of(self, charged: int) -> TransferData | None:
        """Where what is charged goes on to, and how much of it."""
        if self.destination is None:
            return None
        return TransferData(
            destination=self.destination, amount=_share(charged, self.amount, self.amount_percent)
        )


def _share(charged: int, amount: int | None, percent: Decimal | None) -> int | None:
    if percent is not None:
        return int((charged * percent / HUNDRED).quantize(Decimal(1), ROUND_HALF_UP))
    return None if amount is None else min(amount, charged)
