"""A platform at random: shared charges, transfers, what comes back of them, and settlement, in a process that crashes at any
commit. At every step the two accounts' books differ by just what is on its way, and in the end nothing is.
"""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from payments_core.clock import Timestamp
from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction
from payments_core.operations.application_fees import RefundFee
from payments_core.operations.auditing import verify
from payments_core.operations.charges import CaptureCharge
from payments_core.operations.crossing import deliver_crossings
from payments_core.operations.jobs import BY_NAME
from payments_core.operations.params import TransferParams
from payments_core.operations.recovering import recover
from payments_core.operations.refunds import CreateRefund
from payments_core.operations.settling import settle
from payments_core.operations.transfers import CreateReversal, CreateTransfer
from payments_core.payments.charges import Charge
from payments_core.settlement.application_fees import ApplicationFee
from payments_core.settlement.crossings import Crossing, CrossingKind
from payments_core.settlement.transfers import ReversalState, Transfer, TransferReversal
from tests.support.lives import Life
from tests.support.platforms import House, a_house

CARDS = ("tok_visa", "tok_bypassPending")
_ARRIVES = {
    CrossingKind.PAYMENT: lambda owed: owed.amount - owed.fee,
    CrossingKind.REVERSAL: lambda owed: -owed.amount,
    CrossingKind.FEE: lambda owed: owed.amount,
    CrossingKind.FEE_RETURN: lambda owed: owed.amount,
}


class PlatformLife(Life):
    """One platform with one seller, and everything that can happen between them."""

    likelihood = 0.1

    @initialize(seed=st.integers(0, 2**32))
    def open(self, seed: int) -> None:
        self.begin(seed)
        self.house: House = self.enter(a_house(self.path, self.store, clearing_files="off"))

    def pick(self, who: Any, kind: type[Any]) -> Any:
        found = self.run(self.house.all_of(who, kind))
        return self.dice.choice(found) if found else None

    @rule(
        amount=st.integers(100, 9_999),
        fee=st.none() | st.integers(0, 99),
        card=st.sampled_from(CARDS),
        now=st.booleans(),
        part=st.none() | st.integers(1, 99),
    )
    def sell_for_the_seller(
        self, amount: int, fee: int | None, card: str, now: bool, part: int | None
    ) -> None:
        goes_to = TransferParams(
            destination=self.house.seller.account.id, amount=part if fee is None else None
        )
        self.crashing(
            self.house.charge(
                amount=amount, source=card, capture=now, transfer_data=goes_to, application_fee_amount=fee
            )
        )

    @rule(amount=st.integers(100, 9_999), fee=st.integers(0, 99), card=st.sampled_from(CARDS))
    def let_the_seller_sell(self, amount: int, fee: int, card: str) -> None:
        self.crashing(self.house.charge(self.house.for_seller, amount, card, application_fee_amount=fee))

    @rule(amount=st.integers(100, 9_999), card=st.sampled_from(CARDS))
    def sell(self, amount: int, card: str) -> None:
        self.crashing(self.house.charge(amount=amount, source=card))

    @rule(part=st.floats(0.1, 1.0))
    def capture(self, part: float) -> None:
        charge = self.pick(self.house.platform, Charge)
        if charge is not None:
            wanted = max(1, int(charge.amount * part))
            self.crashing(self.house.platform.do(CaptureCharge(id=charge.id, amount=wanted)))

    @rule(amount=st.integers(1, 9_999), named=st.booleans())
    def transfer(self, amount: int, named: bool) -> None:
        charge = self.pick(self.house.platform, Charge) if named else None
        seller = self.house.seller.account.id
        command = CreateTransfer(
            amount=amount,
            currency="usd",
            destination=seller,
            source_transaction=charge.id if charge else None,
        )
        self.crashing(self.house.platform.do(command))

    @rule(part=st.floats(0.01, 1.0), with_fee=st.booleans())
    def reverse(self, part: float, with_fee: bool) -> None:
        transfer = self.pick(self.house.platform, Transfer)
        if transfer is not None:
            wanted = max(1, int(transfer.amount * part))
            command = CreateReversal(id=transfer.id, amount=wanted, refund_application_fee=with_fee)
            self.crashing(self.house.platform.do(command))

    @rule(part=st.floats(0.01, 1.0), back=st.booleans(), fee=st.booleans(), direct=st.booleans())
    def refund(self, part: float, back: bool, fee: bool, direct: bool) -> None:
        who = self.house.for_seller if direct else self.house.platform
        charge = self.pick(who, Charge)
        if charge is not None:
            command = CreateRefund(
                charge=charge.id,
                amount=max(1, int(charge.amount * part)),
                reverse_transfer=back and charge.transfer is not None,
                refund_application_fee=fee and charge.application_fee is not None,
            )
            self.crashing(who.do(command))

    @rule(part=st.floats(0.01, 1.0))
    def refund_a_fee(self, part: float) -> None:
        fee = self.pick(self.house.platform, ApplicationFee)
        if fee is not None:
            wanted = max(1, int(fee.amount * part))
            self.crashing(self.house.platform.do(RefundFee(id=fee.id, amount=wanted)))

    @rule()
    def settle(self) -> None:
        self.house.clock.advance(86_400)
        self.crashing(settle(self.house.gateway.ports, self.now))

    @rule()
    def deliver(self) -> None:
        self.crashing(deliver_crossings(self.house.gateway.ports))

    @rule()
    def recover(self) -> None:
        self.house.clock.advance(60)
        self.crashing(recover(self.house.gateway.ports, BY_NAME.get))

    @property
    def now(self) -> Timestamp:
        return Timestamp(self.house.clock.ms // 1000)

    @invariant()
    def the_books_are_sound(self) -> None:
        if hasattr(self, "house"):
            assert self.run(verify(self.store)).findings == ()

    @invariant()
    def the_books_differ_by_what_is_on_its_way(self) -> None:
        if hasattr(self, "house"):
            assert self.run(self.house.under_way()) == self.run(self._on_its_way())

    async def _on_its_way(self) -> int:
        total = 0
        for owed in await self.house.owed():
            arrives = _ARRIVES.get(owed.kind)
            if arrives is not None and not await self._is_booked(owed.to, owed.transaction):
                total += arrives(owed)
        for reversal in await self.house.all_of(self.house.platform, TransferReversal):
            waits = reversal.status is ReversalState.REQUESTED
            if waits and await self._is_booked(self.house.seller.account.id, reversal.payer_transaction):
                total += reversal.amount
        return total

    async def _is_booked(self, account_id: Any, transaction: str) -> bool:
        return await self.store.find(BalanceTransaction, account_id, transaction) is not None

    def finish(self) -> None:
        """The crashes stop, and time goes by: everything arrives, and is funded."""
        house, ports = self.house, self.house.gateway.ports
        for _ in range(4):
            house.clock.advance(7_200)
            self.run(deliver_crossings(ports))
            self.run(recover(ports, BY_NAME.get))
        for _ in range(2):
            house.clock.advance(86_400)
            self.run(settle(ports, self.now))
            while self.run(deliver_crossings(ports)):
                pass
        self.run(house.check())
        payments = {charge.id: charge for charge in self.run(house.all_of(house.seller, Charge))}
        for transfer in self.run(house.all_of(house.platform, Transfer)):
            payment = payments[transfer.destination_payment]
            assert (payment.amount, payment.amount_refunded) == (transfer.amount, transfer.amount_reversed)
        for who in (house.platform, house.seller):
            lines = self.run(house.all_of(who, BalanceTransaction))
            assert all(line.status is BalanceState.AVAILABLE for line in lines)
        assert self.run(house.all_of(house.platform, Crossing)) == ()


PlatformLife.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestPlatformLife = PlatformLife.TestCase
