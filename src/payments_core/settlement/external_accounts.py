"""External accounts: the bank accounts that payouts go to. Numbers are sealed by the vault; here are checks and what may be shown.

Only the check digits of routing numbers and IBANs are verified. Whether an account exists, its bank alone can tell.
"""

import re
from typing import Final, NewType, Self, final

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.tokenization.cards import Secret
from payments_core.values import evolve

BankAccountId = NewType("BankAccountId", str)
_WEIGHTS: Final = (3, 7, 1) * 3
_IBAN: Final = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
TEST_ROUTING: Final = "110000000"
TEST_BANK: Final = "STRIPE TEST BANK"


@final
class AccountNumber(Secret):
    """A bank account's number: up to 17 digits in the US, an IBAN where there are IBANs."""

    __slots__ = ()

    def __init__(self, number: str) -> None:
        text = re.sub(r"[\s-]", "", number).upper()
        if not re.fullmatch("[A-Z0-9]{4,34}", text):
            raise InvalidRequest(
                "The bank account number is not valid.", code="account_number_invalid", param="account_number"
            )
        super().__init__(text)

    @property
    def last4(self) -> str:
        """The last four characters, which may be shown."""
        return self.reveal()[-4:]

    def masked(self) -> str:
        """Stars and the last four characters."""
        return f"****{self.last4}"

    def refuse_for(self, country: str) -> None:
        """Raise `InvalidRequest` if no account of *country* can have this number."""
        text = self.reveal()
        if country == "US":
            good = re.fullmatch("[0-9]{4,17}", text) is not None
        elif text[:2] == country and not text[2:4].isalpha():
            good = passes_iban(text)
        else:
            good = True
        if not good:
            raise InvalidRequest(
                f"The bank account number is not one of {country}.",
                code="account_number_invalid",
                param="account_number",
            )


def passes_aba(routing: str) -> bool:
    """Whether the check digit of a US routing number is right."""
    if not re.fullmatch("[0-9]{9}", routing):
        return False
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, routing, strict=True)) % 10 == 0


def passes_iban(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616)."""
    if not _IBAN.fullmatch(text):
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def check_routing(country: str, routing: str | None) -> str | None:
    """Return the routing number, or refuse one that cannot be of *country*."""
    if country != "US":
        return routing
    if not routing:
        raise InvalidRequest(
            "Missing required param: routing_number.", code="parameter_missing", param="routing_number"
        )
    if not passes_aba(routing):
        raise InvalidRequest(
            f"Invalid routing number: {routing[:20]}.", code="routing_number_invalid", param="routing_number"
        )
    return routing


@attrs.frozen(kw_only=True, slots=False)
class BankAccount:
    """A bank account, as far as it may be shown."""

    account_id: AccountId
    id: BankAccountId
    created: Timestamp
    country: str
    currency: CurrencyCode
    last4: str
    fingerprint: str
    routing_number: str | None = None
    bank_name: str | None = None
    account_holder_name: str | None = None
    account_holder_type: str | None = None
    account_type: str | None = None
    default_for_currency: bool = False
    status: str = "new"
    """`errored` since a payout came back."""
    metadata: Metadata = NOTHING

    @property
    def account(self) -> str:
        """Whose it is, by the name that the API has for it."""
        return self.account_id

    def as_default(self, default: bool) -> Self:
        """Payouts of its currency go here, or no longer."""
        return evolve(self, default_for_currency=default)

    def errored(self) -> Self:
        """A payout came back from it."""
        return evolve(self, status="errored")


@attrs.frozen(kw_only=True, slots=False)
class SealedAccountNumber:
    """A bank account's number under the vault's envelope, by the bank account's id."""

    account_id: AccountId
    id: BankAccountId
    created: Timestamp
    sealed: bytes


@attrs.frozen(kw_only=True, slots=False)
class BankToken:
    """A single-use stand-in for a bank account."""

    account_id: AccountId
    id: str
    created: Timestamp
    bank_account: BankAccount
    client_ip: str | None = None
    used: bool = False

    def use(self) -> Self:
        """Spend the token; a second time raises `InvalidRequest` with `token_already_used`."""
        if self.used:
            raise InvalidRequest(
                f"You cannot use a Stripe token more than once: {self.id}.",
                code="token_already_used",
                param="external_account",
            )
        return evolve(self, used=True)
