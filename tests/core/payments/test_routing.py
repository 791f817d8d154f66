"""Routes: rules as data, weights, health, and the failover that they lead to."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_core.assembly import AssemblyError
from payments_core.errors import Declined
from payments_core.hookspecs import hookimpl
from payments_core.operations.attempts import ListAttempts
from payments_core.payments.answers import SILENCE, Answer
from payments_core.payments.attempts import Attempt
from payments_core.payments.routing import (
    FAILURES,
    REST_MS,
    Circuit,
    Health,
    Router,
    RoutesRefused,
    Rule,
    enabled,
    is_failure,
    read_rules,
)
from payments_core.platform.accounts import AccountId
from payments_core.ports import Acquirer
from payments_core.rules import PaymentContext
from payments_core.testing.network import APPROVED, ScriptedAcquirer, declined
from tests.support.shops import Shop, a_shop

BOTH = ("first", "second")


def soft(code: str = "issuer_not_available") -> Answer:
    return Answer(outcome=declined().outcome, decline_code=code, response_code="91", retry_elsewhere=True)


def a_payment(**more: Any) -> PaymentContext:
    details: dict[str, Any] = {
        "account_id": AccountId("acct_1"),
        "amount": 1000,
        "currency": "usd",
        "brand": "visa",
        "bin": "424242",
        "country": "US",
        "funding": "credit",
        "fingerprint": "f",
    }
    return PaymentContext(**details | more)


class TestRules:
    def test_without_rules_the_order_stays(self) -> None:
        assert Router().route(a_payment(), BOTH, 0) == ["first", "second"]

    @pytest.mark.parametrize(
        ("rule", "fits"),
        [
            ({}, True),
            ({"brands": ["visa"]}, True),
            ({"brands": ["amex", "jcb"]}, False),
            ({"countries": ["US"]}, True),
            ({"countries": ["DE"]}, False),
            ({"currencies": ["usd", "eur"]}, True),
            ({"currencies": ["eur"]}, False),
            ({"fundings": ["debit"]}, False),
            ({"least": 1000}, True),
            ({"least": 1001}, False),
            ({"most": 1000}, True),
            ({"most": 999}, False),
            ({"brands": ["visa"], "currencies": ["eur"]}, False),
        ],
    )
    def test_a_rule_fits_what_it_says(self, rule: dict[str, Any], fits: bool) -> None:
        router = Router([Rule(**_sets({"acquirers": ("second",), **rule}))])

        assert (router.route(a_payment(), BOTH, 0)[0] == "second") is fits

    def test_the_first_rule_that_fits_decides_and_the_others_follow(self) -> None:
        rules = read_rules('[{"acquirers": ["b"], "brands": ["amex"]}, {"acquirers": ["c", "a"]}]')

        assert Router(rules).route(a_payment(), ("a", "b", "c"), 0) == ["c", "a", "b"]

    def test_the_cheapest_comes_first(self) -> None:
        rules = read_rules('[{"acquirers": ["a", "b", "c"], "costs": {"a": 1.5, "b": 0.9}}]')

        assert Router(rules).route(a_payment(), ("a", "b", "c"), 0) == ["b", "a", "c"]

    def test_names_that_nobody_brings_are_left_out(self) -> None:
        rules = read_rules('[{"acquirers": ["gone", "second"]}]')

        assert Router(rules).route(a_payment(), BOTH, 0) == ["second", "first"]

    @pytest.mark.parametrize(
        "text",
        [
            "{",
            "{}",
            "[1]",
            "[{}]",
            '[{"acquirers": []}]',
            '[{"acquirers": ["a"], "brand": ["visa"]}]',
            '[{"acquirers": ["a"], "least": "much"}]',
            '[{"acquirers": ["a"], "weights": {"b": 1}}]',
            '[{"acquirers": ["a"], "weights": {"a": -1}}]',
        ],
    )
    def test_a_mistake_is_told_where_it_is(self, text: str) -> None:
        with pytest.raises(RoutesRefused, match="routes"):
            read_rules(text)

    def test_the_setting_names_who_is_in_use(self) -> None:
        assert enabled({}) == ("sandbox",)
        assert enabled({"network": "iso8583, sandbox"}) == ("iso8583", "sandbox")


class TestWeights:
    def test_each_comes_first_as_often_as_it_weighs(self) -> None:
        router = Router(read_rules('[{"acquirers": ["a", "b"], "weights": {"a": 3, "b": 1}}]'))
        firsts = [router.route(a_payment(), ("a", "b"), 0)[0] for _ in range(8)]

        assert Counter(firsts) == {"a": 6, "b": 2}
        assert firsts[:4].count("b") == 1

    @given(st.lists(st.integers(0, 9), min_size=1, max_size=5).filter(any))
    def test_over_a_whole_turn_the_shares_are_exact(self, weights: list[int]) -> None:
        names = [f"a{number}" for number in range(len(weights))]
        rule = Rule(acquirers=tuple(names), weights=dict(zip(names, weights, strict=True)))
        router = Router([rule])
        firsts = Counter(router.route(a_payment(), names, 0)[0] for _ in range(sum(weights)))

        assert [firsts[name] for name in names] == weights


class TestHealth:
    def test_failures_in_a_row_put_it_last(self) -> None:
        router = Router()
        for _ in range(FAILURES):
            assert router.route(a_payment(), BOTH, 0) == ["first", "second"]
            router.heard("first", SILENCE, 0)

        assert router.route(a_payment(), BOTH, 0) == ["second", "first"]

    def test_one_success_forgets_all_failures(self) -> None:
        router = Router()
        for answer in [*[SILENCE] * (FAILURES - 1), APPROVED, *[SILENCE] * (FAILURES - 1)]:
            router.heard("first", answer, 0)

        assert router.route(a_payment(), BOTH, 0)[0] == "first"

    def test_after_a_rest_one_payment_tries_it(self) -> None:
        router = Router(circuits={"first": Circuit(health=Health.ILL, look_again_ms=REST_MS)})

        assert router.route(a_payment(), BOTH, REST_MS - 1)[0] == "second"
        assert router.route(a_payment(), BOTH, REST_MS)[0] == "first"
        assert router.route(a_payment(), BOTH, REST_MS)[0] == "second"

    @pytest.mark.parametrize(("answer", "first"), [(APPROVED, "first"), (SILENCE, "second")])
    def test_what_the_probe_hears_decides(self, answer: Answer, first: str) -> None:
        router = Router(circuits={"first": Circuit(health=Health.ILL)})
        router.route(a_payment(), BOTH, 0)
        router.heard("first", answer, 0)

        assert router.route(a_payment(), BOTH, 1)[0] == first

    def test_a_probe_that_nobody_heard_of_does_not_shut_it_out_for_ever(self) -> None:
        router = Router(circuits={"first": Circuit(health=Health.ILL)})
        router.route(a_payment(), BOTH, 0)

        assert router.route(a_payment(), BOTH, REST_MS)[0] == "first"

    def test_if_all_are_ill_all_are_tried(self) -> None:
        ill = Circuit(health=Health.ILL, look_again_ms=REST_MS)
        router = Router(circuits={"first": ill, "second": ill})

        assert router.route(a_payment(), BOTH, 0) == ["first", "second"]

    def test_a_no_about_the_card_is_no_illness(self) -> None:
        assert not is_failure(declined("insufficient_funds", "51"))
        assert not is_failure(APPROVED)
        assert is_failure(SILENCE)
        assert is_failure(soft())

    def test_what_a_rule_of_risk_blocked_says_nothing_of_the_acquirer(self) -> None:
        router = Router(circuits={"first": Circuit(failures=2)})
        router.heard("first", Answer(outcome=declined().outcome, traits={"blocked": "rule"}), 0)

        assert router.circuits["first"].failures == 2


class Pair:
    """A plugin with two acquirers that answer by script, and an ear for what they answered."""

    def __init__(self, first: Iterable[Answer], second: Iterable[Answer] = ()) -> None:
        self.acquirers = [
            ScriptedAcquirer(first, name="first"),
            ScriptedAcquirer(second, name="second"),
        ]
        self.told: list[tuple[str, str, str]] = []

    @hookimpl
    def payments_acquirers(self) -> Iterable[Acquirer]:
        return self.acquirers

    @hookimpl
    def payments_answered(self, acquirer: str, kind: str, answer: Answer) -> None:
        self.told.append((acquirer, kind, str(answer.outcome)))

    @property
    def verbs(self) -> list[list[str]]:
        return [[verb for verb, _ in acquirer.heard] for acquirer in self.acquirers]


@asynccontextmanager
async def a_shop_with(pair: Pair, folder: Path, **settings: Any) -> AsyncIterator[Shop]:
    async with a_shop(folder, plugins=[pair], network="first,second", **settings) as shop:
        yield shop


async def attempts(shop: Shop, charge_id: str) -> list[Attempt]:
    return list((await shop.merchant.do(ListAttempts(id=charge_id))).items)


@pytest.mark.anyio
class TestFailover:
    async def test_after_a_soft_decline_the_next_one_is_asked(self, tmp_path: Path) -> None:
        pair = Pair([soft()])
        async with a_shop_with(pair, tmp_path) as shop:
            charge = await shop.charge()
            route = await attempts(shop, charge.id)

        assert charge.acquirer == "second"
        assert charge.status == "succeeded"
        assert [(one.acquirer, one.answer and str(one.answer.outcome)) for one in route] == [
            ("first", "declined"),
            ("second", "approved"),
        ]
        assert pair.told == [("first", "authorize", "declined"), ("second", "authorize", "approved")]

    async def test_after_a_hard_decline_nobody_else_is_asked(self, tmp_path: Path) -> None:
        pair = Pair([declined("insufficient_funds", "51")])
        async with a_shop_with(pair, tmp_path) as shop:
            with pytest.raises(Declined):
                await shop.charge()

        assert pair.verbs == [["authorize"], []]

    async def test_after_silence_nobody_else_is_asked(self, tmp_path: Path) -> None:
        pair = Pair([SILENCE])
        async with a_shop_with(pair, tmp_path) as shop:
            with pytest.raises(Declined):
                await shop.charge()

        assert pair.verbs == [["authorize"], []]

    async def test_a_card_is_verified_by_the_next_one_too(self, tmp_path: Path) -> None:
        from payments_core.operations.customers import CreateCustomer

        pair = Pair([soft()])
        async with a_shop_with(pair, tmp_path) as shop:
            customer = await shop.merchant.do(CreateCustomer(source="tok_visa"))

        assert customer.default_source
        assert pair.verbs == [["authorize"], ["authorize"]]

    async def test_the_one_that_stays_silent_is_tried_last(self, tmp_path: Path) -> None:
        pair = Pair([SILENCE] * FAILURES)
        async with a_shop_with(pair, tmp_path) as shop:
            for _ in range(FAILURES):
                with pytest.raises(Declined):
                    await shop.charge()
            charge = await shop.charge()
            shop.clock.advance(REST_MS // 1000)
            probe = await shop.charge()
            after = await shop.charge()

        assert [one.acquirer for one in (charge, probe, after)] == ["second", "first", "first"]

    async def test_rules_come_from_the_settings(self, tmp_path: Path) -> None:
        pair = Pair([])
        routes = '[{"acquirers": ["second"], "currencies": ["eur"]}]'
        async with a_shop_with(pair, tmp_path, routes=routes) as shop:
            dollars, euros = await shop.charge(), await shop.charge(currency="eur")

        assert (dollars.acquirer, euros.acquirer) == ("first", "second")

    async def test_settings_that_make_no_sense_stop_the_assembly(self, tmp_path: Path) -> None:
        with pytest.raises(AssemblyError, match="routes"):
            async with a_shop_with(Pair([]), tmp_path, routes="[{}]"):
                pass
        with pytest.raises(AssemblyError, match="nobody"):
            async with a_shop(tmp_path, network="nobody"):
                pass


def _sets(rule: dict[str, Any]) -> dict[str, Any]:
    return {key: frozenset(value) if isinstance(value, list) else value for key, value in rule.items()}
