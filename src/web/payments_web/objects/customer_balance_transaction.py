"""The customer balance transaction as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs

from payments_core.billing.customer_balance import CustomerBalanceTransaction
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, MetadataText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class CustomerBalanceTransactionObject:
    """One movement of a customer's credit balance."""

    id: str
    object: Literal["customer_balance_transaction"] = "customer_balance_transaction"
    amount: Minor
    checkout_session: Annotated[str | None, Expandable("checkout.session")] = None
    created: Seconds
    credit_note: Annotated[str | None, Expandable("credit_note")] = None
    currency: CurrencyText
    customer: Annotated[str, Expandable("customer")]
    customer_account: str | None = None
    description: str | None = None
    ending_balance: Minor
    invoice: Annotated[str | None, Expandable("invoice")] = None
    livemode: bool
    metadata: MetadataText = NOTHING
    type: str

    @classmethod
    def of(cls, transaction: CustomerBalanceTransaction, livemode: bool) -> Self:
        """Show a movement of a customer's balance."""
        return cls(
            id=transaction.id,
            amount=transaction.amount,
            created=transaction.created,
            credit_note=transaction.credit_note,
            currency=transaction.currency,
            customer=transaction.customer,
            description=transaction.description,
            ending_balance=transaction.ending_balance,
            invoice=transaction.invoice,
            livemode=livemode,
            metadata=transaction.metadata,
            type=transaction.type,
        )
