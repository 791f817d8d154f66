"""Perform: one outcome for one key, and no reason that was read between two commits."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_core.errors import InvalidRequest, KeyReused, PaymentsError
from payments_core.operations.charges import CaptureCharge, CreateCharge
from payments_core.payments.holds import Hold
from payments_core.platform.accounts import AccountId
from payments_core.testing.memory import MemoryStore
from tests.support.shops import a_shop

pytestmark = pytest.mark.anyio


@attrs.define
class Interrupted(MemoryStore):
    """Lets something happen just before the next hold is read."""

    meanwhile: Callable[[], Awaitable[Any]] | None = None

    async def find(self, kind: type[Any], account_id: AccountId, noun_id: str) -> tuple[Any, int] | None:
        if kind is Hold and self.meanwhile is not None:
            first, self.meanwhile = self.meanwhile, None
            await first()
        return await super().find(kind, account_id, noun_id)


async def test_a_refusal_gives_the_reason_that_is_true_now(tmp_path: Path) -> None:
    store = Interrupted()
    async with a_shop(tmp_path, store) as shop:
        charge = await shop.charge(capture=False)
        store.meanwhile = lambda: shop.capture(charge)

        # The charge was read before the other capture, the hold after it.
        with pytest.raises(InvalidRequest) as refused:
            await shop.merchant.do(CaptureCharge(id=charge.id))

        assert refused.value.code == "charge_already_captured"


async def test_a_key_gives_the_same_charge_again(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        command = CreateCharge(amount=1000, currency="usd", source="tok_visa")
        first = await shop.merchant.do(command, idempotency_key="k")

        assert (await shop.merchant.do(command, idempotency_key="k")).id == first.id


async def test_other_parameters_under_a_key_are_refused(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        command = CreateCharge(amount=1000, currency="usd", source="tok_visa")
        await shop.merchant.do(command, idempotency_key="k")

        with pytest.raises(KeyReused):
            await shop.merchant.do(attrs.evolve(command, amount=1001), idempotency_key="k")


async def test_a_refusal_is_repeated_under_its_key_and_nothing_is_kept(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        command = CreateCharge(amount=1000, currency="usd", customer="cus_nobody")
        told = []
        for _ in range(2):
            with pytest.raises(PaymentsError) as refused:
                await shop.merchant.do(command, idempotency_key="k")
            told.append((refused.value.message, refused.value.code))

        assert told[0] == told[1]
        assert await shop.books() == {}


async def test_a_key_is_free_for_parameters_that_were_put_right(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        command = CreateCharge(amount=1, currency="usd", source="tok_visa")
        with pytest.raises(InvalidRequest):
            await shop.merchant.do(command, idempotency_key="k")
        charge = await shop.merchant.do(attrs.evolve(command, amount=1000), idempotency_key="k")

        assert charge.amount == 1000


async def test_a_key_keeps_a_refusal_of_an_objects_state(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        charge = await shop.charge()
        with pytest.raises(InvalidRequest):
            await shop.merchant.do(CaptureCharge(id=charge.id), idempotency_key="k")

        with pytest.raises(KeyReused):
            await shop.merchant.do(CaptureCharge(id=charge.id, amount=5), idempotency_key="k")
