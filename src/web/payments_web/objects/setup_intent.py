"""The setup intent as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.payments.setup_intents import SetupIntent
from payments_core.platform.metadata import NOTHING
from payments_web.objects.api_error import ApiErrorObject
from payments_web.objects.common import Hash, MetadataText, Seconds
from payments_web.objects.intents import AutomaticPaymentMethodsObject, NextActionObject
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class SetupIntentPaymentMethodOptionsCardObject:
    """`payment_method_options_card` of setup intent objects."""

    mandate_options: Hash | None = None
    network: str | None = None
    request_three_d_secure: str = "automatic"
    setup_credential_usage: str | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class SetupIntentPaymentMethodOptionsObject:
    """`payment_method_options` of setup intent objects."""

    card: SetupIntentPaymentMethodOptionsCardObject = SetupIntentPaymentMethodOptionsCardObject()


@attrs.frozen(kw_only=True, slots=False)
class SetupIntentObject:
    """The saving of a payment method for later, through all its attempts."""

    id: str
    object: Literal["setup_intent"] = "setup_intent"
    allowed_payment_method_types: tuple[str, ...] | UnsetType = UNSET
    application: Annotated[str | None, Expandable("application")] = None
    attach_to_self: bool | UnsetType = UNSET
    automatic_payment_methods: AutomaticPaymentMethodsObject | None = None
    cancellation_reason: str | None = None
    client_secret: str | None = None
    created: Seconds
    customer: Annotated[str | None, Expandable("customer")] = None
    customer_account: str | None = None
    description: str | None = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    flow_directions: tuple[str, ...] | None = None
    last_setup_error: ApiErrorObject | None = None
    latest_attempt: Annotated[str | None, Expandable("setup_attempt")] = None
    livemode: bool
    managed_payments: Hash | UnsetType = UNSET
    mandate: Annotated[str | None, Expandable("mandate")] = None
    metadata: MetadataText = NOTHING
    next_action: NextActionObject | None = None
    on_behalf_of: Annotated[str | None, Expandable("account")] = None
    payment_method: Annotated[str | None, Expandable("payment_method")] = None
    payment_method_configuration_details: Hash | None = None
    payment_method_options: SetupIntentPaymentMethodOptionsObject = SetupIntentPaymentMethodOptionsObject()
    payment_method_types: tuple[str, ...] = ("card",)
    single_use_mandate: Annotated[str | None, Expandable("mandate")] = None
    status: str
    usage: str = "off_session"

    @classmethod
    def of(cls, intent: SetupIntent, livemode: bool, base_url: str | None = None) -> Self:
        """Show a setup intent; with *base_url*, links are absolute."""
        action, methods = intent.next_action, intent.automatic_methods
        wanted = intent.card_options.get("request_three_d_secure", "automatic")
        options = SetupIntentPaymentMethodOptionsCardObject(request_three_d_secure=wanted)
        return cls(
            id=intent.id,
            automatic_payment_methods=AutomaticPaymentMethodsObject.of(methods) if methods else None,
            cancellation_reason=intent.cancellation_reason,
            client_secret=intent.client_secret,
            created=intent.created,
            customer=intent.customer,
            description=intent.description,
            flow_directions=intent.flow_directions,
            last_setup_error=ApiErrorObject.of(intent.last_error, livemode) if intent.last_error else None,
            livemode=livemode,
            metadata=intent.metadata,
            next_action=NextActionObject.of(action, base_url) if action else None,
            on_behalf_of=intent.on_behalf_of,
            payment_method=intent.payment_method,
            payment_method_options=SetupIntentPaymentMethodOptionsObject(card=options),
            payment_method_types=intent.payment_method_types,
            status=intent.status,
            usage=intent.usage,
        )
