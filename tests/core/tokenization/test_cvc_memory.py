"""Security codes in memory: taken once, for minutes, and not without bound."""

from typing import Final

import attrs
import pytest

from payments_core.tokenization.cards import Cvc
from payments_core.tokenization.cvc_memory import CvcMemory

CODE: Final = Cvc("123")


@attrs.define
class Hands:
    """A clock that is set by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def memory(clock: Hands) -> CvcMemory:
    return CvcMemory(ttl_s=60, capacity=3, monotonic=clock)


class TestACode:
    def test_is_taken_once(self, memory: CvcMemory) -> None:
        memory.keep("acct_1", "card_1", CODE)

        assert memory.take("acct_1", "card_1") == CODE
        assert memory.take("acct_1", "card_1") is None

    def test_is_that_of_its_account_and_card(self, memory: CvcMemory) -> None:
        memory.keep("acct_1", "card_1", CODE)

        assert memory.take("acct_2", "card_1") is None
        assert memory.take("acct_1", "card_2") is None

    def test_is_forgotten_in_time(self, memory: CvcMemory, clock: Hands) -> None:
        memory.keep("acct_1", "card_1", CODE)
        clock.now += 59
        memory.keep("acct_1", "card_2", CODE)
        clock.now += 1

        assert len(memory) == 1
        assert memory.take("acct_1", "card_1") is None
        assert memory.take("acct_1", "card_2") == CODE

    def test_makes_room_for_the_newest(self, memory: CvcMemory) -> None:
        for number in range(5):
            memory.keep("acct_1", f"card_{number}", CODE)

        assert len(memory) == 3
        assert memory.take("acct_1", "card_1") is None
        assert memory.take("acct_1", "card_2") == CODE

    def test_given_again_lives_from_then(self, memory: CvcMemory, clock: Hands) -> None:
        memory.keep("acct_1", "card_1", CODE)
        clock.now += 50
        memory.keep("acct_1", "card_1", Cvc("456"))
        clock.now += 50

        assert memory.take("acct_1", "card_1") == Cvc("456")

    def test_given_again_keeps_no_other_alive(self, memory: CvcMemory, clock: Hands) -> None:
        for card_id in ("card_1", "card_2", "card_1"):
            memory.keep("acct_1", card_id, CODE)
            clock.now += 10
        clock.now += 45

        assert memory.take("acct_1", "card_2") is None
        assert memory.take("acct_1", "card_1") == CODE

    def test_is_not_shown(self, memory: CvcMemory) -> None:
        memory.keep("acct_1", "card_1", CODE)

        assert "123" not in repr(memory)
