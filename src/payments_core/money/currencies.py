"""Which currencies can be charged, and what one unit of an API amount is worth in each of them.

The starting point is ISO 4217, as py-moneyed tells it; the API's own departures from it are tables on this page and
nowhere else. Nothing here knows a rate.
"""

from typing import TYPE_CHECKING, Final, NewType

from moneyed import CURRENCIES, Currency, add_currency

from payments_core.errors import ParamInvalid

if TYPE_CHECKING:
    # To type checkers a code is text, so that callers may write "usd"; when a command is read, the type says that it is a code.
    CurrencyCode = str
else:
    CurrencyCode = NewType("CurrencyCode", str)
"""Three lower-case letters of ISO 4217, known to be a currency that can be charged."""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# ISO 4217 lists these three and py-moneyed 3.0 does not. To register them twice is to register them once.
_ADDED: Final = (
    add_currency("XAD", "396", 100, "Arab Accounting Dinar"),
    add_currency("XCG", "532", 100, "Caribbean Guilder"),
    add_currency("ZWG", "924", 100, "Zimbabwe Gold"),
)

# Money that people pay with today. Left out, although they have codes: metals, funds (CLF, USN), units of
# account (XDR, XSU), test codes (XTS, XXX) and what is history (DEM). ANG, BGN and STD are history too, but
# clients still send them.
CODES: Final = _codes(
    """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd cad cdf chf
    clp cny cop crc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gnf gtq gyd hkd hnl htg
    huf idr ils inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw kwd kyd kzt lak lbp lkr lrd lsl lyd mad mdl mga
    mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd
    rub rwf sar sbd scr sdg sek sgd shp sle sos srd ssp std stn svc syp szl thb tjs tmt tnd top try ttd twd tzs uah
    ugx usd uyu uzs ved ves vnd vuv wst xad xaf xcd xcg xof xpf yer zar zmw zwg
    """
)

# MGA has a sub-unit of a fifth in ISO 4217, which nobody charges; the others have none there either.
ZERO_DECIMAL: Final = _codes("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf")

# Without a sub-unit in ISO 4217, yet sent with two decimals that are always 00: clients were written before it went.
TWO_DECIMAL_ALWAYS_00: Final = frozenset({"isk", "ugx"})

# Three decimals, of which the card networks take two: the last digit is always 0.
THREE_DECIMAL_LAST_0: Final = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})

# Charged with two decimals, paid out without.
PAID_OUT_WHOLE: Final = frozenset({"huf", "twd"})

# In API units. For a currency that is not here the true minimum is the worth of the settlement currency's, which takes
# a rate; without one, the least that the API can express.
MINIMUM_CHARGE: Final = dict.fromkeys(
    _codes("ars aud brl cad chf cop eur idr ils inr jpy krw nzd php rub sgd usd zar"), 50
) | {
    "aed": 200,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "thb": 1000,
}

# Eight digits is what client libraries document and expect; newer pages allow twelve for cards. Eight digits of IDR
# would be some sixty dollars, so that it has always had twelve.
MAXIMUM_CHARGE: Final = 99_999_999
MAXIMUM_CHARGE_IN: Final = {"idr": 999_999_999_999}


def currency_code(text: str) -> CurrencyCode:
    """The code that *text* means, in any case, or a refusal."""
    # Only ASCII: the Kelvin sign is lower-cased to a k.
    if text in CODES:
        return CurrencyCode(text)
    code = text.lower() if text.isascii() else text
    if code not in CODES:
        # What was sent is repeated, but not a megabyte of it.
        known = ", ".join(sorted(CODES))
        message = f"Invalid currency: {code[:20]}. The currencies that can be used are: {known}."
        raise ParamInvalid(message, param="currency")
    return CurrencyCode(code)


def currency(code: str) -> Currency:
    """The py-moneyed currency behind *code*."""
    return CURRENCIES[currency_code(code).upper()]


def exponent(code: str) -> int:
    """How many decimals an API amount in this currency carries."""
    known = currency_code(code)
    if known in ZERO_DECIMAL:
        return 0
    if known in TWO_DECIMAL_ALWAYS_00:
        return 2
    # A sub-unit is a power of ten in every currency that can be charged; a test holds them against ISO 4217.
    return len(str(CURRENCIES[known.upper()].sub_unit)) - 1


def step(code: str) -> int:
    """The smallest amount, in API units, of which every charge in this currency is a multiple."""
    known = currency_code(code)
    if known in TWO_DECIMAL_ALWAYS_00:
        return 100
    return 10 if known in THREE_DECIMAL_LAST_0 else 1


def payout_step(code: str) -> int:
    """The smallest amount, in API units, of which every payout in this currency is a multiple."""
    return 100 if currency_code(code) in PAID_OUT_WHOLE else step(code)


def minimum_charge(code: str) -> int:
    """The least that can be charged, in API units."""
    return MINIMUM_CHARGE.get(currency_code(code), step(code))


def maximum_charge(code: str) -> int:
    """The most that can be charged at once, in API units."""
    return MAXIMUM_CHARGE_IN.get(currency_code(code), MAXIMUM_CHARGE)
