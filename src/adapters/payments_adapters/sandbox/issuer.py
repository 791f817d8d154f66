"""The sandbox bank on line: it answers requests for promises, and what follows upon them, each exactly once.

One row is written for each authorization, and nothing is read before: a repeated reference is found out by its key. Books
move only for cardholders with a limit; for the others nothing has to be counted until their purchases are presented.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import attrs

from payments_adapters.sandbox.authorizations import (
    ISSUER,
    FollowUpKind,
    IssuerAuthorization,
    IssuerMessage,
    authorization_id,
    key_of,
    message_id,
    original_of,
)
from payments_adapters.sandbox.books import Books
from payments_adapters.sandbox.cardholders import Cardholder
from payments_adapters.sandbox.clearing import ClearingRecord, ClearingResult
from payments_adapters.sandbox.decisions import APPROVED, decide, not_found, refusal
from payments_adapters.sandbox.presentments import present
from payments_adapters.sandbox.statements import Statement, pay_statement, statement
from payments_core import clock as time
from payments_core.clock import Clock
from payments_core.errors import BalanceInsufficient, Conflict, Unavailable
from payments_core.ids import Ids
from payments_core.payments.answers import Answer, Outcome
from payments_core.ports import AuthorizationRequest, FollowUp, Store, Write
from payments_core.tokenization.cards import Pan
from payments_core.values import evolve

TRIES: Final = 50
"""How often a message is worked on while others change the same authorization."""
CODE_LENGTH: Final = 6
REFERENCE_LENGTH: Final = 12
UNKNOWN_CARDHOLDER: Final = "unknown"


@attrs.frozen(eq=False)
class Issuer:
    """A bank with cardholders. Everything it must remember is in the store."""

    cardholders: Mapping[Pan, Cardholder]
    books: Books
    bins: frozenset[str] = attrs.field()
    """The bank identification numbers that the network routes here."""

    @bins.default
    def _bins(self) -> frozenset[str]:
        return frozenset(number.bin for number in self.cardholders)

    @classmethod
    def of(cls, cardholders: Iterable[Cardholder], store: Store, clock: Clock, ids: Ids) -> "Issuer":
        """A bank with these cardholders."""
        known = tuple(cardholders)
        books = Books(store=store, clock=clock, ids=ids, cardholders={c.id: c for c in known})
        return cls({c.number: c for c in known}, books)

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Promise the money, or say why not."""
        cardholder = self.cardholders.get(request.pan)
        decision = self._signed(decide(cardholder, request, self._month()))
        authorization = IssuerAuthorization(
            id=key_of(request),
            created=time.now(self.books.clock),
            reference=request.reference,
            merchant_account=request.account_id,
            merchant=request.merchant,
            cardholder=cardholder.id if cardholder else UNKNOWN_CARDHOLDER,
            amount=request.amount,
            currency=request.currency,
            answer=decision,
        )
        return await self._once(IssuerAuthorization, authorization.id, lambda: self._promise(authorization))

    async def reverse(self, message: FollowUp) -> Answer:
        """Let a promise go, whole or in part. One that never arrived is refused should it still come."""
        return await self._once(
            IssuerMessage, message_id(message.account_id, message.reference), lambda: self._reverse(message)
        )

    async def increment(self, message: FollowUp) -> Answer:
        """Promise a larger amount in all, or say why not."""
        return await self._once(
            IssuerMessage, message_id(message.account_id, message.reference), lambda: self._increment(message)
        )

    async def refund(self, message: FollowUp) -> Answer:
        """Agree to take money back for the cardholder. It is posted when it is presented."""
        return await self._once(
            IssuerMessage, message_id(message.account_id, message.reference), lambda: self._refund(message)
        )

    async def inquire(self, message: FollowUp) -> Answer:
        """Tell what was answered to the message `original`."""
        asked = await self.books.store.find(IssuerAuthorization, ISSUER, original_of(message))
        if asked is not None:
            return asked[0].answer if asked[0].arrived else not_found()
        followed = await self.books.store.find(
            IssuerMessage, ISSUER, message_id(message.account_id, message.original)
        )
        return followed[0].answer if followed else not_found()

    async def present(self, records: Sequence[ClearingRecord]) -> list[ClearingResult]:
        """Verify captured transactions, bill or credit their cardholders, and answer in the order of the records."""
        return await present(records, self.books)

    async def statement(self, cardholder: str, month: str) -> Statement:
        """The bill of one cardholder for one month, such as `2026-11`."""
        return await statement(cardholder, month, self.books)

    async def pay_statement(self, cardholder: str, month: str) -> Statement:
        """The cardholder pays a month's bill, once; what they owe and use of a limit becomes less."""
        return await pay_statement(cardholder, month, self.books)

    async def _once(
        self,
        kind: type[IssuerAuthorization] | type[IssuerMessage],
        key: str,
        answer: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        """Work on a message until its answer is written, by us or by somebody with the same reference."""
        for _ in range(TRIES):
            try:
                return await answer()
            except Conflict:
                found = await self.books.store.find(kind, ISSUER, key)
            if found is not None:
                return found[0].answer
        raise Unavailable("The sandbox bank is too busy with this authorization.")

    async def _promise(self, authorization: IssuerAuthorization) -> Answer:
        limit = self.books.limit(authorization.cardholder)
        insert = Write(authorization, 0)
        if limit is None or not authorization.answer.approved or not authorization.amount:
            await self.books.write(insert)
            return authorization.answer
        used = self.books.used(authorization, authorization.id, authorization.amount)
        try:
            await self.books.write(insert, bookings=used, limit=(authorization.cardholder, limit))
        except BalanceInsufficient:
            refused = attrs.evolve(authorization, answer=self._signed(refusal("insufficient_funds")))
            await self.books.write(Write(refused, 0))
            return refused.answer
        return authorization.answer

    async def _reverse(self, message: FollowUp) -> Answer:
        answer = self._signed(Answer(outcome=Outcome.APPROVED, response_code=APPROVED))
        noted = self._noted(FollowUpKind.REVERSE, message, answer)
        found = await self.books.store.find(IssuerAuthorization, ISSUER, original_of(message))
        if found is None:
            await self.books.write(Write(self._overtaken(message), 0), noted)
            return answer
        authorization, version = found
        freed = min(message.amount, authorization.held)
        if not freed:
            await self.books.write(noted)
            return answer
        await self.books.write(
            Write(authorization.release(freed), version),
            noted,
            bookings=self.books.freed(authorization, noted.noun.id, freed),
        )
        return answer

    async def _increment(self, message: FollowUp) -> Answer:
        found = await self.books.store.find(IssuerAuthorization, ISSUER, original_of(message))
        answer = self._signed(_may_increment(found[0] if found else None, message))
        noted = self._noted(FollowUpKind.INCREMENT, message, answer)
        if found is None or not answer.approved:
            await self.books.write(noted)
            return answer
        authorization, version = found
        raised = Write(authorization.raised(message.amount), version)
        limit = self.books.limit(authorization.cardholder)
        if limit is None:
            await self.books.write(raised, noted)
            return answer
        more = message.amount - authorization.amount
        used = self.books.used(authorization, noted.noun.id, more)
        try:
            await self.books.write(raised, noted, bookings=used, limit=(authorization.cardholder, limit))
        except BalanceInsufficient:
            answer = self._signed(refusal("insufficient_funds"))
            await self.books.write(self._noted(FollowUpKind.INCREMENT, message, answer))
        return answer

    async def _refund(self, message: FollowUp) -> Answer:
        found = await self.books.store.find(IssuerAuthorization, ISSUER, original_of(message))
        answer = self._signed(self._may_refund(found[0] if found else None))
        await self.books.write(self._noted(FollowUpKind.REFUND, message, answer))
        return answer

    def _may_refund(self, authorization: IssuerAuthorization | None) -> Answer:
        if authorization is None or not authorization.arrived:
            return not_found()
        if not authorization.answer.approved:
            return refusal("transaction_not_allowed")
        cardholder = self.books.cardholders.get(authorization.cardholder)
        traits = {"refund": cardholder.refund} if cardholder and cardholder.refund else {}
        return Answer(outcome=Outcome.APPROVED, response_code=APPROVED, traits=traits)

    def _overtaken(self, message: FollowUp) -> IssuerAuthorization:
        """What stands in the way of an authorization that comes after its own reversal."""
        return IssuerAuthorization(
            id=original_of(message),
            created=time.now(self.books.clock),
            reference=message.original,
            merchant_account=message.account_id,
            merchant="",
            cardholder=UNKNOWN_CARDHOLDER,
            amount=message.amount,
            currency=message.currency,
            answer=self._signed(refusal("revocation_of_authorization")),
            arrived=False,
        )

    def _noted(self, kind: FollowUpKind, message: FollowUp, answer: Answer) -> Write:
        noun = IssuerMessage(
            id=message_id(message.account_id, message.reference),
            created=time.now(self.books.clock),
            kind=kind,
            reference=message.reference,
            original=authorization_id(message.account_id, message.original),
            merchant_account=message.account_id,
            amount=message.amount,
            currency=message.currency,
            answer=answer,
        )
        return Write(noun, 0)

    def _signed(self, answer: Answer) -> Answer:
        """The answer with the references that the bank gives it; a yes also gets an authorization code."""
        code = self.books.ids.secret(CODE_LENGTH).upper() if answer.approved else None
        reference = self.books.ids.secret(REFERENCE_LENGTH).upper()
        return evolve(answer, authorization_code=code, network_reference=reference)

    def _month(self) -> tuple[int, int]:
        today = datetime.fromtimestamp(self.books.clock.now_ms() / 1000, UTC)
        return today.year, today.month


def _may_increment(authorization: IssuerAuthorization | None, message: FollowUp) -> Answer:
    if authorization is None or not authorization.arrived:
        return not_found()
    if not authorization.is_untouched or not authorization.amount:
        return refusal("transaction_not_allowed")
    if message.amount <= authorization.amount or message.currency != authorization.currency:
        return refusal("invalid_amount")
    return Answer(outcome=Outcome.APPROVED, response_code=APPROVED)
