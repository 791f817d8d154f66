"""What the checkout page shows: a session, its rows and its merchant, in the words and amounts of the reader. No HTTP."""

from collections.abc import Sequence
from typing import Any, Final

from payments_core.checkout.line_items import LineItem
from payments_core.checkout.sessions import CheckoutSession, IntentData, ShippingOption
from payments_core.money.amounts import display
from payments_core.operations.page_keys import page_key
from payments_core.payments.charges import Shipping
from payments_core.ports import Ports
from payments_core.tokenization.payment_methods import BillingDetails
from payments_web.pages.assets import Assets
from payments_web.pages.branding import Brand
from payments_web.pages.sessions import Visit
from payments_web.pages.wording import Tongue

BRANDS: Final = ("amex", "diners", "discover", "jcb", "mastercard", "unionpay", "unknown", "visa")
WORDS: Final = (
    "bad_code",
    "bad_cvc",
    "bad_email",
    "bad_expiry",
    "bad_number",
    "check",
    "cvc_where",
    "cvc_where_amex",
    "past_expiry",
    "processing",
    "required",
    "short_number",
    "still_under_way",
    "trouble",
    "under_way",
)
_BUTTONS: Final = {"book": "book", "donate": "donate"}


def shown(
    visit: Visit, rows: Sequence[LineItem], tongue: Tongue, brand: Brand, address: str, alert: str | None
) -> dict[str, Any]:
    """Everything that the template asks for, but what only the page's address and key can tell."""
    session = visit.session
    known = session.details or BillingDetails()
    needs_card = session.needs_card
    region = tongue.locale.territory or visit.account.country
    return {
        "lang": tongue.language,
        "say": tongue.say,
        "brand": brand,
        "brand_css": address.replace("?", "/brand.css?", 1),
        "livemode": visit.account.livemode,
        "heading": _heading(session, tongue, brand),
        "button": button(session, tongue, session.amount_total),
        "cancel_url": session.cancel_url,
        "total": amount(session, session.amount_total, tongue),
        "price": price_of(session, rows, tongue),
        "takes_codes": bool(session.allow_promotion_codes),
        "lines": [_row(row, tongue, session.intent_data) for row in rows],
        "options": [_option(session, option, tongue) for option in session.shipping_options],
        "known": known,
        "email_is_fixed": session.customer_email is not None,
        "asks_phone": session.asks_phone,
        "asks_address": session.billing_address_collection == "required",
        "ships_to": tongue.countries(session.shipping_countries) if session.shipping_countries else [],
        "ship_country": _among(session.shipping_countries, region),
        "sent_to": session.shipping or Shipping(),
        "countries": tongue.countries() if needs_card else [],
        "bill_country": known.address.country or region,
        "needs_card": needs_card,
        "texts": {place: session.custom_text.get(place) for place in _PLACES},
        "note": _note(session, tongue, brand),
        "alert": alert,
    }


_PLACES: Final = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")


def data_of(
    ports: Ports, visit: Visit, rows: Sequence[LineItem], tongue: Tongue, address: str, assets: Assets
) -> dict[str, Any]:
    """What the page's script needs, and nothing that its reader may not know."""
    session = visit.session
    return {
        "secret": session.client_secret,
        "key": page_key(ports, session),
        "confirm": address.replace("?", "/confirm?", 1),
        "status": address.replace("?", "/status?", 1),
        "adjust": address.replace("?", "/adjust?", 1),
        "price": price_of(session, rows, tongue),
        "pictures": {name: assets[f"brands/{name}.svg"].url for name in BRANDS},
        "processing": visit.is_processing,
        "words": tongue.phrases(WORDS),
    }


def price_of(session: CheckoutSession, rows: Sequence[LineItem], tongue: Tongue) -> dict[str, Any]:
    """What everything costs as the session stands: what the page shows first, and again when its payer changes something."""
    offer, off, tax = session.offer, session.amount_discount, session.amount_tax
    return {
        "amount": session.amount_total,
        "button": button(session, tongue, session.amount_total),
        "total": amount(session, session.amount_total, tongue),
        "subtotal": amount(session, session.amount_subtotal, tongue),
        "discount": amount(session, -off, tongue) if off else None,
        "discount_name": (offer.code or offer.coupon.name if offer else None) or tongue.say("discount"),
        "code": offer.code if offer else None,
        "remove": tongue.say("remove", code=offer.code) if offer and offer.code else None,
        "tax": amount(session, tax, tongue) if tax else None,
        "shipping": _sending(session, session.shipping_option, tongue),
        "said": tongue.say("new_total", total=amount(session, session.amount_total, tongue) or ""),
        "needs_card": session.needs_card,
        "lines": {row.id: amount(session, row.amount, tongue) for row in rows},
        "options": {option.id: _choice(session, option, tongue) for option in session.shipping_options},
    }


def amount(session: CheckoutSession, units: int | None, tongue: Tongue) -> str | None:
    """An amount of the session as its reader writes it."""
    if units is None or session.currency is None:
        return None
    return display(units, session.currency, str(tongue.locale))


def button(session: CheckoutSession, tongue: Tongue, total: int | None) -> str:
    """What the button says it does."""
    if session.mode == "setup":
        return tongue.say("save")
    if session.mode == "subscription":
        return tongue.say("subscribe")
    if not total:
        return tongue.say("finish")
    word = _BUTTONS.get(session.submit_type or "", "pay")
    return tongue.say(word, amount=amount(session, total, tongue) or "")


def _heading(session: CheckoutSession, tongue: Tongue, brand: Brand) -> str:
    if session.mode == "setup":
        return tongue.say("save_for", merchant=brand.name)
    if session.mode == "subscription":
        return tongue.say("subscribe_to", merchant=brand.name)
    return tongue.say("donate_to" if session.submit_type == "donate" else "pay_to", merchant=brand.name)


def _note(session: CheckoutSession, tongue: Tongue, brand: Brand) -> str | None:
    if session.mode == "setup":
        return tongue.say("save_note", merchant=brand.name)
    keeps = session.intent_data.setup_future_usage is not None or session.mode == "subscription"
    return tongue.say("keep_note", merchant=brand.name) if keeps else None


def _row(row: LineItem, tongue: Tongue, data: IntentData) -> dict[str, Any]:
    locale, currency = str(tongue.locale), row.price.currency
    bounds = row.adjustable
    return {
        "id": row.id,
        "recurs": _recurs(row, tongue, data),
        "least": max(1, bounds.minimum or 0) if bounds else None,
        "most": bounds.maximum if bounds else None,
        "name": row.description,
        "details": row.details,
        "quantity": row.quantity,
        "amount": display(row.amount, currency, locale),
        "each": display(row.price.amount_for(1), currency, locale),
    }


def _recurs(row: LineItem, tongue: Tongue, data: IntentData) -> str | None:
    """How often the payer pays for a row, in words."""
    recurring = row.price.recurring
    if recurring is None:
        return None
    count = recurring.interval_count
    word = f"per_{recurring.interval}" if count == 1 else f"every_{recurring.interval}"
    often = tongue.say(word, count=str(count))
    days = data.trial_period_days
    return f"{often}, {tongue.say('trial', count=str(days))}" if days else often


def _option(session: CheckoutSession, option: ShippingOption, tongue: Tongue) -> dict[str, Any]:
    return {
        "id": option.id,
        "name": option.display_name,
        "estimate": option.estimate,
        "amount": _sending(session, option, tongue),
        "chosen": option.id == session.shipping_rate,
    }


def _choice(session: CheckoutSession, option: ShippingOption, tongue: Tongue) -> dict[str, Any]:
    total = session.sent_by(option.id).amount_total
    return {
        "amount": total,
        "total": amount(session, total, tongue),
        "shipping": _sending(session, option, tongue),
        "button": button(session, tongue, total),
    }


def _sending(session: CheckoutSession, option: ShippingOption | None, tongue: Tongue) -> str | None:
    if option is None:
        return None
    return amount(session, option.amount, tongue) if option.amount else tongue.say("free")


def _among(countries: Sequence[str], region: str) -> str | None:
    return region if region in countries else next(iter(countries), None)
