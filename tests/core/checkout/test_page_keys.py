"""Page keys: what a checkout page may call the API with, and for how long."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from payments_core.checkout.sessions import CheckoutSession
from payments_core.errors import Unauthenticated
from payments_core.operations.checkout_sessions import CreateCheckoutSession, ExpireCheckoutSession
from payments_core.operations.onboarding import authenticate
from payments_core.operations.page_keys import OPENS, page_key
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def a_session(shop: Shop) -> CheckoutSession:
    return await shop.merchant.do(CreateCheckoutSession(mode="setup", success_url="https://shop.example/"))


async def test_it_seals_cards_for_its_merchant_and_opens_nothing_else(shop: Shop) -> None:
    session = await a_session(shop)

    credentials = await authenticate(shop.ports, page_key(shop.ports, session))

    assert credentials.account.id == shop.id
    assert credentials.key.scopes == OPENS


async def test_it_is_worth_nothing_once_the_session_is_over(shop: Shop) -> None:
    session = await a_session(shop)
    key = page_key(shop.ports, session)
    await shop.merchant.do(ExpireCheckoutSession(id=session.id))

    with pytest.raises(Unauthenticated):
        await authenticate(shop.ports, key)


async def test_it_ends_with_the_time_of_its_session(shop: Shop) -> None:
    key = page_key(shop.ports, await a_session(shop))
    shop.clock.advance(hours=24)

    with pytest.raises(Unauthenticated, match="Expired"):
        await authenticate(shop.ports, key)


@pytest.mark.parametrize(("at", "by"), [(-1, "x"), (12, "0"), (40, "0")])
async def test_nobody_makes_one_up(shop: Shop, at: int, by: str) -> None:
    key = list(page_key(shop.ports, await a_session(shop)))
    key[at] = by if key[at] != by else "1"

    with pytest.raises(Unauthenticated):
        await authenticate(shop.ports, "".join(key))
