"""The error object: what an answer says of a refusal, and what an intent remembers of its last one."""

from typing import Any, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.payments.intent_errors import IntentError
from payments_web.objects.common import Hash
from payments_web.objects.payment_method import PaymentMethodObject


@attrs.frozen(kw_only=True, slots=False)
class ApiErrorObject:
    """Why something was refused. Only what applies is there."""

    advice_code: str | UnsetType = UNSET
    charge: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    decline_code: str | UnsetType = UNSET
    doc_url: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    network_advice_code: str | UnsetType = UNSET
    network_decline_code: str | UnsetType = UNSET
    param: str | UnsetType = UNSET
    payment_intent: Any | UnsetType = UNSET
    payment_method: Any | UnsetType = UNSET
    payment_method_type: str | UnsetType = UNSET
    request_log_url: str | UnsetType = UNSET
    setup_intent: Any | UnsetType = UNSET
    source: Hash | UnsetType = UNSET
    type: str

    @classmethod
    def of(cls, error: IntentError, livemode: bool) -> Self:
        """Show what an intent remembers of its last refusal."""
        method = error.payment_method
        return cls(
            charge=error.charge or UNSET,
            code=error.code,
            decline_code=error.decline_code or UNSET,
            doc_url=f"https://stripe.com/docs/error-codes/{error.code.replace('_', '-')}",
            message=error.message,
            network_decline_code=error.network_decline_code or UNSET,
            param=error.param or UNSET,
            payment_method=PaymentMethodObject.of(method, livemode) if method else UNSET,
            type=error.type,
        )
