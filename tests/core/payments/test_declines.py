import pytest

from payments_core.payments.declines import DECLINES, explain


@pytest.mark.parametrize(
    ("decline_code", "code", "shown", "message"),
    [
        ("generic_decline", "card_declined", "generic_decline", "Your card was declined."),
        ("insufficient_funds", "card_declined", "insufficient_funds", "Your card has insufficient funds."),
        ("lost_card", "card_declined", "lost_card", "Your card was declined."),
        ("stolen_card", "card_declined", "stolen_card", "Your card was declined."),
        ("expired_card", "expired_card", None, "Your card has expired."),
        ("incorrect_cvc", "incorrect_cvc", None, "Your card's security code is incorrect."),
        (
            "processing_error",
            "processing_error",
            None,
            "An error occurred while processing your card. Try again in a little bit.",
        ),
        ("incorrect_number", "incorrect_number", None, "Your card number is incorrect."),
        (
            "authentication_required",
            "authentication_required",
            "authentication_required",
            "Your card was declined. This transaction requires authentication.",
        ),
    ],
)
def test_a_decline_has_its_documented_error(
    decline_code: str, code: str, shown: str | None, message: str
) -> None:
    decline = explain(decline_code)

    assert (decline.code, decline.shown, decline.message) == (code, shown, message)


def test_the_payer_is_not_told_what_would_help_a_thief() -> None:
    hiding = {code for code, decline in DECLINES.items() if decline.hides}

    assert hiding >= {"lost_card", "stolen_card", "merchant_blacklist", "fraudulent", "pickup_card"}
    assert {DECLINES[code].message for code in hiding} == {"Your card was declined."}


def test_the_merchant_is_told_what_the_bank_said() -> None:
    assert explain("insufficient_funds").seller_message == (
        "The bank returned the decline code `insufficient_funds`."
    )
    assert explain("generic_decline").seller_message == (
        "The bank did not return any further details with this decline."
    )


def test_a_code_nobody_knows_is_passed_on_as_a_plain_decline() -> None:
    unknown = explain("solar_flare")

    assert (unknown.code, unknown.shown, unknown.message) == (
        "card_declined",
        "solar_flare",
        "Your card was declined.",
    )


def test_no_code_at_all_is_a_generic_decline() -> None:
    assert explain(None) is explain("generic_decline")


def test_a_card_that_must_not_be_tried_again_is_no_soft_decline() -> None:
    assert not [d for d in DECLINES.values() if d.soft and d.advice_code == "do_not_try_again"]
