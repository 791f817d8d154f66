"""Every documented test card does what its documentation says."""

import re
from pathlib import Path

import attrs
import pytest

from payments_adapters.iso8583.responses import RESPONSES_1987
from payments_adapters.sandbox.card_table import COUNTRIES
from payments_adapters.sandbox.cardholders import documented, read
from payments_core.payments.answers import Outcome
from payments_core.payments.declines import DECLINES, explain
from payments_core.tokenization.cards import Expiry, Pan, brand_of, passes_luhn
from payments_core.tokenization.payment_methods import Address, Check
from tests.adapters.sandbox.worlds import a_request, a_world

pytestmark = pytest.mark.anyio

SUCCESSES = [
    "4242424242424242",
    "4000056655665556",
    "5555555555554444",
    "2223003122003222",
    "5105105105105100",
    "5200828282828210",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "6011981111111113",
    "3056930009020004",
    "36227206271667",
    "6555900000604105",
    "3566002020360505",
    "6200000000000005",
    "6200000000000047",
    "6205500000000000004",
    "4000056655665572",
]

DECLINED = [
    ("4000000000000002", "card_declined", "generic_decline", "05"),
    ("4000000000009995", "card_declined", "insufficient_funds", "51"),
    ("4000000000009987", "card_declined", "lost_card", "41"),
    ("4000000000009979", "card_declined", "stolen_card", "43"),
    ("4000000000000069", "expired_card", "expired_card", "54"),
    ("4000000000000127", "incorrect_cvc", "incorrect_cvc", "N7"),
    ("4000000000000119", "processing_error", "processing_error", "06"),
    ("4000000000006975", "card_declined", "card_velocity_exceeded", "61"),
    ("4000000000000341", "card_declined", "generic_decline", "05"),
    ("4100000000000019", "card_declined", "fraudulent", "59"),
    ("4000008400001629", "authentication_required", "authentication_required", "1A"),
]

ADDRESS = Address(line1="1 Main Street", postal_code="94103")


@pytest.mark.parametrize("number", SUCCESSES)
async def test_a_card_that_succeeds(number: str) -> None:
    answer = await a_world().acquirer.authorize(a_request(number, address=ADDRESS))

    assert (answer.outcome, answer.response_code) == (Outcome.APPROVED, "00")
    assert set(answer.checks.values()) == {Check.PASS}


@pytest.mark.parametrize(("number", "code", "decline_code", "response_code"), DECLINED)
async def test_a_card_that_declines(number: str, code: str, decline_code: str, response_code: str) -> None:
    answer = await a_world().acquirer.authorize(a_request(number))

    assert (answer.decline_code, answer.response_code) == (decline_code, response_code)
    assert explain(answer.decline_code).code == code


@pytest.mark.parametrize("number", [row[0] for row in DECLINED[:8]])
async def test_a_card_that_declines_cannot_be_attached(number: str) -> None:
    answer = await a_world().acquirer.authorize(a_request(number, amount=0))

    assert answer.outcome is Outcome.DECLINED


@pytest.mark.parametrize("number", ["4000000000000341", "4100000000000019", "4000002760003184"])
async def test_a_card_that_is_attached_and_declines_when_charged(number: str) -> None:
    acquirer = a_world().acquirer

    assert (await acquirer.authorize(a_request(number, amount=0))).response_code == "85"
    assert not (await acquirer.authorize(a_request(number))).approved


@pytest.mark.parametrize(
    ("number", "cvc", "line1", "postal_code"),
    [
        ("4000000000000101", "fail", "pass", "pass"),
        ("4000000000000036", "pass", "pass", "fail"),
        ("4000000000000028", "pass", "fail", "pass"),
        ("4000000000000010", "pass", "fail", "fail"),
        ("4000000000000044", "pass", "unavailable", "unavailable"),
    ],
)
async def test_details_fail_their_check_and_the_money_is_promised(
    number: str, cvc: str, line1: str, postal_code: str
) -> None:
    answer = await a_world().acquirer.authorize(a_request(number, address=ADDRESS))

    assert answer.approved
    assert answer.checks == {
        "cvc_check": cvc,
        "address_line1_check": line1,
        "address_postal_code_check": postal_code,
    }


async def test_what_was_not_given_is_not_checked() -> None:
    answer = await a_world().acquirer.authorize(a_request(cvc=None))

    assert answer.checks == {}


@pytest.mark.parametrize(
    ("number", "traits"),
    [
        ("4242424242424242", {}),
        ("4000000000004954", {"risk": "highest"}),
        ("4000000000009235", {"risk": "elevated"}),
        ("4100000000000019", {"risk": "highest", "blocked": "highest_risk_level"}),
        ("4000000000000259", {"dispute": "fraudulent"}),
        ("4000000000002685", {"dispute": "product_not_received"}),
        ("4000000000001976", {"dispute": "inquiry"}),
        ("4000000000005423", {"dispute": "early_fraud_warning"}),
        ("4000000404000079", {"dispute": "several"}),
        ("4000000404000038", {"dispute": "visa_ce3_eligible"}),
        ("4000008400000779", {"dispute": "compliance"}),
        ("5105008400000002", {"dispute": "compliance"}),
        ("4000000404004816", {"dispute": "prevented"}),
        ("4000000404005649", {"dispute": "prevented"}),
        ("5105000300000018", {"dispute": "prevented"}),
        ("4000000000000077", {"funding": "immediate"}),
        ("4000003720000278", {"funding": "immediate"}),
    ],
)
async def test_what_will_come_of_a_payment_is_told_with_the_answer(
    number: str, traits: dict[str, str]
) -> None:
    answer = await a_world().acquirer.authorize(a_request(number))

    assert answer.traits == traits


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("4242424242424242", "not_enrolled"),
        ("4000002500003155", "unless_set_up"),
        ("4000002760003184", "always"),
        ("4000003800000446", "set_up"),
        ("4000008260003178", "unless_set_up"),
        ("4000000000003220", "required"),
        ("4000008400000027", "required"),
        ("4000008400001629", "required"),
        ("4000008400001280", "required_error"),
        ("4000000000003055", "optional"),
        ("4000000000003097", "optional_error"),
        ("4000000032200000", "frictionless"),
        ("378282246310005", "unsupported"),
    ],
)
async def test_how_a_card_stands_to_3d_secure_is_written_down(number: str, word: str) -> None:
    cardholder = a_world().network.cardholder(a_request(number))

    assert cardholder is not None
    assert cardholder.three_d_secure == word


class TestAuthentication:
    @pytest.mark.parametrize("number", ["4000002500003155", "4000002760003184", "4000000000003220"])
    async def test_a_payment_without_it_is_refused(self, number: str) -> None:
        answer = await a_world().acquirer.authorize(a_request(number))

        assert answer.decline_code == "authentication_required"

    @pytest.mark.parametrize("number", ["4000002500003155", "4000002760003184", "4000000000003220"])
    async def test_a_payment_with_it_is_approved(self, number: str) -> None:
        request = a_request(number, three_d_secure={"result": "authenticated"})

        assert (await a_world().acquirer.authorize(request)).approved

    async def test_one_that_failed_does_not_count(self) -> None:
        request = a_request("4000002760003184", three_d_secure={"result": "failed"})

        assert not (await a_world().acquirer.authorize(request)).approved

    async def test_off_session_a_card_that_was_set_up_needs_none(self) -> None:
        request = a_request("4000002500003155", off_session=True, three_d_secure={"set_up": "true"})

        assert (await a_world().acquirer.authorize(request)).approved

    async def test_off_session_a_card_that_always_asks_still_asks(self) -> None:
        request = a_request("4000002760003184", off_session=True, three_d_secure={"set_up": "true"})

        assert not (await a_world().acquirer.authorize(request)).approved

    async def test_a_card_that_is_set_up_from_the_start_asks_on_session_only(self) -> None:
        acquirer = a_world().acquirer

        assert (await acquirer.authorize(a_request("4000003800000446", off_session=True))).approved
        assert not (await acquirer.authorize(a_request("4000003800000446"))).approved

    @pytest.mark.parametrize(
        ("number", "reason"),
        [("4000008260003178", "insufficient_funds"), ("4000008400001629", "generic_decline")],
    )
    async def test_after_it_the_bank_may_still_decline(self, number: str, reason: str) -> None:
        request = a_request(number, three_d_secure={"result": "authenticated"})

        assert (await a_world().acquirer.authorize(request)).decline_code == reason


async def test_a_card_is_good_until_the_end_of_its_month() -> None:
    acquirer = a_world().acquirer
    now, before = Expiry(month=11, year=2025), Expiry(month=10, year=2025)

    assert (await acquirer.authorize(a_request(expiry=now))).approved
    assert (await acquirer.authorize(a_request(expiry=before))).decline_code == "expired_card"


@pytest.mark.parametrize(
    ("number", "response_code"), [("4000000000001000", "14"), ("4111111111111111", "15")]
)
async def test_a_number_that_is_no_test_card_is_refused(number: str, response_code: str) -> None:
    answer = await a_world().acquirer.authorize(a_request(number))

    assert (answer.decline_code, answer.response_code) == ("test_mode_live_card", response_code)
    assert explain(answer.decline_code).code == "card_declined"
    assert "non test (live) card" in explain(answer.decline_code).message


class TestTheTable:
    def test_every_number_is_of_the_brand_it_is_said_to_be(self) -> None:
        wrong = [c.id for c in documented().cardholders if brand_of(c.number) is not c.brand]

        assert not wrong

    def test_no_two_cardholders_have_the_same_name(self) -> None:
        ids = [cardholder.id for cardholder in documented().cardholders]

        assert len(set(ids)) == len(ids)

    def test_every_reason_to_decline_is_a_documented_one(self) -> None:
        reasons = {c.decline for c in documented().cardholders if c.decline}

        assert reasons <= DECLINES.keys()

    def test_every_card_but_the_countries_is_on_the_documentation_s_page(self) -> None:
        page = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
        country_cards = read(COUNTRIES.splitlines()).cardholders
        shown = {Pan(number) for number in re.findall(r"\b[0-9]{14,19}\b", page) if passes_luhn(number)}
        missing = {c.id for c in documented().cardholders if c.number not in shown}

        assert missing <= {c.id for c in country_cards}

    def test_it_shows_no_number(self) -> None:
        digits = attrs.asdict(documented().cardholders[0])["number"]

        assert f"{digits}" == "****4242"


class TestResponseCodes:
    """The table of the core and the dictionary of ISO 8583 say the same."""

    def test_what_the_bank_answers_means_its_reason_again(self) -> None:
        vague = {"generic_decline", "test_mode_live_card"}  # they share the code of a more precise reason
        said = {d.decline_code: d.response_code for d in DECLINES.values() if d.response_code}
        wrong = {
            code: response
            for code, response in said.items()
            if code not in vague and RESPONSES_1987[response].decline_code != code
        }

        assert not wrong

    def test_whatever_a_network_answers_has_a_meaning(self) -> None:
        reasons = {response.decline_code for response in RESPONSES_1987.values()} - {None}

        assert reasons <= DECLINES.keys()
