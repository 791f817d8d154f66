"""The outside, as the core sees it: storage, vault, networks, and how nouns look to others.

Every port is a Protocol with a contract test in `payments_core.testing`; whoever passes it may stand in. Storage keeps nouns by
account and id in their latest version, and the books; it decides nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import attrs

from payments_core.clock import Clock, Timestamp
from payments_core.ids import Ids
from payments_core.ledger.entries import Balance, Entry, Floor
from payments_core.payments.answers import Answer
from payments_core.payments.velocity import DeclineGuard
from payments_core.platform.accounts import AccountId
from payments_core.platform.idempotency import Reply
from payments_core.platform.letters import Letter, Mailed
from payments_core.rules import Rules
from payments_core.searching.matching import Search
from payments_core.searching.queries import SearchQuery
from payments_core.settlement.batches import BatchChunk, SettlementBatch
from payments_core.settlement.clearing import AnsweredChunk, ClearingRecord, ClearingResult
from payments_core.settlement.external_accounts import AccountNumber
from payments_core.settlement.payouts import PayoutId, PayoutOrder, PayoutResult
from payments_core.tokenization.cards import Cvc, Expiry, Pan
from payments_core.tokenization.payment_methods import Address


class Record(Protocol):
    """What storage keeps: frozen, owned by one account, known by an id."""

    @property
    def account_id(self) -> AccountId:
        """Whose it is."""
        ...

    @property
    def id(self) -> str:
        """Its id, unique within the account."""
        ...


NounT = TypeVar("NounT", bound=Record)


@attrs.frozen(slots=False)
class Write:
    """One noun to write. `replaces` is the version that was read: 0 inserts, and a `drop` removes the row."""

    noun: Record
    replaces: int
    drop: bool = False


@attrs.frozen(kw_only=True, slots=False)
class Batch:
    """All that one commit makes true, of one account, or nothing of it."""

    account_id: AccountId
    writes: tuple[Write, ...] = ()
    entries: tuple[Entry, ...] = ()
    floors: tuple[Floor, ...] = ()


@attrs.frozen(kw_only=True)
class Query:
    """Which nouns of one kind to list, newest first.

    `equal` and `within` name columns that the storage declares for the kind; `within` maps a column to (at least, at most),
    either of which may be None. `after` and `before` are ids: older than `after`, newer than `before`.
    """

    equal: Mapping[str, Any] = attrs.field(factory=dict)
    within: Mapping[str, tuple[int | None, int | None]] = attrs.field(factory=dict)
    after: str | None = None
    before: str | None = None
    limit: int = 10


@attrs.frozen(kw_only=True)
class Page(Generic[NounT]):
    """A part of a list, newest first, and whether there is more in the direction of travel."""

    items: tuple[NounT, ...]
    has_more: bool


@attrs.frozen(kw_only=True)
class Found(Page[NounT]):
    """A part of what a search found; `next_page` leads on, `total` is there where somebody asked for it."""

    next_page: str | None = None
    total: int | None = None


class QueryLanguage(Protocol):
    """Reads the text of search queries."""

    def parse(self, text: str) -> SearchQuery:
        """What the text says; raises `ParamInvalid` that points at the character where it stops making sense."""
        ...


class Store(Protocol):
    """Nouns by account and id, each in its latest version, and the books."""

    async def upgrade(self) -> None:
        """Bring the schema to what this version of the code knows. Called before `open`, by an operator's command."""
        ...

    async def open(self) -> None:
        """Connect, and refuse a schema that this code does not know. The store belongs to the event loop that opens it."""
        ...

    async def find(self, kind: type[NounT], account_id: AccountId, noun_id: str) -> tuple[NounT, int] | None:
        """Return the noun and its version."""
        ...

    async def find_many(
        self, kind: type[NounT], account_id: AccountId, noun_ids: Collection[str]
    ) -> dict[str, NounT]:
        """Return those of *noun_ids* that exist, by id, in one look-up."""
        ...

    async def find_versions(
        self, kind: type[NounT], account_id: AccountId, noun_ids: Collection[str]
    ) -> dict[str, tuple[NounT, int]]:
        """As `find_many`, with versions: for writing many at once."""
        ...

    async def select(self, kind: type[NounT], account_id: AccountId, query: Query) -> Page[NounT]:
        """List nouns newest first, by key and not by offset."""
        ...

    async def search(self, kind: type[NounT], account_id: AccountId, search: Search) -> Page[NounT]:
        """Find the nouns that `searching.matching.matches` says are meant, newest first."""
        ...

    async def due(
        self, kind: type[NounT], at: Timestamp, limit: int, account_id: AccountId | None = None
    ) -> Sequence[NounT]:
        """Return nouns of any account, or of one, whose `due_at` has come, the longest due first."""
        ...

    async def due_versions(
        self, kind: type[NounT], at: Timestamp, limit: int, account_id: AccountId | None = None
    ) -> Sequence[tuple[NounT, int]]:
        """As `due`, with versions: for writing many at once."""
        ...

    async def balances(self, account_id: AccountId) -> Sequence[Balance]:
        """Return what stands on each ledger account of the merchant."""
        ...

    def entries(self, account_id: AccountId | None = None, after: str | None = None) -> AsyncIterator[Entry]:
        """Stream the books in the order of entry ids, of one merchant or of all, in bounded memory.

        With *after* only entries of later ids.
        """
        ...

    def stream(
        self, kind: type[NounT], account_id: AccountId, after: str | None = None
    ) -> AsyncIterator[NounT]:
        """Stream nouns of one account in the order of ids, the oldest first, in bounded memory."""
        ...

    def accounts(self) -> AsyncIterator[AccountId]:
        """Stream the ids of all accounts: those that were opened, and those that have balances without it."""
        ...

    async def apply(self, batch: Batch) -> None:
        """Write all of *batch*, durably, or raise `Conflict` or `BalanceInsufficient` and write nothing."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and let go of files and connections."""
        ...


class Vault(Protocol):
    """Seals card numbers, bound to account and card, and opens them for the networks alone."""

    def seal(self, account_id: AccountId, card_id: str, pan: Pan) -> bytes:
        """Return the envelope that storage may keep."""
        ...

    def open(self, account_id: AccountId, card_id: str, sealed: bytes) -> Pan:
        """Return the number; the envelope of another account or card is refused."""
        ...

    def fingerprint(self, pan: Pan) -> str:
        """The same text for the same number, and no way back."""
        ...

    def seal_number(self, account_id: AccountId, bank_account_id: str, number: AccountNumber) -> bytes:
        """Return the envelope of a bank account's number."""
        ...

    def open_number(self, account_id: AccountId, bank_account_id: str, sealed: bytes) -> AccountNumber:
        """Return a bank account's number; the envelope of another account is refused."""
        ...

    def number_fingerprint(self, number: AccountNumber) -> str:
        """The same text for the same bank account number, and no way back."""
        ...

    def rotate(self) -> str:
        """Make a new wrapping key the active one and return its id; the older ones still open what they sealed.

        Raises `PaymentsError` where the keys are not the vault's own to change.
        """
        ...

    def rewrap(self, sealed: bytes) -> bytes:
        """The same envelope under the active key, without opening the number."""
        ...

    def digest(self, purpose: str, text: bytes) -> bytes:
        """A keyed digest of 32 bytes for *purpose*: API keys, idempotency keys, request parameters."""
        ...


@attrs.frozen(kw_only=True, slots=False)
class AuthorizationRequest:
    """What a network is asked to promise. `pan` stays masked until a connector reveals it."""

    reference: str
    """The hold's id: the same reference is the same request."""
    account_id: AccountId
    merchant: str
    amount: int
    currency: str
    pan: Pan
    expiry: Expiry
    cvc: Cvc | None = None
    address: Address = Address()
    capture_now: bool = True
    off_session: bool = False
    three_d_secure: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class FollowUp:
    """A message about an earlier authorization: increment, reversal, inquiry or refund.

    `amount` is the new total for an increment, what is let go for a reversal, what goes back for a refund.
    """

    reference: str
    """Of this message; the same reference is the same request."""
    original: str
    """Reference of the authorization."""
    network_reference: str | None
    account_id: AccountId
    amount: int
    currency: str


class Acquirer(Protocol):
    """A way to the card networks.

    No method raises for what the network says or fails to say: a time-out is `SILENCE`. A repeated reference gets the answer
    that the first one got. A method that a network lacks answers DECLINED with response code "40".
    """

    @property
    def name(self) -> str:
        """What routing and attempts call it."""
        ...

    @property
    def timeout_s(self) -> float:
        """How long a message may take before it counts as silence."""
        ...

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Ask for a promise."""
        ...

    async def increment(self, message: FollowUp) -> Answer:
        """Ask for a larger promise."""
        ...

    async def reverse(self, message: FollowUp) -> Answer:
        """Give a promise back, whole or in part. Reversing what never arrived is approved."""
        ...

    async def refund(self, message: FollowUp) -> Answer:
        """Send taken money back to the payer."""
        ...

    async def inquire(self, message: FollowUp) -> Answer:
        """Ask what became of the message `original`. Declined with code "25" means it never arrived."""
        ...


@runtime_checkable
class Connected(Protocol):
    """An acquirer that keeps a line of its own: the gateway opens it before the first payment and closes it after the last."""

    async def open(self) -> None:
        """Begin to connect, and return at once; whether the other side is there is seen later."""
        ...

    async def close(self) -> None:
        """Wait for what is under way, and disconnect."""
        ...


@runtime_checkable
class Simulator(Protocol):
    """The other side of a line, for tests and trials: a network, a bank. Run by `payments simulate NAME`."""

    @property
    def name(self) -> str:
        """What the command line calls it."""
        ...

    @property
    def counters(self) -> Mapping[str, int]:
        """What has happened so far, by name."""
        ...

    async def open(self, host: str, port: int) -> int:
        """Begin to listen, and return the port; 0 takes any that is free."""
        ...

    async def close(self) -> None:
        """Stop listening. Nothing that was answered may be lost, at no time."""
        ...


@runtime_checkable
class Clearing(Protocol):
    """How an acquirer takes batches at once. An acquirer that has no `submit` is settled by files."""

    async def submit(self, batch: str, records: Sequence[ClearingRecord]) -> Sequence[ClearingResult]:
        """Present *records* for payment, each verified by network and issuer against its authorization code.

        A record of a reference that was presented before gets the answer it got then, and is not paid again. Whoever cannot
        tell raises `Unavailable`, `TimeoutError` or `OSError`, and is asked again later.
        """
        ...


class ClearingFiles(Protocol):
    """Batches as files: one is written for each batch, and an acquirer's answers are read from one."""

    async def write(self, batch: SettlementBatch, chunks: AsyncIterator[BatchChunk]) -> str:
        """Write the batch, whole or not at all, and return where; writing it again replaces it."""
        ...

    def read(self, place: str) -> AsyncIterator[AnsweredChunk]:
        """Read an answer file, chunk by chunk. Raises `InvalidRequest` with the line for what cannot be read."""
        ...


class BankRail(Protocol):
    """How payouts reach banks: a file, a line, or a simulation."""

    @property
    def name(self) -> str:
        """What payouts and the setting `bank_rail` call it."""
        ...

    async def submit(self, batch: str, orders: Sequence[PayoutOrder]) -> Collection[PayoutId]:
        """Take the orders of one batch over, and return the payouts that were taken.

        A batch that was taken before is not taken again: the payouts that it held then are returned. Whoever cannot tell
        raises `Unavailable`, `TimeoutError` or `OSError`, and is handed the batch again later.
        """
        ...

    async def results(self, orders: Sequence[PayoutOrder]) -> Sequence[PayoutResult]:
        """What the bank says of payouts whose day has come; those that it says nothing of are asked about again."""
        ...


@runtime_checkable
class ReportingRail(Protocol):
    """A rail whose banks report in files."""

    def read(self, place: str) -> Sequence[PayoutResult]:
        """Read a bank's file. Raises `InvalidRequest` for what cannot be read."""
        ...


class Reader(Protocol):
    """What a presenter may read while it expands ids into objects."""

    async def find_many(self, kind: type[NounT], noun_ids: Collection[str]) -> dict[str, NounT]:
        """Return those that exist, by id, in one look-up."""
        ...

    async def select_staged(self, kind: type[NounT], query: Query) -> Page[NounT]:
        """List nouns by equal columns, newest first, with what the answer's commit will make true."""
        ...


class Presenter(Protocol):
    """How nouns look to others. Events and idempotent replies are written through it, so that they show what the API shows."""

    def event_data(self, noun: Any, previous: Any | None, *, livemode: bool) -> str:
        """JSON text of an event's data: `object`, and `previous_attributes` where *previous* is given."""
        ...

    async def reply(
        self, reader: Reader, result: Any, *, livemode: bool, expand: Sequence[str] = (), path: str = ""
    ) -> Reply:
        """What a caller is told: of a noun, a page of nouns, or a `PaymentsError`, with some ids expanded.

        *path* is where a list was asked for. Raises `InvalidRequest` for ids that cannot be expanded.
        """
        ...


class CvcMemory(Protocol):
    """Security codes between tokenization and the one authorization they are for. Never written anywhere."""

    def keep(self, account_id: AccountId, card_id: str, cvc: Cvc) -> None:
        """Remember for some minutes."""
        ...

    def take(self, account_id: AccountId, card_id: str) -> Cvc | None:
        """Return it once, and forget it."""
        ...


@attrs.frozen(kw_only=True)
class Posted:
    """What became of a delivery: a status, or why there is none."""

    status: int | None = None
    error: str | None = None
    body: str = ""
    """How the answer begins."""


class Courier(Protocol):
    """Carries deliveries to webhook endpoints."""

    async def check(self, url: str) -> None:
        """Raise `ParamInvalid` for an address that nothing may ever be sent to. It need not be reachable now."""
        ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Send once and wait for the answer, within the courier's own limits of time and size. Never raises."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


class Mailer(Protocol):
    """Hands letters over to whoever carries them."""

    async def send(self, letter: Letter) -> Mailed:
        """Hand over once, within the mailer's own limit of time, which is less than three minutes. Never raises for what
        the other side says or fails to say: nobody there is LATER, and REFUSED is for good.
        """
        ...


@attrs.define(eq=False)
class Bell:
    """Wakes whoever waits for work in this process, so that nobody has to look all the time."""

    _waiting: "set[asyncio.Future[None]]" = attrs.field(factory=set, init=False)
    _rung: bool = attrs.field(default=False, init=False)

    def ring(self) -> None:
        """There is something to do."""
        self._rung = True
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, timeout_s: float) -> None:
        """Return when the bell rings, at once if it rang since the last wait, or after *timeout_s*."""
        if not self._rung:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait((future,), timeout=timeout_s)
            finally:
                self._waiting.discard(future)
        self._rung = False


@attrs.frozen(kw_only=True, eq=False)
class Ports:
    """Everything outside, assembled once. No global, no registry: who needs it is handed it."""

    store: Store
    vault: Vault
    acquirers: Mapping[str, Acquirer]
    presenter: Presenter
    rules: Rules
    clock: Clock
    ids: Ids
    cvcs: CvcMemory
    owner: str = "embedded"
    """This process, as written on the attempts it sends."""
    is_gone: Callable[[str], bool] = lambda owner: False
    """Whether the process of that name has ended for sure."""
    clearing_files: ClearingFiles | None = None
    bank_rails: Mapping[str, BankRail] = attrs.field(factory=dict)
    """Ways to the banks by name; the first one unless the setting `bank_rail` names another."""
    courier: Courier | None = None
    """Who carries webhooks; without one they wait."""
    mailer: Mailer | None = None
    """Who carries e-mail; without one it waits."""
    deliveries: Bell = attrs.field(factory=Bell)
    """Rings when a commit has left deliveries."""
    queries: QueryLanguage | None = None
    """Who reads search queries; without one nothing can be searched."""
    declines: DeclineGuard = attrs.field(factory=DeclineGuard)
    """Slows down whoever tries stolen cards."""
    settings: Mapping[str, str] = attrs.field(factory=dict)
    """What the operator has set, for jobs: `settle_at` and the like."""
