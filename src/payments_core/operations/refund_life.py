"""The later life of refunds: what a bank says days, or in tests seconds, after it took one. A worker's job."""

import logging
from typing import Final

from payments_core import clock
from payments_core.errors import Conflict, PaymentsError
from payments_core.operations.onboarding import find_account
from payments_core.operations.refunding import return_refund
from payments_core.operations.work import Caller, Work
from payments_core.payments.charges import Charge
from payments_core.payments.refunds import Refund, RefundState
from payments_core.platform.accounts import AccountId
from payments_core.ports import Ports

LOG: Final = logging.getLogger("payments.refunds")
CHUNK: Final = 200
RETURNED: Final = "expired_or_canceled_card"


async def advance_refunds(ports: Ports) -> int:
    """Let every refund whose time has come succeed or come back; return how many that were."""
    changed = 0
    for refund in await ports.store.due(Refund, clock.now(ports.clock), CHUNK):
        try:
            changed += await _advance(ports, refund.account_id, refund.id)
        except Conflict:
            continue  # changed at this moment: it is due again
        except PaymentsError:
            LOG.exception("refund %s of %s cannot go on", refund.id, refund.account_id)
    return changed


async def _advance(ports: Ports, account_id: AccountId, refund_id: str) -> bool:
    work = Work(Caller(account=await find_account(ports, account_id)), ports)
    refund = await work.get(Refund, refund_id)
    if refund.due_at is None or refund.due_at > work.now:
        return False
    if refund.status is RefundState.PENDING:
        refund = refund.succeeded()
        work.put(refund)
    else:
        charge = await work.get(Charge, refund.charge)
        refund = await return_refund(work, charge, refund, RETURNED)
    work.announce("refund.updated", refund)
    work.announce("charge.refund.updated", refund)
    await work.commit()
    return True
