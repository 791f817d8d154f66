"""What the connector makes of a line that is down, slow, garbled or mean: nothing uncertain becomes certain."""

import socket
from collections.abc import Sequence

import attrs
import pytest

from payments_adapters.iso8583.conversation import conversant, retrieval_reference
from payments_adapters.iso8583.host import Host
from payments_adapters.iso8583.meaning import answer
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.notices import Happening
from payments_adapters.iso8583.profiles import PLAIN_1987_ASCII
from payments_core.errors import Unavailable
from payments_core.payments.answers import Outcome
from payments_core.settlement.clearing import ClearingKind, ClearingRecord
from payments_core.testing.contracts.acquirer import IDS, SHOP, a_request, about
from tests.adapters.network_box.boxes import KEY, a_box, a_line, an_acquirer
from tests.adapters.sandbox.worlds import a_card

GOOD = a_card("4242424242424242")
PROFILE = conversant(PLAIN_1987_ASCII)


def a_closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Scripted:
    """A host's handler that answers with what it is told to, and remembers what it heard."""

    def __init__(self, *replies: dict[int, str] | None) -> None:
        self.replies = list(replies)
        self.heard: list[Message] = []

    async def __call__(self, message: Message) -> Message | None:
        self.heard.append(message)
        told: dict[int, str] | None = self.replies.pop(0) if self.replies else {}
        return None if told is None else answer(message).having(told)

    @property
    def types(self) -> Sequence[str]:
        return [message.mti for message in self.heard]


@pytest.mark.anyio
class TestWhenNothingWasSent:
    async def test_an_authorization_may_be_tried_elsewhere(self) -> None:
        async with an_acquirer(a_closed_port()) as acquirer:
            acquirer.patience_s = 0.1
            said = await acquirer.authorize(a_request(GOOD))

        assert said.outcome is Outcome.DECLINED
        assert said.retry_elsewhere
        assert said.decline_code == "issuer_not_available"

    async def test_what_follows_upon_a_payment_stays_open(self) -> None:
        async with an_acquirer(a_closed_port(), iso8583_timeout="0.2") as acquirer:
            acquirer.patience_s = 0.1
            message = about(a_request(GOOD))
            said = [
                await send(message)
                for send in (acquirer.reverse, acquirer.refund, acquirer.inquire, acquirer.increment)
            ]

        assert {one.outcome for one in said} == {Outcome.SILENCE}

    async def test_a_request_that_the_format_cannot_carry_is_declined(self) -> None:
        async with a_line() as acquirer:
            said = await acquirer.authorize(a_request(GOOD, amount=10**12))

        assert said.outcome is Outcome.DECLINED
        assert said.response_code == "30"
        assert not said.retry_elsewhere

    async def test_presentments_are_to_be_tried_again_later(self) -> None:
        async with an_acquirer(a_closed_port(), iso8583_timeout="0.2") as acquirer:
            acquirer.patience_s = 0.1

            with pytest.raises((Unavailable, TimeoutError)):
                await acquirer.submit("batch", [a_record(a_request(GOOD), "A1B2C3")])


@pytest.mark.anyio
class TestWhenAnAnswerIsMissing:
    async def test_silence_is_silence_and_the_promise_is_there_to_be_found(self) -> None:
        async with a_box() as (box, port), an_acquirer(port, iso8583_timeout="0.3") as acquirer:
            request = a_request(a_card("4000000000073009"))
            said = await acquirer.authorize(request)
            found = await acquirer.inquire(about(request))

        assert said.outcome is Outcome.SILENCE
        assert found.approved
        assert box.counters["0100"] == 2

    async def test_an_answer_that_is_late_changes_nothing(self) -> None:
        async with (
            a_box(misbehave="latency=0.8", seed="3") as (_, port),
            an_acquirer(port, iso8583_timeout="0.05") as acquirer,
        ):
            request = a_request(GOOD)
            said = await acquirer.authorize(request)
            acquirer.session.timings = attrs.evolve(
                acquirer.session.timings, answer_s=2.0, repeat_every_s=2.0
            )
            reversed_ = await acquirer.reverse(about(request))
            again = await acquirer.authorize(a_request(GOOD))

        assert said.outcome is Outcome.SILENCE
        assert reversed_.approved
        assert again.approved
        assert acquirer.session.counters[Happening.LATE_ANSWER] == 1

    async def test_an_answer_of_another_key_is_none(self) -> None:
        async with (
            a_box(iso8583_mac_key=KEY, misbehave="forged=1") as (_, port),
            an_acquirer(port, iso8583_mac_key=KEY, iso8583_timeout="0.3") as acquirer,
        ):
            said = await acquirer.authorize(a_request(GOOD))

        assert said.outcome is Outcome.SILENCE
        assert acquirer.session.counters[Happening.BROKEN_MAC] == 1

    async def test_a_connection_that_ends_in_an_answer_is_made_anew(self) -> None:
        async with a_box(misbehave="cut=0.4", seed="1") as (_, port), an_acquirer(port) as acquirer:
            acquirer.session.timings = attrs.evolve(acquirer.session.timings, back_off_s=0.01)
            said = [await acquirer.authorize(a_request(GOOD)) for _ in range(6)]

        outcomes = [one.outcome for one in said]
        assert outcomes.count(Outcome.SILENCE) >= 1
        assert Outcome.APPROVED in outcomes[outcomes.index(Outcome.SILENCE) :]
        assert Outcome.DECLINED not in outcomes


@pytest.mark.anyio
class TestWhatAHostCanSay:
    async def test_half_of_the_money_is_given_back(self) -> None:
        script = Scripted({39: "10", 4: "000000000400", 38: "A1B2C3"})
        async with Host(PROFILE, script) as host, an_acquirer(host.port) as acquirer:
            said = await acquirer.authorize(a_request(GOOD))

        assert script.types == ["0100", "0420"]
        assert said.decline_code == "insufficient_funds"

    async def test_half_of_the_money_that_cannot_be_given_back_is_in_doubt(self) -> None:
        script = Scripted({39: "10", 4: "000000000400", 38: "A1B2C3"}, None, None, None, None)
        async with Host(PROFILE, script) as host, an_acquirer(host.port, iso8583_timeout="0.3") as acquirer:
            said = await acquirer.authorize(a_request(GOOD))

        assert said.outcome is Outcome.SILENCE

    async def test_an_answer_that_makes_no_sense_is_silence(self) -> None:
        script = Scripted({39: "00", 48: "no subelements"})
        async with Host(PROFILE, script) as host, an_acquirer(host.port) as acquirer:
            said = await acquirer.authorize(a_request(GOOD))

        assert said.outcome is Outcome.SILENCE

    async def test_a_code_that_nobody_knows_is_a_decline(self) -> None:
        async with Host(PROFILE, Scripted({39: "ZZ"})) as host, an_acquirer(host.port) as acquirer:
            said = await acquirer.authorize(a_request(GOOD))

        assert said.outcome is Outcome.DECLINED
        assert said.decline_code == "generic_decline"

    async def test_a_reversal_is_repeated_and_says_that_it_is(self) -> None:
        script = Scripted(None, {})
        async with Host(PROFILE, script) as host, an_acquirer(host.port, iso8583_timeout="0.6") as acquirer:
            said = await acquirer.reverse(about(a_request(GOOD)))

        assert said.approved
        assert script.types == ["0420", "0421"]
        assert script.heard[0][11] == script.heard[1][11]


@pytest.mark.anyio
class TestWhatIsOnTheWire:
    async def test_whoever_crashed_names_the_same_message(self) -> None:
        script = Scripted()
        request = a_request(GOOD)
        async with Host(PROFILE, script) as host:
            async with an_acquirer(host.port) as before:
                await before.authorize(request)
            async with an_acquirer(host.port) as after:
                await after.inquire(about(request))
        first, second = script.heard

        assert first[37] == second[37] == retrieval_reference(SHOP, request.reference)
        assert PROFILE.private(first)["reference"] == PROFILE.private(second)["original"]

    async def test_a_reversal_names_its_original_by_trace_too_where_that_is_known(self) -> None:
        script = Scripted()
        request = a_request(GOOD)
        async with Host(PROFILE, script) as host, an_acquirer(host.port) as acquirer:
            await acquirer.authorize(request)
            await acquirer.reverse(about(request))
        first, second = script.heard

        assert second[90].startswith(f"0100{first[11]}{first[7]}")

    @pytest.mark.parametrize(
        ("currency", "amount", "wire"),
        [("usd", 1999, 1999), ("jpy", 500, 500), ("kwd", 1230, 1230), ("isk", 50000, 500)],
    )
    async def test_amounts_are_in_the_units_of_iso_4217(self, currency: str, amount: int, wire: int) -> None:
        script = Scripted()
        async with Host(PROFILE, script) as host, an_acquirer(host.port) as acquirer:
            await acquirer.authorize(a_request(GOOD, amount=amount, currency=currency))

        assert int(script.heard[0][4]) == wire

    async def test_the_security_code_goes_with_the_authorization_alone(self) -> None:
        script = Scripted()
        request = a_request(GOOD)
        async with Host(PROFILE, script) as host, an_acquirer(host.port) as acquirer:
            await acquirer.authorize(request)
            await acquirer.reverse(about(request))
        first, second = script.heard

        assert PROFILE.private(first)["cvc"] == "123"
        assert "cvc" not in PROFILE.private(second)
        assert 2 not in second


def a_record(request: object, code: str, **more: object) -> ClearingRecord:
    details: dict[str, object] = {
        "reference": IDS.new("txn"),
        "kind": ClearingKind.SALE,
        "account_id": SHOP,
        "merchant": "Flower shop",
        "original": getattr(request, "reference", ""),
        "authorization_code": code,
        "bin": "424242",
        "amount": 1000,
        "currency": "usd",
        "captured": IDS.clock.now_ms() // 1000,
    }
    return ClearingRecord(**{**details, **more})  # type: ignore[arg-type]


@pytest.mark.anyio
class TestPresenting:
    async def test_each_record_is_verified_against_its_own_authorization(self) -> None:
        async with a_line() as acquirer:
            requests = [a_request(GOOD) for _ in range(40)]
            codes = [(await acquirer.authorize(request)).authorization_code for request in requests]
            records = [a_record(r, c or "") for r, c in zip(requests, codes, strict=True)]
            forged = attrs.evolve(records[7], reference=IDS.new("txn"), authorization_code="WRONG1")
            results = await acquirer.submit("batch", [*records, forged])

        assert [one.reference for one in results] == [one.reference for one in [*records, forged]]
        assert all(one.accepted and one.amount == 1000 for one in results[:-1])
        assert results[-1].reason == "wrong_authorization_code"

    async def test_a_record_presented_twice_is_paid_once(self) -> None:
        async with a_line() as acquirer:
            request = a_request(GOOD)
            said = await acquirer.authorize(request)
            record = a_record(request, said.authorization_code or "")
            first, second = [(await acquirer.submit("batch", [record]))[0] for _ in range(2)]

        assert first.accepted
        assert second.accepted
        assert second.repeated
        assert not first.repeated

    async def test_money_that_goes_back_is_a_credit(self) -> None:
        async with a_line() as acquirer:
            request = a_request(GOOD)
            code = (await acquirer.authorize(request)).authorization_code or ""
            sale = a_record(request, code)
            credit = a_record(request, code, kind=ClearingKind.CREDIT, amount=400)
            too_much = a_record(request, code, kind=ClearingKind.CREDIT, amount=700)
            results = [(await acquirer.submit("b", [one]))[0].reason for one in (sale, credit, too_much)]

        assert results == [None, None, "credit_exceeds_sales"]

    async def test_a_batch_without_an_answer_is_no_result(self) -> None:
        async with (
            a_box(misbehave="lost=1") as (_, port),
            an_acquirer(port, iso8583_timeout="0.2") as acquirer,
        ):
            with pytest.raises(TimeoutError):
                await acquirer.submit("batch", [a_record(a_request(GOOD), "A1B2C3")])
