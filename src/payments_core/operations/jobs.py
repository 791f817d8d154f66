"""Jobs: what a worker does when its time has come. Each is safe to run in several processes and to be killed in."""

from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from payments_core.operations import ALL
from payments_core.operations.authentication import abandon_overdue
from payments_core.operations.automatic_payouts import pay_automatically
from payments_core.operations.checkout_settling import expire_sessions
from payments_core.operations.crossing import deliver_crossings
from payments_core.operations.cycling import cycle_subscriptions
from payments_core.operations.declaring import Operation
from payments_core.operations.disputing import decide_disputes, hear_issuers
from payments_core.operations.expiring import expire_holds
from payments_core.operations.invoice_jobs import advance_invoices
from payments_core.operations.mailing import send_mails
from payments_core.operations.opening import finish_accounts
from payments_core.operations.paying_out import advance_payouts
from payments_core.operations.recovering import recover
from payments_core.operations.refund_life import advance_refunds
from payments_core.operations.sealing import seal_books
from payments_core.operations.settling import settle_days
from payments_core.operations.tallying import forget_declines
from payments_core.operations.test_clocks import advance_clocks
from payments_core.ports import Ports

BY_NAME: Final[dict[str, Operation]] = {operation.name: operation for operation in ALL}


@attrs.frozen
class Job:
    """Something to do every so often. `run` returns how much it did; doing something means more may wait."""

    name: str
    every_s: float
    run: Callable[[Ports], Awaitable[int]]


async def _recover(ports: Ports) -> int:
    return await recover(ports, BY_NAME.get)


JOBS: Final[tuple[Job, ...]] = (
    Job("recovery", 1.0, _recover),
    Job("transfers between accounts", 1.0, deliver_crossings),
    Job("connected accounts", 1.0, finish_accounts),
    Job("abandoned challenges", 5.0, abandon_overdue),
    Job("invoices", 1.0, advance_invoices),
    Job("subscriptions", 1.0, cycle_subscriptions),
    Job("test clocks", 0.5, advance_clocks),
    Job("e-mail", 2.0, send_mails),
    Job("expiry of checkout sessions", 5.0, expire_sessions),
    Job("expiry of holds", 10.0, expire_holds),
    Job("issuers' complaints", 1.0, hear_issuers),
    Job("disputes", 1.0, decide_disputes),
    Job("refunds", 1.0, advance_refunds),
    Job("payouts", 1.0, advance_payouts),
    Job("tallies of declines", 300.0, forget_declines),
    Job("automatic payouts", 30.0, pay_automatically),
    Job("sealing", 60.0, seal_books),
    Job("settlement", 60.0, settle_days),
)
