"""Perform: the one way in. Idempotency, the handler, the network, and the commit that makes all of it true together.

A handler reads, decides and stages. When the network must be asked it returns an `Ask`; then the attempt and the claim on the
idempotency key are committed first, the message leaves while nothing is open, and what follows from the answer is
committed together with the reply. Nobody can forget the order, because nobody but this module commits and sends.
"""

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Final

import attrs

from payments_core.errors import (
    BalanceInsufficient,
    Conflict,
    Declined,
    InvalidRequest,
    ParamInvalid,
    ParamMissing,
    ParamUnknown,
    PaymentsError,
)
from payments_core.operations.concluding import conclude
from payments_core.operations.crossing import deliver_owed
from payments_core.operations.declaring import Ask, Message, Operation
from payments_core.operations.opening import find_connected
from payments_core.operations.seeing import Seer
from payments_core.operations.work import Caller, Work
from payments_core.payments.answers import Answer
from payments_core.payments.attempts import Attempt
from payments_core.platform.accounts import AccountId
from payments_core.platform.idempotency import KEY_LENGTH_MAX, Claim, ClaimId, Reply
from payments_core.ports import Ports
from payments_core.tokenization.cards import redact
from payments_core.values import evolve
from payments_core.watching import watched

TURNS_MAX: Final = 60
PATIENCE_S: Final = 60.0
_MISSPELT: Final = frozenset(
    {"amount_too_small", "parameter_invalid_integer", "parameter_missing", "parameters_exclusive"}
)


@attrs.frozen(eq=False, slots=False)
class Done:
    """What came of a request: the reply as the caller is told, and the result itself unless this is a replay."""

    reply: Reply
    result: Any | None = None
    replayed: bool = False
    first_request: str | None = None
    """Id of the request that a replay repeats."""


@attrs.frozen(eq=False)
class Performer:
    """Performs operations over one set of ports."""

    ports: Ports
    _in_flight: dict[tuple[AccountId, ClaimId], asyncio.Future[None]] = attrs.field(factory=dict, init=False)
    _queues: dict[AccountId, asyncio.Lock] = attrs.field(factory=dict, init=False)

    async def perform(self, operation: Operation, command: Any, caller: Caller) -> Done:
        """Run *operation* once for the caller's key, and give every repetition the same reply.

        Refusals are replies too; only `Unavailable` and programming mistakes are raised.
        """
        with watched(operation.name):
            return await self._perform(operation, command, caller)

    async def _perform(self, operation: Operation, command: Any, caller: Caller) -> Done:
        try:
            caller = await whose_work(self.ports, operation, command, caller)
        except PaymentsError as refusal:
            return Done(await reply_to(Work(caller, self.ports), refusal), refusal)
        work = Work(caller, self.ports)
        if operation.reads:
            return await self._read(operation, command, work)
        run = _Run(operation, command, work, self._claim(operation, work))
        if run.claim is None:
            return await self._take_turns(run)
        key = caller.account.id, run.claim.id
        while (first := self._in_flight.get(key)) is not None:
            await asyncio.wait((first,), timeout=PATIENCE_S)
        self._in_flight[key] = asyncio.get_running_loop().create_future()
        try:
            return await self._take_turns(run)
        finally:
            self._in_flight.pop(key).set_result(None)

    async def _read(self, operation: Operation, command: Any, work: Work) -> Done:
        try:
            result: Any = await operation.handler(command, work, self.ports)
        except PaymentsError as refusal:
            result = refusal
        return Done(await reply_to(work, result), result)

    def _claim(self, operation: Operation, work: Work) -> Claim | None:
        caller = work.caller
        if caller.idempotency_key is None:
            return None
        if not 1 <= len(caller.idempotency_key) <= KEY_LENGTH_MAX:
            raise ParamInvalid(f"Idempotency keys have 1 to {KEY_LENGTH_MAX} characters.")
        if redact(caller.idempotency_key) != caller.idempotency_key:
            raise ParamInvalid("An idempotency key cannot be a card number: events show it.")
        digest = self.ports.vault.digest("idempotency", caller.idempotency_key.encode())
        return Claim(
            account_id=caller.account.id,
            id=ClaimId(f"idem_{digest[:16].hex()}"),
            created=work.now,
            fingerprint=f"{operation.name} {caller.fingerprint}",
            request_id=caller.request_id or "",
            operation=operation.name,
            expand=caller.expand,
        )

    async def _take_turns(self, run: "_Run") -> Done:
        account_id = run.work.account_id
        for turn in range(TURNS_MAX):
            try:
                if turn == 0:
                    return await run.to_the_end()
                # Whoever lost a race queues behind the others who did, so that each turn has a winner.
                async with self._queues.setdefault(account_id, asyncio.Lock()):
                    return await run.to_the_end()
            except Conflict:
                run.work.discard()
                if turn >= 3:
                    await asyncio.sleep(random.random() * 0.005 * turn)  # noqa: S311 - spreads retries of processes
        refusal = Conflict(
            "This object cannot be accessed right now because another request is using it. Try again."
        )
        return Done(await reply_to(run.work, refusal), refusal)


@attrs.define(eq=False)
class _Run:
    """One request on its way. What the network said survives a lost race; what was read and staged does not."""

    operation: Operation
    command: Any
    work: Work
    claim: Claim | None
    heard: tuple[Attempt, Answer] | None = None

    async def to_the_end(self) -> Done:
        """Go on from where the request stands, up to the commit of its reply."""
        replay = await self._take_claim()
        if replay is not None:
            return replay
        try:
            result = await self._result()
        except Declined as outcome:  # an answer, not a mistake: what was staged is kept
            result = outcome
        except Conflict:
            raise
        except PaymentsError as refusal:
            result = refusal
            if self.heard is None:
                if await self.work.is_stale():
                    # Two nouns were read before and after somebody's commit: such a refusal would give a wrong reason.
                    raise Conflict("What was read has changed.") from None
                self.work.discard()
                replay = await self._take_claim()
                if replay is not None:
                    return replay
                if _is_misspelt(refusal):
                    # Nothing has begun: whoever puts the parameters right may use the key for it.
                    self.claim = None
        try:
            return await self._close(result)
        except BalanceInsufficient as refusal:
            self.work.discard()
            return await self._take_claim() or await self._close(refusal)

    async def _close(self, result: Any) -> Done:
        try:
            reply = await reply_to(self.work, result)
        except InvalidRequest:  # ids that cannot be expanded
            if self.heard is None:
                raise
            # The money has moved: the caller is told of it, without the frills.
            reply = await reply_to(self.work, result, expand=())
        if self.claim is not None:
            self.work.put(self.claim.replied(reply))
        await self.work.commit()
        if self.work.crossings:
            await deliver_owed(self.work)
        return Done(reply, result)

    async def _take_claim(self) -> Done | None:
        """See whether somebody else holds the key: their reply, or `KeyInUse`, or the way is free."""
        if self.claim is None:
            return None
        seen = await self.work.find(Claim, self.claim.id)
        if seen is None:
            return None
        ours = self.heard is not None and seen.reply is None
        if ours:
            self.claim = seen
            return None
        try:
            reply = seen.replay(self.claim.fingerprint, self.work.caller.idempotency_key or "")
        except PaymentsError as refusal:
            return Done(await reply_to(self.work, refusal), refusal)
        return Done(reply, replayed=True, first_request=seen.request_id)

    async def _result(self) -> Any:
        """The handler's result, after as many questions to the network as it takes."""
        if self.heard is None:
            result = await self.operation.handler(self.command, self.work, self.work.ports)
        else:
            result = await conclude(self.work, *self.heard)
        while isinstance(result, Ask):
            attempt = self._put_attempt(result.attempt)
            await self.work.commit()
            self.heard = attempt, await heard_from(self.work.ports, attempt, result.message)
            result = await conclude(self.work, *self.heard)
        if self.heard is not None and self.operation.outcome is not None:
            return await self.operation.outcome(self.work, self.work.ports, self.heard[0].result)
        return result

    def _put_attempt(self, attempt: Attempt) -> Attempt:
        if self.claim is not None:
            self.claim = evolve(self.claim, subject=attempt.result)
            self.work.put(self.claim)
            attempt = evolve(attempt, claim=self.claim.id)
        self.work.put(attempt)
        return attempt


def _is_misspelt(refusal: PaymentsError) -> bool:
    """Whether it is the parameters that are wrong, and not the state of something or what a network said."""
    return isinstance(refusal, ParamMissing | ParamUnknown | ParamInvalid) or refusal.code in _MISSPELT


async def whose_work(ports: Ports, operation: Operation, command: Any, caller: Caller) -> Caller:
    """The caller, or the caller acting for the account that *command* names, as with `Stripe-Account`."""
    if operation.whose is None:
        return caller
    named = getattr(command, operation.whose)
    if named == caller.account.id:
        return caller
    account = await find_connected(ports, caller.account, named)
    return evolve(caller, account=account, platform=caller.account.id)


async def heard_from(ports: Ports, attempt: Attempt, message: Message) -> Answer:
    """Send a message whose attempt is durable, wait for the answer, and tell whoever watches over the acquirers."""
    began = ports.clock.now_ms()
    with watched(f"network {attempt.kind}"):
        answer = await message.answer()
    ports.rules.heard(attempt.acquirer, attempt.kind, answer, ports.clock.now_ms() - began)
    return answer


async def reply_to(work: Work, result: Any, *, expand: Sequence[str] | None = None) -> Reply:
    """What the caller is told of *result*."""
    caller = work.caller
    return await work.ports.presenter.reply(
        Seer(work),
        result,
        livemode=work.account.livemode,
        expand=caller.expand if expand is None else expand,
        path=caller.path,
    )
