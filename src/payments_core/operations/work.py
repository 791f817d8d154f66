"""Work: what one operation has read and what it wants to become true. Nothing is true before the commit.

A work belongs to one account. It remembers which version of each noun it read, so that the commit fails when somebody else was
faster, and shows its own staged writes to its own later reads.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final, TypeVar

import attrs

from payments_core import clock
from payments_core.clock import Timestamp
from payments_core.errors import NotFound
from payments_core.ledger.bookkeeping import Booking
from payments_core.ledger.entries import Entry, EntryId, Floor
from payments_core.operations.addressing import delivery_of, endpoints_for
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.deliveries import DeliveryId
from payments_core.platform.events import Event, EventId
from payments_core.ports import Batch, Page, Ports, Query, Record, Write
from payments_core.settlement.crossings import Crossing
from payments_core.values import evolve
from payments_core.watching import watched

LOG: Final = logging.getLogger("payments.work")
NounT = TypeVar("NounT", bound=Record)
Key = tuple[type, str]

_WORDS = {"PaymentMethod": "PaymentMethod", "BalanceTransaction": "balance transaction"}


@attrs.frozen(kw_only=True, slots=False)
class Caller:
    """Who asks, and how: what the doors know and operations may need."""

    account: Account
    request_id: str | None = None
    idempotency_key: str | None = None
    fingerprint: str = ""
    """Keyed digest of the parameters as they came."""
    expand: tuple[str, ...] = ()
    """Ids that the answer shows as objects."""
    path: str = ""
    """Where a door was asked, for the `url` of lists."""
    publishable: bool = False
    client_ip: str | None = None
    api_version: str | None = None
    platform: AccountId | None = None
    """The platform that acts for this account, with `Stripe-Account`."""


@attrs.frozen
class _Announcement:
    type: str
    noun: Record
    previous: Record | None


@attrs.define(eq=False)
class Work:
    """Reads, and stages writes for one atomic commit."""

    caller: Caller
    ports: Ports
    now: Timestamp = attrs.field()
    account_id: AccountId = attrs.field(init=False)
    """Id of the merchant whose work this is."""
    _versions: dict[Key, int] = attrs.field(factory=dict, init=False)
    _read: dict[Key, Record] = attrs.field(factory=dict, init=False)
    _writes: dict[Key, Write] = attrs.field(factory=dict, init=False)
    _entries: list[Entry] = attrs.field(factory=list, init=False)
    _floors: list[Floor] = attrs.field(factory=list, init=False)
    _announced: list[_Announcement] = attrs.field(factory=list, init=False)
    _owed: list[Crossing] = attrs.field(factory=list, init=False)
    crossings: list[Crossing] = attrs.field(factory=list, init=False)
    """What was committed and other accounts' books have yet to hear of."""
    _steps: list[Callable[[], Awaitable[object]]] = attrs.field(factory=list, init=False)
    _rings: bool = attrs.field(default=False, init=False)
    """Whether somebody waits for what the next commit leaves."""
    _wall: Timestamp | None = attrs.field(default=None, init=False)

    @now.default
    def _now(self) -> Timestamp:
        return clock.now(self.ports.clock)

    @account_id.default
    def _account_id(self) -> AccountId:
        return self.caller.account.id

    @property
    def account(self) -> Account:
        """The merchant whose work this is."""
        return self.caller.account

    @property
    def wall(self) -> Timestamp:
        """What the machine's clock says: what deadlines of networks, deliveries and the books go by."""
        return self.now if self._wall is None else self._wall

    def be_at(self, now: Timestamp) -> None:
        """Go on at the time of a test clock."""
        self._wall = self.wall
        self.now = now

    def new_id(self, prefix: str) -> str:
        """A new public id."""
        return self.ports.ids.new(prefix)

    async def find(self, kind: type[NounT], noun_id: str) -> NounT | None:
        """Return the noun as this work sees it, or None."""
        key = kind, noun_id
        staged = self._writes.get(key)
        if staged is not None:
            return None if staged.drop else staged.noun  # type: ignore[return-value]
        if key in self._read:
            # Reads repeat. Whoever was faster meanwhile is found out by the version check, and then all is read again.
            return self._read[key]  # type: ignore[return-value]
        found = await self.ports.store.find(kind, self.account_id, noun_id)
        if found is None:
            return None
        noun, version = found
        self._versions[key] = version
        self._read[key] = noun
        return noun

    async def get(self, kind: type[NounT], noun_id: str, *, param: str | None = "id") -> NounT:
        """Return the noun, or raise `NotFound` for *param*."""
        noun = await self.find(kind, noun_id)
        if noun is None:
            raise NotFound(word_for(kind), noun_id, param=param)
        return noun

    async def find_many(self, kind: type[NounT], noun_ids: Collection[str]) -> dict[str, NounT]:
        """Return those that exist, by id, staged ones included. For reading only: they cannot be put back."""
        staged: dict[str, NounT] = {
            noun_id: write.noun  # type: ignore[misc]
            for noun_id in noun_ids
            if (write := self._writes.get((kind, noun_id))) is not None and not write.drop
        }
        missing = [noun_id for noun_id in noun_ids if noun_id not in staged]
        if missing:
            staged |= await self.ports.store.find_many(kind, self.account_id, missing)
        return staged

    async def find_many_to_write(self, kind: type[NounT], noun_ids: Collection[str]) -> dict[str, NounT]:
        """As `find_many`, of what is durable, and remember the versions, so that the nouns may be put back."""
        found = await self.ports.store.find_versions(kind, self.account_id, noun_ids)
        for noun, version in found.values():
            self.saw(noun, version)
        return {noun_id: noun for noun_id, (noun, _) in found.items()}

    def saw(self, noun: Record, version: int) -> None:
        """Take a noun that was read elsewhere for one that this work has read, so that it may be put back."""
        key = type(noun), noun.id
        self._versions[key] = version
        self._read[key] = noun

    async def select(self, kind: type[NounT], query: Query) -> Page[NounT]:
        """List what is durable; a cursor that names nothing of this account is `NotFound`."""
        for param, cursor in (("starting_after", query.after), ("ending_before", query.before)):
            if cursor is not None:
                await self.get(kind, cursor, param=param)
        return await self.ports.store.select(kind, self.account_id, query)

    async def select_staged(self, kind: type[NounT], query: Query) -> Page[NounT]:
        """List by equal columns as this work sees it, staged nouns included. For showing only."""
        page = await self.select(kind, query)
        writes = {noun_id: write for (of, noun_id), write in self._writes.items() if of is kind}
        if not writes:
            return page
        durable = [noun for noun in page.items if noun.id not in writes]
        staged = [write.noun for write in writes.values() if not write.drop and _fits(write.noun, query)]
        # New nouns have later ids, but an old one that is staged keeps its place.
        items: list[Any] = sorted([*staged, *durable], key=_id_of, reverse=True)
        return Page(items=tuple(items[: query.limit]), has_more=page.has_more or len(items) > query.limit)

    async def select_to_write(self, kind: type[NounT], query: Query) -> Page[NounT]:
        """List, and remember the versions, so that the nouns may be put back."""
        page = await self.select(kind, query)
        items = [await self.find(kind, noun.id) for noun in page.items]
        return Page(items=tuple(noun for noun in items if noun is not None), has_more=page.has_more)

    def put(self, noun: Record) -> None:
        """Stage *noun*. It replaces the version this work has read, or else it must be new."""
        assert noun.account_id == self.account_id, "a work belongs to one account"
        key = type(noun), noun.id
        self._writes[key] = Write(noun, self._versions.get(key, 0))

    def drop(self, noun: Record) -> None:
        """Stage the removal of a noun that this work has read."""
        key = type(noun), noun.id
        self._writes[key] = Write(noun, self._versions[key], drop=True)

    def before(self, noun: Record) -> Record | None:
        """The noun as this work read it."""
        return self._read.get((type(noun), noun.id))

    def book(self, booking: Booking, effective: Timestamp | None = None) -> Entry:
        """Stage an entry of the books."""
        entry = Entry(
            account_id=self.account_id,
            id=EntryId(self.new_id("le")),
            recorded=self.wall,
            effective=self.now if effective is None else effective,
            kind=booking.kind,
            source=booking.source,
            currency=booking.currency,
            postings=booking.postings,
        )
        self._entries.append(entry)
        return entry

    def require(self, floor: Floor) -> None:
        """Demand that a ledger account does not fall below a floor; the commit refuses otherwise."""
        self._floors.append(floor)

    def announce(self, event_type: str, noun: Record, *, previous: Record | None = None) -> None:
        """Stage an event that shows *noun* as it is now; *previous* is what it was, where this work has not read it."""
        before = (previous or self.before(noun)) if event_type.endswith(".updated") else None
        self._announced.append(_Announcement(event_type, noun, before))

    def owe(self, crossing: Crossing) -> None:
        """Stage what another account's books are to hear of; it is delivered after the commit."""
        self.put(crossing)
        self._owed.append(crossing)

    def ring(self) -> None:
        """Wake whoever delivers, once this is committed."""
        self._rings = True

    def then(self, step: Callable[[], Awaitable[object]]) -> None:
        """Take *step*, in works of its own, right after the commit. The process may end before: a job must find what is left."""
        self._steps.append(step)

    async def is_stale(self) -> bool:
        """Say whether something that was read has changed since: then what was decided on it may be wrong."""
        for (kind, noun_id), version in tuple(self._versions.items()):
            found: tuple[Any, int] | None = await self.ports.store.find(kind, self.account_id, noun_id)
            if (found[1] if found else 0) != version:
                return True
        return False

    def discard(self) -> None:
        """Forget what was staged and what was read."""
        for memory in (
            self._versions,
            self._read,
            self._writes,
            self._entries,
            self._floors,
            self._announced,
            self._owed,
            self._steps,
        ):
            memory.clear()

    async def commit(self) -> None:
        """Make all that was staged true together, or raise `Conflict` and leave no trace."""
        await self._stage_events()
        batch = Batch(
            account_id=self.account_id,
            writes=tuple(self._writes.values()),
            entries=tuple(self._entries),
            floors=tuple(self._floors),
        )
        for memory in (self._writes, self._entries, self._floors):
            memory.clear()
        if not batch.writes and not batch.entries:
            return
        with watched("commit"):
            await self.ports.store.apply(batch)
        if self._owed:
            self.crossings += self._owed
            self._owed.clear()
        if self._rings:
            self._rings = False
            self.ports.deliveries.ring()
        for write in batch.writes:
            key = type(write.noun), write.noun.id
            self._versions[key] = write.replaces + 1
            self._read[key] = write.noun
        await self._take_steps()

    async def _take_steps(self) -> None:
        steps, self._steps = self._steps, []
        for step in steps:
            try:
                await step()
            except Exception:  # what was promised is durable: a job goes on from there
                LOG.exception("a step after the commit is left to a job")

    async def _stage_events(self) -> None:
        announced, self._announced = self._announced, []
        events = [self._event(announcement) for announcement in announced]
        if events and (self.account.listens or self.account.platform is not None):
            # Who has never had an endpoint pays nothing for those who have.
            events = await self._addressed(events)
        for event in events:
            self.put(event)

    async def _addressed(self, events: list[Event]) -> list[Event]:
        """The events, each with a delivery staged for every endpoint that wants it."""
        endpoints = await endpoints_for(self.ports.store, self.account)
        counted = []
        for event in events:
            wanting = [endpoint for endpoint in endpoints if endpoint.wants(event.type)]
            for endpoint in wanting:
                self.put(delivery_of(event, endpoint, DeliveryId(self.new_id("whd")), self.wall))
            counted.append(evolve(event, pending_webhooks=len(wanting)) if wanting else event)
            if wanting:
                self.ring()
        return counted

    def _event(self, announcement: _Announcement) -> Event:
        show = self.ports.presenter.event_data
        return Event(
            account_id=self.account_id,
            id=EventId(self.new_id("evt")),
            created=self.now,
            type=announcement.type,
            subject=announcement.noun.id,
            data=show(announcement.noun, announcement.previous, livemode=self.account.livemode),
            request_id=self.caller.request_id,
            idempotency_key=self.caller.idempotency_key,
        )


def _id_of(noun: Any) -> str:
    return str(noun.id)


def _fits(noun: Any, query: Query) -> bool:
    return all(getattr(noun, column) == value for column, value in query.equal.items())


def word_for(kind: type[Any]) -> str:
    """What people call nouns of this kind in messages."""
    return _WORDS.get(kind.__name__) or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()
