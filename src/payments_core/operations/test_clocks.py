"""Test clocks: create, retrieve, list, delete, advance. A job moves an advancing clock from one thing that is due to the next."""

import logging
from collections.abc import Sequence
from typing import Any, Final

import attrs

from payments_core import clock
from payments_core.billing.customers import Customer
from payments_core.billing.invoices import Invoice
from payments_core.billing.subscriptions import Subscription
from payments_core.billing.test_clocks import LIVES_S, TestClock, TestClockId
from payments_core.clock import Timestamp
from payments_core.errors import Conflict, InvalidRequest, NotFound, ParamInvalid, TransitionRefused
from payments_core.operations import cycling, invoice_jobs
from payments_core.operations.billing_params import unsupported
from payments_core.operations.declaring import Command, Deleted, Listing, operation
from payments_core.operations.onboarding import find_account
from payments_core.operations.performing import Performer
from payments_core.operations.subscription_following import end
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import Account
from payments_core.ports import Page, Ports, Query

LOG: Final = logging.getLogger("payments.test_clocks")
CHUNK: Final = 20
STEPS_MAX: Final = 200
"""How many things are done for one clock before others have their turn."""
PAGE: Final = 100


@attrs.frozen(kw_only=True)
class CreateTestClock(Command[TestClock]):
    """What time it is at first."""

    frozen_time: Timestamp
    name: str | None = None
    customer: str | None = None


@operation("test_clock.create", post="/v1/test_helpers/test_clocks", raises=(InvalidRequest, ParamInvalid))
async def create_test_clock(command: CreateTestClock, work: Work, ports: Ports) -> TestClock:
    """Make a clock for customers that are made with it."""
    unsupported(command, "customer")
    if work.account.livemode:
        raise InvalidRequest("Test clocks are for test mode.", code="testmode_charges_only")
    if command.frozen_time < 0:
        raise ParamInvalid("frozen_time is a number of seconds since 1970.", param="frozen_time")
    made = TestClock(
        account_id=work.account_id,
        id=TestClockId(work.new_id("clock")),
        created=work.now,
        frozen_time=command.frozen_time,
        deletes_after=Timestamp(work.now + LIVES_S),
        name=command.name,
    )
    work.put(made)
    work.announce("test_helpers.test_clock.created", made)
    return made


@attrs.frozen(kw_only=True)
class RetrieveTestClock(Command[TestClock]):
    """Which clock."""

    id: str


@operation("test_clock.retrieve", get="/v1/test_helpers/test_clocks/{id}", raises=(NotFound,))
async def retrieve_test_clock(command: RetrieveTestClock, work: Work, ports: Ports) -> TestClock:
    """Return a test clock."""
    return await work.get(TestClock, command.id)


@attrs.frozen(kw_only=True)
class ListTestClocks(Listing, Command[Page[TestClock]]):
    """All test clocks."""


@operation("test_clock.list", get="/v1/test_helpers/test_clocks", raises=(InvalidRequest, NotFound))
async def list_test_clocks(command: ListTestClocks, work: Work, ports: Ports) -> Page[TestClock]:
    """List test clocks, newest first."""
    return await work.select(TestClock, command.query())


@attrs.frozen(kw_only=True)
class AdvanceTestClock(Command[TestClock]):
    """How late it is to be."""

    id: str
    frozen_time: Timestamp


@operation(
    "test_clock.advance",
    post="/v1/test_helpers/test_clocks/{id}/advance",
    raises=(InvalidRequest, NotFound, TransitionRefused),
)
async def advance_test_clock(command: AdvanceTestClock, work: Work, ports: Ports) -> TestClock:
    """Let a clock move forward. It is ready again when all that was due on the way is done."""
    found = (await work.get(TestClock, command.id)).advancing(command.frozen_time, work.now)
    work.put(found)
    work.announce("test_helpers.test_clock.advancing", found)
    return found


@attrs.frozen(kw_only=True)
class DeleteTestClock(Command[Deleted]):
    """Which clock."""

    id: str


@operation("test_clock.delete", delete="/v1/test_helpers/test_clocks/{id}", raises=(NotFound,))
async def delete_test_clock(command: DeleteTestClock, work: Work, ports: Ports) -> Deleted:
    """Delete a clock with its customers; their subscriptions end."""
    found = await work.get(TestClock, command.id)
    for subscription in await _all(work, Subscription, found):
        if not subscription.is_over:
            end(work, await work.get(Subscription, subscription.id), reason="cancellation_requested")
    for customer in await _all(work, Customer, found):
        gone = (await work.get(Customer, customer.id)).delete()
        work.put(gone)
        work.announce("customer.deleted", customer)
    work.drop(found)
    work.announce("test_helpers.test_clock.deleted", found)
    return Deleted(found.id, "test_helpers.test_clock")


async def _all(work: Work, kind: type[Any], found: TestClock) -> Sequence[Any]:
    """All nouns of a kind that live by the clock."""
    return await _pages(work, kind, Query(equal={"test_clock": found.id}, limit=PAGE))


async def _pages(work: Work, kind: type[Any], query: Query) -> list[Any]:
    nouns: list[Any] = []
    while True:
        page = await work.ports.store.select(kind, work.account_id, query)
        nouns.extend(page.items)
        if not page.has_more:
            return nouns
        query = attrs.evolve(query, after=page.items[-1].id)


async def advance_clocks(ports: Ports) -> int:
    """Move every clock that is on its way; return how much was done."""
    done = 0
    performer = Performer(ports)
    for found in await ports.store.due(TestClock, clock.now(ports.clock), CHUNK):
        account = await find_account(ports, found.account_id)
        try:
            done += await _move(performer, account, found)
        except Conflict:
            continue  # somebody else moves it
        except Exception:
            LOG.exception("test clock %s of %s cannot go on", found.id, found.account_id)
            await _break(ports, account, found)
    return done


async def _move(performer: Performer, account: Account, found: TestClock) -> int:
    for step in range(STEPS_MAX):
        work = Work(Caller(account=account), performer.ports)
        current = await work.find(TestClock, found.id)
        if current is None or current.target is None:
            return step
        at, noun = await _next(work, current)
        if noun is None or at is None:
            work.put(arrived := current.arrived())
            work.announce("test_helpers.test_clock.ready", arrived)
            await work.commit()
            return step + 1
        if at > current.frozen_time:
            work.put(current.at(at))
            await work.commit()
        if not await _do(performer, account, noun):
            return step  # somebody was faster, or it cannot be done now: the next round sees
    return STEPS_MAX


async def _next(work: Work, current: TestClock) -> tuple[Timestamp | None, Any]:
    """What is due first on the way, and when."""
    query = Query(equal={"test_clock": current.id}, within={"clock_due": (None, current.target)}, limit=PAGE)
    waiting = [*await _pages(work, Invoice, query), *await _pages(work, Subscription, query)]
    if not waiting:
        return None, None
    # What is paid counts before what follows: bills come before subscriptions.
    noun = min(waiting, key=lambda one: one.clock_due)
    return noun.clock_due, noun


async def _do(performer: Performer, account: Account, noun: Any) -> bool:
    if isinstance(noun, Invoice):
        return await invoice_jobs.advance(performer, account, noun)
    return await cycling.advance(performer.ports, account, noun.id)


async def _break(ports: Ports, account: Account, found: TestClock) -> None:
    work = Work(Caller(account=account), ports)
    current = await work.find(TestClock, found.id)
    if current is None or current.target is None:
        return
    work.put(broken := current.broken())
    work.announce("test_helpers.test_clock.internal_failure", broken)
    try:
        await work.commit()
    except Conflict:
        return
