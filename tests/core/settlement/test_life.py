"""The life of money at random: charges, captures, refunds, settlement, expiry and jumps of the clock, over a network that loses,
doubles and delays, in a process that crashes at any commit. The books balance at every step.

`MoneyLife` is a base: rules for payouts and disputes are added in a subclass, and `crashing` is where a crash comes from.
"""

import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from payments_core.clock import Timestamp
from payments_core.operations.auditing import trial_balance, verify
from payments_core.operations.expiring import expire_holds
from payments_core.operations.jobs import BY_NAME
from payments_core.operations.recovering import recover
from payments_core.operations.sealing import seal_books
from payments_core.operations.settlement_exceptions import represent, write_off
from payments_core.operations.settling import settle
from payments_core.payments.attempts import Attempt
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold, HoldState
from payments_core.ports import Clearing, Query
from payments_core.settlement.batches import BatchState, ExceptionState, SettlementBatch, SettlementException
from payments_core.settlement.clearing import ClearingRecord, ClearingResult
from payments_core.testing.network import Unreliable
from tests.support.lives import Life
from tests.support.shops import Shop, a_shop

CARDS = ("tok_visa", "tok_mastercard", "tok_bypassPending", "tok_chargeDeclined")


@attrs.define(eq=False, kw_only=True)
class BadLine(Unreliable):
    """A bad line that batches travel too."""

    dice: random.Random = attrs.field(factory=lambda: random.Random(0))

    async def submit(self, batch: str, records: Sequence[ClearingRecord]) -> Sequence[ClearingResult]:
        assert isinstance(self.acquirer, Clearing)
        fate = self.dice.random()
        if fate < 0.1:
            raise TimeoutError
        results = list(await self.acquirer.submit(batch, records))
        if fate < 0.2:
            raise TimeoutError
        if fate < 0.3:
            return results[:-1]
        if fate < 0.4:
            return [*results, *results]
        if fate < 0.5:
            return [attrs.evolve(results[0], reason="late_presentment"), *results[1:]]
        return results


class MoneyLife(Life):
    """One shop, and everything that can happen to its money."""

    @initialize(seed=st.integers(0, 2**32))
    def open(self, seed: int) -> None:
        self.begin(seed)
        self.shop: Shop = self.enter(a_shop(self.path, self.store, clearing_files="off"))
        self.line = BadLine(
            acquirer=self.shop.ports.acquirers["sandbox"],
            seed=seed,
            dice=self.dice,
            lose_request=0.06,
            lose_answer=0.06,
            duplicate=0.1,
            delay=0.06,
        )
        self.shop.ports.acquirers["sandbox"] = self.line

    def pick(self, kind: type[Any], **equal: Any) -> Any:
        page = self.run(self.store.select(kind, self.shop.id, Query(equal=equal, limit=100)))
        return self.dice.choice(page.items) if page.items else None

    @rule(amount=st.integers(50, 99_999), card=st.sampled_from(CARDS), now=st.booleans())
    def charge(self, amount: int, card: str, now: bool) -> None:
        self.crashing(self.shop.charge(amount, card, capture=now))

    @rule(part=st.floats(0.01, 1.0))
    def capture(self, part: float) -> None:
        charge = self.pick(Charge, status="succeeded", captured=False)
        if charge is not None:
            self.crashing(self.shop.capture(charge, max(1, int(charge.amount * part))))

    @rule(part=st.floats(0.01, 1.2))
    def refund(self, part: float) -> None:
        charge = self.pick(Charge, status="succeeded")
        if charge is not None:
            self.crashing(self.shop.refund(charge, max(1, int(charge.amount * part))))

    @rule()
    def settle(self) -> None:
        self.crashing(settle(self.shop.ports, self.now))

    @rule()
    def recover(self) -> None:
        self.crashing(recover(self.shop.ports, BY_NAME.get))

    @rule()
    def expire(self) -> None:
        self.crashing(expire_holds(self.shop.ports))

    @rule()
    def seal(self) -> None:
        self.crashing(seal_books(self.shop.ports))

    @rule()
    def deliver_what_was_delayed(self) -> None:
        self.run(self.line.deliver())

    @rule(seconds=st.sampled_from([1, 60, 3600, 86_400, 8 * 86_400]))
    def jump(self, seconds: int) -> None:
        self.shop.clock.advance(seconds)

    @rule(again=st.booleans())
    def decide_about_an_exception(self, again: bool) -> None:
        found = self.pick(SettlementException, status=ExceptionState.OPEN)
        if found is not None:
            decide: Any = represent if again else write_off
            self.crashing(decide(self.shop.ports, self.shop.id, found.id))

    @property
    def now(self) -> Timestamp:
        return Timestamp(self.shop.clock.ms // 1000)

    @invariant()
    def the_books_are_sound(self) -> None:
        if not hasattr(self, "shop"):
            return
        verdict = self.run(verify(self.store))
        assert verdict.findings == ()
        assert self.run(trial_balance(self.store)).is_even

    @invariant()
    def memorandum_is_what_is_held(self) -> None:
        if not hasattr(self, "shop"):
            return
        holds = self.run(_all(self.store.stream(Hold, self.shop.id)))
        charges = {c.id: c for c in self.run(_all(self.store.stream(Charge, self.shop.id)))}
        held = sum(
            hold.remaining
            for hold in holds
            if hold.state is HoldState.HELD and not charges[hold.charge_id].capture_now
        )
        books = self.run(self.shop.books())
        assert [books.get(name, 0) for name in ("holds_pending", "holds_promised")] == [held, held]

    def finish(self) -> None:
        """The faults stop, and time goes by: everything comes to an end, and nothing is left in doubt."""
        self.line = Unreliable(acquirer=self.line.acquirer, seed=0)  # type: ignore[assignment]
        self.shop.ports.acquirers["sandbox"] = self.line.acquirer  # type: ignore[index]
        for _ in range(12):
            self.shop.clock.advance(2 * 3600)
            self.run(recover(self.shop.ports, BY_NAME.get))
        self.shop.clock.advance(40 * 86_400)
        self.run(expire_holds(self.shop.ports))
        self.run(recover(self.shop.ports, BY_NAME.get))
        self.run(settle(self.shop.ports, self.now))
        self.the_books_are_sound()
        self.memorandum_is_what_is_held()
        books = self.run(self.shop.books())
        open_ones = [
            found
            for found in self.run(_all(self.store.stream(SettlementException, self.shop.id)))
            if found.status is ExceptionState.OPEN
        ]
        batches = self.run(_all(self.store.stream(SettlementBatch, self.shop.id)))
        assert all(batch.state is BatchState.FUNDED for batch in batches)
        assert books.get("network_receivable", 0) == 0
        assert books.get("suspense", 0) == sum(found.amount for found in open_ones)
        assert not any(
            hold.state in (HoldState.IN_DOUBT, HoldState.REQUESTED)
            for hold in self.run(_all(self.store.stream(Hold, self.shop.id)))
        )
        assert not any(
            attempt.draft is not None for attempt in self.run(_all(self.store.stream(Attempt, self.shop.id)))
        )


async def _all(stream: AsyncIterator[Any]) -> list[Any]:
    return [noun async for noun in stream]


MoneyLife.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestMoneyLife = MoneyLife.TestCase
