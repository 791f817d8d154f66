"""Tokens: hand over a card once."""

import attrs

from payments_core.errors import CardRefused, InvalidRequest, NotFound, ParamMissing
from payments_core.operations.cards import CardParams, read_card, tokenize
from payments_core.operations.declaring import Command, operation
from payments_core.operations.external_accounts import BankAccountParams, bank_token
from payments_core.operations.work import Work
from payments_core.ports import Ports
from payments_core.settlement.external_accounts import BankToken
from payments_core.tokenization.tokens import Token, TokenId


@attrs.frozen(kw_only=True)
class CreateToken(Command[Token]):
    """Exchange card or bank account details for a single-use token."""

    card: CardParams | None = None
    bank_account: BankAccountParams | None = None


@operation("token.create", post="/v1/tokens", raises=(CardRefused, InvalidRequest), publishable=True)
async def create_token(command: CreateToken, work: Work, ports: Ports) -> Token | BankToken:
    """Seal a card or a bank account in the vault and return a token for it."""
    if command.bank_account is not None and command.card is None:
        return bank_token(work, command.bank_account)
    if command.card is None:
        raise ParamMissing("card", "You must supply a card to create a token.")
    card = read_card(work, command.card)
    billing = command.card.billing
    token = Token(
        account_id=work.account_id,
        id=TokenId(work.new_id("tok")),
        created=work.now,
        card=tokenize(work, card),
        billing=billing,
        client_ip=work.caller.client_ip,
    )
    work.put(token)
    return token


@attrs.frozen(kw_only=True)
class RetrieveToken(Command[Token]):
    """Which token."""

    id: str


@operation("token.retrieve", get="/v1/tokens/{id}", raises=(NotFound,), publishable=True)
async def retrieve_token(command: RetrieveToken, work: Work, ports: Ports) -> Token | BankToken:
    """Return a token."""
    if command.id.startswith("btok_"):
        return await work.get(BankToken, command.id)
    return await work.get(Token, command.id)
