"""What a checkout session sells: its lines, ways of sending, and what all of it costs. Decides and stages; nobody pays here."""

from collections.abc import Sequence
from typing import Final

from payments_core.billing.customers import Customer
from payments_core.billing.discounts import Discount, DiscountId
from payments_core.billing.lines import Item, Line, LineId, Period
from payments_core.billing.prices import Price
from payments_core.billing.products import Product
from payments_core.billing.totals import Rules, priced
from payments_core.checkout.line_items import AdjustableQuantity, LineItem, LineItemId
from payments_core.checkout.sessions import CheckoutSession, ShippingOption
from payments_core.errors import AmountRefused, InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.money.amounts import charged
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.checkout_params import ChangedLineParams, LineParams, ShippingOptionParams
from payments_core.operations.lining import inline_price
from payments_core.operations.pricing import one_time_price
from payments_core.operations.tax_rates import rates_of
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Query
from payments_core.values import evolve

LINES_MAX: Final = 100
OPTIONS_MAX: Final = 5
QUANTITY_MAX: Final = 999_999


async def new_lines(
    work: Work,
    session_id: str,
    params: Sequence[LineParams],
    wanted: CurrencyCode | None,
    *,
    recurs: bool = False,
) -> tuple[LineItem, ...]:
    """Stage the rows of a new session."""
    if not 1 <= len(params) <= LINES_MAX:
        raise ParamInvalid(f"A session sells 1 to {LINES_MAX} line items.", param="line_items")
    lines: list[LineItem] = []
    # Lists show the newest first: made from the last to the first, they show in the order in which they were sent.
    ids = [work.new_id("li") for _ in params][::-1]
    for at, line in enumerate(params):
        currency = lines[0].price.currency if lines else wanted
        lines.append(
            await _line(work, session_id, ids[at], line, currency, f"line_items[{at}]", recurs=recurs)
        )
    return stage_lines(work, lines)


async def changed_lines(
    work: Work, session: CheckoutSession, params: Sequence[ChangedLineParams]
) -> tuple[LineItem, ...]:
    """Stage the rows anew: those that are named by id stay, all others of before go."""
    if not 1 <= len(params) <= LINES_MAX:
        raise ParamInvalid(f"A session sells 1 to {LINES_MAX} line items.", param="line_items")
    before = {line.id: line for line in await lines_of(work, session.id, to_write=True)}
    ids = [work.new_id("li") for _ in params][::-1]
    lines: list[LineItem] = []
    for at, line in enumerate(params):
        param = f"line_items[{at}]"
        if line.id is None:
            lines.append(await _line(work, session.id, ids[at], line, session.currency, param))
            continue
        kept = before.pop(LineItemId(line.id), None)
        if kept is None:
            raise NotFound("line_item", line.id, param=f"{param}[id]")
        lines.append(await _changed(work, kept, line, param))
    for gone in before.values():
        work.drop(gone)
    return stage_lines(work, lines)


def stage_lines(work: Work, lines: Sequence[LineItem]) -> tuple[LineItem, ...]:
    """Stage rows that are all in one currency."""
    for line in lines:
        if line.price.currency != lines[0].price.currency:
            raise InvalidRequest("All prices of a session are in one currency.", param="line_items")
        work.put(line)
    return tuple(lines)


async def lines_of(work: Work, session_id: str, *, to_write: bool = False) -> tuple[LineItem, ...]:
    """The rows of a session, in the order in which they were sent."""
    query = Query(equal={"session": session_id}, limit=LINES_MAX)
    page = await (work.select_to_write if to_write else work.select)(LineItem, query)
    return page.items


async def totalled(work: Work, session: CheckoutSession, lines: Sequence[LineItem]) -> CheckoutSession:
    """Stage the rows with their discounts and taxes, and return the session with what they cost, if that can be paid."""
    currency = lines[0].price.currency
    trial = session.intent_data.has_trial
    due = [line for line in lines if not (trial and line.price.recurring)]
    customer = await work.find(Customer, session.customer) if session.customer else None
    computed = _computed(work, session, due, customer.tax_exempt if customer else "none")
    by_id = {line.id: line for line in computed}
    for line in lines:
        work.put(by_id.get(line.id, line))
    session = session.priced(currency, computed)
    if session.amount_total:
        try:
            charged(session.amount_total, currency, param="line_items")
        except AmountRefused as refusal:
            raise AmountRefused(
                f"The Checkout Session's total amount cannot be paid: {refusal.message}",
                code=refusal.code,
                param="line_items",
            ) from None
    return session


def _computed(
    work: Work, session: CheckoutSession, lines: Sequence[LineItem], tax_exempt: str
) -> list[LineItem]:
    """The rows with what the session's coupon takes off and their taxes, by the rules of invoices."""
    offer = session.offer
    given = (
        Discount(
            account_id=work.account_id,
            id=DiscountId("offered"),
            created=work.now,
            coupon=offer.coupon,
            start=work.now,
        )
        if offer
        else None
    )
    rules = Rules(discounts=(given,) if given else (), tax_exempt=tax_exempt)
    now = Period(start=work.now, end=work.now)
    billed = [
        Line(
            account_id=work.account_id,
            id=LineId(line.id),
            invoice=session.id,
            item=Item(
                amount=line.amount,
                currency=line.price.currency,
                period=now,
                product=line.price.product,
                tax_rates=line.tax_rates,
            ),
        )
        for line in lines
    ]
    return [
        evolve(
            line,
            discount=bill.discount,
            tax=bill.exclusive_tax + bill.inclusive_tax,
            tax_on_top=bill.exclusive_tax,
        )
        for line, bill in zip(lines, priced(billed, rules), strict=True)
    ]


def shipping_options(
    work: Work, params: Sequence[ShippingOptionParams], currency: CurrencyCode | None
) -> tuple[ShippingOption, ...]:
    """The ways of sending, each described where it is used."""
    if len(params) > OPTIONS_MAX:
        raise ParamInvalid(f"A session has at most {OPTIONS_MAX} shipping options.", param="shipping_options")
    options = []
    for at, option in enumerate(params):
        param = f"shipping_options[{at}]"
        if option.shipping_rate is not None:
            raise NotFound("shipping rate", option.shipping_rate, param=f"{param}[shipping_rate]")
        data = option.shipping_rate_data
        if data is None or data.fixed_amount is None:
            raise ParamMissing(f"{param}[shipping_rate_data][fixed_amount]")
        fixed = data.fixed_amount
        if currency is not None and fixed.currency != currency:
            raise InvalidRequest(
                f"The shipping option is in {fixed.currency}, and this session is in {currency}.",
                param=f"{param}[shipping_rate_data][fixed_amount][currency]",
            )
        if fixed.amount < 0:
            raise AmountRefused(
                "Sending costs nothing or more.", param=f"{param}[shipping_rate_data][fixed_amount][amount]"
            )
        options.append(
            ShippingOption(
                id=work.new_id("shr"),
                display_name=data.display_name,
                amount=fixed.amount,
                estimate=data.delivery_estimate.words if data.delivery_estimate else None,
            )
        )
    return tuple(options)


async def _line(
    work: Work,
    session_id: str,
    line_id: str,
    params: LineParams,
    currency: CurrencyCode | None,
    param: str,
    *,
    recurs: bool = False,
) -> LineItem:
    _refuse_dynamic(params, param)
    price = await _price(work, params, currency, param, recurs=recurs)
    if params.quantity is None:
        raise ParamMissing(f"{param}[quantity]")
    quantity = _quantity(params.quantity, param)
    product = await work.get(Product, price.product, param=param)
    return LineItem(
        account_id=work.account_id,
        id=LineItemId(line_id),
        created=work.now,
        session=session_id,
        price=price,
        quantity=quantity,
        amount=price.amount_for(quantity),
        description=product.name,
        details=product.description,
        image=product.images[0] if product.images else None,
        adjustable=_adjustable(params),
        tax_rates=await rates_of(work, params.tax_rates or (), param=f"{param}[tax_rates]"),
        metadata=merged(NOTHING, params.metadata),
    )


async def _changed(work: Work, line: LineItem, params: ChangedLineParams, param: str) -> LineItem:
    _refuse_dynamic(params, param)
    price = line.price
    if params.price is not None or params.price_data is not None:
        price = await _price(work, params, price.currency, param)
        product = await work.get(Product, price.product, param=param)
        line = evolve(line, description=product.name, details=product.description)
    quantity = line.quantity if params.quantity is None else _quantity(params.quantity, param)
    return evolve(
        line,
        price=price,
        quantity=quantity,
        amount=price.amount_for(quantity),
        adjustable=_adjustable(params) or line.adjustable,
        tax_rates=line.tax_rates
        if params.tax_rates is None
        else await rates_of(work, params.tax_rates or (), param=f"{param}[tax_rates]"),
        metadata=merged(line.metadata, params.metadata),
    )


async def _price(
    work: Work, params: LineParams, currency: CurrencyCode | None, param: str, *, recurs: bool = False
) -> Price:
    if (params.price is None) == (params.price_data is None):
        raise InvalidRequest(f"Specify exactly one of {param}[price] and {param}[price_data].", param=param)
    if params.price is not None:
        return await one_time_price(work, params.price, currency, param=f"{param}[price]", recurs=recurs)
    assert params.price_data is not None, "one of the two was given"
    data = params.price_data
    if data.recurring is not None and not recurs:
        raise InvalidRequest(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices.",
            param=f"{param}[price_data][recurring]",
        )
    return await inline_price(work, data, currency or data.currency, recurring=data.recurring, active=recurs)


def _quantity(quantity: int, param: str) -> int:
    if not 1 <= quantity <= QUANTITY_MAX:
        raise ParamInvalid(
            f"This value must be between 1 and {QUANTITY_MAX}.",
            code="parameter_invalid_integer",
            param=f"{param}[quantity]",
        )
    return quantity


def _adjustable(params: LineParams) -> AdjustableQuantity | None:
    told = params.adjustable_quantity
    if told is None or not told.enabled:
        return None
    return AdjustableQuantity(
        enabled=True,
        minimum=0 if told.minimum is None else told.minimum,
        maximum=99 if told.maximum is None else told.maximum,
    )


def _refuse_dynamic(params: LineParams, param: str) -> None:
    if params.dynamic_tax_rates:
        raise ParamInvalid(
            "This server takes tax rates as they are: use tax_rates.", param=f"{param}[dynamic_tax_rates]"
        )
