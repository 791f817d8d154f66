"""What a network said, in our words. Silence is one of the answers."""

from collections.abc import Mapping
from enum import StrEnum

import attrs

from payments_core.tokenization.payment_methods import Check

NO_CHECKS: Mapping[str, Check] = {}


class Outcome(StrEnum):
    """The three things that can come back."""

    APPROVED = "approved"
    DECLINED = "declined"
    SILENCE = "silence"


@attrs.frozen(kw_only=True, slots=False)
class Answer:
    """One answer to one message."""

    outcome: Outcome
    response_code: str | None = None
    """ISO 8583 field 39."""
    authorization_code: str | None = None
    """ISO 8583 field 38: what presentment is verified against."""
    network_reference: str | None = None
    """Retrieval reference: what a reversal or an inquiry names."""
    decline_code: str | None = None
    """One of the documented decline codes, for declines."""
    retry_elsewhere: bool = False
    """A soft decline: another acquirer may be asked."""
    checks: Mapping[str, Check] = NO_CHECKS
    """Issuer's word on `cvc_check`, `address_line1_check`, `address_postal_code_check`."""
    traits: Mapping[str, str] = {}
    """Further facts of the network for those who know them, for example a dispute it will bring."""

    @property
    def approved(self) -> bool:
        """Say whether the money was promised."""
        return self.outcome is Outcome.APPROVED


SILENCE = Answer(outcome=Outcome.SILENCE)
