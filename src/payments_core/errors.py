"""Every way the library says no, named for who broke which rule.

The tree below is the whole vocabulary; a door (REST, GraphQL, a script) translates it in one place and adds no words of
its own. Nothing here knows of HTTP.

    PaymentsError
    ├── InvalidRequest          the caller asked for something that cannot be
    │   ├── ParamMissing        a required parameter is absent
    │   ├── ParamUnknown        a parameter nobody knows
    │   ├── ParamInvalid        a parameter that cannot be read
    │   ├── AmountRefused       an amount outside the rules of its currency or its object
    │   ├── TransitionRefused   an object is in a state in which this cannot happen
    │   ├── NotFound            no such object for this account
    │   ├── AlreadyExists       an object of this id is there already
    │   └── BalanceInsufficient the books refuse to go below their floor
    ├── CardRefused             the card data is wrong before anyone was asked
    ├── Declined                the network said no; the attempt is kept
    ├── KeyInUse                the same idempotency key is being worked on
    ├── KeyReused               the same idempotency key, other parameters
    ├── Unauthenticated         no key, or a key nobody issued
    ├── Forbidden               a valid key that may not do this
    ├── RateLimited             too much at once
    ├── Conflict                somebody else was faster; perform tries again
    └── Unavailable             the storage or the network cannot be reached now
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class PaymentsError(Exception):
    """Base of all refusals; `code`, `param` and `decline_code` are the words of the public API."""

    type: ClassVar[str] = "api_error"
    default_code: ClassVar[str | None] = None

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.param = param
        self.decline_code = decline_code
        self.about = dict(about or {})
        """Further fields of the error object: `charge`, `payment_intent`, `advice_code` and the like."""


class InvalidRequest(PaymentsError):
    """The request cannot be carried out as it stands; nothing has changed."""

    type = "invalid_request_error"


class ParamMissing(InvalidRequest):
    """A required parameter is absent."""

    default_code = "parameter_missing"

    def __init__(self, param: str, message: str | None = None) -> None:
        super().__init__(message or f"Missing required param: {param}.", param=param)


class ParamUnknown(InvalidRequest):
    """A parameter that this operation does not have."""

    default_code = "parameter_unknown"

    def __init__(self, param: str) -> None:
        super().__init__(f"Received unknown parameter: {param}", param=param)


class ParamInvalid(InvalidRequest):
    """A parameter that cannot be read as what it should be."""


class AmountRefused(InvalidRequest):
    """An amount outside the rules of its currency, or of the object it is taken from."""

    default_code = "invalid_charge_amount"


class TransitionRefused(InvalidRequest):
    """An object cannot do this in its present state; it is unchanged."""

    default_code = "status_transition_invalid"

    def __init__(
        self, machine: str, state: str, event: str, *, message: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message or f"A {machine} cannot {event} while {state}.", code=code)
        self.machine, self.state, self.event = machine, state, event


class NotFound(InvalidRequest):
    """No such object for this account; another account's object looks just the same."""

    default_code = "resource_missing"

    def __init__(self, noun: str, noun_id: str, *, param: str | None = "id") -> None:
        super().__init__(f"No such {noun}: '{noun_id}'", param=param)


class AlreadyExists(InvalidRequest):
    """An object of this id is there already."""

    default_code = "resource_already_exists"


class BalanceInsufficient(InvalidRequest):
    """A ledger account would fall below its floor; nothing was written."""

    default_code = "balance_insufficient"


class CardRefused(PaymentsError):
    """Card data that is wrong in itself: number, expiry, security code."""

    type = "card_error"


class Declined(PaymentsError):
    """The issuer, the network or a risk rule said no. An answer, not a mistake: the attempt is kept."""

    type = "card_error"
    default_code = "card_declined"


class KeyInUse(PaymentsError):
    """Another request with the same idempotency key is in flight."""

    type = "idempotency_error"
    default_code = "idempotency_key_in_use"


class KeyReused(PaymentsError):
    """The idempotency key was first used with other parameters."""

    type = "idempotency_error"


class Unauthenticated(PaymentsError):
    """No key was given, or one that nobody issued."""

    type = "invalid_request_error"


class Forbidden(PaymentsError):
    """The key is valid and may not do this."""

    type = "invalid_request_error"


class RateLimited(PaymentsError):
    """Too many requests; `reason` is one of the documented limiter names."""

    type = "invalid_request_error"
    default_code = "rate_limit"

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class Conflict(PaymentsError):
    """The commit found another version than the one that was read; nothing was written."""

    default_code = "lock_timeout"


class Unavailable(PaymentsError):
    """The storage or a connector cannot be reached now; nothing was written."""
