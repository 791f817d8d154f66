"""Tokens: hand over a card once."""

import attrs

from payments_core.errors import CardRefused, InvalidRequest, NotFound, ParamMissing
from payments_core.operations.cards import CardParams, read_card, tokenize
from payments_core.operations.declaring import Command, operation
from payments_core.operations.work import Work
from payments_core.ports import Ports
from payments_core.tokenization.tokens import Token, TokenId


@attrs.frozen(kw_only=True)
class CreateToken(Command[Token]):
    """Exchange card details for a single-use token."""

    card: CardParams | None = None


@operation("token.create", post="/v1/tokens", raises=(CardRefused, InvalidRequest), publishable=True)
async def create_token(command: CreateToken, work: Work, ports: Ports) -> Token:
    """Seal a card in the vault and return a token for it."""
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
async def retrieve_token(command: RetrieveToken, work: Work, ports: Ports) -> Token:
    """Return a token."""
    return await work.get(Token, command.id)
