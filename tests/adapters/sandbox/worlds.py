"""A sandbox for tests: in memory, at a time that stands still until it is told otherwise."""

from typing import Any

import attrs

from payments_adapters.sandbox.acquirer import SandboxAcquirer
from payments_adapters.sandbox.authorizations import ISSUER, IssuerAuthorization, authorization_id
from payments_adapters.sandbox.cardholders import Cardholder, documented
from payments_adapters.sandbox.issuer import Issuer
from payments_adapters.sandbox.network import Network
from payments_core.ids import RandomIds
from payments_core.ledger.accounts import LedgerAccount
from payments_core.platform.accounts import AccountId
from payments_core.ports import AuthorizationRequest, FollowUp, Store
from payments_core.testing.memory import MemoryStore
from payments_core.tokenization.cards import Brand, CardInput, Cvc, Expiry, Pan

NOON = 1_764_072_000_000  # 2025-11-25 12:00 UTC
SHOP = AccountId("acct_000000000000000000SHOP")
IDS = RandomIds()


@attrs.define
class StoppedClock:
    """Tells the time it was set to."""

    ms: int = NOON

    def now_ms(self) -> int:
        return self.ms

    def pass_days(self, days: int) -> None:
        self.ms += days * 86_400_000


@attrs.frozen(eq=False)
class World:
    """Acquirer, bank, storage and clock of one sandbox."""

    store: Store
    clock: StoppedClock
    issuer: Issuer
    network: Network
    acquirer: SandboxAcquirer

    async def record(self, request: AuthorizationRequest) -> IssuerAuthorization:
        """What the bank remembers of a request."""
        key = authorization_id(request.account_id, request.reference)
        found = await self.store.find(IssuerAuthorization, ISSUER, key)
        assert found is not None
        return found[0]

    async def standing(self, account: LedgerAccount, sub: str = "", currency: str = "usd") -> int:
        """What stands on a ledger account of the bank, debits positive."""
        balances = await self.store.balances(ISSUER)
        return sum(b.amount for b in balances if (b.account, b.sub, b.currency) == (account, sub, currency))


def a_world(*cardholders: Cardholder, store: Store | None = None) -> World:
    store, clock = store or MemoryStore(), StoppedClock()
    issuer = Issuer.of(cardholders or documented().cardholders, store, clock, IDS)
    network = Network((issuer,), clock)
    return World(store, clock, issuer, network, SandboxAcquirer(network))


def a_card(number: str = "4242424242424242") -> CardInput:
    pan = Pan(number)
    is_amex = number.startswith("3")
    code = Cvc("1234", Brand.AMEX) if is_amex else Cvc("123")
    return CardInput(number=pan, expiry=Expiry(month=12, year=2034), cvc=code)


def a_request(number: str = "4242424242424242", amount: int = 1000, **more: Any) -> AuthorizationRequest:
    card = a_card(number)
    details: dict[str, Any] = {
        "reference": IDS.new("hold"),
        "account_id": SHOP,
        "merchant": "Flower shop",
        "amount": amount,
        "currency": "usd",
        "pan": card.number,
        "expiry": card.expiry,
        "cvc": card.cvc,
    }
    return AuthorizationRequest(**details | more)


def about(request: AuthorizationRequest, amount: int | None = None, **more: Any) -> FollowUp:
    details: dict[str, Any] = {
        "reference": IDS.new("re"),
        "original": request.reference,
        "network_reference": None,
        "account_id": request.account_id,
        "amount": request.amount if amount is None else amount,
        "currency": request.currency,
    }
    return FollowUp(**details | more)
