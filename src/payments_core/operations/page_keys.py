"""Page keys: what a checkout page may call the API with. No merchant has to hand a key to the page, and none is stored.

A page key is worth something only while its session is open, opens nothing but the sealing of cards, and is computed from the
session's secret by the vault's key, so that nobody can make one who was not given the page.
"""

import secrets
from typing import Final

from payments_core import ids
from payments_core.checkout.sessions import CheckoutSession, CheckoutSessionId, SessionState
from payments_core.platform.accounts import AccountId
from payments_core.platform.api_keys import ApiKey, ApiKeyId, KeyKind
from payments_core.ports import Ports

OPENS: Final = ("payment_method.create", "token.create")
"""The operations that a page key is for."""
_PREFIX: Final = "page"
_LENGTH: Final = 3 * ids.LENGTH


def page_key(ports: Ports, session: CheckoutSession) -> str:
    """The key for the page of *session*."""
    mode = _mode(session.id)
    account, number = session.account_id.removeprefix("acct_"), session.id.rpartition("_")[2]
    return f"{_PREFIX}_{mode}_{account}{number}{_proof(ports, session)}"


def is_page_key(text: str) -> bool:
    """Whether a key's text looks like a page's."""
    return text.startswith(f"{_PREFIX}_")


async def find_page_key(ports: Ports, text: str) -> ApiKey | None:
    """The key with this text, if its page is still open."""
    parts = text.split("_")
    if len(parts) != 3 or parts[1] not in ("test", "live") or len(parts[2]) != _LENGTH or not text.isascii():
        return None
    digits = parts[2]
    account_id = AccountId(f"acct_{digits[: ids.LENGTH]}")
    session_id = CheckoutSessionId(f"cs_{parts[1]}_{digits[ids.LENGTH : 2 * ids.LENGTH]}")
    found = await ports.store.find(CheckoutSession, account_id, session_id)
    if found is None:
        return None
    session = found[0]
    is_right = secrets.compare_digest(_proof(ports, session), digits[2 * ids.LENGTH :])
    if not is_right or session.status is not SessionState.OPEN:
        return None
    return ApiKey(
        account_id=account_id,
        id=ApiKeyId(f"key_{session.id}"),
        created=session.created,
        kind=KeyKind.PUBLISHABLE,
        livemode=parts[1] == "live",
        hint=text[-4:],
        scopes=OPENS,
        expires_at=session.expires_at,
    )


def _mode(session_id: str) -> str:
    return session_id.split("_")[1]


def _proof(ports: Ports, session: CheckoutSession) -> str:
    digest = ports.vault.digest("page key", session.client_secret.encode())
    return ids.encode(int.from_bytes(digest[:16], "big"))
