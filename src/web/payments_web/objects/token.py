"""The token as clients see it."""

from typing import Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.settlement.external_accounts import BankToken
from payments_core.tokenization.tokens import Token
from payments_web.objects.bank_account import BankAccountObject
from payments_web.objects.card import CardObject
from payments_web.objects.common import Seconds


@attrs.frozen(kw_only=True, slots=False)
class TokenObject:
    """A single-use stand-in for card details."""

    id: str
    object: Literal["token"] = "token"
    bank_account: BankAccountObject | UnsetType = UNSET
    card: CardObject | UnsetType = UNSET
    client_ip: str | None = None
    created: Seconds
    livemode: bool
    type: str = "card"
    used: bool

    @classmethod
    def of(cls, token: Token, livemode: bool) -> Self:
        """Show a token."""
        return cls(
            id=token.id,
            card=CardObject.shown(token.card.id, token.card, token.billing),
            client_ip=token.client_ip,
            created=token.created,
            livemode=livemode,
            used=token.used,
        )

    @classmethod
    def of_bank(cls, token: BankToken, livemode: bool) -> Self:
        """Show a token of a bank account."""
        return cls(
            id=token.id,
            bank_account=BankAccountObject.in_token(token.bank_account),
            client_ip=token.client_ip,
            created=token.created,
            livemode=livemode,
            type="bank_account",
            used=token.used,
        )
