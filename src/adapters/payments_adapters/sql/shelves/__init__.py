"""Every kind of noun that is kept, one file for each. A kind that is not in this list has no table."""

from typing import Any, Final

from payments_adapters.sql import books, search_words
from payments_adapters.sql.shelf import METADATA, Shelf
from payments_adapters.sql.shelves.accounts import ACCOUNT_OPENINGS, ACCOUNTS, CONNECTED_ACCOUNTS
from payments_adapters.sql.shelves.api_keys import API_KEYS
from payments_adapters.sql.shelves.attempts import ATTEMPTS
from payments_adapters.sql.shelves.audit import AUDIT_HEADS, AUDIT_RECORDS
from payments_adapters.sql.shelves.authentications import AUTHENTICATIONS
from payments_adapters.sql.shelves.balance_transactions import BALANCE_TRANSACTIONS
from payments_adapters.sql.shelves.beats import BEATS
from payments_adapters.sql.shelves.catalog import (
    COUPONS,
    DISCOUNTS,
    PRICE_LOOKUPS,
    PRICES,
    PRODUCTS,
    PROMOTION_CODES,
    PROMOTION_WORDS,
    TAX_RATES,
)
from payments_adapters.sql.shelves.charges import CHARGES
from payments_adapters.sql.shelves.checkout_sessions import CHECKOUT_SESSIONS, LINE_ITEMS
from payments_adapters.sql.shelves.customers import CUSTOMERS
from payments_adapters.sql.shelves.deliveries import DELIVERIES
from payments_adapters.sql.shelves.disputes import COMPLAINTS, DISPUTES
from payments_adapters.sql.shelves.events import EVENTS
from payments_adapters.sql.shelves.holds import HOLDS
from payments_adapters.sql.shelves.idempotency import CLAIMS, DECLINE_TALLIES
from payments_adapters.sql.shelves.invoices import (
    CREDIT_NOTES,
    CUSTOMER_BALANCE_TRANSACTIONS,
    INVOICE_ITEMS,
    INVOICE_PAYMENTS,
    INVOICES,
    NUMBER_SEQUENCES,
)
from payments_adapters.sql.shelves.mails import MAILS
from payments_adapters.sql.shelves.payment_intents import PAYMENT_INTENTS
from payments_adapters.sql.shelves.payment_methods import PAYMENT_METHODS, SEALED_CARDS
from payments_adapters.sql.shelves.payouts import (
    BANK_ACCOUNTS,
    BANK_TOKENS,
    PAYOUT_SCHEDULES,
    PAYOUTS,
    SEALED_ACCOUNT_NUMBERS,
)
from payments_adapters.sql.shelves.refunds import REFUNDS
from payments_adapters.sql.shelves.sandbox import ISSUER_AUTHORIZATIONS, ISSUER_MESSAGES, PRESENTMENTS
from payments_adapters.sql.shelves.seals import SEALING_MARKS, SEALS
from payments_adapters.sql.shelves.settlement import BATCH_CHUNKS, SETTLEMENT_BATCHES, SETTLEMENT_EXCEPTIONS
from payments_adapters.sql.shelves.setup_intents import SETUP_INTENTS
from payments_adapters.sql.shelves.subscriptions import ITEM_PLACES, SUBSCRIPTIONS, TEST_CLOCKS
from payments_adapters.sql.shelves.tokens import TOKENS
from payments_adapters.sql.shelves.transfers import (
    APPLICATION_FEES,
    CROSSINGS,
    FEE_REFUNDS,
    TRANSFER_REVERSALS,
    TRANSFERS,
)
from payments_adapters.sql.shelves.webhook_endpoints import WEBHOOK_ENDPOINTS

__all__ = ["METADATA", "SHELVES", "books", "search_words"]

SHELVES: Final[tuple[Shelf[Any], ...]] = (
    ACCOUNTS,
    ACCOUNT_OPENINGS,
    API_KEYS,
    APPLICATION_FEES,
    ATTEMPTS,
    AUTHENTICATIONS,
    BALANCE_TRANSACTIONS,
    BANK_ACCOUNTS,
    BANK_TOKENS,
    AUDIT_HEADS,
    AUDIT_RECORDS,
    BATCH_CHUNKS,
    BEATS,
    CHARGES,
    CHECKOUT_SESSIONS,
    CLAIMS,
    COMPLAINTS,
    CONNECTED_ACCOUNTS,
    COUPONS,
    CREDIT_NOTES,
    CROSSINGS,
    CUSTOMERS,
    CUSTOMER_BALANCE_TRANSACTIONS,
    DECLINE_TALLIES,
    DELIVERIES,
    DISCOUNTS,
    DISPUTES,
    EVENTS,
    FEE_REFUNDS,
    HOLDS,
    INVOICES,
    INVOICE_ITEMS,
    INVOICE_PAYMENTS,
    ISSUER_AUTHORIZATIONS,
    ISSUER_MESSAGES,
    ITEM_PLACES,
    LINE_ITEMS,
    MAILS,
    NUMBER_SEQUENCES,
    PAYMENT_INTENTS,
    PAYMENT_METHODS,
    PAYOUTS,
    PAYOUT_SCHEDULES,
    PRESENTMENTS,
    PRICES,
    PRICE_LOOKUPS,
    PRODUCTS,
    PROMOTION_CODES,
    PROMOTION_WORDS,
    REFUNDS,
    SEALED_ACCOUNT_NUMBERS,
    SEALED_CARDS,
    SEALING_MARKS,
    SEALS,
    SETTLEMENT_BATCHES,
    SETTLEMENT_EXCEPTIONS,
    SETUP_INTENTS,
    SUBSCRIPTIONS,
    TAX_RATES,
    TEST_CLOCKS,
    TOKENS,
    TRANSFERS,
    TRANSFER_REVERSALS,
    WEBHOOK_ENDPOINTS,
)
