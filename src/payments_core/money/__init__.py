"""Amounts, currencies, lossless splitting and fees. No rates, no rounding that is not named, never a float."""

from payments_core.money.allocation import Rounding, allocate, share
from payments_core.money.amounts import charged, display, minor, money, payable_out
from payments_core.money.currencies import (
    CurrencyCode,
    currency,
    currency_code,
    exponent,
    maximum_charge,
    minimum_charge,
    step,
)
from payments_core.money.fees import STANDARD_FEE, FeePlan

__all__ = [
    "STANDARD_FEE",
    "CurrencyCode",
    "FeePlan",
    "Rounding",
    "allocate",
    "charged",
    "currency",
    "currency_code",
    "display",
    "exponent",
    "maximum_charge",
    "minimum_charge",
    "minor",
    "money",
    "payable_out",
    "share",
    "step",
]
