"""The contract of `Acquirer`: what every way to the card networks promises.

Subclass `AcquirerContract` and provide the fixtures `acquirer`, `approving_card` and `declining_card`. The others have
defaults: cards that a network answers with silence (`silent_card`: the request is lost; `mute_card`: only the answer is) skip
their tests where there are none. Run it against a test network only: it asks for money.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import attrs
import pytest

from payments_core.ids import RandomIds
from payments_core.payments.answers import Answer, Outcome
from payments_core.platform.accounts import AccountId
from payments_core.ports import Acquirer, AuthorizationRequest, FollowUp
from payments_core.tokenization.cards import CardInput, redact
from payments_core.tokenization.payment_methods import Address, Check

IDS = RandomIds()
SHOP = AccountId(IDS.new("acct"))
NOT_FOUND = "25"
NOT_SUPPORTED = "40"
RACERS = 10


@attrs.frozen(kw_only=True)
class CardForAmount(CardInput):
    """A card with which this amount is asked for: for networks that go by the amount and not by the number."""

    amount: int


def a_request(card: CardInput, amount: int | None = None, **more: Any) -> AuthorizationRequest:
    """A request to promise money from *card*: 1000 minor units, unless something else is said."""
    if amount is None:
        amount = card.amount if isinstance(card, CardForAmount) else 1000
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


def about(request: AuthorizationRequest, answer: Answer | None = None, amount: int | None = None) -> FollowUp:
    """A message about *request*, of a reference of its own."""
    return FollowUp(
        reference=IDS.new("re"),
        original=request.reference,
        network_reference=answer.network_reference if answer else None,
        account_id=request.account_id,
        amount=request.amount if amount is None else amount,
        currency=request.currency,
    )


async def all_at_once(send: Callable[[], Awaitable[Answer]]) -> Sequence[Answer]:
    """The answers to the same message, sent many times at the same moment."""
    return await asyncio.gather(*(send() for _ in range(RACERS)))


def supported(answer: Answer) -> Answer:
    """The answer; the test is skipped if the network lacks the method."""
    if answer.response_code == NOT_SUPPORTED:
        pytest.skip("this network lacks the method")
    return answer


@pytest.mark.anyio
class AcquirerContract:
    """Every `Acquirer` keeps these promises."""

    @pytest.fixture
    def silent_card(self) -> CardInput | None:
        """A card whose requests never arrive."""
        return None

    @pytest.fixture
    def mute_card(self) -> CardInput | None:
        """A card whose requests arrive and whose answers do not."""
        return None

    @pytest.fixture
    def currencies(self) -> Sequence[str]:
        """Currencies to try: with two decimals, none and three."""
        return ("usd", "eur", "jpy", "kwd")

    async def test_it_has_a_name_and_a_limit_to_its_patience(self, acquirer: Acquirer) -> None:
        assert acquirer.name
        assert acquirer.timeout_s > 0

    async def test_an_approval_carries_what_presentment_is_verified_against(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        answer = await acquirer.authorize(a_request(approving_card))

        assert answer.approved
        assert answer.authorization_code is not None
        assert len(answer.authorization_code) == 6
        assert answer.authorization_code.isalnum()
        assert answer.network_reference
        assert answer.decline_code is None

    async def test_a_decline_says_why_and_has_no_authorization_code(
        self, acquirer: Acquirer, declining_card: CardInput
    ) -> None:
        answer = await acquirer.authorize(a_request(declining_card))

        assert answer.outcome is Outcome.DECLINED
        assert answer.response_code
        assert answer.decline_code
        assert answer.authorization_code is None

    async def test_money_of_every_kind_can_be_asked_for(
        self, acquirer: Acquirer, approving_card: CardInput, currencies: Sequence[str]
    ) -> None:
        requests = [a_request(approving_card, currency=currency) for currency in currencies]

        assert all([(await acquirer.authorize(request)).approved for request in requests])

    async def test_a_card_can_be_verified_without_money(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        answer = await acquirer.authorize(a_request(approving_card, amount=0, capture_now=False))

        assert answer.approved

    async def test_details_that_were_given_are_checked(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        address = Address(line1="1 Main Street", postal_code="94103")
        answer = await acquirer.authorize(a_request(approving_card, address=address))

        assert set(answer.checks) <= {"cvc_check", "address_line1_check", "address_postal_code_check"}
        assert all(isinstance(check, Check) for check in answer.checks.values())

    async def test_the_same_reference_gets_the_same_answer(
        self, acquirer: Acquirer, approving_card: CardInput, declining_card: CardInput
    ) -> None:
        for request in (a_request(approving_card), a_request(declining_card)):
            first = await acquirer.authorize(request)

            assert await acquirer.authorize(request) == first

    async def test_of_the_same_reference_at_once_one_promise_is_made(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        request = a_request(approving_card)
        answers = await all_at_once(lambda: acquirer.authorize(request))

        assert len({answer.authorization_code for answer in answers}) == 1
        assert all(answer.approved for answer in answers)

    async def test_two_references_are_two_promises(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        answers = [await acquirer.authorize(a_request(approving_card)) for _ in range(2)]

        assert answers[0].network_reference != answers[1].network_reference

    async def test_a_promise_can_be_given_back_whole(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        request = a_request(approving_card)
        answer = await acquirer.authorize(request)

        assert (await acquirer.reverse(about(request, answer))).approved

    async def test_a_promise_can_be_given_back_in_parts(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        request = a_request(approving_card)
        answer = await acquirer.authorize(request)
        parts = [about(request, answer, amount) for amount in (300, 300, 400)]

        assert all([(await acquirer.reverse(part)).approved for part in parts])

    async def test_the_same_reversal_at_once_gets_one_answer(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        request = a_request(approving_card)
        reversal = about(request, await acquirer.authorize(request))
        answers = await all_at_once(lambda: acquirer.reverse(reversal))

        assert all(answer.approved for answer in answers)
        assert len({answer.network_reference for answer in answers}) == 1

    async def test_a_second_reversal_finds_nothing_and_is_approved(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        request = a_request(approving_card)
        answer = await acquirer.authorize(request)
        await acquirer.reverse(about(request, answer))

        assert (await acquirer.reverse(about(request, answer))).approved

    async def test_reversing_what_never_arrived_is_approved(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        assert (await acquirer.reverse(about(a_request(approving_card)))).approved

    async def test_a_promise_can_be_raised(self, acquirer: Acquirer, approving_card: CardInput) -> None:
        request = a_request(approving_card, capture_now=False)
        answer = await acquirer.authorize(request)
        increment = about(request, answer, 1500)
        raised = supported(await acquirer.increment(increment))

        assert raised.approved
        assert await acquirer.increment(increment) == raised

    async def test_what_was_never_promised_cannot_be_raised(
        self, acquirer: Acquirer, approving_card: CardInput, declining_card: CardInput
    ) -> None:
        refused = a_request(declining_card)
        await acquirer.authorize(refused)

        for request in (refused, a_request(approving_card)):
            answer = await acquirer.increment(about(request, amount=1500))
            assert answer.outcome is Outcome.DECLINED

    async def test_taken_money_can_go_back_in_parts(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        request = a_request(approving_card)
        answer = await acquirer.authorize(request)
        parts = [about(request, answer, amount) for amount in (400, 600)]

        assert all([supported(await acquirer.refund(part)).approved for part in parts])

    async def test_the_same_refund_at_once_gets_one_answer(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        request = a_request(approving_card)
        refund = about(request, await acquirer.authorize(request))
        answers = await all_at_once(lambda: acquirer.refund(refund))

        assert len({(answer.outcome, answer.network_reference) for answer in answers}) == 1

    async def test_an_inquiry_tells_what_was_answered(
        self, acquirer: Acquirer, approving_card: CardInput, declining_card: CardInput
    ) -> None:
        for card in (approving_card, declining_card):
            request = a_request(card)
            answer = await acquirer.authorize(request)
            told = await acquirer.inquire(about(request, answer))

            assert told.outcome is answer.outcome
            assert told.authorization_code == answer.authorization_code

    async def test_an_inquiry_after_what_never_arrived_finds_nothing(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        answer = await acquirer.inquire(about(a_request(approving_card)))

        assert answer.outcome is Outcome.DECLINED
        assert answer.response_code == NOT_FOUND

    async def test_an_inquiry_after_a_refund_tells_what_was_answered(
        self, acquirer: Acquirer, approving_card: CardInput
    ) -> None:
        request = a_request(approving_card)
        refund = about(request, await acquirer.authorize(request))
        answer = supported(await acquirer.refund(refund))
        inquiry = attrs.evolve(refund, reference=IDS.new("inq"), original=refund.reference)

        assert (await acquirer.inquire(inquiry)).outcome is answer.outcome

    async def test_a_lost_request_is_silence_and_was_never_there(
        self, acquirer: Acquirer, silent_card: CardInput | None
    ) -> None:
        if silent_card is None:
            pytest.skip("this network has no card whose requests are lost")
        request = a_request(silent_card)
        answer = await acquirer.authorize(request)

        assert answer.outcome is Outcome.SILENCE
        assert (await acquirer.inquire(about(request))).response_code == NOT_FOUND

    async def test_after_a_lost_answer_an_inquiry_tells_it(
        self, acquirer: Acquirer, mute_card: CardInput | None
    ) -> None:
        if mute_card is None:
            pytest.skip("this network has no card whose answers are lost")
        request = a_request(mute_card)
        answer = await acquirer.authorize(request)
        told = await acquirer.inquire(about(request))

        assert answer.outcome is Outcome.SILENCE
        assert told.approved
        assert told.authorization_code
        assert (await acquirer.reverse(about(request))).approved

    async def test_no_card_number_is_in_any_text(
        self, acquirer: Acquirer, approving_card: CardInput, declining_card: CardInput
    ) -> None:
        for card in (approving_card, declining_card):
            request = a_request(card)
            answer = await acquirer.authorize(request)
            texts = f"{request!r} {answer!r} {acquirer!r} {card!r} {vars_of(acquirer)!r}"

            assert redact(texts) == texts


def vars_of(thing: object) -> dict[str, Any]:
    """What an object holds, slots included."""
    names = [name for cls in type(thing).__mro__ for name in getattr(cls, "__slots__", ())]
    return {name: getattr(thing, name, None) for name in names} | getattr(thing, "__dict__", {})
