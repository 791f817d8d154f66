"""The ISO 8583 acquirer keeps the contract of every way to the card networks, on each profile, and through a switch."""

from collections.abc import AsyncIterator

import pytest

from payments_adapters.iso8583.connector import Iso8583Acquirer
from tests.adapters.network_box.boxes import KEY, a_box, a_line, an_acquirer
from tests.adapters.sandbox.test_contract import Cards


@pytest.mark.parametrize(
    "profile", ["plain-1987-ascii", "plain-1987-binary", "plain-1993-ascii", "plain-1993-binary"]
)
class TestOnEachProfile(Cards):
    @pytest.fixture
    async def acquirer(self, profile: str) -> AsyncIterator[Iso8583Acquirer]:
        async with a_line(iso8583_profile=profile) as acquirer:
            yield acquirer


class TestWithAuthenticatedMessages(Cards):
    @pytest.fixture
    async def acquirer(self) -> AsyncIterator[Iso8583Acquirer]:
        async with a_line(iso8583_mac_key=KEY) as acquirer:
            yield acquirer


class TestThroughASwitch(Cards):
    @pytest.fixture
    async def acquirer(self) -> AsyncIterator[Iso8583Acquirer]:
        async with (
            a_box() as (_, issuer),
            a_box(issuer=f"127.0.0.1:{issuer}", iso8583_timeout="0.5") as (switch, port),
        ):
            assert switch.issuer is not None
            await switch.issuer.ready(5)
            async with an_acquirer(port) as acquirer:
                yield acquirer


class TestWithEveryAnswerTwice(Cards):
    @pytest.fixture
    async def acquirer(self) -> AsyncIterator[Iso8583Acquirer]:
        async with a_line(misbehave="duplicate=1,latency=0.02") as acquirer:
            yield acquirer
