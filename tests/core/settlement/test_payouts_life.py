"""The life of money goes on at random: payouts by hand and by schedule, banks that return them, disputes, refunds that come back.

Besides the books, the contents of every automatic payout add up at every step.
"""

from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction
from payments_core.operations.automatic_payouts import pay_automatically
from payments_core.operations.disputes import CloseDispute, EvidenceParams, UpdateDispute
from payments_core.operations.disputing import decide_disputes, hear_issuers
from payments_core.operations.paying_out import advance_payouts, conclude_by_id
from payments_core.operations.payouts import CancelPayout, CreatePayout
from payments_core.operations.refund_life import advance_refunds
from payments_core.payments.disputes import Dispute, DisputeState
from payments_core.settlement.payouts import Payout, PayoutResult, PayoutState
from tests.core.settlement.test_life import MoneyLife, _all
from tests.core.settlement.test_payouts import bank

CARDS = (
    "tok_visa",
    "tok_bypassPending",
    "tok_createDispute",
    "tok_createDisputeInquiry",
    "tok_createMultipleDisputes",
    "tok_pendingRefund",
    "tok_refundFail",
)
TEXTS = ("winning_evidence", "losing_evidence", "escalate_inquiry_evidence", "nothing of the kind")
ON_THEIR_WAY = (PayoutState.PENDING, PayoutState.IN_TRANSIT)
SET_ASIDE = (DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)


class PayoutLife(MoneyLife):
    """As before, and the money leaves for a bank."""

    @initialize(good=st.booleans())
    def open_bank_account(self, good: bool) -> None:
        if hasattr(self, "shop"):
            self.run(bank(self.shop, "000123456789" if good else "000111111116"))

    @property
    def is_open(self) -> bool:
        return hasattr(self, "shop")

    @rule(amount=st.integers(500, 99_999), card=st.sampled_from(CARDS), now=st.booleans())
    def charge(self, amount: int, card: str, now: bool) -> None:
        self.crashing(self.shop.charge(amount, card, capture=now))

    @rule(amount=st.integers(1, 99_999), instant=st.booleans())
    def pay_out(self, amount: int, instant: bool) -> None:
        method = "instant" if instant else "standard"
        self.crashing(
            self.shop.merchant.do(CreatePayout(amount=amount, currency="usd", method=method))  # type: ignore[arg-type]
        )

    @rule()
    def pay_out_by_schedule(self) -> None:
        self.crashing(pay_automatically(self.shop.ports))

    @rule()
    def ask_the_bank(self) -> None:
        self.crashing(advance_payouts(self.shop.ports))

    @rule()
    def cancel(self) -> None:
        payout = self.pick(Payout)
        if payout is not None:
            self.crashing(self.shop.merchant.do(CancelPayout(id=payout.id)))

    @rule()
    def return_late(self) -> None:
        payout = self.pick(Payout, status=PayoutState.PAID)
        if payout is not None:
            result = PayoutResult(payout=payout.id, failure_code="account_closed")
            self.crashing(conclude_by_id(self.shop.ports, self.shop.id, result))

    @rule()
    def hear(self) -> None:
        self.crashing(hear_issuers(self.shop.ports))

    @rule(text=st.sampled_from(TEXTS), submit=st.booleans())
    def object_to(self, text: str, submit: bool) -> None:
        dispute = self.pick(Dispute)
        if dispute is not None:
            evidence = EvidenceParams(uncategorized_text=text)
            self.crashing(
                self.shop.merchant.do(UpdateDispute(id=dispute.id, evidence=evidence, submit=submit))
            )

    @rule()
    def give_up(self) -> None:
        dispute = self.pick(Dispute)
        if dispute is not None:
            self.crashing(self.shop.merchant.do(CloseDispute(id=dispute.id)))

    @rule()
    def decide(self) -> None:
        self.crashing(decide_disputes(self.shop.ports))

    @rule()
    def refunds_go_on(self) -> None:
        self.crashing(advance_refunds(self.shop.ports))

    @precondition(lambda self: self.is_open)
    @invariant()
    def what_is_on_its_way_is_on_its_way(self) -> None:
        books = self.run(self.shop.books())
        payouts = self.all(Payout)
        disputes = self.all(Dispute)
        on_its_way = sum(payout.amount for payout in payouts if payout.status in ON_THEIR_WAY)
        set_aside = sum(dispute.amount for dispute in disputes if dispute.status in SET_ASIDE)
        assert books.get("payouts_in_transit", 0) == on_its_way
        assert books.get("merchant_reserved", 0) == set_aside

    @precondition(lambda self: self.is_open)
    @invariant()
    def the_contents_of_every_payout_add_up(self) -> None:
        lines = [line for line in self.all(BalanceTransaction) if line.status is BalanceState.AVAILABLE]
        covered: dict[str, str] = {}
        sums: dict[str, int] = defaultdict(int)
        for payout in self.all(Payout):
            if payout.contents_upto is None:
                continue
            for line in lines:
                if payout.contents_after < line.available_since <= payout.contents_upto:
                    assert covered.setdefault(line.id, payout.id) == payout.id, "in two payouts"
                    sums[payout.id] += line.net
        assert not any(sums.values())

    def all(self, kind: type[Any]) -> list[Any]:
        found: list[Any] = self.run(_all(self.store.stream(kind, self.shop.id)))
        return found

    def finish(self) -> None:
        """Besides the rest, everything that waits for a bank or an issuer comes to an end."""
        self.shop.clock.advance(days=1)
        self.run(hear_issuers(self.shop.ports))
        self.run(advance_refunds(self.shop.ports))
        super().finish()
        self.run(hear_issuers(self.shop.ports))
        for _ in range(3):  # an inquiry can become a dispute, which ends in its turn
            self.shop.clock.advance(days=70)
            for job in (decide_disputes, pay_automatically, advance_payouts):
                self.run(job(self.shop.ports))
        self.shop.clock.advance(days=7)
        self.run(advance_payouts(self.shop.ports))
        self.the_books_are_sound()
        self.what_is_on_its_way_is_on_its_way()
        self.the_contents_of_every_payout_add_up()
        assert not any(payout.status in ON_THEIR_WAY for payout in self.all(Payout))
        assert not any(dispute.is_open for dispute in self.all(Dispute))


PayoutLife.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestPayoutLife = PayoutLife.TestCase
