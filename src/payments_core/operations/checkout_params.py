"""What can be said of a checkout session, and what this system cannot do and therefore refuses by name."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import attrs

from payments_core.checkout.sessions import IntentData, Look
from payments_core.errors import ParamInvalid
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import FreeForm, PriceDataParams, TaxBehavior
from payments_core.operations.descriptors import check_descriptor
from payments_core.operations.params import AddressParams, ShippingParams, TransferParams, email, told
from payments_core.operations.pricing import RecurringParams
from payments_core.platform.metadata import NOTHING, Metadata, merged
from payments_core.values import evolve

URL_MAX: Final = 5000
TEXT_MAX: Final = 1200
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")
_COUNTRY: Final = re.compile(r"[A-Z]{2}\Z")
_TEXTS: Final = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")

Usage = Literal["off_session", "on_session"]


@attrs.frozen(kw_only=True)
class SwitchParams:
    """Something that is on or off; what else could be said of it is not read."""

    enabled: bool
    required: str | None = None
    liability: FreeForm | None = None
    invoice_data: FreeForm | None = None


@attrs.frozen(kw_only=True)
class AdjustableParams:
    """Whether the payer may change how many they take."""

    enabled: bool
    minimum: int | None = None
    maximum: int | None = None


@attrs.frozen(kw_only=True)
class LinePriceParams(PriceDataParams):
    """A price that is made where it is used."""

    recurring: RecurringParams | None = None


@attrs.frozen(kw_only=True)
class LineParams:
    """One row: a price, and how many."""

    price: str | None = None
    price_data: LinePriceParams | None = None
    quantity: int | None = None
    adjustable_quantity: AdjustableParams | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    tax_rates: tuple[str, ...] | Literal[""] | None = None
    dynamic_tax_rates: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class ChangedLineParams(LineParams):
    """One row: an earlier one by its id, or a new one."""

    id: str | None = None


@attrs.frozen(kw_only=True)
class IntentDataParams:
    """What is to stand on the payment intent."""

    application_fee_amount: int | None = None
    capture_method: Literal["automatic", "automatic_async", "manual"] | None = None
    description: str | None = None
    metadata: Mapping[str, str] | None = None
    on_behalf_of: str | None = None
    receipt_email: str | None = None
    setup_future_usage: Usage | None = None
    shipping: ShippingParams | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_data: TransferParams | None = None
    transfer_group: str | None = None

    @property
    def value(self) -> IntentData:
        """The data, checked as far as that is possible before there is a payment."""
        _refuse_descriptor(self.statement_descriptor)
        transfer = self.transfer_data
        return IntentData(
            capture_method=self.capture_method,
            setup_future_usage=self.setup_future_usage,
            description=self.description or None,
            receipt_email=email(self.receipt_email, "payment_intent_data[receipt_email]") or None,
            statement_descriptor_suffix=_suffix(self.statement_descriptor_suffix),
            shipping=self.shipping.value if self.shipping else None,
            application_fee_amount=self.application_fee_amount,
            transfer_data=transfer.value if transfer else None,
            transfer_group=self.transfer_group,
            on_behalf_of=self.on_behalf_of,
            metadata=merged(NOTHING, self.metadata),
        )


@attrs.frozen(kw_only=True)
class ChangedIntentDataParams:
    """What is to stand on the payment intent instead."""

    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    setup_future_usage: Usage | Literal[""] | None = None
    statement_descriptor: str | Literal[""] | None = None
    statement_descriptor_suffix: str | Literal[""] | None = None

    def onto(self, data: IntentData) -> IntentData:
        """The data with what was sent changed."""
        _refuse_descriptor(self.statement_descriptor)
        suffix = self.statement_descriptor_suffix
        return evolve(
            data,
            description=told(data.description, self.description),
            metadata=merged(data.metadata, self.metadata),
            setup_future_usage=told(data.setup_future_usage, self.setup_future_usage),
            statement_descriptor_suffix=told(data.statement_descriptor_suffix, _suffix(suffix) or suffix),
        )


@attrs.frozen(kw_only=True)
class SetupDataParams:
    """What is to stand on the setup intent."""

    description: str | None = None
    metadata: Mapping[str, str] | None = None
    on_behalf_of: str | None = None

    @property
    def value(self) -> IntentData:
        """The data."""
        return IntentData(
            description=self.description or None,
            on_behalf_of=self.on_behalf_of,
            metadata=merged(NOTHING, self.metadata),
        )


@attrs.frozen(kw_only=True)
class FixedAmountParams:
    """What sending costs."""

    amount: int
    currency: CurrencyCode
    currency_options: FreeForm | None = None


@attrs.frozen(kw_only=True)
class DurationParams:
    """So many days, hours or the like."""

    unit: Literal["business_day", "day", "hour", "month", "week"]
    value: int


@attrs.frozen(kw_only=True)
class EstimateParams:
    """How long sending takes."""

    minimum: DurationParams | None = None
    maximum: DurationParams | None = None

    @property
    def words(self) -> str | None:
        """The estimate for people: `5–7 business days`."""
        low, high = self.minimum, self.maximum
        if low is not None and high is not None and low.unit == high.unit and low.value < high.value:
            return f"{low.value}\N{EN DASH}{_many(high)}"
        if high is not None:
            return f"up to {_many(high)}"
        return f"at least {_many(low)}" if low is not None else None


@attrs.frozen(kw_only=True)
class RateDataParams:
    """One way of sending the goods."""

    display_name: str
    type: Literal["fixed_amount"] = "fixed_amount"
    fixed_amount: FixedAmountParams | None = None
    delivery_estimate: EstimateParams | None = None
    metadata: Mapping[str, str] | None = None
    tax_behavior: TaxBehavior | None = None
    tax_code: str | None = None


@attrs.frozen(kw_only=True)
class ShippingOptionParams:
    """One way of sending the goods, described here."""

    shipping_rate: str | None = None
    shipping_rate_data: RateDataParams | None = None


@attrs.frozen(kw_only=True)
class ShippingAddressParams:
    """Where goods may go."""

    allowed_countries: tuple[str, ...]

    @property
    def value(self) -> tuple[str, ...]:
        """The countries, as two letters each."""
        for at, country in enumerate(self.allowed_countries):
            if not _COUNTRY.match(country):
                param = f"shipping_address_collection[allowed_countries][{at}]"
                raise ParamInvalid(f"Invalid country: {country[:20]}", param=param)
        if not self.allowed_countries:
            raise ParamInvalid(
                "Name at least one country.", param="shipping_address_collection[allowed_countries]"
            )
        return tuple(dict.fromkeys(self.allowed_countries))


@attrs.frozen(kw_only=True)
class MessageParams:
    """A text on the page."""

    message: str


@attrs.frozen(kw_only=True)
class TextParams:
    """The merchant's own words on the page."""

    after_submit: MessageParams | Literal[""] | None = None
    shipping_address: MessageParams | Literal[""] | None = None
    submit: MessageParams | Literal[""] | None = None
    terms_of_service_acceptance: MessageParams | Literal[""] | None = None

    @property
    def value(self) -> Metadata:
        """The texts that were given, by place."""
        texts = {}
        for place in _TEXTS:
            params = getattr(self, place)
            if isinstance(params, MessageParams) and params.message:
                if len(params.message) > TEXT_MAX:
                    raise ParamInvalid(
                        f"A text has at most {TEXT_MAX} characters.", param=f"custom_text[{place}][message]"
                    )
                texts[place] = params.message
        return texts


@attrs.frozen(kw_only=True)
class ConsentParams:
    """What the payer is asked to agree to."""

    payment_method_reuse_agreement: FreeForm | None = None
    promotions: Literal["auto", "none"] | None = None
    terms_of_service: Literal["none", "required"] | None = None


@attrs.frozen(kw_only=True)
class PictureParams:
    """A picture by its address."""

    type: Literal["file", "url"]
    url: str | None = None
    file: str | None = None


@attrs.frozen(kw_only=True)
class LookParams:
    """How the page looks."""

    background_color: str | Literal[""] | None = None
    border_style: str | None = None
    button_color: str | Literal[""] | None = None
    display_name: str | None = None
    font_family: str | None = None
    icon: PictureParams | None = None
    logo: PictureParams | None = None

    @property
    def value(self) -> Look:
        """The look; shapes and letters stay ours."""
        return Look(
            display_name=self.display_name,
            button_color=_color(self.button_color, "branding_settings[button_color]"),
            background_color=_color(self.background_color, "branding_settings[background_color]"),
            logo=address(self.logo.url, "branding_settings[logo][url]") if self.logo else None,
        )


def address(text: str | None, param: str) -> str | None:
    """An address that a browser may be sent to: http or https and nothing else."""
    if not text:
        return None
    parts = _split(text)
    plain = text.isprintable() and " " not in text and "\\" not in text
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc or not plain:
        raise ParamInvalid(
            "Not a valid URL: it starts with https:// or http://.", code="url_invalid", param=param
        )
    if len(text) > URL_MAX:
        raise ParamInvalid(f"A URL has at most {URL_MAX} characters.", code="url_invalid", param=param)
    return text


def place(params: AddressParams | Literal[""] | None) -> bool:
    """Whether an address says anything."""
    return isinstance(params, AddressParams) and any(attrs.astuple(params.value))


def _split(text: str) -> Any:
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _color(text: str | None, param: str) -> str | None:
    if not text:
        return None
    if not _COLOR.match(text):
        raise ParamInvalid("A color is # and six hexadecimal digits.", param=param)
    return text.lower()


def _suffix(text: str | None) -> str | None:
    return check_descriptor(text, "payment_intent_data[statement_descriptor_suffix]") if text else None


def _refuse_descriptor(text: str | None) -> None:
    if text:
        raise ParamInvalid(
            "The statement_descriptor parameter isn't supported for the card payment method. Use "
            "statement_descriptor_suffix instead.",
            param="payment_intent_data[statement_descriptor]",
        )


def _many(duration: DurationParams) -> str:
    word = duration.unit.replace("_", " ")
    return f"{duration.value} {word}{'' if duration.value == 1 else 's'}"
