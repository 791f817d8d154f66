"""A session with a host that behaves, and with one that does not: each trouble has a name."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import attrs
import pytest

from payments_adapters.iso8583 import (
    AesCmac,
    AesExchange,
    Endpoint,
    Fate,
    FrameRefused,
    Framing,
    Happening,
    Host,
    Kind,
    Message,
    Misbehaviour,
    NetworkCode,
    NetworkProfile,
    Notice,
    NotSent,
    Session,
    Silence,
    SilenceReason,
    Timings,
    TraceCounter,
    answer,
    write,
)
from payments_adapters.iso8583.meaning import DIALECTS, network_message
from payments_adapters.iso8583.profiles import PLAIN_1987_ASCII, PLAIN_1987_BINARY, PLAIN_1993_BINARY
from tests.adapters.iso8583.samples import NOON, a_message, a_request, a_trace

pytestmark = pytest.mark.anyio

KEY = AesCmac(bytes(range(16)))
EXCHANGE = AesExchange(bytes(range(32)))
QUICK = Timings(
    answer_s=2.0,
    connect_s=2.0,
    sign_on_s=2.0,
    echo_every_s=30.0,
    echo_answer_s=0.2,
    repeat_every_s=0.05,
    back_off_s=0.02,
    back_off_longest_s=0.05,
    drain_s=2.0,
)


async def approve(request: Message) -> Message | None:
    return answer(request, approval_code="A1B2C3")


async def stay_silent(request: Message) -> Message | None:
    return None


class Watcher:
    """Remembers what a session told, and can wait for it."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def __call__(self, notice: Notice) -> None:
        self.notices.append(notice)

    def saw(self, happening: Happening) -> list[Notice]:
        return [notice for notice in self.notices if notice.happening is happening]

    async def until(self, happening: Happening, times: int = 1) -> Notice:
        with anyio.fail_after(5):
            while len(self.saw(happening)) < times:
                await anyio.sleep(0.005)
        return self.saw(happening)[-1]


Handler = Callable[[Message], Awaitable[Message | None]]


@asynccontextmanager
async def connected(
    handler: Handler = approve,
    *,
    profile: NetworkProfile = PLAIN_1987_BINARY,
    misbehaviour: Misbehaviour | None = None,
    timings: Timings = QUICK,
    mac: AesCmac | None = KEY,
) -> AsyncIterator[tuple[Session, Host, Watcher]]:
    """Give a session that has signed on to a host of its own."""
    watcher = Watcher()
    host = Host(profile, handler, mac=mac, key_exchange=EXCHANGE, misbehaviour=misbehaviour or Misbehaviour())
    async with host:
        session = Session(
            profile=profile,
            endpoints=[Endpoint("127.0.0.1", host.port)],
            mac=mac,
            key_exchange=EXCHANGE,
            timings=timings,
            observer=watcher,
            chance=random.Random(1),
        )
        async with session:
            assert await session.ready(5)
            yield session, host, watcher


def numbered(session: Session, kind: Kind = Kind.AUTHORIZATION) -> Message:
    """Return a message with the session's next numbers."""
    version = session.profile.specification.version
    trace = session.trace()
    message = write(a_request(kind), DIALECTS[version])
    return message.having({7: trace.transmission, 11: f"{trace.stan:06d}", 37: trace.reference})


def always(fate: Fate) -> Misbehaviour:
    return Misbehaviour(fates={fate: 1.0})


class TestRequests:
    @pytest.mark.parametrize("profile", [PLAIN_1987_ASCII, PLAIN_1987_BINARY, PLAIN_1993_BINARY])
    async def test_are_answered(self, profile: NetworkProfile) -> None:
        async with connected(profile=profile) as (session, host, _):
            request = numbered(session)
            reply = await session.request(request)

            assert isinstance(reply, Message)
            assert reply[11] == request[11]
            assert host.counters[request.mti] == 1

    async def test_five_hundred_at_once_get_their_own_answers_out_of_order(self) -> None:
        order = random.Random(7)
        finished: list[str] = []

        async def in_any_order(request: Message) -> Message | None:
            await anyio.sleep(order.uniform(0, 0.3))
            finished.append(request[11])
            return answer(request, approval_code=request[11])

        async with connected(in_any_order, timings=Timings(answer_s=20)) as (session, _, watcher):
            requests = [numbered(session) for _ in range(500)]
            replies = await asyncio.gather(*(session.request(request) for request in requests))

            assert [isinstance(r, Message) and r[38] for r in replies] == [r[11] for r in requests]
            assert finished != sorted(finished)
            assert not watcher.saw(Happening.UNMATCHED_ANSWER)
            assert session.outstanding == 0

    async def test_without_numbers_are_a_mistake(self) -> None:
        async with connected() as (session, _, _):
            with pytest.raises(ValueError, match="audit number"):
                await session.request(Message("0100", {3: "000000"}))

    async def test_are_not_sent_before_sign_on(self) -> None:
        session = Session(profile=PLAIN_1987_BINARY, endpoints=[Endpoint("127.0.0.1", 1)])

        with pytest.raises(NotSent, match="not signed on"):
            await session.request(a_message())

    async def test_are_not_sent_beyond_the_limit(self) -> None:
        async with connected(stay_silent) as (session, _, _):
            session.most_pending = 1
            async with anyio.create_task_group() as group:
                group.start_soon(session.request, numbered(session), 0.2)
                await anyio.sleep(0.02)
                with pytest.raises(NotSent, match="too many"):
                    await session.request(numbered(session))


class TestSilence:
    async def test_is_an_answer_and_nothing_is_sent_twice(self) -> None:
        async with connected(stay_silent) as (session, host, watcher):
            request = numbered(session)
            reply = await session.request(request, timeout_s=0.05)
            await anyio.sleep(0.1)

            assert reply == Silence(request=request, reason=SilenceReason.TIMED_OUT)
            assert host.counters["0100"] == 1
            assert session.counters[Happening.TIMED_OUT] == 1
            assert session.outstanding == 0
            assert watcher.saw(Happening.TIMED_OUT)[0].message == request

    async def test_falls_when_the_connection_ends(self) -> None:
        async with connected(misbehaviour=always(Fate.DISCONNECTED)) as (session, _, watcher):
            reply = await session.request(numbered(session))

            assert isinstance(reply, Silence)
            assert reply.reason is SilenceReason.CONNECTION_LOST
            await watcher.until(Happening.SIGNED_ON, times=2)

    async def test_is_broken_by_a_late_answer_which_is_told(self) -> None:
        slow = Misbehaviour(shortest_s=0.15, longest_s=0.15)
        async with connected(misbehaviour=slow) as (session, _, watcher):
            request = numbered(session)
            reply = await session.request(request, timeout_s=0.02)
            late = await watcher.until(Happening.LATE_ANSWER)

            assert isinstance(reply, Silence)
            assert late.message is not None
            assert late.message[39] == "00"
            assert late.message[11] == request[11]

    async def test_is_broken_once_and_a_second_late_answer_is_a_duplicate(self) -> None:
        async with connected(stay_silent) as (session, host, watcher):
            request = numbered(session)
            await session.request(request, timeout_s=0.02)
            host.send(answer(request))
            host.send(answer(request))
            await watcher.until(Happening.DUPLICATE_ANSWER)

            assert len(watcher.saw(Happening.LATE_ANSWER)) == 1

    async def test_follows_a_caller_who_went_away(self) -> None:
        slow = Misbehaviour(shortest_s=0.1, longest_s=0.1)
        async with connected(misbehaviour=slow) as (session, _, watcher):
            with anyio.move_on_after(0.02):
                await session.request(numbered(session))

            assert session.outstanding == 0
            await watcher.until(Happening.LATE_ANSWER)


class TestTroubles:
    async def test_a_second_answer_is_a_duplicate(self) -> None:
        async with connected(misbehaviour=always(Fate.DOUBLED)) as (session, _, watcher):
            assert isinstance(await session.request(numbered(session)), Message)

            await watcher.until(Happening.DUPLICATE_ANSWER)
            assert session.counters[Happening.ANSWERED] == 2  # with the sign-on's

    async def test_an_answer_to_nothing_is_unmatched(self) -> None:
        async with connected() as (_session, host, watcher):
            host.send(answer(a_message(stan=999)))

            notice = await watcher.until(Happening.UNMATCHED_ANSWER)
            assert notice.message is not None
            assert notice.message[11] == "000999"

    async def test_an_answer_of_another_class_is_not_the_answer(self) -> None:
        async with connected(stay_silent) as (session, host, watcher):
            request = numbered(session)
            async with anyio.create_task_group() as group:
                group.start_soon(session.request, request, 0.2)
                await anyio.sleep(0.02)
                host.send(answer(Message("0200", request.fields)))
                await watcher.until(Happening.UNMATCHED_ANSWER)

                assert session.outstanding == 1

    async def test_a_forged_answer_is_as_if_nothing_had_come(self) -> None:
        async with connected(misbehaviour=always(Fate.FORGED)) as (session, _, watcher):
            reply = await session.request(numbered(session), timeout_s=0.1)

            assert isinstance(reply, Silence)
            assert watcher.saw(Happening.BROKEN_MAC)

    async def test_noise_is_malformed(self) -> None:
        async with connected(misbehaviour=always(Fate.GARBLED)) as (session, _, watcher):
            reply = await session.request(numbered(session), timeout_s=0.1)

            assert isinstance(reply, Silence)
            assert watcher.saw(Happening.MALFORMED)
            assert session.is_ready

    async def test_half_a_message_is_named_and_the_session_comes_back(self) -> None:
        async with connected(misbehaviour=always(Fate.CUT)) as (session, _, watcher):
            reply = await session.request(numbered(session))

            assert isinstance(reply, Silence)
            await watcher.until(Happening.HALF_WRITTEN)
            await watcher.until(Happening.SIGNED_ON, times=2)

    async def test_a_stream_without_rhythm_ends_the_connection(self) -> None:
        async with connected() as (_session, host, watcher):
            next(iter(host._links)).write(b"\xff\xff not a message")

            ended = await watcher.until(Happening.DISCONNECTED)
            assert ended.detail.startswith("frame refused")
            await watcher.until(Happening.SIGNED_ON, times=2)

    async def test_a_request_from_the_host_that_we_have_no_answer_to_is_told(self) -> None:
        async with connected() as (_session, host, watcher):
            host.send(a_message(Kind.REVERSAL_ADVICE, stan=77))

            notice = await watcher.until(Happening.UNSOLICITED)
            assert notice.message is not None
            assert notice.message.mti == "0420"

    async def test_an_observer_that_fails_harms_nobody(self) -> None:
        failures: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))
        async with connected() as (session, _, _):

            def fail(notice: Notice) -> None:
                raise RuntimeError("the observer is broken")

            session._observer = fail
            replies = [await session.request(numbered(session)) for _ in range(2)]

            assert all(isinstance(reply, Message) for reply in replies)
            assert len(failures) == 2
        asyncio.get_running_loop().set_exception_handler(None)

    async def test_a_message_longer_than_the_network_has_is_refused_and_forgotten(self) -> None:
        profile = attrs.evolve(PLAIN_1987_BINARY, framing=Framing(largest=120))
        async with connected(profile=profile) as (session, _, _):
            with pytest.raises(FrameRefused):
                await session.request(numbered(session).having({63: "x" * 200}))

            assert session.outstanding == 0


class TestReversals:
    async def test_are_repeated_until_they_are_answered(self) -> None:
        heard: list[str] = []

        async def answer_the_third(request: Message) -> Message | None:
            heard.append(request.mti)
            return answer(request) if len(heard) == 3 else None

        async with connected(answer_the_third) as (session, _, watcher):
            reply = await session.reverse(numbered(session, Kind.REVERSAL_ADVICE))

            assert isinstance(reply, Message)
            assert reply.mti == "0430"
            assert heard == ["0420", "0421", "0421"]
            assert len(watcher.saw(Happening.REPEATED)) == 2

    async def test_go_on_over_a_lost_connection(self) -> None:
        heard: list[str] = []

        async def drop_the_first(request: Message) -> Message | None:
            heard.append(request.mti)
            if len(heard) == 1:
                host.drop_connections()
                return None
            return answer(request)

        async with connected(drop_the_first) as (session, host, _):
            reply = await session.reverse(numbered(session, Kind.REVERSAL_ADVICE))

            assert isinstance(reply, Message)
            assert heard == ["0420", "0421"]

    async def test_may_be_given_up_after_some_tries(self) -> None:
        async with connected(stay_silent) as (session, host, _):
            reply = await session.reverse(numbered(session, Kind.REVERSAL_ADVICE), tries=2)

            assert isinstance(reply, Silence)
            assert (host.counters["0420"], host.counters["0421"]) == (1, 1)

    async def test_an_authorization_is_never_repeated(self) -> None:
        async with connected() as (session, _, _):
            with pytest.raises(ValueError, match="only an advice may be repeated"):
                await session.advise(numbered(session))
            with pytest.raises(ValueError, match="no reversal"):
                await session.reverse(numbered(session))

    async def test_end_with_the_session(self) -> None:
        async with connected(stay_silent) as (session, _, _):
            reversal = asyncio.create_task(session.reverse(numbered(session, Kind.REVERSAL_ADVICE)))
            await anyio.sleep(0.02)
            await session.close()

            with pytest.raises(NotSent, match="closed"):
                await reversal


class TestConnecting:
    async def test_goes_to_the_next_host_when_one_is_down(self) -> None:
        watcher = Watcher()
        async with Host(PLAIN_1987_BINARY, approve) as down:
            gone = down.port
        async with Host(PLAIN_1987_BINARY, approve) as up:
            endpoints = [Endpoint("127.0.0.1", gone), Endpoint("127.0.0.1", up.port)]
            session = Session(profile=PLAIN_1987_BINARY, endpoints=endpoints, timings=QUICK, observer=watcher)
            async with session:
                assert await session.ready(5)

                assert isinstance(await session.request(numbered(session)), Message)
                assert session.counters[Happening.CONNECT_FAILED] == 1
                assert watcher.saw(Happening.FAILED_OVER)[0].detail == f"to 127.0.0.1:{up.port}"

    async def test_goes_to_the_next_host_when_one_dies(self) -> None:
        async with (
            Host(PLAIN_1987_BINARY, approve) as first,
            Host(PLAIN_1987_BINARY, approve) as second,
        ):
            endpoints = [Endpoint("127.0.0.1", host.port) for host in (first, second)]
            watcher = Watcher()
            session = Session(profile=PLAIN_1987_BINARY, endpoints=endpoints, timings=QUICK, observer=watcher)
            async with session:
                await session.ready(5)
                await first.close()
                await watcher.until(Happening.SIGNED_ON, times=2)
                reply = await session.request(numbered(session))

                assert isinstance(reply, Message)
                assert second.counters["0100"] == 1

    async def test_is_tried_again_with_longer_and_uneven_pauses(self) -> None:
        session = Session(
            profile=PLAIN_1987_BINARY, endpoints=[Endpoint("127.0.0.1", 1)], chance=random.Random(3)
        )
        pauses = [session._pause(rounds) for rounds in range(12)]

        assert all(0.25 * 2**n <= pauses[n] <= 0.5 * 2**n for n in range(6))
        assert all(15 <= pause <= 30 for pause in pauses[6:])
        assert len(set(pauses)) == 12

    async def test_without_sign_on_is_no_connection(self) -> None:
        async with Host(PLAIN_1987_BINARY, approve, mac=KEY) as host:
            watcher = Watcher()
            session = Session(
                profile=PLAIN_1987_BINARY,
                endpoints=[Endpoint("127.0.0.1", host.port)],
                mac=AesCmac(bytes(16)),
                timings=Timings(sign_on_s=0.05, back_off_s=0.01),
                observer=watcher,
            )
            async with session:
                await watcher.until(Happening.SIGN_ON_REFUSED)

                assert not session.is_ready
                assert host.counters["broken_mac"] >= 1

    async def test_is_given_up_at_once_when_it_ends_during_sign_on(self) -> None:
        host = Host(PLAIN_1987_BINARY, approve, most_connections=0)
        async with host:
            watcher = Watcher()
            session = Session(
                profile=PLAIN_1987_BINARY,
                endpoints=[Endpoint("127.0.0.1", host.port)],
                timings=Timings(sign_on_s=60),
                observer=watcher,
            )
            async with session:
                await watcher.until(Happening.SIGN_ON_REFUSED)

            assert host.counters["connected"] == 1

    async def test_is_given_up_when_nobody_echoes(self) -> None:
        timings = Timings(echo_every_s=0.03, echo_answer_s=0.03, echoes_missed=2, back_off_s=0.01)
        async with connected(timings=timings) as (_session, host, watcher):
            host.use_key(AesCmac(bytes(16)))
            host.use_key(AesCmac(bytes(16)))  # now it understands nothing we say

            await watcher.until(Happening.ECHO_MISSED, times=2)
            await watcher.until(Happening.DISCONNECTED)

    async def test_is_kept_alive_by_echoes(self) -> None:
        timings = Timings(echo_every_s=0.02, echo_answer_s=2)
        async with connected(timings=timings) as (session, host, watcher):
            with anyio.fail_after(5):
                while host.counters["0800"] < 4:
                    await anyio.sleep(0.01)

            assert not watcher.saw(Happening.ECHO_MISSED)
            assert session.is_ready

    async def test_is_given_up_soon_after_a_request_met_silence(self) -> None:
        timings = Timings(echo_every_s=600, echo_answer_s=0.03, echoes_missed=2, back_off_s=0.01)
        async with connected(timings=timings) as (session, host, watcher):
            host.use_key(AesCmac(bytes(16)))
            host.use_key(AesCmac(bytes(16)))
            await session.request(numbered(session), timeout_s=0.02)

            await watcher.until(Happening.DISCONNECTED)

    async def test_to_hosts_that_drop_us_at_once_is_not_tried_in_a_tight_circle(self) -> None:
        async with Host(PLAIN_1987_BINARY, approve) as host:
            watcher = Watcher()
            session = Session(
                profile=PLAIN_1987_BINARY,
                endpoints=[Endpoint("127.0.0.1", host.port)] * 2,
                timings=Timings(back_off_s=0.1),
                observer=watcher,
            )
            async with session, anyio.create_task_group() as group:

                async def drop() -> None:
                    while True:
                        host.drop_connections()
                        await anyio.sleep(0.002)

                group.start_soon(drop)
                await anyio.sleep(0.3)
                group.cancel_scope.cancel()

            assert host.counters["connected"] <= 8

    async def test_takes_an_endpoint(self) -> None:
        with pytest.raises(ValueError, match="needs an endpoint"):
            Session(profile=PLAIN_1987_BINARY, endpoints=[])


class TestClosing:
    async def test_waits_for_the_answers_under_way_and_signs_off(self) -> None:
        slow = Misbehaviour(shortest_s=0.1, longest_s=0.1)
        async with connected(misbehaviour=slow) as (session, _, watcher):
            reply = asyncio.create_task(session.request(numbered(session)))
            await anyio.sleep(0.02)
            await session.close()

            assert isinstance(await reply, Message)
            assert watcher.saw(Happening.SIGNED_OFF)
            with pytest.raises(NotSent):
                await session.request(a_message())

    async def test_does_not_wait_for_ever(self) -> None:
        async with connected(stay_silent, timings=Timings(drain_s=0.05)) as (session, _, _):
            reply = asyncio.create_task(session.request(numbered(session)))
            await anyio.sleep(0.02)
            await session.close()

            assert await reply == Silence(
                request=(await reply).request,  # type: ignore[union-attr]
                reason=SilenceReason.CONNECTION_LOST,
            )


class TestKeys:
    async def test_are_changed_by_us_while_requests_are_under_way(self) -> None:
        slow = Misbehaviour(shortest_s=0.05, longest_s=0.1)
        async with connected(misbehaviour=slow) as (session, host, watcher):
            before = [asyncio.create_task(session.request(numbered(session))) for _ in range(20)]
            await anyio.sleep(0.01)

            assert await session.change_key(bytes(range(1, 17)))
            after = await session.request(numbered(session))
            assert isinstance(after, Message)
            assert all(isinstance(reply, Message) for reply in await asyncio.gather(*before))
            assert not watcher.saw(Happening.BROKEN_MAC)
            assert host.counters["broken_mac"] == 0

    async def test_are_changed_by_the_host(self) -> None:
        fresh = bytes(range(2, 18))
        async with connected() as (session, host, watcher):
            change = network_message(NetworkCode.KEY_CHANGE, a_trace(500))
            host.send(session.profile.with_private(change, {"key_block": EXCHANGE.wrap(fresh)}))
            await watcher.until(Happening.KEY_CHANGED)
            host.use_key(AesCmac(fresh))

            assert isinstance(await session.request(numbered(session)), Message)

    async def test_that_are_unreadable_are_refused_and_the_old_one_stays(self) -> None:
        async with connected() as (session, host, watcher):
            change = network_message(NetworkCode.KEY_CHANGE, a_trace(500))
            host.send(session.profile.with_private(change, {"key_block": "00" * 24}))
            await watcher.until(Happening.KEY_REFUSED)

            assert isinstance(await session.request(numbered(session)), Message)
            assert not watcher.saw(Happening.KEY_CHANGED)

    async def test_are_changed_by_the_host_without_losing_what_was_sent_before(self) -> None:
        async with connected() as (session, host, watcher):
            host.use_key(AesCmac(bytes(16)))
            await session.request(numbered(session), timeout_s=0.05)

            assert host.counters["0100"] == 1
            assert watcher.saw(Happening.BROKEN_MAC)  # its answer is under a key that nobody told us of

    async def test_are_forgotten_after_a_while(self) -> None:
        async with connected(timings=Timings(answer_s=0.05)) as (session, _, _):
            await session.change_key(bytes(range(1, 17)))
            await anyio.sleep(0.1)

            assert session._old_mac is None

    async def test_need_an_exchange(self) -> None:
        session = Session(profile=PLAIN_1987_BINARY, endpoints=[Endpoint("127.0.0.1", 1)])

        with pytest.raises(ValueError, match="key exchange"):
            await session.change_key(bytes(16))


class TestHost:
    async def test_echoes_when_it_is_asked_and_asks_itself(self) -> None:
        async with connected() as (session, host, _):
            host.send(network_message(NetworkCode.ECHO, a_trace(400)))

            assert await session.echo()
            with anyio.fail_after(5):
                while not host.counters["0810"]:
                    await anyio.sleep(0.005)

    async def test_hears_nothing_of_what_it_cannot_verify(self) -> None:
        async with connected() as (session, host, _):
            session._mac = AesCmac(bytes(16))
            reply = await session.request(numbered(session), timeout_s=0.05)
            session._mac = KEY

            assert isinstance(reply, Silence)
            assert host.counters["0100"] == 0

    async def test_survives_noise_and_half_messages(self) -> None:
        async with connected() as (session, host, _):
            assert session._link is not None
            session._link.send(b"noise")
            session._link.write(b"\x00\x40half")
            session._link.close("gone")
            assert await session.ready(0) or await session.ready(5)

            assert host.counters["malformed"] == 1
            assert host.counters["half_written"] == 1

    async def test_misbehaves_the_same_way_for_the_same_seed(self) -> None:
        def fates(seed: int) -> list[Fate]:
            shares = {Fate.LOST: 0.3, Fate.DOUBLED: 0.3}
            host = Host(PLAIN_1987_BINARY, approve, misbehaviour=Misbehaviour(fates=shares, seed=seed))
            return [host._fate() for _ in range(50)]

        assert fates(1) == fates(1)
        assert fates(1) != fates(2)
        assert set(fates(1)) == {Fate.LOST, Fate.DOUBLED, Fate.SENT}

    async def test_refuses_likelihoods_that_are_none(self) -> None:
        with pytest.raises(ValueError, match="likelihoods"):
            Misbehaviour(fates={Fate.LOST: 0.8, Fate.CUT: 0.4})

    async def test_carries_out_what_it_then_loses(self) -> None:
        async with connected(misbehaviour=always(Fate.LOST)) as (session, host, _):
            reply = await session.request(numbered(session), timeout_s=0.05)

            assert isinstance(reply, Silence)
            assert (host.counters["0100"], host.counters[Fate.LOST]) == (1, 1)


class TestTraces:
    async def test_follow_each_other_and_skip_zero(self) -> None:
        traces = TraceCounter(last_used=999_998)

        assert [traces.next(NOON).stan for _ in range(3)] == [999_999, 1, 2]

    async def test_have_a_reference_of_twelve_that_says_when(self) -> None:
        assert TraceCounter().next(NOON).reference == "113712000001"

    async def test_are_not_given_twice_while_one_waits(self) -> None:
        async with connected(stay_silent) as (session, _, _):
            session._now = lambda: NOON
            request = numbered(session)
            async with anyio.create_task_group() as group:
                group.start_soon(session.request, request, 0.1)
                await anyio.sleep(0.02)
                session._traces.last_used = int(request[11]) - 1

                assert session.trace().stan == int(request[11]) + 1
