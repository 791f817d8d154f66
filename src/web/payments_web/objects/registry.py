"""Which noun is shown as which object. The one list that JSON, expansion and OpenAPI go by."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from payments_core.billing.coupons import Coupon, PromotionCode
from payments_core.billing.credit_notes import CreditNote, CreditNoteLine
from payments_core.billing.customer_balance import CustomerBalanceTransaction
from payments_core.billing.customers import Customer
from payments_core.billing.discounts import Discount
from payments_core.billing.invoice_items import InvoiceItem
from payments_core.billing.invoice_payments import InvoicePayment
from payments_core.billing.invoices import Invoice
from payments_core.billing.lines import Line
from payments_core.billing.prices import Price
from payments_core.billing.products import Product
from payments_core.billing.subscriptions import Subscription, SubscriptionItem
from payments_core.billing.tax_rates import TaxRate
from payments_core.billing.test_clocks import TestClock
from payments_core.checkout.line_items import LineItem
from payments_core.checkout.sessions import CheckoutSession
from payments_core.ledger.balance_transactions import BalanceTransaction
from payments_core.operations.balance import MerchantBalance
from payments_core.payments.attempts import Attempt
from payments_core.payments.authentications import Authentication
from payments_core.payments.charges import Charge
from payments_core.payments.disputes import Dispute
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.payments.refunds import Refund
from payments_core.payments.setup_intents import SetupIntent
from payments_core.platform.accounts import Account, Capability
from payments_core.platform.deliveries import Delivery
from payments_core.platform.events import Event
from payments_core.platform.webhook_endpoints import WebhookEndpoint
from payments_core.settlement.application_fees import ApplicationFee, FeeRefund
from payments_core.settlement.external_accounts import BankAccount, BankToken
from payments_core.settlement.payouts import Payout
from payments_core.settlement.transfers import Transfer, TransferReversal
from payments_core.tokenization.payment_methods import PaymentMethod, SavedCard
from payments_core.tokenization.tokens import Token
from payments_web.objects.account import AccountObject
from payments_web.objects.application_fee import ApplicationFeeObject
from payments_web.objects.attempt import AttemptObject
from payments_web.objects.authentication import AuthenticationObject
from payments_web.objects.balance import BalanceObject
from payments_web.objects.balance_transaction import BalanceTransactionObject
from payments_web.objects.bank_account import BankAccountObject
from payments_web.objects.capability import CapabilityObject
from payments_web.objects.card import CardObject, show_saved_card
from payments_web.objects.charge import ChargeObject
from payments_web.objects.checkout_session import CheckoutSessionObject
from payments_web.objects.coupon import CouponObject
from payments_web.objects.credit_note import CreditNoteLineItemObject, CreditNoteObject
from payments_web.objects.customer import CustomerObject, show_customer
from payments_web.objects.customer_balance_transaction import CustomerBalanceTransactionObject
from payments_web.objects.discount import DiscountObject
from payments_web.objects.dispute import DisputeObject
from payments_web.objects.event import EventObject
from payments_web.objects.fee_refund import FeeRefundObject
from payments_web.objects.invoice import InvoiceObject
from payments_web.objects.invoice_item import InvoiceItemObject
from payments_web.objects.invoice_line_item import InvoiceLineItemObject
from payments_web.objects.invoice_payment import InvoicePaymentObject
from payments_web.objects.line_item import LineItemObject
from payments_web.objects.payment_intent import PaymentIntentObject
from payments_web.objects.payment_method import PaymentMethodObject
from payments_web.objects.payout import PayoutObject
from payments_web.objects.price import PriceObject
from payments_web.objects.product import ProductObject
from payments_web.objects.promotion_code import PromotionCodeObject
from payments_web.objects.refund import RefundObject
from payments_web.objects.setup_intent import SetupIntentObject
from payments_web.objects.subscription import SubscriptionObject
from payments_web.objects.subscription_item import SubscriptionItemObject
from payments_web.objects.tax_rate import TaxRateObject
from payments_web.objects.test_clock import TestClockObject
from payments_web.objects.token import TokenObject
from payments_web.objects.transfer import TransferObject
from payments_web.objects.transfer_reversal import TransferReversalObject
from payments_web.objects.webhook_delivery import WebhookDeliveryObject
from payments_web.objects.webhook_endpoint import WebhookEndpointObject

Show = Callable[..., Any]
"""`(noun, livemode)`, and `base_url` where the object holds links."""

SHOWS: Final[tuple[tuple[type, Show], ...]] = (
    (Account, AccountObject.of),
    (ApplicationFee, ApplicationFeeObject.of),
    (Attempt, AttemptObject.of),
    (Authentication, AuthenticationObject.of),
    (BalanceTransaction, BalanceTransactionObject.of),
    (BankAccount, BankAccountObject.of),
    (Capability, CapabilityObject.of),
    (BankToken, TokenObject.of_bank),
    (Charge, ChargeObject.of),
    (CheckoutSession, CheckoutSessionObject.of),
    (Coupon, CouponObject.of),
    (CreditNote, CreditNoteObject.of),
    (CreditNoteLine, CreditNoteLineItemObject.of),
    (Customer, show_customer),
    (CustomerBalanceTransaction, CustomerBalanceTransactionObject.of),
    (Delivery, WebhookDeliveryObject.of),
    (Discount, DiscountObject.of),
    (Dispute, DisputeObject.of),
    (Event, EventObject.of),
    (FeeRefund, FeeRefundObject.of),
    (Invoice, InvoiceObject.of),
    (InvoiceItem, InvoiceItemObject.of),
    (InvoicePayment, InvoicePaymentObject.of),
    (Line, InvoiceLineItemObject.of),
    (LineItem, LineItemObject.of),
    (MerchantBalance, BalanceObject.of),
    (PaymentIntent, PaymentIntentObject.of),
    (PaymentMethod, PaymentMethodObject.of),
    (Payout, PayoutObject.of),
    (Price, PriceObject.of),
    (Product, ProductObject.of),
    (PromotionCode, PromotionCodeObject.of),
    (Refund, RefundObject.of),
    (SavedCard, show_saved_card),
    (SetupIntent, SetupIntentObject.of),
    (Subscription, SubscriptionObject.of),
    (SubscriptionItem, SubscriptionItemObject.of),
    (TaxRate, TaxRateObject.of),
    (TestClock, TestClockObject.of),
    (Token, TokenObject.of),
    (Transfer, TransferObject.of),
    (TransferReversal, TransferReversalObject.of),
    (WebhookEndpoint, WebhookEndpointObject.of),
)

LINKED: Final[frozenset[type]] = frozenset({Charge, CheckoutSession, CreditNote, PaymentIntent, SetupIntent})
"""Nouns whose objects hold links: their `of` takes `base_url`."""

OBJECTS: Final[tuple[type, ...]] = (
    AccountObject,
    ApplicationFeeObject,
    AttemptObject,
    AuthenticationObject,
    BalanceObject,
    BalanceTransactionObject,
    BankAccountObject,
    CapabilityObject,
    CardObject,
    ChargeObject,
    CheckoutSessionObject,
    CouponObject,
    CreditNoteLineItemObject,
    CreditNoteObject,
    CustomerBalanceTransactionObject,
    CustomerObject,
    DiscountObject,
    DisputeObject,
    EventObject,
    FeeRefundObject,
    InvoiceItemObject,
    InvoiceLineItemObject,
    InvoiceObject,
    InvoicePaymentObject,
    LineItemObject,
    PaymentIntentObject,
    PaymentMethodObject,
    PayoutObject,
    PriceObject,
    ProductObject,
    PromotionCodeObject,
    RefundObject,
    SetupIntentObject,
    SubscriptionItemObject,
    SubscriptionObject,
    TaxRateObject,
    TestClockObject,
    TokenObject,
    TransferObject,
    TransferReversalObject,
    WebhookDeliveryObject,
    WebhookEndpointObject,
)
"""Every object that stands for itself in an answer."""

NOUNS: Final[Mapping[str, type]] = {
    "account": Account,
    "application_fee": ApplicationFee,
    "balance_transaction": BalanceTransaction,
    "bank_account": BankAccount,
    "card": PaymentMethod,
    "charge": Charge,
    "checkout.session": CheckoutSession,
    "coupon": Coupon,
    "credit_note": CreditNote,
    "customer": Customer,
    "customer_balance_transaction": CustomerBalanceTransaction,
    "discount": Discount,
    "dispute": Dispute,
    "event": Event,
    "fee_refund": FeeRefund,
    "invoice": Invoice,
    "invoice_payment": InvoicePayment,
    "invoiceitem": InvoiceItem,
    "item": LineItem,
    "payment_intent": PaymentIntent,
    "payment_method": PaymentMethod,
    "payout": Payout,
    "price": Price,
    "product": Product,
    "promotion_code": PromotionCode,
    "refund": Refund,
    "setup_intent": SetupIntent,
    "subscription": Subscription,
    "tax_rate": TaxRate,
    "test_helpers.test_clock": TestClock,
    "token": Token,
    "transfer": Transfer,
    "transfer_reversal": TransferReversal,
    "webhook_delivery": Delivery,
    "webhook_endpoint": WebhookEndpoint,
}
"""The noun behind each kind of object: where ids that are expanded are looked up."""

OLDER_SHAPES: Final[Mapping[str, Show]] = {"card": CardObject.of}
"""Kinds whose noun is usually shown as another object."""

PREFIXES: Final[Mapping[str, str]] = {
    "acct_": "account",
    "ba_": "bank_account",
    "card_": "card",
    "ch_": "charge",
    "cn_": "credit_note",
    "cs_": "checkout.session",
    "cus_": "customer",
    "dp_": "dispute",
    "du_": "dispute",
    "fee_": "application_fee",
    "fr_": "fee_refund",
    "in_": "invoice",
    "pi_": "payment_intent",
    "pm_": "payment_method",
    "po_": "payout",
    "py_": "charge",
    "pyr_": "refund",
    "re_": "refund",
    "seti_": "setup_intent",
    "sub_": "subscription",
    "tr_": "transfer",
    "trr_": "transfer_reversal",
    "txn_": "balance_transaction",
}
"""Which kind an id is of, for fields that may hold several."""


def object_name(cls: type) -> str:
    """The value of `object` in instances of *cls*."""
    name: str = next(a.default for a in cls.__attrs_attrs__ if a.name == "object")  # type: ignore[attr-defined]
    return name


BY_NAME: Final[Mapping[str, type]] = {object_name(cls): cls for cls in OBJECTS}
"""Objects by their `object`."""
