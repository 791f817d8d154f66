"""The chart of accounts. Each merchant has its own sub-account of every one, so that no entry crosses merchants."""

from enum import StrEnum


class Side(StrEnum):
    """Which side makes an account grow."""

    DEBIT = "debit"
    CREDIT = "credit"


class LedgerAccount(StrEnum):
    """A ledger account, always said in full; a plain account is a merchant."""

    MERCHANT_PENDING = "merchant_pending"
    MERCHANT_AVAILABLE = "merchant_available"
    MERCHANT_RESERVED = "merchant_reserved"
    PAYOUTS_IN_TRANSIT = "payouts_in_transit"
    CUSTOMER_CREDIT = "customer_credit"
    NETWORK_RECEIVABLE = "network_receivable"
    BANK = "bank"
    FEE_REVENUE = "fee_revenue"
    NETWORK_COST = "network_cost"
    DISPUTE_LOSS = "dispute_loss"
    SUSPENSE = "suspense"
    HOLDS_PENDING = "holds_pending"
    HOLDS_PROMISED = "holds_promised"
    TRANSFERS = "transfers"
    CARDHOLDER = "cardholder"
    CARDHOLDER_HELD = "cardholder_held"
    ISSUER_HELD = "issuer_held"
    ISSUER_SETTLEMENT = "issuer_settlement"
    INVOICES = "invoices"
    PAID_ELSEWHERE = "paid_elsewhere"


GROWS_ON: dict[LedgerAccount, Side] = {
    LedgerAccount.MERCHANT_PENDING: Side.CREDIT,
    LedgerAccount.MERCHANT_AVAILABLE: Side.CREDIT,
    LedgerAccount.MERCHANT_RESERVED: Side.CREDIT,
    LedgerAccount.PAYOUTS_IN_TRANSIT: Side.CREDIT,
    LedgerAccount.CUSTOMER_CREDIT: Side.CREDIT,
    LedgerAccount.NETWORK_RECEIVABLE: Side.DEBIT,
    LedgerAccount.BANK: Side.DEBIT,
    LedgerAccount.FEE_REVENUE: Side.CREDIT,
    LedgerAccount.NETWORK_COST: Side.DEBIT,
    LedgerAccount.DISPUTE_LOSS: Side.DEBIT,
    LedgerAccount.SUSPENSE: Side.DEBIT,
    # Memorandum: what issuers promised, two-phase. They balance among themselves and touch nobody's money.
    LedgerAccount.HOLDS_PENDING: Side.DEBIT,
    LedgerAccount.HOLDS_PROMISED: Side.CREDIT,
    LedgerAccount.TRANSFERS: Side.CREDIT,
    # The simulated issuer keeps its own books with the same means. What a cardholder uses of the credit line makes the
    # held account fall below zero, so that a floor of minus the limit is the limit.
    LedgerAccount.CARDHOLDER: Side.DEBIT,
    LedgerAccount.CARDHOLDER_HELD: Side.CREDIT,
    LedgerAccount.ISSUER_HELD: Side.DEBIT,
    LedgerAccount.ISSUER_SETTLEMENT: Side.CREDIT,
    # Memorandum: what invoices are settled with besides charges. Customers' credit has a sub-account for each customer.
    LedgerAccount.INVOICES: Side.CREDIT,
    LedgerAccount.PAID_ELSEWHERE: Side.DEBIT,
}

MEMORANDUM = frozenset(
    {
        LedgerAccount.HOLDS_PENDING,
        LedgerAccount.HOLDS_PROMISED,
        LedgerAccount.CUSTOMER_CREDIT,
        LedgerAccount.INVOICES,
        LedgerAccount.PAID_ELSEWHERE,
    }
)
