import pytest

from payments_adapters.sandbox import plugin
from payments_adapters.sandbox.acquirer import SandboxAcquirer
from payments_adapters.sandbox.cardholders import documented
from payments_core.clock import SystemClock
from payments_core.ids import RandomIds
from payments_core.rules import BinFacts
from payments_core.testing.memory import MemoryStore
from payments_core.tokenization.cards import Brand, Pan, brand_of
from tests.adapters.sandbox.worlds import a_request, a_world

WORLD = MemoryStore(), SystemClock(), RandomIds()


def test_the_sandbox_is_there_unless_another_network_is_named() -> None:
    for settings in ({}, {"network": "sandbox"}):
        (acquirer,) = plugin.payments_acquirers(settings, *WORLD)
        assert isinstance(acquirer, SandboxAcquirer)
        assert acquirer.name == "sandbox"

    assert list(plugin.payments_acquirers({"network": "iso8583"}, *WORLD)) == []


@pytest.mark.parametrize(
    ("token", "number"),
    [
        ("tok_visa", "4242424242424242"),
        ("pm_card_visa", "4242424242424242"),
        ("pm_card_mastercard_prepaid", "5105105105105100"),
        ("tok_amex", "378282246310005"),
        ("pm_card_de", "4000002760000016"),
        ("tok_chargeDeclined", "4000000000000002"),
        ("pm_card_visa_chargeDeclined", "4000000000000002"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "4000000000009995"),
        ("pm_card_chargeDeclinedExpiredCard", "4000000000000069"),
        ("pm_card_chargeCustomerFail", "4000000000000341"),
        ("pm_card_createDispute", "4000000000000259"),
        ("pm_card_bypassPending", "4000000000000077"),
        ("pm_card_authenticationRequired", "4000002760003184"),
    ],
)
def test_a_token_stands_for_its_card(token: str, number: str) -> None:
    card = plugin.payments_test_card(token)

    assert card is not None
    assert card.number == Pan(number)
    assert card.cvc is not None


def test_a_token_nobody_documented_stands_for_nothing() -> None:
    assert plugin.payments_test_card("tok_unheard_of") is None


@pytest.mark.parametrize("brand", [b for b in Brand if b is not Brand.UNKNOWN])
def test_each_brand_has_a_token(brand: Brand) -> None:
    card = plugin.payments_test_card(f"tok_{brand}")

    assert card is not None
    assert brand_of(card.number) is brand


@pytest.mark.anyio
async def test_every_token_s_card_is_known_to_the_bank() -> None:
    world = a_world()
    cards = [card.number for card in documented().tokens.values()]

    assert all(world.network.cardholder(a_request(pan=number)) for number in cards)


@pytest.mark.parametrize(
    ("digits", "last4", "facts"),
    [
        ("424242", "4242", BinFacts(funding="credit", country="US")),
        ("400005", "5556", BinFacts(funding="debit", country="US")),
        ("510510", "5100", BinFacts(funding="prepaid", country="US")),
        ("400000276", "0016", BinFacts(funding="credit", country="DE")),
        ("400000124", "0000", BinFacts(funding="credit", country="CA")),
    ],
)
def test_funding_and_country_follow_from_the_number(digits: str, last4: str, facts: BinFacts) -> None:
    assert plugin.payments_bin_facts(digits, last4) == facts


def test_of_other_cards_nothing_is_known() -> None:
    assert plugin.payments_bin_facts("411111", "1111") is None
