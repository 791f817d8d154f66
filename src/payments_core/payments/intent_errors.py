"""What an intent remembers of its last refusal: the error object of the API, with the payment method as it was then."""

from typing import Final

import attrs

from payments_core.errors import Declined
from payments_core.tokenization.payment_methods import PaymentMethod

CARD_ERROR: Final = "card_error"


@attrs.frozen(kw_only=True, slots=False)
class IntentError:
    """Why the last attempt came to nothing."""

    message: str
    code: str
    type: str = CARD_ERROR
    decline_code: str | None = None
    network_decline_code: str | None = None
    charge: str | None = None
    param: str | None = None
    payment_method: PaymentMethod | None = None

    @classmethod
    def of(cls, refusal: Declined, method: PaymentMethod | None) -> "IntentError":
        """Remember a refusal that no charge carries."""
        network = refusal.about.get("network_decline_code")
        return cls(
            message=refusal.message,
            code=refusal.code or "card_declined",
            decline_code=refusal.decline_code,
            network_decline_code=network if isinstance(network, str) else None,
            param=refusal.param,
            payment_method=method,
        )

    def declined(self, **about: object) -> Declined:
        """The refusal as a caller is told of it; *about* says which intent."""
        more = {
            "charge": self.charge,
            "network_decline_code": self.network_decline_code,
            "payment_method": self.payment_method,
        }
        return Declined(
            self.message,
            code=self.code,
            decline_code=self.decline_code,
            param=self.param,
            about={**about, **{name: value for name, value in more.items() if value is not None}},
        )
