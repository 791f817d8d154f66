"""How bills are kept: invoices, their items and payments, credit notes, customers' balances."""

from typing import Final

from payments_adapters.sql.shelf import flag, number, ref, shelf, text
from payments_core.billing.credit_notes import CreditNote
from payments_core.billing.customer_balance import CustomerBalanceTransaction
from payments_core.billing.invoice_items import InvoiceItem
from payments_core.billing.invoice_payments import InvoicePayment
from payments_core.billing.invoices import Invoice
from payments_core.billing.numbering import NumberSequence

INVOICES: Final = shelf(
    Invoice,
    "invoice",
    "in",
    searched=("metadata",),
    columns=(
        ref("customer", "cus"),
        text("subscription", indexed=True),
        text("number", indexed=True),
        text("status"),
        text("collection_method"),
        number("due_date"),
        number("total"),
        text("test_clock", indexed=True),
        number("clock_due"),
    ),
)

INVOICE_ITEMS: Final = shelf(
    InvoiceItem,
    "invoice_item",
    "ii",
    columns=(ref("customer", "cus"), ref("invoice", "in"), flag("pending")),
)

INVOICE_PAYMENTS: Final = shelf(
    InvoicePayment,
    "invoice_payment",
    "inpay",
    columns=(
        ref("invoice", "in"),
        ref("payment_intent", "pi"),
        text("payment_record", indexed=True),
        text("status"),
    ),
)

CREDIT_NOTES: Final = shelf(
    CreditNote,
    "credit_note",
    "cn",
    columns=(ref("customer", "cus"), ref("invoice", "in")),
)

CUSTOMER_BALANCE_TRANSACTIONS: Final = shelf(
    CustomerBalanceTransaction,
    "customer_balance_transaction",
    "cbtxn",
    columns=(ref("customer", "cus"), ref("invoice", "in")),
)

NUMBER_SEQUENCES: Final = shelf(NumberSequence, "number_sequence")
