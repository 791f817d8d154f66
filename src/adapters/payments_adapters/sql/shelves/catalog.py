"""How what is sold is kept: products, prices, coupons and the words for them, tax rates."""

from typing import Final

from payments_adapters.sql.shelf import flag, shelf, text
from payments_core.billing.coupons import Coupon, PromotionCode, PromotionWord
from payments_core.billing.discounts import Discount
from payments_core.billing.prices import Price, PriceLookup
from payments_core.billing.products import Product
from payments_core.billing.tax_rates import TaxRate

PRODUCTS: Final = shelf(
    Product,
    "product",
    "prod",
    searched=("metadata", "name"),
    columns=(
        flag("active"),
        flag("shippable"),
        text("type"),
        text("url"),
    ),
    order="created",
)

PRICES: Final = shelf(
    Price,
    "price",
    "price",
    searched=("metadata",),
    columns=(
        text("product", indexed=True),
        flag("active"),
        text("currency"),
        text("type"),
        text("interval"),
        text("lookup_key", indexed=True),
    ),
)

PRICE_LOOKUPS: Final = shelf(PriceLookup, "price_lookup")

COUPONS: Final = shelf(Coupon, "coupon", order="created")

PROMOTION_CODES: Final = shelf(
    PromotionCode,
    "promotion_code",
    "promo",
    columns=(
        text("code", indexed=True),
        text("coupon", indexed=True),
        text("customer", indexed=True),
        flag("active"),
    ),
)

PROMOTION_WORDS: Final = shelf(PromotionWord, "promotion_word")

DISCOUNTS: Final = shelf(Discount, "discount", "di")

TAX_RATES: Final = shelf(TaxRate, "tax_rate", "txr", columns=(flag("active"), flag("inclusive")))
