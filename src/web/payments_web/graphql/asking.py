"""One GraphQL request on its way: who asks, the operations it performs, and the look-ups it shares.

Operations go through the same `perform` as from REST; what comes back is the same rendered reply.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import attrs
import msgspec
from aiodataloader import DataLoader

from payments_core import clock
from payments_core.errors import Forbidden, PaymentsError
from payments_core.operations.declaring import Operation
from payments_core.operations.onboarding import Credentials
from payments_core.operations.performing import Performer
from payments_core.operations.seeing import Seer
from payments_core.operations.structuring import structure
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import Account
from payments_core.platform.api_keys import KeyKind
from payments_core.ports import Query
from payments_web.graphql.refusing import refusal_of, refused
from payments_web.objects.loading import LIST_LIMIT, NounLoader
from payments_web.objects.presenter import ApiPresenter, encode
from payments_web.objects.registry import NOUNS
from payments_web.rest.door import API_VERSION, may

TOGETHER_MAX: Final = 500
"""How many rows one look-up for lists may bring."""


@attrs.define(eq=False, kw_only=True)
class Asking:
    """The context of one request."""

    performer: Performer
    presenter: ApiPresenter
    credentials: Credentials
    account: Account
    """The merchant whose work it is: the key's own, or one that its platform acts for."""
    readers: Mapping[str, Operation]
    """The operation that retrieves each kind: whoever may do it may follow ids to it."""
    request_id: str
    idempotency_key: str | None = None
    client_ip: str | None = None
    mutations: int = 0
    """How many mutations the request has: with several, each has a key of its own."""
    _objects: dict[str, "DataLoader[str, Any]"] = attrs.field(factory=dict, init=False)
    _lists: dict[tuple[str, str], "DataLoader[str, Any]"] = attrs.field(factory=dict, init=False)
    _finder: NounLoader | None = attrs.field(default=None, init=False)

    @property
    def now(self) -> int:
        """The moment of the request."""
        return clock.now(self.performer.ports.clock)

    async def perform(
        self, operation: Operation, tree: dict[str, Any], *, key: str | None = None, path: str = ""
    ) -> Any:
        """The rendered answer of an operation, or its refusal as a GraphQL error."""
        try:
            may(self.credentials, operation)
            command = structure(operation.command, tree)
            caller = self._caller(operation, tree, key, path)
            done = await asyncio.shield(self.performer.perform(operation, command, caller))
        except PaymentsError as refusal:
            raise refusal_of(refusal, self.presenter, livemode=self.account.livemode) from None
        told = msgspec.json.decode(done.reply.body)
        if done.reply.status >= 400:
            raise refused(told["error"], done.reply.status)
        return told

    def _caller(self, operation: Operation, tree: dict[str, Any], key: str | None, path: str) -> Caller:
        digest = self.performer.ports.vault.digest
        told = encode((operation.name, sorted(tree.items()))) if key else b""
        return Caller(
            account=self.account,
            request_id=self.request_id,
            idempotency_key=key,
            fingerprint=digest("parameters", told).hex() if key else "",
            path=path,
            publishable=self.credentials.key.kind is KeyKind.PUBLISHABLE,
            client_ip=self.client_ip,
            api_version=API_VERSION,
            platform=self.credentials.account.id if self.account is not self.credentials.account else None,
        )

    def key_for(self, told: str | None, place: str) -> str | None:
        """The idempotency key of a mutation: its own, or the request's; several mutations do not share one."""
        if told is not None or self.idempotency_key is None:
            return told
        return self.idempotency_key if self.mutations <= 1 else f"{self.idempotency_key}/{place}"

    async def objects(self, kind: str, noun_id: str) -> Any:
        """The object of this id, rendered, or None. All that is asked for at one time is one look-up."""
        loader = self._objects.get(kind)
        if loader is None:
            self._check(kind)
            loader = self._objects[kind] = DataLoader(partial(self._find_many, kind))
        return await loader.load(noun_id)

    async def all_objects(self, named: Sequence[tuple[str, str]]) -> list[Any]:
        """The objects of these kinds and ids, in order."""
        return await asyncio.gather(*(self.objects(kind, noun_id) for kind, noun_id in named))

    async def lists(self, kind: str, by: str, owner: str) -> list[Any]:
        """The first objects of *kind* whose column *by* is *owner*, newest first."""
        loader = self._lists.get((kind, by))
        if loader is None:
            self._check(kind)
            loader = self._lists[kind, by] = DataLoader(partial(self._find_lists, kind, by))
        found: list[Any] = await loader.load(owner)
        return found

    def _check(self, kind: str) -> None:
        reader = self.readers.get(kind)
        try:
            if reader is not None:
                may(self.credentials, reader)
            elif self.credentials.key.kind is not KeyKind.SECRET:
                raise Forbidden(f"The provided key does not have the required permission: {kind}:read.")
        except PaymentsError as refusal:
            raise refusal_of(refusal, self.presenter, livemode=self.account.livemode) from None

    @property
    def _nouns(self) -> NounLoader:
        if self._finder is None:
            work = Work(Caller(account=self.account, request_id=self.request_id), self.performer.ports)
            self._finder = NounLoader(
                find=Seer(work).find_many,
                select=work.select,
                presenter=self.presenter,
                livemode=self.account.livemode,
            )
        return self._finder

    async def _find_many(self, kind: str, noun_ids: Sequence[str]) -> list[Any]:
        found = await self._nouns.find_many(kind, noun_ids)
        return [found.get(noun_id) for noun_id in noun_ids]

    async def _find_lists(self, kind: str, by: str, owners: Sequence[str]) -> list[Any]:
        """One look-up for all owners; owners of very long lists are asked for one by one."""
        noun = NOUNS.get(kind)
        if noun is None:
            return [[] for _ in owners]
        room = min(TOGETHER_MAX, (LIST_LIMIT + 1) * len(owners))
        page = await self._nouns.select(noun, Query(equal={by: tuple(owners)}, limit=room))
        if page.has_more:
            parts = await self._nouns.list_of(kind, by, owners)
            return [parts[owner]["data"] for owner in owners]
        grouped: dict[str, list[Any]] = defaultdict(list)
        for item in page.items:
            grouped[getattr(item, by)].append(self._nouns.render(kind, item))
        return [grouped[owner][:LIST_LIMIT] for owner in owners]
