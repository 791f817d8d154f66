"""Routing: which acquirers to try for a payment, and in which order. Rules are data; so is the health of an acquirer.

Nothing here sends, and nothing reads a clock: moments are handed in. Whether the next acquirer of a route is tried at all is
for the conclusion of an attempt to say: after a soft decline only, and never after silence.

    enabled    the setting `network` names the acquirers in use, the preferred one first: `network=iso8583,sandbox`
    rules      the setting `routes` is a JSON list; of the first rule that fits, its acquirers come first
    weights    of a rule's acquirers with weights, each comes first as often as its weight says
    health     an acquirer that failed several times in a row is tried last, until one payment has found it well again
"""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, Protocol, Self

import attrs
import cattrs

from payments_core.payments.answers import Answer, Outcome

DEFAULT: Final = "sandbox"
"""The acquirer where nobody has set one."""
FAILURES: Final = 5
"""Failures in a row that make an acquirer ill."""
REST_MS: Final = 30_000
"""How long an ill acquirer is left alone before one payment tries it."""
TECHNICAL: Final = frozenset({"issuer_not_available", "processing_error", "reenter_transaction"})
"""Declines that tell of the path and not of the card."""


class RoutesRefused(ValueError):
    """The setting `routes` cannot be used; the message says why."""


class Payment(Protocol):
    """What rules look at; `PaymentContext` is one."""

    @property
    def amount(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def brand(self) -> str: ...
    @property
    def country(self) -> str | None: ...
    @property
    def funding(self) -> str: ...


def enabled(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The acquirers that the setting `network` names, the preferred one first."""
    return tuple(name.strip() for name in settings.get("network", DEFAULT).split(",") if name.strip())


def is_enabled(settings: Mapping[str, str], name: str) -> bool:
    """Whether a plugin should bring its acquirer of this *name*."""
    return name in enabled(settings)


@attrs.frozen(kw_only=True)
class Rule:
    """Where payments of one kind go. What is not said fits everything; amounts are minor units, both bounds included."""

    acquirers: tuple[str, ...] = attrs.field()
    brands: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()
    fundings: frozenset[str] = frozenset()
    least: int = 0
    most: int | None = None
    weights: Mapping[str, int] = attrs.field(factory=dict)
    """How often each comes first; without weights the first one always does."""
    costs: Mapping[str, float] = attrs.field(factory=dict)
    """What each takes in percent: without weights, the cheapest comes first. Who is not named comes last."""

    @acquirers.validator
    def _names_somebody(self, _: object, acquirers: tuple[str, ...]) -> None:
        if not acquirers:
            raise ValueError("a rule names at least one acquirer")

    @weights.validator
    def _weighs(self, _: object, weights: Mapping[str, int]) -> None:
        if any(weight < 0 for weight in weights.values()) or not set(weights) <= set(self.acquirers):
            raise ValueError("weights are not negative, and are those of the rule's own acquirers")

    def fits(self, payment: Payment) -> bool:
        """Whether the rule is for this payment."""
        return (
            (not self.brands or payment.brand in self.brands)
            and (not self.countries or (payment.country or "") in self.countries)
            and (not self.currencies or payment.currency in self.currencies)
            and (not self.fundings or payment.funding in self.fundings)
            and self.least <= payment.amount
            and (self.most is None or payment.amount <= self.most)
        )

    @property
    def by_cost(self) -> tuple[str, ...]:
        """The acquirers, the cheapest one first; those that cost the same as they were named."""
        return tuple(sorted(self.acquirers, key=lambda name: self.costs.get(name, float("inf"))))


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules in JSON *text*; `RoutesRefused` says which one is wrong, and why."""
    try:
        rows = json.loads(text or "[]")
    except ValueError as error:
        raise RoutesRefused(f"routes is no JSON: {error}.") from None
    if not isinstance(rows, list):
        raise RoutesRefused("routes is a list of rules.")
    return tuple(_rule(row, number) for number, row in enumerate(rows))


def _rule(row: Any, number: int) -> Rule:
    if not isinstance(row, dict):
        raise RoutesRefused(f"routes[{number}] is not a rule.")
    unknown = set(row) - {field.name for field in attrs.fields(Rule)}
    if unknown:
        raise RoutesRefused(f"routes[{number}] has words that no rule knows: {', '.join(sorted(unknown))}.")
    try:
        return _CONVERTER.structure(row, Rule)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError) as error:
        reason = "; ".join(cattrs.transform_error(error))
        raise RoutesRefused(f"routes[{number}] cannot be used: {reason}.") from None


_CONVERTER: Final = cattrs.Converter()


class Health(StrEnum):
    """How an acquirer is doing."""

    WELL = "well"
    ILL = "ill"
    """It is tried last."""
    PROBED = "probed"
    """One payment is finding out."""


@attrs.frozen(kw_only=True)
class Circuit:
    """The recent history of one acquirer."""

    health: Health = Health.WELL
    failures: int = 0
    look_again_ms: int = 0

    def heard(self, *, failed: bool, now_ms: int) -> Self:
        """Note how one message ended."""
        if not failed:
            return type(self)()
        failures = self.failures + 1
        if self.health is Health.WELL and failures < FAILURES:
            return attrs.evolve(self, failures=failures)
        return attrs.evolve(self, health=Health.ILL, failures=failures, look_again_ms=now_ms + REST_MS)

    def may_probe(self, now_ms: int) -> bool:
        """Whether it has rested, so that one payment may try it."""
        return self.health is not Health.WELL and now_ms >= self.look_again_ms

    def probe(self, now_ms: int) -> Self:
        """One payment tries it; if nobody hears of that payment, another one may after a while."""
        return attrs.evolve(self, health=Health.PROBED, look_again_ms=now_ms + REST_MS)


def is_failure(answer: Answer) -> bool:
    """Whether an answer tells that the path is ill: silence, or a decline that is not about the card."""
    if answer.outcome is Outcome.SILENCE:
        return True
    return answer.outcome is Outcome.DECLINED and answer.retry_elsewhere and answer.decline_code in TECHNICAL


@attrs.define(eq=False)
class Router:
    """Orders acquirers by rules, weights and health. One for each gateway; it remembers nothing over a restart."""

    rules: Sequence[Rule] = ()
    circuits: dict[str, Circuit] = attrs.field(factory=dict)
    _turns: dict[int, dict[str, int]] = attrs.field(factory=dict, init=False)

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Self:
        """The router with the rules of the setting `routes`."""
        return cls(read_rules(settings.get("routes", "")))

    def route(self, payment: Payment, acquirers: Sequence[str], now_ms: int) -> list[str]:
        """All *acquirers*, in the order in which to try them."""
        return self.by_health(self._by_rules(payment, acquirers), now_ms)

    def by_health(self, order: Sequence[str], now_ms: int) -> list[str]:
        """The same acquirers, ill ones last; of those that have rested, one comes first, for this payment alone."""
        if not self.circuits:
            return list(order)
        ill = [name for name in order if self._circuit(name).health is not Health.WELL]
        if not ill or len(order) == 1:
            return list(order)
        well = [name for name in order if name not in ill]
        rested = next((name for name in ill if self._circuit(name).may_probe(now_ms)), None)
        if rested is None or not well:
            return [*well, *ill]
        self.circuits[rested] = self._circuit(rested).probe(now_ms)
        return [rested, *well, *(name for name in ill if name != rested)]

    def heard(self, acquirer: str, answer: Answer, now_ms: int) -> None:
        """Learn from how a message ended."""
        if "blocked" in answer.traits:  # it was never asked
            return
        known = self.circuits.get(acquirer)
        failed = is_failure(answer)
        if known is None and not failed:
            return
        self.circuits[acquirer] = (known or Circuit()).heard(failed=failed, now_ms=now_ms)

    def _circuit(self, name: str) -> Circuit:
        return self.circuits.get(name) or Circuit()

    def _by_rules(self, payment: Payment, acquirers: Sequence[str]) -> list[str]:
        for number, rule in enumerate(self.rules):
            if rule.fits(payment):
                wanted = [name for name in self._in_turn(number, rule) if name in acquirers]
                return [*wanted, *(name for name in acquirers if name not in wanted)]
        return list(acquirers)

    def _in_turn(self, number: int, rule: Rule) -> Sequence[str]:
        """Smooth weighted turns: each comes first as often as its weight says, and as evenly spread as can be."""
        total = sum(rule.weights.values())
        if not total:
            return rule.by_cost
        saved = self._turns.setdefault(number, dict.fromkeys(rule.acquirers, 0))
        for name in rule.acquirers:
            saved[name] += rule.weights.get(name, 0)
        order = sorted(rule.acquirers, key=lambda name: -saved[name])
        saved[order[0]] -= total
        return order
