"""What a payer may change on the page before they pay: how many they take, and a promotion code. Nobody pays here."""

from collections.abc import Mapping, Sequence

import attrs

from payments_core.checkout.line_items import LineItem, LineItemId
from payments_core.checkout.sessions import CheckoutSession
from payments_core.errors import AmountRefused, InvalidRequest, NotFound, ParamInvalid, TransitionRefused
from payments_core.operations.checkout_confirming import known_session, refuse_closed
from payments_core.operations.checkout_offers import offer_typed, release, still_offered
from payments_core.operations.checkout_pricing import lines_of, totalled
from payments_core.operations.checkout_settling import in_progress
from payments_core.operations.checkout_subscribing import give_up_subscription
from payments_core.operations.declaring import Command, operation
from payments_core.operations.work import Work
from payments_core.ports import Ports
from payments_core.values import evolve


@attrs.frozen(kw_only=True)
class AdjustCheckoutSession(Command[CheckoutSession]):
    """What the payer has typed or chosen; an empty promotion code takes the discount away."""

    id: str
    client_secret: str | None = None
    promotion_code: str | None = None
    quantities: Mapping[str, int] | None = None


@operation(
    "checkout_session.adjust",
    post="/v1/payment_pages/{id}/adjust",
    raises=(AmountRefused, InvalidRequest, NotFound, ParamInvalid, TransitionRefused),
    publishable=True,
)
async def adjust_checkout_session(
    command: AdjustCheckoutSession, work: Work, ports: Ports
) -> CheckoutSession:
    """Change what an open page sells, as far as the merchant lets its payer."""
    session = await known_session(work, command.id, command.client_secret)
    refuse_closed(work, session)
    await in_progress(work, session)
    if session.subscription is not None:
        # The bill that a refused card left behind is of the old amount.
        await give_up_subscription(work, session)
        session = evolve(session, subscription=None, invoice=None, payment_intent=None)
    lines = await lines_of(work, session.id, to_write=True)
    if command.quantities:
        lines = tuple(_taken(line, command.quantities) for line in lines)
        _refuse_others(lines, command.quantities)
        session = await totalled(work, session, lines)
        session = await still_offered(work, session)
    if command.promotion_code is not None:
        if not session.allow_promotion_codes:
            raise InvalidRequest("This page takes no promotion codes.", param="promotion_code")
        session = await offer_typed(work, await release(work, session), command.promotion_code)
    session = await totalled(work, session, lines)
    work.put(session)
    return session.public() if work.caller.publishable else session


def _taken(line: LineItem, quantities: Mapping[str, int]) -> LineItem:
    quantity, bounds = quantities.get(line.id, line.quantity), line.adjustable
    if quantity == line.quantity:
        return line
    param = f"quantities[{line.id}]"
    if bounds is None or not bounds.enabled:
        raise ParamInvalid("The quantity of this item cannot be changed.", param=param)
    least, most = max(1, bounds.minimum or 0), bounds.maximum or 99
    if not least <= quantity <= most:
        raise ParamInvalid(
            f"This value must be between {least} and {most}.", code="parameter_invalid_integer", param=param
        )
    return evolve(line, quantity=quantity, amount=line.price.amount_for(quantity))


def _refuse_others(lines: Sequence[LineItem], quantities: Mapping[str, int]) -> None:
    for wanted in quantities:
        if LineItemId(wanted) not in {line.id for line in lines}:
            raise NotFound("line_item", wanted, param=f"quantities[{wanted}]")
