"""The networks for tests misbehave as they say, and the same way each time."""

import pytest

from payments_core.payments.answers import SILENCE, Answer
from payments_core.ports import AuthorizationRequest, FollowUp
from payments_core.testing.contracts.acquirer import a_request, about
from payments_core.testing.network import APPROVED, Mishap, ScriptedAcquirer, Unreliable, declined
from payments_core.tokenization.cards import CardInput, Expiry, Pan

pytestmark = pytest.mark.anyio

CARD = CardInput(number=Pan("4242424242424242"), expiry=Expiry(month=12, year=2040))


def request() -> AuthorizationRequest:
    return a_request(CARD)


class TestScripted:
    async def test_it_follows_its_script_and_then_approves(self) -> None:
        acquirer = ScriptedAcquirer([declined("lost_card"), SILENCE])
        answers = [await acquirer.authorize(request()) for _ in range(3)]

        assert answers == [declined("lost_card"), SILENCE, APPROVED]

    async def test_a_repeated_message_uses_nothing_up(self) -> None:
        acquirer = ScriptedAcquirer([declined(), APPROVED])
        message = request()
        answers = [await acquirer.authorize(message) for _ in range(3)]

        assert answers == [declined()] * 3

    async def test_it_remembers_what_it_heard(self) -> None:
        acquirer = ScriptedAcquirer()
        message = request()
        await acquirer.authorize(message)
        await acquirer.reverse(about(message))

        assert [verb for verb, _ in acquirer.heard] == ["authorize", "reverse"]


class TestUnreliable:
    async def test_a_lost_request_never_arrives(self) -> None:
        inner = ScriptedAcquirer()
        answer = await Unreliable(acquirer=inner, seed=1, lose_request=1.0).authorize(request())

        assert answer == SILENCE
        assert inner.heard == []

    async def test_of_a_lost_answer_the_request_arrived(self) -> None:
        inner = ScriptedAcquirer()
        answer = await Unreliable(acquirer=inner, seed=1, lose_answer=1.0).authorize(request())

        assert answer == SILENCE
        assert len(inner.heard) == 1

    async def test_a_duplicate_arrives_twice(self) -> None:
        inner = ScriptedAcquirer()
        answer = await Unreliable(acquirer=inner, seed=1, duplicate=1.0).authorize(request())

        assert answer == APPROVED
        assert len(inner.heard) == 2

    async def test_a_delayed_request_arrives_after_what_was_sent_later(self) -> None:
        inner = ScriptedAcquirer()
        line = Unreliable(acquirer=inner, seed=1, delay=1.0)
        message = request()
        answer = await line.authorize(message)
        line.delay = 0.0
        await line.reverse(about(message))
        delivered = await line.deliver()

        assert (answer, delivered) == (SILENCE, 1)
        assert [verb for verb, _ in inner.heard] == ["reverse", "authorize"]

    async def test_what_goes_wrong_follows_from_the_seed_and_not_from_the_order(self) -> None:
        messages = [request() for _ in range(40)]

        assert await fates(7, messages) == await fates(7, messages[::-1])
        assert await fates(7, messages) != await fates(8, messages)

    async def test_each_mishap_is_about_as_likely_as_was_asked(self) -> None:
        seen = list((await fates(3, [request() for _ in range(400)])).values())

        assert 50 < seen.count(Mishap.LOSE_REQUEST) < 150
        assert 50 < seen.count(Mishap.LOSE_ANSWER) < 150
        assert seen.count(Mishap.NONE) > 100

    @pytest.mark.parametrize("verb", ["increment", "reverse", "refund", "inquire"])
    async def test_every_verb_goes_over_the_line(self, verb: str) -> None:
        inner = ScriptedAcquirer()
        line = Unreliable(acquirer=inner, seed=1)
        message: FollowUp = about(request())
        answer: Answer = await getattr(line, verb)(message)

        assert answer == APPROVED
        assert inner.heard == [(verb, message)]
        assert (line.name, line.timeout_s) == (inner.name, inner.timeout_s)


async def fates(seed: int, messages: list[AuthorizationRequest]) -> dict[str, Mishap]:
    line = Unreliable(
        acquirer=ScriptedAcquirer(), seed=seed, lose_request=0.25, lose_answer=0.25, duplicate=0.1
    )
    for message in messages:
        await line.authorize(message)
    return {reference: mishap for _, reference, mishap in line.happened}
