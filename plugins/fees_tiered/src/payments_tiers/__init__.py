"""Fees in tiers of the amount. An account with the setting `fee_tiers` pays by it, all others as before.

    fee_tiers = 0=2.9+30, 100000=2.5+30, 1000000=2.1

reads: from 0 on 2.9 percent and 30 minor units, from 100000 minor units on 2.5 percent and 30, from 1000000 on 2.1 percent.
"""

from collections.abc import Mapping
from functools import lru_cache

from payments_core.hookspecs import hookimpl
from payments_core.money.fees import FeePlan
from payments_core.rules import PaymentContext

SETTING = "fee_tiers"


@hookimpl
def payments_fee(context: PaymentContext, settings: Mapping[str, str]) -> int | None:
    """The fee by the highest tier that the amount reaches."""
    if SETTING not in settings:
        return None
    reached = [tier for tier in _tiers(settings[SETTING]) if tier[0] <= context.amount]
    if not reached:
        return None
    _, percent, fixed = max(reached)
    return FeePlan(percent=percent, fixed={context.currency: fixed}).fee(context.amount, context.currency)


@lru_cache(maxsize=1000)
def _tiers(text: str) -> tuple[tuple[int, str, int], ...]:
    """Each tier's lower end, percentage and fixed part."""
    tiers = []
    for tier in text.split(","):
        least, _, price = tier.strip().partition("=")
        percent, _, fixed = price.partition("+")
        tiers.append((int(least), percent.strip(), int(fixed or 0)))
    return tuple(tiers)
