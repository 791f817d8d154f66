"""The acquirers' contract against the plugin that `pytest --payment-acquirer=NAME` names. Not collected without that option."""

from collections.abc import AsyncIterator, Sequence

import pytest

from payments_core.assembly import load_plugins
from payments_core.clock import SystemClock
from payments_core.ids import RandomIds
from payments_core.ports import Acquirer, Connected
from payments_core.testing.contracts.acquirer import AcquirerContract, CardForAmount
from payments_core.testing.memory import MemoryStore
from payments_core.tokenization.cards import CardInput, Cvc, Expiry, Pan, brand_of


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def brought(name: str, settings: dict[str, str]) -> Acquirer:
    """The acquirer of this name, as a gateway with these settings would get it."""
    clock, hook = SystemClock(), load_plugins().hook
    hook.payments_configure(settings=settings, clock=clock)
    answers = hook.payments_acquirers(
        settings=settings, store=MemoryStore(), clock=clock, ids=RandomIds(clock)
    )
    named = {acquirer.name: acquirer for answer in answers for acquirer in answer or ()}
    if name not in named:
        raise pytest.UsageError(f"no installed plugin brings {name!r}; there is {', '.join(named) or 'none'}")
    found: Acquirer = named[name]
    return found


def card_of(config: pytest.Config, kind: str) -> CardInput | None:
    """The card of this kind that the options describe, or None."""
    number, amount = config.getoption(f"payment_{kind}_card"), config.getoption(f"payment_{kind}_amount")
    if not number and amount is None:
        return None
    pan = Pan(number or config.getoption("payment_approving_card"))
    brand = brand_of(pan)
    code = Cvc("1234" if brand == "amex" else "123", brand)
    expiry = Expiry(month=12, year=2034)
    if amount is None:
        return CardInput(number=pan, expiry=expiry, cvc=code)
    return CardForAmount(number=pan, expiry=expiry, cvc=code, amount=amount)


class TestAcquirer(AcquirerContract):
    @pytest.fixture
    async def acquirer(self, request: pytest.FixtureRequest) -> AsyncIterator[Acquirer]:
        name = request.config.getoption("payment_acquirer")
        told = dict(setting.split("=", 1) for setting in request.config.getoption("payment_setting"))
        acquirer = brought(name, {"network": name, **told})
        if isinstance(acquirer, Connected):
            await acquirer.open()
        yield acquirer
        if isinstance(acquirer, Connected):
            await acquirer.close()

    @pytest.fixture
    def currencies(self, request: pytest.FixtureRequest) -> Sequence[str]:
        codes: str = request.config.getoption("payment_currencies")
        return codes.split(",")

    @pytest.fixture
    def approving_card(self, request: pytest.FixtureRequest) -> CardInput | None:
        return card_of(request.config, "approving")

    @pytest.fixture
    def declining_card(self, request: pytest.FixtureRequest) -> CardInput | None:
        return card_of(request.config, "declining")

    @pytest.fixture
    def silent_card(self, request: pytest.FixtureRequest) -> CardInput | None:
        return card_of(request.config, "silent")

    @pytest.fixture
    def mute_card(self, request: pytest.FixtureRequest) -> CardInput | None:
        return card_of(request.config, "mute")
