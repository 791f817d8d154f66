"""The signature that a gateway puts on what it sends, and that a backend insists on: HMAC over time, nonce and body."""

import hashlib
import hmac
import secrets
from typing import Final

import attrs

from payments_core.clock import Clock, now
from payments_core.errors import Unauthenticated

HEADER: Final = "payments-signature"
TOLERANCE_S: Final = 60
SECRET_LENGTH_MIN: Final = 32
_REMEMBERED_MAX: Final = 100_000
_REFUSED: Final = "The signature of this request is not the gateway's."


class SecretUnfit(ValueError):
    """The shared secret is missing or too short to be one."""


def fit(secret: str) -> bytes:
    """The secret as a key, or `SecretUnfit`."""
    if len(secret) < SECRET_LENGTH_MIN:
        raise SecretUnfit(
            f"Gateway and backends share a secret of at least {SECRET_LENGTH_MIN} characters: set PAYMENTS_SPLIT_SECRET."
        )
    return secret.encode()


def sign(key: bytes, body: bytes, at: int) -> str:
    """The header's value for *body*; each is used once."""
    nonce = secrets.token_hex(12)
    return f"t={at},n={nonce},v1={_digest(key, at, nonce, body)}"


def _digest(key: bytes, at: int, nonce: str, body: bytes) -> str:
    return hmac.new(key, f"{at}.{nonce}.".encode() + body, hashlib.sha256).hexdigest()


@attrs.define(eq=False)
class Guard:
    """Lets signed requests in, each of them once."""

    key: bytes
    clock: Clock
    _seen: dict[str, int] = attrs.field(factory=dict, init=False)

    def check(self, header: str, body: bytes) -> None:
        """Raise `Unauthenticated` for a signature that is wrong, old, or was seen before."""
        parts = dict(part.partition("=")[::2] for part in header.split(",", 3))
        at, nonce, told = parts.get("t", ""), parts.get("n", ""), parts.get("v1", "")
        if not (at.isascii() and at.isdecimal() and len(at) < 12):
            raise Unauthenticated(_REFUSED)
        if not hmac.compare_digest(_digest(self.key, int(at), nonce, body).encode(), told.encode()):
            raise Unauthenticated(_REFUSED)
        moment = now(self.clock)
        if abs(moment - int(at)) > TOLERANCE_S:
            raise Unauthenticated("The gateway's clock and this backend's are too far apart.")
        self._once(nonce, moment)

    def _once(self, nonce: str, moment: int) -> None:
        if nonce in self._seen:
            raise Unauthenticated("This request was sent before.")
        if len(self._seen) >= _REMEMBERED_MAX:
            self._seen = {old: at for old, at in self._seen.items() if moment - at <= 2 * TOLERANCE_S}
        self._seen[nonce] = moment
