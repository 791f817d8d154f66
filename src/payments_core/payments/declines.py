"""Declines: what each documented decline code means to the payer, to the merchant, and on the wire.

One table is the truth: error code and parameter of the API, texts, advice, and the response code of ISO 8583 (field 39) that
an issuer of ours answers with. Which code applies is the issuer's business; networks read and write their own dialects.
"""

from collections.abc import Mapping
from typing import Final

import attrs

GENERIC: Final = "generic_decline"
CARD_DECLINED: Final = "card_declined"


@attrs.frozen(kw_only=True)
class Decline:
    """One reason to say no."""

    decline_code: str
    code: str = CARD_DECLINED
    """The error code of the API."""
    message: str
    """What the payer may read."""
    seller_message: str
    """What the merchant may read."""
    advice_code: str | None = None
    param: str | None = None
    """The card detail to put right."""
    response_code: str | None = None
    """ISO 8583:1987, field 39: what an issuer answers for this reason. None: no issuer says this."""
    soft: bool = False
    """About the path or the moment and not about the card: another acquirer may be asked."""
    hides: bool = False
    """The payer is told no more than that the card was declined: the truth would help a thief."""

    @property
    def shown(self) -> str | None:
        """The `decline_code` of the error object: absent where the error code has said it all about a detail."""
        if self.code == self.decline_code and self.code != "authentication_required":
            return None
        return self.decline_code


_DECLINED: Final = "Your card was declined."
_NOT_SUPPORTED: Final = "Your card does not support this type of purchase."
_LATER: Final = "try_again_later"
_NEVER: Final = "do_not_try_again"
_CONFIRM: Final = "confirm_card_data"
_ADVICE: Final = {"later": _LATER, "never": _NEVER, "confirm": _CONFIRM}

_MESSAGES: Final = {
    "authentication_not_handled": (
        "This payment required an authentication action to complete, but `error_on_requires_action` was set. When you're "
        "ready, you can upgrade your integration to handle actions at "
        "https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions."
    ),
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "card_not_supported": "Your card is not supported.",
    "card_velocity_exceeded": (
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."
    ),
    "currency_not_supported": "Your card does not support this currency.",
    "expired_card": "Your card has expired.",
    "incorrect_address": "The card's address is incorrect.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "incorrect_number": "Your card number is incorrect.",
    "incorrect_zip": "The zip code you supplied failed validation.",
    "insufficient_funds": "Your card has insufficient funds.",
    "invalid_cvc": "Your card's security code is invalid.",
    "invalid_expiry_month": "Your card's expiration month is invalid.",
    "invalid_expiry_year": "Your card's expiration year is invalid.",
    "invalid_number": "The card number is not a valid credit card number.",
    "not_permitted": _NOT_SUPPORTED,
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "service_not_allowed": _NOT_SUPPORTED,
    "test_mode_live_card": (
        "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid "
        "test cards, visit: https://stripe.com/docs/testing."
    ),
    "testmode_decline": "Your card was declined. Your request was in live mode, but used a known test card.",
    "transaction_not_allowed": _NOT_SUPPORTED,
    "try_again_later": "Your card was declined. You can try again in a little bit.",
}

_SELLER_MESSAGES: Final = {
    GENERIC: "The bank did not return any further details with this decline.",
    "merchant_blacklist": "The payment matches a value on your block list.",
    "test_mode_live_card": "A card that is no test card was used in test mode.",
    "testmode_decline": "A test card was used in live mode.",
}

# The error codes that are not `card_declined`, and the card detail that each is about.
_ERROR_CODES: Final[Mapping[str, str | None]] = {
    "authentication_required": None,
    "expired_card": "exp_month",
    "incorrect_address": "address_line1",
    "incorrect_cvc": "cvc",
    "incorrect_number": "number",
    "incorrect_zip": "address_zip",
    "invalid_cvc": "cvc",
    "invalid_expiry_month": "exp_month",
    "invalid_expiry_year": "exp_year",
    "invalid_number": "number",
    "processing_error": None,
}

# decline code | response code | hints: advice (later, never, confirm), soft, hides
_ROWS: Final = """
approve_with_id                    | -  | later
authentication_not_handled         | -  |
authentication_required            | 1A |
call_issuer                        | 01 |
card_not_supported                 | -  | never
card_velocity_exceeded             | 61 | later
currency_not_supported             | -  |
do_not_honor                       | 05 | later
do_not_try_again                   | -  | never
duplicate_transaction              | 94 |
expired_card                       | 54 | never
fraudulent                         | 59 | never hides
generic_decline                    | 05 | later
incorrect_address                  | -  | confirm
incorrect_cvc                      | N7 | confirm
incorrect_number                   | 14 | confirm
incorrect_pin                      | 55 |
incorrect_zip                      | -  | confirm
insufficient_funds                 | 51 | later
invalid_account                    | 78 | never
invalid_amount                     | 13 |
invalid_cvc                        | -  | confirm
invalid_expiry_month               | -  | confirm
invalid_expiry_year                | 80 | confirm
invalid_number                     | -  | confirm
invalid_pin                        | -  |
issuer_not_available               | 91 | soft later
lost_card                          | 41 | never hides
merchant_blacklist                 | -  | never hides
mobile_device_authentication_required | - |
new_account_information_available  | -  | confirm
no_action_taken                    | 21 |
not_permitted                      | -  | never
offline_pin_required               | -  |
online_or_offline_pin_required     | -  |
pickup_card                        | 04 | never hides
pin_try_exceeded                   | 75 |
processing_error                   | 06 | soft later
reenter_transaction                | 19 | soft later
restricted_card                    | 62 | never hides
revocation_of_all_authorizations   | R3 | never
revocation_of_authorization        | R1 | never
security_violation                 | 63 | never
service_not_allowed                | 03 | soft
stolen_card                        | 43 | never hides
stop_payment_order                 | R0 | never
test_mode_live_card                | 15 | confirm
testmode_decline                   | -  | never
transaction_not_allowed            | 57 | never
try_again_later                    | -  | later
withdrawal_count_limit_exceeded    | 65 | later
"""


def _error_code(decline_code: str) -> str:
    if decline_code == "authentication_not_handled":
        return "authentication_required"
    return decline_code if decline_code in _ERROR_CODES else CARD_DECLINED


def _decline(row: str) -> Decline:
    decline_code, response_code, hints = (part.strip() for part in row.split("|"))
    words = hints.split()
    told = f"The bank returned the decline code `{decline_code}`."
    return Decline(
        decline_code=decline_code,
        code=_error_code(decline_code),
        message=_MESSAGES.get(decline_code, _DECLINED),
        seller_message=_SELLER_MESSAGES.get(decline_code, told),
        advice_code=next((_ADVICE[word] for word in words if word in _ADVICE), None),
        param=_ERROR_CODES.get(decline_code),
        response_code=None if response_code == "-" else response_code,
        soft="soft" in words,
        hides="hides" in words,
    )


DECLINES: Final[Mapping[str, Decline]] = {
    decline.decline_code: decline for decline in map(_decline, _ROWS.strip().splitlines())
}


def explain(decline_code: str | None) -> Decline:
    """What a decline code means. One that nobody has told us of means no more than no."""
    code = decline_code or GENERIC
    # A network's own word is passed on; what the payer reads is ours.
    return DECLINES.get(code) or attrs.evolve(DECLINES[GENERIC], decline_code=code)
