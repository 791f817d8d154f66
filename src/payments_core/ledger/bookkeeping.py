"""From business event to balanced entry. The only file that says which ledger accounts an event touches.

Every function returns the currency, kind, source and postings of one entry; debits are positive. Ids and dates are put on by the work that stages
it. Amounts are minor units.
"""

from typing import Final

import attrs

from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.entries import Floor, Posting
from payments_core.money.currencies import CurrencyCode

PENDING: Final = LedgerAccount.MERCHANT_PENDING
AVAILABLE: Final = LedgerAccount.MERCHANT_AVAILABLE
RECEIVABLE: Final = LedgerAccount.NETWORK_RECEIVABLE
RESERVED: Final = LedgerAccount.MERCHANT_RESERVED
IN_TRANSIT: Final = LedgerAccount.PAYOUTS_IN_TRANSIT

_HELD: Final = (LedgerAccount.CARDHOLDER_HELD, LedgerAccount.ISSUER_HELD)
_OWED: Final = (LedgerAccount.CARDHOLDER, LedgerAccount.ISSUER_SETTLEMENT)
_REPAID: Final = (LedgerAccount.CARDHOLDER, LedgerAccount.BANK)
_BY_CARDHOLDER: Final = frozenset({LedgerAccount.CARDHOLDER, LedgerAccount.CARDHOLDER_HELD})


@attrs.frozen(slots=False)
class Booking:
    """An entry before it has an id and dates."""

    kind: str
    source: str
    currency: CurrencyCode
    postings: tuple[Posting, ...]

    def __attrs_post_init__(self) -> None:
        assert sum(posting.amount for posting in self.postings) == 0, f"{self.kind} does not balance"
        assert all(type(posting.amount) is int for posting in self.postings), (
            f"{self.kind} is not in minor units"
        )


def merchant_share(at_once: bool) -> LedgerAccount:
    """Where a merchant's money stands: pending until it was funded."""
    return AVAILABLE if at_once else PENDING


def hold_placed(hold_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """An issuer promised money (memorandum)."""
    return _two("hold", hold_id, currency, LedgerAccount.HOLDS_PENDING, LedgerAccount.HOLDS_PROMISED, amount)


def hold_ended(source: str, currency: CurrencyCode, amount: int) -> Booking:
    """A promise was taken up or given back (memorandum)."""
    return _two(
        "hold_end", source, currency, LedgerAccount.HOLDS_PROMISED, LedgerAccount.HOLDS_PENDING, amount
    )


def captured(
    transaction_id: str,
    currency: CurrencyCode,
    amount: int,
    fee: int,
    into: LedgerAccount = PENDING,
    for_platform: int = 0,
) -> Booking:
    """The network owes the amount; the merchant is owed it less the fee and what the platform keeps of it."""
    postings = (
        Posting(RECEIVABLE, amount),
        Posting(into, fee + for_platform - amount),
        Posting(LedgerAccount.FEE_REVENUE, -fee),
        Posting(LedgerAccount.TRANSFERS, -for_platform),
    )
    return Booking("capture", transaction_id, currency, tuple(p for p in postings if p.amount))


def refunded(transaction_id: str, currency: CurrencyCode, amount: int, out_of: LedgerAccount) -> Booking:
    """The merchant gives back the amount, which the network takes from what it owes. The fee is not given back."""
    return _two("refund", transaction_id, currency, out_of, RECEIVABLE, amount)


def refund_returned(transaction_id: str, currency: CurrencyCode, amount: int, into: LedgerAccount) -> Booking:
    """A refund did not reach the payer and is the merchant's again."""
    return _two("refund_failure", transaction_id, currency, RECEIVABLE, into, amount)


def settled(source: str, currency: CurrencyCode, paid: int, released: int) -> Booking | None:
    """A part of a batch was funded: the network paid *paid*, and *released* of the merchant's pending money is available.

    Either is below zero where more went back to payers than came in; None where there is nothing to book.
    """
    postings = (
        Posting(LedgerAccount.BANK, paid),
        Posting(RECEIVABLE, -paid),
        Posting(PENDING, released),
        Posting(AVAILABLE, -released),
    )
    moving = tuple(posting for posting in postings if posting.amount)
    return Booking("settlement", source, currency, moving) if moving else None


def released(transaction_id: str, currency: CurrencyCode, amount: int) -> Booking | None:
    """Word came that the money behind pending movements was funded; None where they come to nothing."""
    postings = (Posting(PENDING, amount), Posting(AVAILABLE, -amount))
    return Booking("release", transaction_id, currency, postings) if amount else None


def handed_over(transaction_id: str, currency: CurrencyCode, amount: int, out_of: LedgerAccount) -> Booking:
    """Money leaves for another account of the same platform."""
    return _two("transfer_out", transaction_id, currency, out_of, LedgerAccount.TRANSFERS, amount)


def taken_over(transaction_id: str, currency: CurrencyCode, amount: int, into: LedgerAccount) -> Booking:
    """Money arrives from another account of the same platform."""
    return _two("transfer_in", transaction_id, currency, LedgerAccount.TRANSFERS, into, amount)


def rejected(exception_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """The network does not pay *amount*: it is in suspense until somebody decides."""
    postings = (Posting(LedgerAccount.SUSPENSE, amount), Posting(RECEIVABLE, -amount))
    return Booking("rejection", exception_id, currency, postings)


def represented(exception_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """A rejected amount is presented anew: the network owes it again."""
    postings = (Posting(RECEIVABLE, amount), Posting(LedgerAccount.SUSPENSE, -amount))
    return Booking("representment", exception_id, currency, postings)


def written_off(transaction_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """The merchant bears what the network did not pay; the fee is not given back."""
    postings = (Posting(AVAILABLE, amount), Posting(LedgerAccount.SUSPENSE, -amount))
    return Booking("write_off", transaction_id, currency, postings)


def paying_out(transaction_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """Available money leaves for the bank."""
    return _two("payout", transaction_id, currency, AVAILABLE, IN_TRANSIT, amount)


def paid_out(payout_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """The money arrived at the merchant's bank."""
    return _two("payout_paid", payout_id, currency, IN_TRANSIT, LedgerAccount.BANK, amount)


def payout_returned(
    transaction_id: str, currency: CurrencyCode, amount: int, *, after_paid: bool = False
) -> Booking:
    """A payout failed or was canceled: the money is the merchant's again."""
    source = LedgerAccount.BANK if after_paid else IN_TRANSIT
    return _two("payout_return", transaction_id, currency, source, AVAILABLE, amount)


def pulling_back(transaction_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """Paid out money is to come back from the merchant's bank."""
    return _two("payout_reversal", transaction_id, currency, IN_TRANSIT, PENDING, amount)


def pulled_back(payout_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """The merchant's bank gave paid out money back."""
    postings = (
        Posting(LedgerAccount.BANK, amount),
        Posting(IN_TRANSIT, -amount),
        Posting(PENDING, amount),
        Posting(AVAILABLE, -amount),
    )
    return Booking("payout_reversed", payout_id, currency, postings)


def not_pulled_back(transaction_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """The merchant's bank did not give paid out money back."""
    return _two("payout_reversal_failure", transaction_id, currency, PENDING, IN_TRANSIT, amount)


def kept_back(transaction_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """A part of the available money stays out of a payout."""
    return _two("payout_hold", transaction_id, currency, AVAILABLE, RESERVED, amount)


def given_free(transaction_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """What was kept out of a payout is available for the next."""
    return _two("payout_release", transaction_id, currency, RESERVED, AVAILABLE, amount)


def disputed(transaction_id: str, currency: CurrencyCode, amount: int, fee: int) -> Booking:
    """The payer's bank wants the amount back: it is set aside, and the dispute costs a fee. Neither asks what is there."""
    postings = (
        Posting(AVAILABLE, amount + fee),
        Posting(RESERVED, -amount),
        Posting(LedgerAccount.FEE_REVENUE, -fee),
    )
    return Booking("dispute", transaction_id, currency, tuple(p for p in postings if p.amount))


def dispute_won(transaction_id: str, currency: CurrencyCode, amount: int, fee: int) -> Booking:
    """The merchant has the amount and the fee again."""
    postings = (
        Posting(RESERVED, amount),
        Posting(LedgerAccount.FEE_REVENUE, fee),
        Posting(AVAILABLE, -amount - fee),
    )
    return Booking("dispute_won", transaction_id, currency, tuple(p for p in postings if p.amount))


def dispute_lost(dispute_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """What was set aside goes to the payer's bank."""
    return _two("dispute_lost", dispute_id, currency, RESERVED, LedgerAccount.BANK, amount)


def credit_used(source: str, currency: CurrencyCode, amount: int, cardholder: str) -> Booking:
    """The simulated issuer sets a part of a cardholder's credit line aside (memorandum)."""
    return _of_cardholder("credit_used", source, currency, amount, cardholder, _HELD)


def credit_freed(source: str, currency: CurrencyCode, amount: int, cardholder: str) -> Booking:
    """A part of the credit line is the cardholder's to use again (memorandum)."""
    return _of_cardholder("credit_freed", source, currency, -amount, cardholder, _HELD)


def credit_line(currency: CurrencyCode, limit: int, cardholder: str) -> Floor:
    """No more than *limit* of the credit line is ever in use."""
    return Floor(account=_HELD[0], currency=currency, minimum=-limit, sub=cardholder)


def cardholder_billed(source: str, currency: CurrencyCode, amount: int, cardholder: str) -> Booking:
    """A purchase was presented: the cardholder owes it to the issuer, and the issuer to the network."""
    return _of_cardholder("cardholder_billed", source, currency, amount, cardholder, _OWED)


def cardholder_credited(source: str, currency: CurrencyCode, amount: int, cardholder: str) -> Booking:
    """A refund was presented: the cardholder owes so much less."""
    return _of_cardholder("cardholder_credited", source, currency, -amount, cardholder, _OWED)


def bill_paid(source: str, currency: CurrencyCode, amount: int, cardholder: str) -> Booking:
    """The cardholder paid a statement to the issuer's bank account."""
    return _of_cardholder("bill_paid", source, currency, -amount, cardholder, _REPAID)


def customer_balance_moved(movement_id: str, currency: CurrencyCode, amount: int, customer: str) -> Booking:
    """A customer's credit grew (negative) or was used up or owed (positive), against what invoices claim (memorandum)."""
    assert amount, "a movement of nothing"
    postings = (
        Posting(LedgerAccount.CUSTOMER_CREDIT, amount, customer),
        Posting(LedgerAccount.INVOICES, -amount),
    )
    return Booking("customer_balance", movement_id, currency, postings)


def invoice_paid_elsewhere(payment_id: str, currency: CurrencyCode, amount: int) -> Booking:
    """The merchant was paid outside of this system (memorandum)."""
    return _two(
        "invoice_paid_elsewhere",
        payment_id,
        currency,
        LedgerAccount.PAID_ELSEWHERE,
        LedgerAccount.INVOICES,
        amount,
    )


def _of_cardholder(
    kind: str,
    source: str,
    currency: CurrencyCode,
    amount: int,
    cardholder: str,
    pair: tuple[LedgerAccount, LedgerAccount],
) -> Booking:
    assert amount, f"{kind} of nothing"
    subs = [cardholder if account in _BY_CARDHOLDER else "" for account in pair]
    return Booking(
        kind, source, currency, (Posting(pair[0], amount, subs[0]), Posting(pair[1], -amount, subs[1]))
    )


def _two(
    kind: str, source: str, currency: CurrencyCode, debit: LedgerAccount, credit: LedgerAccount, amount: int
) -> Booking:
    assert amount > 0, f"{kind} of nothing"
    return Booking(kind, source, currency, (Posting(debit, amount), Posting(credit, -amount)))
