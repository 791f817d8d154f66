"""The official SDK as a judge of shapes: does a JSON object have the keys and types that its class declares?

The SDK writes `Optional` both for what is null and for what is left out. A key that is declared with a type of its own must be
there; an optional key must be there too (null counts) unless `LEFT_OUT` names it, its docstring says that it is only there on
demand, or it is the hash of another `type`. Keys that the SDK does not know are refused. Use `assert_shape(stripe.Charge, answer)`.
"""

import ast
import importlib
import inspect
import re
import sys
import textwrap
import types
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, TypeVar, Union

import stripe
from stripe import ListObject, SearchResultObject, StripeObject
from stripe._stripe_object import UntypedStripeObject

ON_DEMAND: Final = re.compile(
    r"not included by default|internal use only|only (present|included|set|available|applicable) |"
    r"(will|may) not be in|present only if|includable",
    re.IGNORECASE,
)

LEFT_OUT: Final[Mapping[str, frozenset[str]]] = {
    # Real answers leave these out where they do not apply, and have them with a value where they do.
    "Account": frozenset({"company", "external_accounts", "groups", "individual"}),
    "Account.BusinessProfile": frozenset(
        {"monthly_estimated_revenue", "product_description", "specified_commercial_transactions_act_url"}
    ),
    "Account.Capabilities": frozenset({"*"}),
    "Account.Controller": frozenset(
        {"fees", "is_controller", "losses", "requirement_collection", "stripe_dashboard"}
    ),
    "Account.Settings": frozenset({"bacs_debit_payments", "card_issuing", "paypay_payments", "treasury"}),
    "Account.Settings.Payments": frozenset(
        {"statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji"}
    ),
    "Account.Settings.Payouts.Schedule": frozenset(
        {"monthly_anchor", "monthly_payout_days", "weekly_anchor", "weekly_payout_days"}
    ),
    "Account.Settings.SepaDebitPayments": frozenset({"*"}),
    "Account.TosAcceptance": frozenset({"service_agreement"}),
    "Balance": frozenset(
        {"connect_reserved", "instant_available", "issuing", "refund_and_dispute_prefunding"}
    ),
    "*.SourceTypes": frozenset({"*"}),
    "Card": frozenset(
        {"account", "available_payout_methods", "currency", "customer", "default_for_currency", "status"}
    ),
    "Charge": frozenset({"authorization_code", "level3", "presentment_details", "refunds", "transfer"}),
    "Charge.FraudDetails": frozenset({"*"}),
    "Charge.Outcome": frozenset({"rule"}),
    "Charge.PaymentMethodDetails.Card": frozenset({"capture_before", "moto"}),
    "Charge.PaymentMethodDetails.Card.ThreeDSecure": frozenset({"exemption_indicator_applied"}),
    "Charge.RadarOptions": frozenset({"*"}),
    "Customer": frozenset(
        {
            "business_name",
            "cash_balance",
            "individual_name",
            "invoice_credit_balance",
            "sources",
            "subscriptions",
            "tax",
            "tax_ids",
        }
    ),
    "Event": frozenset({"account", "context"}),
    "Event.Data": frozenset({"previous_attributes"}),
    "PaymentMethod": frozenset({"custom"}),
    "PaymentMethod.RadarOptions": frozenset({"*"}),
    "Plan": frozenset({"tiers"}),
    "Refund": frozenset(
        {
            "customer",
            "customer_account",
            "description",
            "failure_balance_transaction",
            "failure_reason",
            "instructions_email",
            "next_action",
            "payment_method",
            "pending_reason",
            "presentment_details",
        }
    ),
    "Refund.DestinationDetails.Card": frozenset({"reference", "reference_status", "reference_type"}),
    "Token": frozenset({"bank_account", "card"}),
    "ApplicationFee.FeeSource": frozenset({"charge", "payout"}),
    "BankAccount": frozenset(
        {
            "account",
            "available_payout_methods",
            "customer",
            "default_for_currency",
            "future_requirements",
            "requirements",
        }
    ),
    "Coupon": frozenset({"applies_to", "currency_options"}),
    "CreditNote.Refund": frozenset({"payment_record_refund"}),
    "Dispute": frozenset({"intended_submission_method"}),
    "Dispute.Evidence": frozenset({"appeal"}),
    "Invoice": frozenset(
        {"payments", "amount_paid_off_stripe", "confirmation_secret", "status_details", "threshold_reason"}
    ),
    "Invoice.Parent.SubscriptionDetails": frozenset({"subscription_proration_date"}),
    "InvoiceItem": frozenset({"frozen_fields", "invoicing_rules", "proration_details"}),
    "InvoicePayment.Payment": frozenset({"charge", "payment_intent", "payment_record"}),
    "LineItem": frozenset({"discounts", "taxes"}),
    "Mandate": frozenset({"multi_use", "on_behalf_of", "single_use"}),
    "Mandate.CustomerAcceptance": frozenset({"offline", "online"}),
    "PaymentIntent": frozenset(
        {
            "allowed_payment_method_types",
            "hooks",
            "managed_payments",
            "payment_details",
            "payment_record",
            "presentment_details",
        }
    ),
    "PaymentIntent.AmountDetails": frozenset({"discount_amount", "error", "line_items", "shipping", "tax"}),
    "PaymentIntent.AmountDetails.Tip": frozenset({"amount"}),
    "PaymentIntent.NextAction": frozenset({"redirect_to_url", "use_stripe_sdk"}),
    "PaymentIntent.PaymentMethodOptions.Card": frozenset(
        {
            "capture_method",
            "request_extended_authorization",
            "request_incremental_authorization",
            "request_multicapture",
            "request_overcapture",
            "require_cvc_recollection",
            "setup_credential_usage",
            "setup_future_usage",
            "statement_descriptor_suffix_kana",
            "statement_descriptor_suffix_kanji",
            "stored_credential_usage",
        }
    ),
    "PaymentIntent.TransferData": frozenset({"amount", "description", "metadata", "payment_data"}),
    "Price": frozenset({"currency_options", "tiers"}),
    "Product": frozenset({"tax_details"}),
    "PromotionCode.Restrictions": frozenset({"currency_options"}),
    "SetupIntent": frozenset({"allowed_payment_method_types", "attach_to_self", "managed_payments"}),
    "SetupIntent.NextAction": frozenset({"redirect_to_url", "use_stripe_sdk"}),
    "SetupIntent.PaymentMethodOptions.Card": frozenset({"setup_credential_usage"}),
    "Subscription": frozenset({"managed_payments", "presentment_details", "status_details"}),
    "Subscription.BillingMode": frozenset({"updated_at"}),
    "Subscription.CancellationDetails": frozenset({"feedback_option"}),
    "Subscription.InvoiceSettings": frozenset({"custom_fields", "description", "footer"}),
    "Subscription.TransferData": frozenset({"amount_percent"}),
    "Subscription.TrialSettings.EndBehavior": frozenset({"billing_cycle_anchor"}),
    "SubscriptionItem": frozenset({"billed_until", "current_trial"}),
    "WebhookEndpoint": frozenset({"secret"}),
    "checkout.Session": frozenset(
        {
            "line_items",
            "allowed_payment_method_types",
            "branding_settings",
            "excluded_payment_method_types",
            "integration_identifier",
            "managed_payments",
            "name_collection",
            "optional_items",
            "presentment_details",
            "redirect_on_completion",
            "return_url",
            "tax_id_collection",
        }
    ),
    "checkout.Session.CollectedInformation": frozenset({"business_name", "individual_name"}),
    "checkout.Session.CustomerDetails": frozenset({"business_name", "individual_name"}),
    "checkout.Session.PaymentMethodOptions.Card": frozenset(
        {
            "capture_method",
            "installments",
            "request_extended_authorization",
            "request_incremental_authorization",
            "request_multicapture",
            "request_overcapture",
            "restrictions",
            "setup_future_usage",
            "statement_descriptor_suffix_kana",
            "statement_descriptor_suffix_kanji",
        }
    ),
    "checkout.Session.TotalDetails": frozenset({"breakdown"}),
    "test_helpers.TestClock.StatusDetails": frozenset({"advancing"}),
    "Dispute.Evidence.EnhancedEvidence": frozenset({"*"}),
    "Dispute.EvidenceDetails.EnhancedEligibility": frozenset({"*"}),
    "Invoice.LastFinalizationError": frozenset({"*"}),
    "*.PaymentMethodOptions": frozenset({"*"}),
    "Mandate.PaymentMethodDetails.Card": frozenset({"*"}),
    "PaymentIntent.LastPaymentError": frozenset({"*"}),
    "SetupIntent.LastSetupError": frozenset({"*"}),
}


def assert_shape(cls: type[StripeObject], answer: Any) -> None:
    """Fail, naming every difference, unless *answer* is what *cls* declares. Deleted objects have their own shape."""
    differences = list(_object(cls, answer, cls.__name__.lower()))
    assert not differences, "\n".join(differences)


def class_of(answer: Mapping[str, Any]) -> type[StripeObject]:
    """The SDK's class for an object with this `object`."""
    from stripe._object_classes import get_object_class

    found: type[StripeObject] = get_object_class("V1", answer["object"])
    return found


def _object(cls: type[StripeObject], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no hash"
        return
    hints = declared(cls)
    if value.get("deleted") is True:
        if set(value) != {"id", "object", "deleted"}:
            yield f"{path}: a deleted object has other keys: {sorted(value)}"
        return
    yield from (f"{path}.{key}: the SDK does not know this key" for key in value if key not in hints)
    for key, hint in hints.items():
        if key in value:
            yield from _value(hint, value[key], f"{path}.{key}")
        elif not _may_be_absent(cls, key, hint, value):
            yield f"{path}.{key}: missing"


def _may_be_absent(cls: type[StripeObject], key: str, hint: Any, value: Mapping[str, Any]) -> bool:
    if not _is_optional(hint):
        return False
    left_out = LEFT_OUT.get(_name(cls), frozenset()) | LEFT_OUT.get(f"*.{cls.__name__}", frozenset())
    if key == "deleted" or key in left_out or "*" in left_out:
        return True
    return _is_of_another_type(cls, key, value) or bool(ON_DEMAND.search(docs(cls).get(key, "")))


def _is_of_another_type(cls: type[StripeObject], key: str, value: Mapping[str, Any]) -> bool:
    """Whether *key* is one of the hashes of which `type` chooses, and not the chosen one."""
    hint = declared(cls).get("type")
    chosen = value.get("type")
    if hint is None or key == chosen:
        return False
    choices = _literals(hint)
    nested = isinstance(_inner(declared(cls)[key]), type) and key in getattr(cls, "_inner_class_types", {})
    return key in choices or (nested and not choices and _is_choice(cls))


def _is_choice(cls: type[StripeObject]) -> bool:
    """Whether *cls* is little more than a `type` and a hash for each of its values."""
    hashes = set(getattr(cls, "_inner_class_types", {}))
    return len(set(declared(cls)) - hashes) <= 2


def _value(hint: Any, value: Any, path: str) -> Iterator[str]:
    if _is_optional(hint):
        if value is not None:
            yield from _value(_inner(hint), value, path)
        return
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        attempts = [list(_value(option, value, path)) for option in args]
        if all(attempts):
            yield _best(args, attempts, value, path)
    elif origin is Literal:
        if value not in args:
            yield f"{path}: {value!r} is not one of {args[:5]}"
    else:
        yield from _plain(hint, origin, value, path)


def _plain(hint: Any, origin: Any, value: Any, path: str) -> Iterator[str]:
    """The types that offer no choice."""
    args = typing.get_args(hint)
    if origin in (list, tuple):
        yield from _list(args[0], value, path)
    elif _is_list_object(hint):
        yield from _list_object(args[0] if args else Any, value, path)
    elif origin in (UntypedStripeObject, dict) or hint is UntypedStripeObject:
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is no hash"
    elif isinstance(hint, type) and issubclass(hint, StripeObject):
        yield from _object(hint, value, path)
    elif not _is_a(hint, value):
        yield f"{path}: {value!r} is not {getattr(hint, '__name__', hint)}"


def _best(options: tuple[Any, ...], attempts: list[list[str]], value: Any, path: str) -> str:
    """The complaint of the option that was probably meant: the hash for a hash."""
    named = value.get("object") if isinstance(value, dict) else None
    for option, complaints in zip(options, attempts, strict=True):
        if isinstance(option, type) and getattr(option, "OBJECT_NAME", None) == named and named:
            return "; ".join(complaints)
    return f"{path}: {value!r} fits none of {[getattr(option, '__name__', option) for option in options]}"


def _list(item: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is no list"
        return
    for index, inner in enumerate(value):
        yield from _value(item, inner, f"{path}[{index}]")


def _list_object(item: Any, value: Any, path: str) -> Iterator[str]:
    keys = {"object", "data", "has_more", "url"}
    if not isinstance(value, dict) or set(value) - {"total_count", "next_page"} != keys:
        yield f"{path}: {value!r} is no list object"
        return
    yield from _list(item, value["data"], f"{path}.data")


def _is_a(hint: Any, value: Any) -> bool:
    if hint is Any or isinstance(hint, TypeVar):
        return True
    if hint is int:
        return type(value) is int
    if hint is float:
        return type(value) in (int, float)
    if hint is Decimal:
        return isinstance(value, str)
    return isinstance(value, hint)


def _is_list_object(hint: Any) -> bool:
    origin = typing.get_origin(hint) or hint
    return isinstance(origin, type) and issubclass(origin, ListObject | SearchResultObject)


def _is_optional(hint: Any) -> bool:
    return typing.get_origin(hint) in (Union, types.UnionType) and type(None) in typing.get_args(hint)


def _inner(hint: Any) -> Any:
    options = tuple(option for option in typing.get_args(hint) if option is not type(None))
    return Union[options] if options else hint  # noqa: UP007


def _literals(hint: Any) -> frozenset[str]:
    if typing.get_origin(hint) is Literal:
        return frozenset(typing.get_args(hint))
    return frozenset().union(*(_literals(inner) for inner in typing.get_args(hint)))


def _name(cls: type) -> str:
    """The qualified name, with the sub-package's for those outside the top one: `checkout.Session`."""
    package = cls.__module__.removeprefix("stripe.").rpartition(".")[0]
    return f"{package}.{cls.__qualname__}" if package else cls.__qualname__


def declared(cls: type) -> Mapping[str, Any]:
    """The fields that the SDK's class declares, with their types, by their name in JSON."""
    return _declared(cls)


@cache
def _declared(cls: type) -> Mapping[str, Any]:
    scope = {**vars(importlib.import_module(cls.__module__)), **_imported_for_types(cls.__module__)}
    scope |= {"builtins": __builtins__}
    hints: dict[str, Any] = {}
    renamed = getattr(cls, "_field_remappings", {})
    for base in reversed(cls.__mro__):
        if base.__module__ in ("stripe._stripe_object", "builtins") or not base.__module__.startswith(
            "stripe"
        ):
            continue
        for name, written in vars(base).get("__annotations__", {}).items():
            if name.startswith("_") or "ClassVar" in str(written):
                continue
            hints[renamed.get(name, name)] = _evaluated(_ref(written), scope, dict(vars(base)))
    return hints


def _evaluated(written: Any, scope: dict[str, Any], inner: dict[str, Any]) -> Any:
    # From 3.13 on it wants to be told that there are no type parameters.
    more = {"type_params": ()} if sys.version_info >= (3, 13) else {}
    return typing._eval_type(written, scope, inner, **more)  # type: ignore[attr-defined]


def _ref(written: Any) -> Any:
    return typing.ForwardRef(written) if isinstance(written, str) else written


@cache
def _imported_for_types(module_name: str) -> Mapping[str, Any]:
    """What the module imports for type checkers only."""
    source = inspect.getsource(importlib.import_module(module_name))
    found: dict[str, Any] = {}
    for node in ast.parse(source).body:
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            continue
        for wanted in node.body:
            if isinstance(wanted, ast.ImportFrom) and wanted.module and ".params" not in wanted.module:
                module = importlib.import_module(wanted.module)
                for alias in wanted.names:
                    found[alias.asname or alias.name] = getattr(module, alias.name)
    return found


def docs(cls: type) -> Mapping[str, str]:
    """What the SDK says of each field."""
    return _docs(cls)


@cache
def _docs(cls: type) -> Mapping[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


__all__ = ["assert_shape", "class_of", "declared", "docs", "stripe"]
