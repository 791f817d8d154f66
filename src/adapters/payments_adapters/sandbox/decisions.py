"""What the bank says to a request for a promise, as far as that follows from card, cardholder and request alone.

Pure: no books, no store. Whether a limit is used up is for the books to say, when the promise is written.
"""

from collections.abc import Mapping
from typing import Final

from payments_adapters.sandbox.cardholders import Cardholder
from payments_core.payments.answers import Answer, Outcome
from payments_core.payments.declines import explain
from payments_core.ports import AuthorizationRequest
from payments_core.tokenization.payment_methods import Check

APPROVED: Final = "00"
VERIFIED: Final = "85"
NOT_FOUND: Final = "25"
NO_SUCH_NUMBER: Final = "14"

# Whether authentication is asked for: on session, off session, off session with a card that was set up for it.
AUTHENTICATES: Final[Mapping[str, tuple[bool, bool, bool]]] = {
    "always": (True, True, True),
    "required": (True, True, False),
    "required_error": (True, True, False),
    "unless_set_up": (True, True, False),
    "set_up": (True, False, False),
}
AUTHENTICATED: Final = frozenset({"authenticated", "attempt_acknowledged", "exempted"})


def decide(cardholder: Cardholder | None, request: AuthorizationRequest, today: tuple[int, int]) -> Answer:
    """Say yes or no. `today` is year and month."""
    if cardholder is None:
        return refusal("test_mode_live_card", response_code=NO_SUCH_NUMBER)
    checks = _checks(cardholder, request)
    reason = _reason(cardholder, request, today)
    if reason is not None:
        return refusal(reason, checks=checks, traits=_told(cardholder, "risk", "blocked"))
    return Answer(
        outcome=Outcome.APPROVED,
        response_code=APPROVED if request.amount else VERIFIED,
        checks=checks,
        traits=cardholder.traits,
    )


def refusal(
    decline_code: str,
    *,
    response_code: str | None = None,
    checks: Mapping[str, Check] | None = None,
    traits: Mapping[str, str] | None = None,
) -> Answer:
    """A no, with the response code that belongs to the reason."""
    decline = explain(decline_code)
    return Answer(
        outcome=Outcome.DECLINED,
        response_code=response_code or decline.response_code,
        decline_code=decline_code,
        retry_elsewhere=decline.soft,
        checks=checks or {},
        traits=traits or {},
    )


def not_found() -> Answer:
    """Nothing is known of the message that this one is about."""
    return Answer(outcome=Outcome.DECLINED, response_code=NOT_FOUND, decline_code="processing_error")


def _reason(cardholder: Cardholder, request: AuthorizationRequest, today: tuple[int, int]) -> str | None:
    """The decline code, or None."""
    verifying = request.amount == 0
    if request.expiry.is_past(*today):
        return "expired_card"
    if not verifying and _wants_authentication(cardholder, request):
        return "authentication_required"
    if verifying and cardholder.verifies:
        return None
    if cardholder.decline is not None:
        return cardholder.decline
    if cardholder.limit == 0:
        return "insufficient_funds"
    return None


def _wants_authentication(cardholder: Cardholder, request: AuthorizationRequest) -> bool:
    if request.three_d_secure.get("result") in AUTHENTICATED:
        return False
    on, off, off_after_set_up = AUTHENTICATES.get(cardholder.three_d_secure, (False, False, False))
    if not request.off_session:
        return on
    return off_after_set_up if request.three_d_secure.get("set_up") == "true" else off


def _checks(cardholder: Cardholder, request: AuthorizationRequest) -> dict[str, Check]:
    """The bank's word on those details that were given. Any code of three or four digits is the right one."""
    checks: dict[str, Check] = {}
    if request.cvc is not None:
        checks["cvc_check"] = cardholder.cvc
    if request.address.line1:
        checks["address_line1_check"] = cardholder.line1
    if request.address.postal_code:
        checks["address_postal_code_check"] = cardholder.postal_code
    return checks


def _told(cardholder: Cardholder, *words: str) -> dict[str, str]:
    return {word: cardholder.traits[word] for word in words if word in cardholder.traits}
