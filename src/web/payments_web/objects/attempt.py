"""An attempt as clients see it: an object of our own, which the API that we are shaped after does not have."""

from typing import Annotated, Literal, Self

import attrs

from payments_core.payments.attempts import Attempt
from payments_web.objects.common import CurrencyText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class AttemptObject:
    """One message to one acquirer, and what became of it."""

    id: str
    object: Literal["attempt"] = "attempt"
    acquirer: str
    amount: Minor
    authorization_code: str | None
    charge: Annotated[str | None, Expandable("charge")]
    created: Seconds
    currency: CurrencyText
    decline_code: str | None
    kind: str
    livemode: bool
    network_reference: str | None
    outcome: str | None
    """approved, declined, silence; null while nobody has answered."""
    response_code: str | None
    retry_elsewhere: bool
    status: str
    """sent, answered, in_doubt."""

    @classmethod
    def of(cls, attempt: Attempt, livemode: bool) -> Self:
        """The attempt as it is now."""
        answer = attempt.answer
        return cls(
            id=attempt.id,
            acquirer=attempt.acquirer,
            amount=attempt.amount,
            authorization_code=answer.authorization_code if answer else None,
            charge=attempt.result if attempt.result.startswith("ch_") else None,
            created=attempt.created,
            currency=attempt.currency,
            decline_code=answer.decline_code if answer else None,
            kind=attempt.kind,
            livemode=livemode,
            network_reference=answer.network_reference if answer else None,
            outcome=str(answer.outcome) if answer else None,
            response_code=answer.response_code if answer else None,
            retry_elsewhere=bool(answer and answer.retry_elsewhere),
            status=attempt.state,
        )
