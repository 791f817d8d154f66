"""Objects whose nouns fill only a part: what they say of themselves by default is complete, and right."""

import typing
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs
import msgspec
import pytest
import stripe
import stripe.checkout
import stripe.test_helpers

from payments_web.objects.application_fee import ApplicationFeeObject
from payments_web.objects.bank_account import BankAccountObject
from payments_web.objects.checkout_session import CheckoutSessionObject
from payments_web.objects.coupon import CouponObject
from payments_web.objects.credit_note import CreditNoteObject
from payments_web.objects.customer_balance_transaction import CustomerBalanceTransactionObject
from payments_web.objects.discount import DiscountObject
from payments_web.objects.dispute import DisputeObject
from payments_web.objects.invoice import InvoiceObject
from payments_web.objects.invoice_item import InvoiceItemObject
from payments_web.objects.invoice_line_item import InvoiceLineItemObject
from payments_web.objects.invoice_payment import InvoicePaymentObject
from payments_web.objects.line_item import LineItemObject
from payments_web.objects.listing import ListObject
from payments_web.objects.mandate import MandateObject
from payments_web.objects.payment_intent import PaymentIntentObject
from payments_web.objects.payout import PayoutObject
from payments_web.objects.plan import PlanObject
from payments_web.objects.presenter import encode
from payments_web.objects.price import PriceObject
from payments_web.objects.product import ProductObject
from payments_web.objects.promotion_code import PromotionCodeObject
from payments_web.objects.setup_intent import SetupIntentObject
from payments_web.objects.subscription import SubscriptionObject
from payments_web.objects.subscription_item import SubscriptionItemObject
from payments_web.objects.tax_rate import TaxRateObject
from payments_web.objects.test_clock import TestClockObject as ClockForTestsObject
from payments_web.objects.transfer import TransferObject
from payments_web.objects.transfer_reversal import TransferReversalObject
from payments_web.objects.webhook_endpoint import WebhookEndpointObject
from tests.support.sdk_shapes import assert_shape, class_of

JUDGES: list[tuple[Any, Any]] = [
    (ApplicationFeeObject, stripe.ApplicationFee),
    (BankAccountObject, stripe.BankAccount),
    (CheckoutSessionObject, stripe.checkout.Session),
    (CouponObject, stripe.Coupon),
    (CreditNoteObject, stripe.CreditNote),
    (CustomerBalanceTransactionObject, stripe.CustomerBalanceTransaction),
    (DiscountObject, stripe.Discount),
    (DisputeObject, stripe.Dispute),
    (InvoiceItemObject, stripe.InvoiceItem),
    (InvoiceLineItemObject, stripe.InvoiceLineItem),
    (InvoiceObject, stripe.Invoice),
    (InvoicePaymentObject, stripe.InvoicePayment),
    (LineItemObject, stripe.LineItem),
    (MandateObject, stripe.Mandate),
    (PaymentIntentObject, stripe.PaymentIntent),
    (PayoutObject, stripe.Payout),
    (PlanObject, stripe.Plan),
    (PriceObject, stripe.Price),
    (ProductObject, stripe.Product),
    (PromotionCodeObject, stripe.PromotionCode),
    (SetupIntentObject, stripe.SetupIntent),
    (SubscriptionItemObject, stripe.SubscriptionItem),
    (SubscriptionObject, stripe.Subscription),
    (TaxRateObject, stripe.TaxRate),
    (ClockForTestsObject, stripe.test_helpers.TestClock),
    (TransferObject, stripe.Transfer),
    (TransferReversalObject, stripe.TransferReversal),
    (WebhookEndpointObject, stripe.WebhookEndpoint),
]
PLAIN = {str: "x", int: 1, bool: True, float: 1.5}


def made(cls: type, *, full: bool) -> Any:
    """An instance with what it asks for and, where *full*, with every hash and number that may be null or absent."""
    hints = typing.get_type_hints(cls)
    asked = {
        field.name: value(hints[field.name], full=full)
        for field in attrs.fields(cls)
        if field.default is attrs.NOTHING or (full and is_open(field.default))
    }
    return cls(**asked)


def is_open(default: Any) -> bool:
    return default is None or default == ()


def value(hint: Any, *, full: bool) -> Any:
    origin = typing.get_origin(hint)
    options = [option for option in typing.get_args(hint) if option not in (type(None), msgspec.UnsetType)]
    if origin is tuple:
        return (value(options[0], full=full),)
    if origin is Mapping:
        return {}
    if options:
        return options[0] if isinstance(options[0], str) else value(options[0], full=full)
    if hint is ListObject:
        return ListObject(data=[], url="/v1/things")
    if issubclass(hint, StrEnum):
        return next(iter(hint))
    return made(hint, full=full) if attrs.has(hint) else PLAIN[hint]


def rendered(cls: type, *, full: bool) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.json.decode(encode(made(cls, full=full)))
    return answer


@pytest.mark.parametrize(("cls", "judge"), JUDGES, ids=[cls.__name__ for cls, _ in JUDGES])
class TestAnObject:
    def test_says_by_default_all_that_the_sdk_declares(self, cls: Any, judge: Any) -> None:
        answer = rendered(cls, full=False)

        assert_shape(judge, answer)
        assert class_of(answer) is judge

    def test_keeps_its_shape_when_everything_is_filled(self, cls: Any, judge: Any) -> None:
        assert_shape(judge, without_free_hashes(rendered(cls, full=True)))


def without_free_hashes(answer: Any) -> Any:
    """The answer with null for hashes that the system never fills, whose inside it therefore does not describe."""
    if isinstance(answer, list):
        return [item for item in map(without_free_hashes, answer) if item is not None]
    if isinstance(answer, dict):
        return {
            key: item if key in ("metadata", *KEPT) else without_free_hashes(item)
            for key, item in answer.items()
        } or None
    return answer


KEPT = ("enhanced_evidence", "enhanced_eligibility", "card", "status_details")
