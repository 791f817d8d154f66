"""Opening and closing connected accounts without a commit that spans two accounts. A job finishes what a crash left.

Opening: the platform's commit decides. It leaves its line of the list, the answer, and an opening; then the account's own rows are
written, once. Whoever asks for the account before that writes them, so that nobody ever meets an account that is only promised.
Closing: the account's commit decides, because its balance does; then it leaves its platform's list.
"""

import contextlib
import logging
import re
from functools import partial
from typing import Final

from payments_core import clock
from payments_core.clock import Timestamp
from payments_core.errors import Conflict, NotFound, PaymentsError
from payments_core.operations.audit_log import actor_of, record
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.connected_accounts import ConnectedAccount
from payments_core.ports import Ports
from payments_core.settlement.external_accounts import BankAccount, SealedAccountNumber
from payments_core.settlement.openings import AccountOpening
from payments_core.settlement.schedules import first_schedule
from payments_core.tokenization.cards import redact

LOG: Final = logging.getLogger("payments.accounts")
ACCOUNT_ID: Final = re.compile(r"acct_[0-9A-Za-z]{22}\Z", re.ASCII)
CHUNK: Final = 100
GRACE_S: Final = 5
"""How long the process that opens an account is left alone with it."""


def promise(
    work: Work, account: Account, bank_account: BankAccount | None = None, sealed: bytes | None = None
) -> None:
    """Stage a connected account in its platform's work; its own rows follow the commit."""
    opening = AccountOpening(
        account_id=work.account_id,
        id=account.id,
        created=work.now,
        due_at=Timestamp(work.wall + GRACE_S),
        account=account,
        actor=actor_of(work),
        bank_account=bank_account,
        sealed=sealed,
    )
    work.put(ConnectedAccount(account_id=work.account_id, id=account.id, created=account.created))
    work.put(opening)
    work.then(partial(open_promised, work.ports, opening))


async def open_promised(ports: Ports, opening: AccountOpening) -> Account:
    """Write the account's own rows unless they are there, and strike the opening off."""
    work = Work(Caller(account=opening.account, platform=opening.account_id), ports)
    if await work.find(Account, opening.id) is None:
        await _stage(work, opening)
        with contextlib.suppress(Conflict):  # somebody else wrote them meanwhile
            await work.commit()
    await _strike_off(ports, opening)
    return await _account(ports, opening.id)


async def _stage(work: Work, opening: AccountOpening) -> None:
    account = opening.account
    work.put(account)
    await record(work, "account.opened", account.id, actor=opening.actor, name=redact(account.name))
    if opening.bank_account is None or opening.sealed is None:
        return
    bank = opening.bank_account
    work.put(bank)
    work.put(
        SealedAccountNumber(account_id=account.id, id=bank.id, created=bank.created, sealed=opening.sealed)
    )
    work.put(first_schedule(account.id, work.now))
    work.announce("account.external_account.created", bank)
    await record(work, "external_account.added", bank.id, actor=opening.actor, last4=bank.last4)


async def _strike_off(ports: Ports, opening: AccountOpening) -> None:
    work = Work(Caller(account=await _account(ports, opening.account_id)), ports)
    found = await work.find(AccountOpening, opening.id)
    if found is not None:
        work.drop(found)
        with contextlib.suppress(Conflict):
            await work.commit()


async def leave_list(ports: Ports, account_id: AccountId) -> None:
    """Take a closed account off its platform's list, and note that it is off."""
    account = await _account(ports, account_id)
    if account.platform is not None:
        listing = Work(Caller(account=await _account(ports, account.platform)), ports)
        line = await listing.find(ConnectedAccount, account_id)
        if line is not None:
            listing.drop(line)
            with contextlib.suppress(Conflict):
                await listing.commit()
    work = Work(Caller(account=account), ports)
    closed = await work.get(Account, account_id)
    if closed.due_at is not None:
        work.put(closed.unlisted())
        with contextlib.suppress(Conflict):
            await work.commit()


async def finish_accounts(ports: Ports) -> int:
    """Open what was promised and unlist what was closed by processes that did not come to it; return how many."""
    now = clock.now(ports.clock)
    done = 0
    for opening in await ports.store.due(AccountOpening, now, CHUNK):
        try:
            await open_promised(ports, opening)
            done += 1
        except PaymentsError:  # one that cannot be opened now keeps no other waiting
            LOG.exception("%s cannot be opened now", opening.id)
    for account in await ports.store.due(Account, Timestamp(now - GRACE_S), CHUNK):
        await leave_list(ports, account.id)
        done += 1
    return done


async def find_connected(
    ports: Ports, platform: Account, account_id: str, *, param: str = "account"
) -> Account:
    """The account of this id that *platform* made, or `NotFound`: of others and of closed ones nothing is told."""
    found = None
    if ACCOUNT_ID.match(account_id):
        stored = await ports.store.find(Account, AccountId(account_id), account_id)
        found = stored[0] if stored else await _promised(ports, platform.id, account_id)
    is_theirs = found is not None and found.platform == platform.id and found.livemode is platform.livemode
    if found is None or not is_theirs or found.is_closed:
        raise NotFound("account", account_id, param=param)
    return found


async def _promised(ports: Ports, platform: AccountId, account_id: str) -> Account | None:
    opening = await ports.store.find(AccountOpening, platform, account_id)
    return None if opening is None else await open_promised(ports, opening[0])


async def _account(ports: Ports, account_id: AccountId) -> Account:
    found = await ports.store.find(Account, account_id, account_id)
    if found is None:
        raise NotFound("account", account_id, param="account")
    return found[0]
