"""Application fees: what a platform keeps of its connected accounts' payments, and what it gives back of that."""

from typing import Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.money.amounts import refuse_beyond
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

ApplicationFeeId = NewType("ApplicationFeeId", str)
FeeRefundId = NewType("FeeRefundId", str)

SHOWN_MAX: Final = 10
"""How many refunds a fee shows itself; the others are listed."""


@attrs.frozen(kw_only=True, slots=False)
class FeeRefund:
    """A part of a fee that the platform gave back. The amount is in minor units of `currency`."""

    account_id: AccountId
    id: FeeRefundId
    created: Timestamp
    amount: int
    currency: CurrencyCode
    fee: ApplicationFeeId
    balance_transaction: str
    metadata: Metadata = NOTHING


@attrs.frozen(kw_only=True, slots=False)
class ApplicationFee:
    """What a platform keeps of one payment. Amounts are minor units of `currency`."""

    account_id: AccountId
    """The platform."""
    id: ApplicationFeeId
    created: Timestamp
    amount: int
    currency: CurrencyCode
    payer: AccountId
    """The connected account that the fee is taken from."""
    charge: str
    """The payment in the connected account."""
    balance_transaction: str
    amount_refunded: int = 0
    originating_transaction: str | None = None
    """The platform's own charge behind the payment, where the money came by a transfer."""
    latest_refunds: tuple[FeeRefund, ...] = ()
    """Newest first, as many as are shown."""
    refund_count: int = 0

    @property
    def application(self) -> str:
        """The platform under the name that objects call it by."""
        return application_of(self.account_id)

    @property
    def refundable(self) -> int:
        """What can still be given back."""
        return self.amount - self.amount_refunded

    def refuse_refund(self, amount: int) -> None:
        """Raise `AmountRefused` or `InvalidRequest` if *amount* cannot be given back."""
        if self.refundable == 0:
            raise InvalidRequest(
                f"Application fee {self.id} has already been refunded.", code="fee_already_refunded"
            )
        refuse_beyond(amount, self.refundable, self.currency, kind="Refund", of="unrefunded amount on fee")

    def refund(self, refund: FeeRefund) -> Self:
        """Give a part back. Raises `AmountRefused` or `InvalidRequest` where it is not there."""
        self.refuse_refund(refund.amount)
        return evolve(
            self,
            amount_refunded=self.amount_refunded + refund.amount,
            latest_refunds=(refund, *self.latest_refunds)[:SHOWN_MAX],
            refund_count=self.refund_count + 1,
        )

    def showing(self, refund: FeeRefund) -> Self:
        """Show a refund as it is now, if it is shown."""
        shown = tuple(refund if old.id == refund.id else old for old in self.latest_refunds)
        return evolve(self, latest_refunds=shown)


def application_of(platform: AccountId) -> str:
    """The id of the application that a platform is to its connected accounts: each platform is one."""
    return f"ca_{platform.removeprefix('acct_')}"


def part_of(whole: int, amount: int, of: int) -> int:
    """The same part of *whole* that *amount* is *of* something, rounded down."""
    return whole * amount // of
