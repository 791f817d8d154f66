"""What lines come to: discounts and taxes lose nothing, invent nothing, and never depend on how a draft came to be."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_core.billing.coupons import Coupon, CouponId, Duration
from payments_core.billing.discounts import Discount, DiscountId
from payments_core.billing.lines import Item, Line, LineId, Period
from payments_core.billing.tax_rates import TaxRate, TaxRateId
from payments_core.billing.totals import Rules, priced, summed
from payments_core.clock import Timestamp
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId

SHOP = AccountId("acct_1")
NOW = Timestamp(1_700_000_000)
USD = CurrencyCode("usd")


def line(amount: int, name: str = "il_1", **more: Any) -> Line:
    item = Item(amount=amount, currency=USD, period=Period(start=NOW, end=NOW), **more)
    return Line(account_id=SHOP, id=LineId(name), invoice="in_1", item=item)


def off(name: str = "di_1", products: tuple[str, ...] = (), **amount: Any) -> Discount:
    coupon = Coupon(
        account_id=SHOP,
        id=CouponId(f"c-{name}"),
        created=NOW,
        duration=Duration.FOREVER,
        products=products,
        **amount,
    )
    return Discount(account_id=SHOP, id=DiscountId(name), created=NOW, coupon=coupon, start=NOW)


def tax(percentage: str, *, inclusive: bool = False, name: str = "txr_1") -> TaxRate:
    return TaxRate(
        account_id=SHOP,
        id=TaxRateId(name),
        created=NOW,
        display_name="Tax",
        percentage=Decimal(percentage),
        inclusive=inclusive,
    )


def test_a_percentage_is_taken_of_the_sum_and_split_without_loss() -> None:
    lines = priced(
        [line(333, "il_1"), line(333, "il_2"), line(334, "il_3")],
        Rules(discounts=(off(percent_off=Decimal("33.3")),)),
    )

    assert sum(one.discount for one in lines) == 333
    assert summed(lines).total == 667


def test_an_amount_off_is_never_more_than_there_is() -> None:
    lines = priced([line(100, "il_1"), line(200, "il_2")], Rules(discounts=(off(amount_off=500),)))

    assert [one.discount for one in lines] == [100, 200]
    assert summed(lines).total == 0


def test_a_credit_line_is_not_discounted() -> None:
    lines = priced([line(1000, "il_1"), line(-400, "il_2")], Rules(discounts=(off(percent_off=Decimal(50)),)))

    assert [one.discount for one in lines] == [500, 0]
    assert summed(lines).total == 100


def test_a_coupon_for_a_product_leaves_the_others_alone() -> None:
    rules = Rules(discounts=(off(products=("shirt",), percent_off=Decimal(10)),))

    lines = priced([line(1000, product="shirt"), line(1000, "il_2", product="shoe")], rules)

    assert [one.discount for one in lines] == [100, 0]


def test_discounts_follow_one_another() -> None:
    rules = Rules(discounts=(off(percent_off=Decimal(10)), off("di_2", amount_off=100)))

    (only,) = priced([line(1000, discounts=(off("di_0", percent_off=Decimal(50)),))], rules)

    assert [part.amount for part in only.discount_amounts] == [500, 50, 100]
    assert only.own_discount == 500
    assert summed([only]).subtotal == 500
    assert summed([only]).total == 350


def test_an_exclusive_tax_is_on_top_of_what_discounts_have_left() -> None:
    rules = Rules(discounts=(off(percent_off=Decimal(50)),), tax_rates=(tax("8.25"),))

    totals = summed(priced([line(1000)], rules))

    assert totals.total_excluding_tax == 500
    assert totals.taxes[0].amount == 41
    assert totals.total == 541


def test_an_inclusive_tax_is_within_the_amount() -> None:
    totals = summed(priced([line(1190)], Rules(tax_rates=(tax("19", inclusive=True),))))

    assert totals.taxes[0].amount == 190
    assert totals.total == 1190
    assert totals.total_excluding_tax == 1000


def test_an_exclusive_tax_is_not_computed_of_an_inclusive_one() -> None:
    rates = (tax("19", inclusive=True), tax("10", name="txr_2"))

    totals = summed(priced([line(1190)], Rules(tax_rates=rates)))

    assert [one.amount for one in totals.taxes] == [190, 100]
    assert totals.total == 1290


def test_a_line_with_rates_of_its_own_does_not_take_the_default() -> None:
    (only,) = priced([line(1000, tax_rates=(tax("5", name="txr_2"),))], Rules(tax_rates=(tax("20"),)))

    assert [one.amount for one in only.taxes] == [50]


@pytest.mark.parametrize(("exempt", "reason"), [("exempt", "customer_exempt"), ("reverse", "reverse_charge")])
def test_who_is_exempt_pays_no_tax(exempt: str, reason: str) -> None:
    (only,) = priced([line(1000)], Rules(tax_rates=(tax("20"),), tax_exempt=exempt))

    assert [(one.amount, one.reason) for one in only.taxes] == [(0, reason)]


amounts = st.integers(min_value=-100_000, max_value=100_000_000)
percentages = st.decimals(min_value="0.01", max_value="100", places=2)
discounts = st.lists(
    st.one_of(
        percentages.map(lambda p: {"percent_off": p}),
        st.integers(1, 10_000_000).map(lambda a: {"amount_off": a}),
    ),
    max_size=4,
).map(lambda found: tuple(off(f"di_{at}", **one) for at, one in enumerate(found)))
taxes = st.lists(st.tuples(percentages, st.booleans()), max_size=3).map(
    lambda found: tuple(
        tax(str(p), inclusive=within, name=f"txr_{at}") for at, (p, within) in enumerate(found)
    )
)


@given(st.lists(amounts, min_size=1, max_size=12), discounts, taxes)
def test_totals_are_the_sums_of_lines(found: list[int], off_all: Any, rates: Any) -> None:
    lines = priced(
        [line(amount, f"il_{at}") for at, amount in enumerate(found)],
        Rules(discounts=off_all, tax_rates=rates),
    )
    totals = summed(lines)

    exclusive = sum(one.amount for one in totals.taxes if not one.inclusive)
    inclusive = sum(one.amount for one in totals.taxes if one.inclusive)
    taken = sum(one.amount for one in totals.discounts)
    assert totals.total == sum(one.total for one in lines)
    assert totals.total == sum(found) - taken + exclusive
    assert totals.total_excluding_tax == sum(found) - taken - inclusive
    for one in lines:
        assert 0 <= one.discount <= max(one.item.amount, 0)


@given(st.lists(amounts, min_size=1, max_size=10), discounts, taxes, st.randoms())
def test_pricing_again_changes_nothing_whatever_the_order_of_edits(
    found: list[int], off_all: Any, rates: Any, random: Any
) -> None:
    rules = Rules(discounts=off_all, tax_rates=rates)
    lines = [line(amount, f"il_{at}") for at, amount in enumerate(found)]
    at_once = priced(lines, rules)

    grown: tuple[Line, ...] = ()
    for one in lines:
        stale = attrs.evolve(one, item=attrs.evolve(one.item, amount=random.randint(0, 9_999)))
        grown = priced((*grown, stale), rules)
    for place in random.sample(range(len(lines)), len(lines)):
        grown = priced(
            [old.showing(lines[at].item) if at == place else old for at, old in enumerate(grown)],
            rules,
        )

    assert grown == at_once
