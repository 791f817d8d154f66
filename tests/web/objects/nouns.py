"""Nouns as they come up in real life, for the tests of what they look like."""

from typing import Any

from payments_core.billing.customers import Customer, CustomerId, InvoiceSettings
from payments_core.clock import Timestamp
from payments_core.ledger.balance_transactions import BalanceTransaction, BalanceTransactionId, FeeDetail
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.balance import MerchantBalance
from payments_core.payments.charges import Charge, ChargeId, ChargeState, Failure, Shipping, Verdict
from payments_core.payments.holds import HoldId
from payments_core.payments.refunds import Refund, RefundId, RefundState
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.events import Event, EventId
from payments_core.tokenization.cards import Brand
from payments_core.tokenization.payment_methods import (
    Address,
    BillingDetails,
    CardFacts,
    CardId,
    Check,
    PaymentMethod,
    PaymentMethodId,
)
from payments_core.tokenization.tokens import Token, TokenId

SHOP = AccountId("acct_shop")
NOON = Timestamp(1_750_000_000)
USD = CurrencyCode("usd")
HOME = Address(line1="1 High Street", city="London", postal_code="N1 9GU", country="GB")
PAYER = BillingDetails(name="A. Payer", email="payer@example.com", address=HOME)


def card(**changes: Any) -> CardFacts:
    known: dict[str, Any] = {
        "id": CardId("card_1"),
        "brand": Brand.VISA,
        "bin": "424242",
        "last4": "4242",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": "abcdefgh12345678",
        "funding": "credit",
        "country": "US",
        "cvc_check": Check.PASS,
    }
    return CardFacts(**known | changes)


def charge(**changes: Any) -> Charge:
    known: dict[str, Any] = {
        "account_id": SHOP,
        "id": ChargeId("ch_1"),
        "created": NOON,
        "amount": 2000,
        "currency": USD,
        "hold_id": HoldId("hold_1"),
        "card": card(),
        "payment_method": "pm_1",
        "billing": PAYER,
        "status": ChargeState.SUCCEEDED,
        "captured": True,
        "amount_captured": 2000,
        "balance_transaction": "txn_1",
        "customer": "cus_1",
        "verdict": Verdict(
            network_status="approved_by_network", type="authorized", seller_message="Payment complete."
        ),
        "metadata": {"order": "6735"},
    }
    return Charge(**known | changes)


CHARGES = {
    "captured": charge(),
    "held": charge(
        captured=False, amount_captured=0, balance_transaction=None, capture_before=Timestamp(NOON + 600)
    ),
    "refused": charge(
        status=ChargeState.FAILED,
        captured=False,
        amount_captured=0,
        balance_transaction=None,
        failure=Failure(
            code="card_declined", message="Your card was declined.", decline_code="generic_decline"
        ),
        verdict=Verdict(
            network_status="declined_by_network",
            type="issuer_declined",
            seller_message="The bank did not return any further details with this decline.",
            reason="generic_decline",
        ),
    ),
    "made the older way": charge(
        payment_method="card_1", statement_descriptor="SHOP", fraud_report="fraudulent"
    ),
    "shipped": charge(
        shipping=Shipping(address=HOME, name="A. Payer", carrier="Post"),
        three_d_secure={"result": "authenticated", "version": "2.2.0"},
        authorization_code="831000",
        network_reference="ref",
        transfer_group="group",
    ),
}


def refund(**changes: Any) -> Refund:
    known: dict[str, Any] = {
        "account_id": SHOP,
        "id": RefundId("re_1"),
        "created": NOON,
        "amount": 500,
        "currency": USD,
        "charge": "ch_1",
        "balance_transaction": "txn_2",
        "status": RefundState.SUCCEEDED,
    }
    return Refund(**known | changes)


REFUNDS = {
    "succeeded": refund(network_reference="ref", reason="requested_by_customer"),
    "pending": refund(status=RefundState.PENDING, pending_reason="processing"),
    "failed": refund(
        status=RefundState.FAILED, failure_reason="lost_or_stolen_card", failure_balance_transaction="txn_3"
    ),
}


def customer(**changes: Any) -> Customer:
    known: dict[str, Any] = {"account_id": SHOP, "id": CustomerId("cus_1"), "created": NOON}
    return Customer(**known | changes)


CUSTOMERS = {
    "bare": customer(),
    "known": customer(
        name="A. Payer",
        email="payer@example.com",
        address=HOME,
        shipping=Shipping(address=HOME, name="A. Payer"),
        balance=-300,
        currency=USD,
        default_source="card_1",
        invoice_settings=InvoiceSettings(default_payment_method="pm_1", custom_fields=(("PO", "17"),)),
        preferred_locales=("en",),
        metadata={"tier": "gold"},
    ),
    "gone": customer(name="A. Payer").delete(),
}


def method(**changes: Any) -> PaymentMethod:
    known: dict[str, Any] = {
        "account_id": SHOP,
        "id": PaymentMethodId("pm_1"),
        "created": NOON,
        "card": card(),
        "billing": PAYER,
    }
    return PaymentMethod(**known | changes)


METHODS = {
    "alone": method(),
    "saved": method(customer="cus_1", metadata={"a": "b"}, card=card(brand=Brand.AMEX, country=None)),
}

TOKENS = {
    "fresh": Token(account_id=SHOP, id=TokenId("tok_1"), created=NOON, card=card()),
    "used": Token(
        account_id=SHOP,
        id=TokenId("tok_1"),
        created=NOON,
        card=card(),
        billing=PAYER,
        client_ip="192.0.2.1",
        used=True,
    ),
}

LINES = {
    "charge": BalanceTransaction(
        account_id=SHOP,
        id=BalanceTransactionId("txn_1"),
        created=NOON,
        type="charge",
        source="ch_1",
        amount=2000,
        fee=88,
        currency=USD,
        fee_details=(FeeDetail(amount=88, currency=USD, type="stripe_fee", description="Processing fees"),),
        available_on=NOON,
        reporting_category="charge",
    ),
}

EVENTS = {
    "update": Event(
        account_id=SHOP,
        id=EventId("evt_1"),
        created=NOON,
        type="customer.updated",
        subject="cus_1",
        data='{"object":{"id":"cus_1","object":"customer"},"previous_attributes":{"name":null}}',
        request_id="req_1",
    ),
    "of itself": Event(
        account_id=SHOP,
        id=EventId("evt_2"),
        created=NOON,
        type="charge.expired",
        subject="ch_1",
        data='{"object":{}}',
    ),
}

ACCOUNTS = {
    "platform": Account(account_id=SHOP, id=SHOP, created=NOON, name="Shop"),
    "connected": Account(
        account_id=SHOP,
        id=SHOP,
        created=NOON,
        name="Shop",
        email="shop@example.com",
        platform=AccountId("acct_platform"),
        settings={"branding.primary_color": "#00ff00", "payouts.schedule.interval": "manual"},
    ),
}

BALANCES = {
    "some": MerchantBalance(
        account_id=SHOP, available={USD: -300, CurrencyCode("eur"): 50}, pending={USD: 1912}
    ),
    "nothing yet": MerchantBalance(account_id=SHOP, available={USD: 0}, pending={USD: 0}),
}
