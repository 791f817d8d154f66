"""Parameters that payment intents and setup intents share, and what is read from them.

What cannot be honoured is refused: a class without fields refuses all there is inside.
"""

import secrets
from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.errors import InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.operations.cards import Payer, payer_by_method
from payments_core.operations.params import BillingParams
from payments_core.operations.payment_methods import (
    CreatePaymentMethod,
    MethodCardParams,
    create_payment_method,
)
from payments_core.operations.work import Work
from payments_core.payments.payment_intents import AutomaticMethods
from payments_core.platform.metadata import Metadata

AUTOMATIC_SINCE = "2023-08-16"
"""API version from which on the installation chooses the kinds of payment method by itself."""
ASYNC_SINCE = "2024-04-10"
"""API version from which on `automatic_async` is the capture method by default."""
PAYER_EXPANDS = frozenset({"payment_method"})

Availability = Literal["if_available", "never"]


@attrs.frozen(kw_only=True)
class Unsupported:
    """A hash that nothing here could honour."""


@attrs.frozen(kw_only=True)
class RadarParams:
    """A session of the payer's browser: of no use to our rules, and harmless."""

    session: str | None = None


@attrs.frozen(kw_only=True)
class MethodDataParams:
    """A payment method made on the way."""

    type: Literal["card"]
    card: MethodCardParams | None = None
    billing_details: BillingParams | None = None
    allow_redisplay: Literal["always", "limited", "unspecified"] = "unspecified"
    metadata: Mapping[str, str] | Literal[""] | None = None
    radar_options: RadarParams | None = None


@attrs.frozen(kw_only=True)
class ExternalProofParams:
    """An authentication that another provider has carried out."""

    cryptogram: str
    transaction_id: str
    version: Literal["1.0.2", "2.1.0", "2.2.0", "2.3.0", "2.3.1"]
    ares_trans_status: Literal["A", "C", "I", "N", "R", "U", "Y"] | None = None
    electronic_commerce_indicator: Literal["01", "02", "05", "06", "07"] | None = None
    exemption_indicator: Literal["low_risk", "none"] | None = None
    network_options: Unsupported | None = None
    requestor_challenge_indicator: str | None = None

    @property
    def facts(self) -> Metadata:
        """What the network is told."""
        told = {
            "result": "attempt_acknowledged" if self.ares_trans_status == "A" else "authenticated",
            "version": self.version,
            "transaction_id": self.transaction_id,
            "electronic_commerce_indicator": self.electronic_commerce_indicator,
            "cryptogram": self.cryptogram,
        }
        return {name: value for name, value in told.items() if value is not None}


@attrs.frozen(kw_only=True)
class CardOptionParams:
    """How a card is to be charged."""

    capture_method: Literal["manual", ""] | None = None
    cvc_token: str | None = None
    installments: Unsupported | None = None
    mandate_options: Unsupported | None = None
    moto: bool | None = None
    network: str | None = None
    request_extended_authorization: Availability | None = None
    request_incremental_authorization: Availability | None = None
    request_multicapture: Availability | None = None
    request_overcapture: Availability | None = None
    request_three_d_secure: Literal["any", "automatic", "challenge"] | None = None
    require_cvc_recollection: bool | None = None
    setup_credential_usage: Literal["installment", "recurring", "unscheduled"] | None = None
    setup_future_usage: Literal["none", "off_session", "on_session", ""] | None = None
    statement_descriptor_suffix_kana: str | Literal[""] | None = None
    statement_descriptor_suffix_kanji: str | Literal[""] | None = None
    stored_credential_usage: Literal["installment", "recurring", "unscheduled"] | None = None
    three_d_secure: ExternalProofParams | None = None

    def onto(self, options: Metadata) -> Metadata:
        """The options with what was sent changed; an empty string takes one away."""
        if self.cvc_token is not None:
            raise ParamInvalid(
                "Tokens for security codes are not supported.",
                param="payment_method_options[card][cvc_token]",
            )
        words = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in attrs.asdict(self, recurse=False).items()
            if isinstance(value, str | bool)
        }
        return {name: value for name, value in {**options, **words}.items() if value != ""}


@attrs.frozen(kw_only=True)
class MethodOptionParams:
    """How each kind of payment method is to be charged; there are cards."""

    card: CardOptionParams | Literal[""] | None = None

    def onto(self, options: Metadata) -> Metadata:
        """The card's options with what was sent changed."""
        if self.card is None:
            return options
        return self.card.onto(options) if isinstance(self.card, CardOptionParams) else {}

    @property
    def proof(self) -> Metadata | None:
        """Facts of an authentication made elsewhere."""
        card = self.card if isinstance(self.card, CardOptionParams) else None
        return card.three_d_secure.facts if card and card.three_d_secure else None


@attrs.frozen(kw_only=True)
class AutomaticParams:
    """Whether the installation chooses the kinds of payment method."""

    enabled: bool
    allow_redirects: Literal["always", "never"] = "always"


@attrs.frozen(kw_only=True)
class OnlineAcceptanceParams:
    """Where somebody agreed."""

    ip_address: str | None = None
    user_agent: str | None = None


@attrs.frozen(kw_only=True)
class AcceptanceParams:
    """How somebody agreed."""

    type: Literal["online", "offline"] = "online"
    accepted_at: int | None = None
    online: OnlineAcceptanceParams | None = None
    offline: Unsupported | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class MandateParams:
    """That the customer agreed to be charged; cards need no mandate, so that it is read and not kept."""

    customer_acceptance: AcceptanceParams


def automatic(
    work: Work, told: AutomaticParams | None, types: tuple[str, ...] | None
) -> AutomaticMethods | None:
    """Whether the installation chooses, by parameter or by API version."""
    if told is not None:
        if told.enabled and types is not None:
            raise InvalidRequest(
                "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
                code="parameters_exclusive",
                param="automatic_payment_methods",
            )
        return AutomaticMethods(allow_redirects=told.allow_redirects) if told.enabled else None
    if types is not None or (work.caller.api_version or AUTOMATIC_SINCE) < AUTOMATIC_SINCE:
        return None
    return AutomaticMethods()


def kinds(types: tuple[str, ...] | None, param: str = "payment_method_types") -> tuple[str, ...]:
    """The kinds of payment method, of which there is one."""
    for at, kind in enumerate(types or ()):
        if kind != "card":
            raise ParamInvalid(
                f'The payment method type "{kind}" is not activated: this installation takes cards.',
                code="payment_intent_invalid_parameter",
                param=f"{param}[{at}]",
            )
    return ("card",)


def refuse_unsupported(**told: object) -> None:
    """Refuse the parameters that were given although nothing here could honour them."""
    for name, value in told.items():
        if value:
            raise ParamInvalid(f"The parameter {name} is not supported.", param=name)


async def payer_told(
    work: Work, method: str | None, data: MethodDataParams | None, customer: str | None
) -> Payer | None:
    """The card that `payment_method` or `payment_method_data` names, or None."""
    if method is not None and data is not None:
        raise InvalidRequest(
            "You may only specify one of these parameters: payment_method, payment_method_data.",
            code="parameters_exclusive",
            param="payment_method_data",
        )
    if data is not None:
        made = await create_payment_method.handler(
            CreatePaymentMethod(
                type=data.type,
                card=data.card,
                billing_details=data.billing_details,
                allow_redisplay=data.allow_redisplay,
                metadata=data.metadata,
            ),
            work,
            work.ports,
        )
        return Payer(method=made.id, card=made.card, billing=made.billing, customer=customer)
    if method is None:
        return None
    return await payer_by_method(work, method, customer, param="payment_method")


def refuse_strangers(work: Work, secret: str, told: str | None, kind: str, intent_id: str) -> None:
    """A publishable key needs the intent's client secret; a wrong one is as good as no intent."""
    if told is None:
        if work.caller.publishable:
            raise ParamMissing("client_secret")
        return
    if not secrets.compare_digest(secret.encode(), told.encode()):
        raise NotFound(kind, intent_id, param="intent")
    if work.caller.publishable and not PAYER_EXPANDS.issuperset(work.caller.expand):
        raise InvalidRequest(
            "A publishable API key can expand payment_method and nothing else.", param="expand"
        )


def refuse_from_payer(work: Work, **told: object) -> None:
    """Refuse parameters that only a secret key may set."""
    if work.caller.publishable:
        for name, value in told.items():
            if value is not None:
                raise InvalidRequest(
                    f"The parameter {name} cannot be used with a publishable API key. Please use a secret API key.",
                    code="secret_key_required",
                    param=name,
                )
