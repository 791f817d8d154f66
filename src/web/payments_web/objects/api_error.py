"""The error object: what an answer says of a refusal, and what an intent remembers of its last one."""

from typing import Any

import attrs
from msgspec import UNSET, UnsetType

from payments_web.objects.common import Hash


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
