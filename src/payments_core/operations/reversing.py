"""Reversing: take transferred money back from a connected account, if it is there.

The wish is durable before the connected account's books are asked, and they give the same answer however often they are: so a
crash between the two accounts' commits is recovered as one between us and a network is. Functions here decide and stage.
"""

from functools import partial
from typing import Final

from payments_core.clock import Timestamp
from payments_core.errors import BalanceInsufficient
from payments_core.operations.crossing import collect
from payments_core.operations.declaring import Ask, Message
from payments_core.operations.transferring import demand_back, reverse
from payments_core.operations.work import Work
from payments_core.payments.answers import Answer, Outcome
from payments_core.payments.attempts import Attempt, AttemptId, AttemptKind
from payments_core.ports import Ports
from payments_core.settlement.transfers import ReversalState, Transfer, TransferReversal

BOOKS: Final = "books"
"""What attempts call the other account's books, where others name an acquirer."""
TIMEOUT_S: Final = 10.0
ANSWER_MARGIN_S: Final = 10
NOT_THERE: Final = (
    "The connected account does not have enough available funds to reverse this transfer: reverse less, or wait until more "
    "is available there."
)


async def request_reversal(work: Work, transfer: Transfer, reversal: TransferReversal, operation: str) -> Ask:
    """Stage the wish, and return what to ask of the connected account's books."""
    transfer = transfer.reserve(reversal.amount)
    work.put(transfer)
    work.put(reversal)
    attempt = Attempt(
        account_id=work.account_id,
        id=AttemptId(work.new_id("att")),
        created=work.wall,
        kind=AttemptKind.TAKE_BACK,
        acquirer=BOOKS,
        subject=reversal.id,
        amount=reversal.amount,
        currency=reversal.currency,
        operation=operation,
        result=reversal.id,
        owner=work.ports.owner,
        due_at=Timestamp(work.wall + int(TIMEOUT_S) + ANSWER_MARGIN_S),
    )
    owed = demand_back(work, transfer, reversal)
    return Ask(attempt, Message(partial(collect, work.ports, owed), TIMEOUT_S))


async def ask_to_give_back(work: Work, attempt: Attempt) -> Answer:
    """Ask once more; what was given before is not given again."""
    reversal = await work.get(TransferReversal, attempt.subject)
    transfer = await work.get(Transfer, reversal.transfer)
    return await collect(work.ports, demand_back(work, transfer, reversal))


async def settle_reversal(work: Work, reversal_id: str, answer: Answer) -> None:
    """Apply what the connected account's books said."""
    reversal = await work.get(TransferReversal, reversal_id)
    if reversal.status is not ReversalState.REQUESTED:
        return
    transfer = await work.get(Transfer, reversal.transfer)
    if answer.approved:
        await reverse(work, transfer, reversal)
    elif answer.outcome is Outcome.DECLINED:
        work.put(transfer.give_up(reversal.amount))
        work.put(reversal.refused())


async def reversal_outcome(work: Work, ports: Ports, reversal_id: str) -> TransferReversal:
    """The reversal, or `BalanceInsufficient`."""
    reversal = await work.get(TransferReversal, reversal_id)
    if reversal.status is ReversalState.REFUSED:
        raise BalanceInsufficient(NOT_THERE)
    return reversal
