"""A cardholder's life at random: whatever happens, the books say what was promised, presented and given back."""

import asyncio
from typing import Any

import attrs
import hypothesis.strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from payments_adapters.sandbox.clearing import ClearingKind, ClearingRecord
from payments_core.ledger.accounts import LedgerAccount
from payments_core.payments.answers import Answer
from payments_core.ports import AuthorizationRequest, FollowUp
from payments_core.testing.network import Unreliable
from tests.adapters.sandbox.test_clearing import a_record
from tests.adapters.sandbox.worlds import a_request, a_world, about

LIMIT = 5000
CARDHOLDER = "visa_us_1003"
amounts = st.integers(min_value=1, max_value=3000)


@attrs.define
class Promise:
    """What the model believes of one authorization."""

    request: AuthorizationRequest
    answer: Answer
    amount: int
    held: int
    presented: int = 0
    credited: int = 0


class CardholderLife(RuleBasedStateMachine):
    promises = Bundle("promises")
    sent = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world = a_world()
        # Every message arrives twice: nothing may change by that.
        self.acquirer = Unreliable(acquirer=self.world.acquirer, seed=1, duplicate=1.0)
        self.all: list[Promise] = []

    def teardown(self) -> None:
        self.runner.close()

    def run_(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    @property
    def used(self) -> int:
        return sum(p.held + p.presented - p.credited for p in self.all)

    @rule(target=promises, amount=amounts)
    def authorize(self, amount: int) -> Promise:
        request = a_request("4000000000071003", amount=amount)
        fits = self.used + amount <= LIMIT
        answer = self.run_(self.acquirer.authorize(request))
        assert answer.approved == fits
        promise = Promise(request, answer, amount, amount if fits else 0)
        self.all.append(promise)
        return promise

    @rule(target=sent, promise=promises, amount=amounts)
    def reverse(self, promise: Promise, amount: int) -> FollowUp:
        message = about(promise.request, amount)
        assert self.run_(self.acquirer.reverse(message)).approved
        promise.held -= min(amount, promise.held)
        return message

    @rule(message=consumes(sent))
    def reverse_again(self, message: FollowUp) -> None:
        assert self.run_(self.acquirer.reverse(message)).approved

    @rule(promise=promises, amount=amounts)
    def increment(self, promise: Promise, amount: int) -> None:
        untouched = promise.held == promise.amount and promise.answer.approved
        more = amount - promise.amount
        allowed = untouched and more > 0 and self.used + more <= LIMIT
        answer = self.run_(self.acquirer.increment(about(promise.request, amount)))
        assert answer.approved == allowed
        if allowed:
            promise.amount = promise.held = amount

    @rule(promise=promises, amount=amounts, final=st.booleans())
    def present(self, promise: Promise, amount: int, final: bool) -> None:
        record = a_record(promise.request, promise.answer, amount, final=final)
        if self.accepts(record, amount <= promise.held):
            promise.presented += amount
            promise.held = 0 if final else promise.held - amount

    @rule(promise=promises, amount=amounts)
    def credit(self, promise: Promise, amount: int) -> None:
        record = a_record(promise.request, promise.answer, amount, kind=ClearingKind.CREDIT)
        if self.accepts(record, amount <= promise.presented - promise.credited):
            promise.credited += amount

    def accepts(self, record: ClearingRecord, expected: bool) -> bool:
        for _ in range(2):
            (result,) = self.run_(self.world.network.clear([record])).results
            assert result.accepted == expected
        return expected

    @invariant()
    def the_books_say_the_same(self) -> None:
        owed = sum(p.presented - p.credited for p in self.all)
        standing = self.world.standing

        assert self.run_(standing(LedgerAccount.CARDHOLDER_HELD, CARDHOLDER)) == self.used <= LIMIT
        assert self.run_(standing(LedgerAccount.ISSUER_HELD)) == -self.used
        assert self.run_(standing(LedgerAccount.CARDHOLDER, CARDHOLDER)) == owed
        assert self.run_(standing(LedgerAccount.ISSUER_SETTLEMENT)) == -owed


TestCardholderLife = CardholderLife.TestCase
