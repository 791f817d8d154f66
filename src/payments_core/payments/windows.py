"""How long an issuer keeps a promise: the authorization window by network and kind, in seconds.

Source: the networks' rules as docs.stripe.com/payments/place-a-hold-on-a-payment-method lists them.
"""

from typing import Final

from payments_core.clock import DAY, HOUR
from payments_core.tokenization.cards import Brand

ONLINE: Final = 7 * DAY
"""Card not present, started by the customer: every network."""
VISA_MERCHANT_INITIATED: Final = 4 * DAY + 18 * HOUR
YEN_IN_JAPAN: Final = 30 * DAY


def window(brand: Brand, currency: str, merchant_country: str, *, off_session: bool) -> int:
    """Seconds from authorization until the promise ends."""
    if currency == "jpy" and merchant_country == "JP":
        return YEN_IN_JAPAN
    return VISA_MERCHANT_INITIATED if off_session and brand is Brand.VISA else ONLINE
