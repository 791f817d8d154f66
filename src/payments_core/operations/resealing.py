"""Resealing: every stored number under the vault's active key, one chunk after the other.

Safe to run twice, and to be killed in.
"""

from collections.abc import AsyncIterator, Callable
from typing import Final

from payments_core.errors import Conflict
from payments_core.operations.audit_log import record_alone
from payments_core.platform.accounts import AccountId
from payments_core.ports import Batch, Ports, Write
from payments_core.settlement.external_accounts import SealedAccountNumber
from payments_core.settlement.openings import AccountOpening
from payments_core.tokenization.payment_methods import SealedCard
from payments_core.values import evolve

CHUNK: Final = 200
Sealed = SealedCard | SealedAccountNumber | AccountOpening
KINDS: Final[tuple[type[Sealed], ...]] = (SealedCard, SealedAccountNumber, AccountOpening)
"""What the vault has sealed: card numbers, and the numbers of bank accounts, of those that are about to be opened too."""


async def rotate(ports: Ports) -> str:
    """Make a new key-encryption key and return its id. Both the wish and its fulfillment are in the audit log."""
    await record_alone(ports, "vault.rotating", "vault")
    key_id = ports.vault.rotate()
    await record_alone(ports, "vault.rotated", key_id)
    return key_id


async def reseal(ports: Ports, progress: Callable[[int], None] = lambda count: None) -> int:
    """Rewrap what is not under the active key; tell *progress* how many were looked at. Returns how many changed."""
    changed = 0
    async for account_id in ports.store.accounts():
        for kind in KINDS:
            async for chunk in _chunks(ports.store.stream(kind, account_id)):
                changed += await _reseal_chunk(ports, kind, account_id, chunk)
                progress(len(chunk))
    await record_alone(ports, "vault.resealed", "vault", changed=str(changed))
    return changed


async def _chunks(cards: AsyncIterator[Sealed]) -> AsyncIterator[list[str]]:
    chunk: list[str] = []
    async for card in cards:
        chunk.append(card.id)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _reseal_chunk(ports: Ports, kind: type[Sealed], account_id: AccountId, ids: list[str]) -> int:
    while True:
        found = await ports.store.find_versions(kind, account_id, ids)
        writes = []
        for card, version in found.values():
            sealed = None if card.sealed is None else ports.vault.rewrap(card.sealed)
            if sealed is not None and sealed != card.sealed:
                writes.append(Write(evolve(card, sealed=sealed), version))
        try:
            await ports.store.apply(Batch(account_id=account_id, writes=tuple(writes)))
        except Conflict:
            continue  # somebody else reseals too; what they did is seen at the next look
        return len(writes)
