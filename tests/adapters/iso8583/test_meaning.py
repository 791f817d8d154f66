"""Meaning: what is written is what is read, on both ends and in both versions."""

import contextlib
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_adapters.iso8583 import (
    Acceptor,
    Advice,
    CardRequest,
    EntryMode,
    Kind,
    MalformedMessage,
    Message,
    NetworkCode,
    Original,
    Outcome,
    Processing,
    Totals,
    answer,
    compile_codec,
    read,
    read_answer,
    read_totals,
    response_of,
    write,
    write_totals,
)
from payments_adapters.iso8583.kinds import answer_mti, kind_of, repeat_mti
from payments_adapters.iso8583.meaning import DIALECTS, network_message
from payments_adapters.iso8583.profiles import (
    PLAIN_1987_ASCII,
    PLAIN_1987_BINARY,
    PLAIN_1993_ASCII,
    PLAIN_1993_BINARY,
    NetworkProfile,
    Place,
)
from payments_adapters.iso8583.responses import RESPONSES_1987, RESPONSES_1993
from tests.adapters.iso8583.samples import NOON, PAN, a_message, a_request, a_trace, messages

PROFILES = (PLAIN_1987_ASCII, PLAIN_1987_BINARY, PLAIN_1993_ASCII, PLAIN_1993_BINARY)
CARD_KINDS = [kind for kind in Kind if kind not in (Kind.NETWORK, Kind.RECONCILIATION)]
every_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)

# The decline codes of the API that merchants see.
STRIPE_DECLINE_CODES = """
approve_with_id authentication_not_handled authentication_required call_issuer card_not_supported
card_velocity_exceeded currency_not_supported do_not_honor duplicate_transaction expired_card
fraudulent generic_decline incorrect_address incorrect_cvc incorrect_number incorrect_pin
incorrect_zip insufficient_funds invalid_account invalid_amount invalid_cvc invalid_expiry_month
invalid_expiry_year invalid_number invalid_pin issuer_not_available lost_card merchant_blacklist
mobile_device_authentication_required new_account_information_available no_action_taken
not_permitted offline_pin_required online_or_offline_pin_required pickup_card pin_try_exceeded
processing_error reenter_transaction restricted_card revocation_of_all_authorizations
revocation_of_authorization security_violation service_not_allowed stolen_card stop_payment_order
testmode_decline transaction_not_allowed withdrawal_count_limit_exceeded
"""


def over_the_wire(message: Message, profile: NetworkProfile) -> Message:
    codec = compile_codec(profile.specification)
    return codec.unpack(codec.pack(message))


@st.composite
def requests(draw: st.DrawFn, version: int) -> CardRequest:
    original = Original(
        mti=f"{version}100",
        stan=draw(st.integers(1, 999_999)),
        sent_at=NOON - timedelta(hours=1),
        acquirer="123456",
    )
    kind = draw(st.sampled_from(CARD_KINDS))
    is_reversal = kind in (Kind.REVERSAL, Kind.REVERSAL_ADVICE)
    amount = draw(st.integers(0, 10**12 - 1))
    return attrs.evolve(
        a_request(kind, stan=draw(st.integers(1, 999_999)), amount=amount),
        processing=draw(st.sampled_from(Processing)),
        entry_mode=draw(st.sampled_from(EntryMode)),
        approval_code=draw(st.sampled_from(["", "A1B2C3", "123"])),
        original=original if kind is not Kind.AUTHORIZATION else None,
        replacement=draw(st.integers(0, amount)) if is_reversal and draw(st.booleans()) else None,
    )


class TestCardRequests:
    @every_profile
    @given(data=st.data())
    def test_what_is_written_is_read_at_the_other_end(
        self, profile: NetworkProfile, data: st.DataObject
    ) -> None:
        version = profile.specification.version
        request = data.draw(requests(version))
        message = write(request, DIALECTS[version])

        assert read(over_the_wire(message, profile), year=2031) == request

    def test_an_authorization_looks_as_the_standard_says(self) -> None:
        message = a_message()

        assert message.mti == "0100"
        assert message[3] == "000000"
        assert message[4] == "000000001000"
        assert message[7] == "0517120000"
        assert message[11] == "000001"
        assert (message[12], message[13]) == ("120000", "0517")
        assert message[22] == "810"
        assert message[42] == "MERCHANT0000001"
        assert message[43] == "Corner shop              Lisboa       PT"
        assert message[49] == "978"

    def test_a_reversal_names_its_original(self) -> None:
        original = Original(mti="0100", stan=1, sent_at=NOON, acquirer="123456")
        message = write(attrs.evolve(a_request(Kind.REVERSAL_ADVICE, stan=2), original=original))

        assert message.mti == "0420"
        assert message[90] == "010000000105171200000000012345600000000000"

    def test_names_in_other_scripts_are_put_into_plain_letters(self) -> None:
        acceptor = attrs.evolve(a_request().acceptor, name="Café 東京", city="São Paulo")
        message = write(attrs.evolve(a_request(), acceptor=acceptor))

        assert message[43] == "Cafe ..                  Sao Paulo    PT"

    def test_a_merchant_without_name_has_no_place(self) -> None:
        nameless = Acceptor(terminal_id="T", merchant_id="M")

        assert 43 not in write(attrs.evolve(a_request(), acceptor=nameless))

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({3: "990000"}, "de3"),
            ({7: "1399999999"}, "de7"),
            ({4: ""}, "de4"),
            ({90: "0100"}, "de90"),
            ({90: "01000000019917120000" + "0" * 22}, "de90"),
            ({2: ""}, "de2"),
            ({11: "x"}, "de11"),
        ],
    )
    def test_what_makes_no_sense_is_refused_by_the_name_of_its_element(
        self, changes: dict[int, str], path: str
    ) -> None:
        with pytest.raises(MalformedMessage) as refusal:
            read(a_message().having(changes), year=2031)

        assert refusal.value.path == path
        assert PAN not in str(refusal.value)

    def test_original_data_of_letters_are_refused(self) -> None:
        with pytest.raises(MalformedMessage):
            read(a_message(version=1).having({56: "1100abcdef310517120000"}), year=2031)

    @pytest.mark.parametrize("mti", ["0800", "0500", "0110", "2100", "9100"])
    def test_what_is_not_about_a_card_is_refused(self, mti: str) -> None:
        with pytest.raises(MalformedMessage):
            read(Message(mti, a_message().fields), year=2031)


class TestAnswers:
    @every_profile
    def test_an_approval_carries_its_code(self, profile: NetworkProfile) -> None:
        request = a_message(version=profile.specification.version)
        heard = read_answer(
            over_the_wire(answer(request, approval_code="A1B2C3"), profile), profile.responses
        )

        assert heard.outcome is Outcome.APPROVED
        assert heard.approval_code == "A1B2C3"
        assert heard.stan == 1
        assert heard.amount is None

    @pytest.mark.parametrize(("version", "code"), [(0, "10"), (1, "002")])
    def test_a_partial_approval_says_how_much(self, version: int, code: str) -> None:
        profile = PROFILES[version * 2]
        reply = over_the_wire(answer(a_message(version=version), code, "A1B2C3", amount=400), profile)
        heard = read_answer(reply, profile.responses)

        assert heard.outcome is Outcome.PARTIALLY_APPROVED
        assert heard.amount == 400
        assert reply[54] == "0057978C000000001000"

    def test_an_answer_repeats_no_card_data(self) -> None:
        request = a_message().having({35: f"{PAN}=3312", 52: "0" * 16, 48: "9203741", 55: "9A0131"})

        assert not {2, 14, 35, 48, 52, 55} & set(answer(request).fields)

    @pytest.mark.parametrize(
        ("code", "decline_code", "elsewhere"),
        [
            ("05", "do_not_honor", False),
            ("14", "incorrect_number", False),
            ("41", "lost_card", False),
            ("43", "stolen_card", False),
            ("51", "insufficient_funds", False),
            ("54", "expired_card", False),
            ("61", "card_velocity_exceeded", False),
            ("65", "withdrawal_count_limit_exceeded", False),
            ("82", "incorrect_cvc", False),
            ("N7", "incorrect_cvc", False),
            ("91", "issuer_not_available", True),
            ("96", "processing_error", True),
        ],
    )
    def test_a_decline_says_why_and_whether_to_ask_elsewhere(
        self, code: str, decline_code: str, elsewhere: bool
    ) -> None:
        response = read_answer(answer(a_message(), code), RESPONSES_1987).response

        assert response.outcome is Outcome.DECLINED
        assert response.decline_code == decline_code
        assert response.may_try_elsewhere is elsewhere

    def test_a_code_nobody_knows_is_a_decline(self) -> None:
        assert response_of("ZZ").decline_code == "generic_decline"
        assert not response_of("ZZ").is_approval

    @pytest.mark.parametrize("table", [RESPONSES_1987, RESPONSES_1993])
    def test_every_decline_is_in_words_that_merchants_know(self, table: dict[str, object]) -> None:
        for code in table:
            response = response_of(code, table)  # type: ignore[arg-type]
            assert response.is_approval or response.decline_code in STRIPE_DECLINE_CODES.split()

    def test_a_lost_card_is_not_to_be_tried_again(self) -> None:
        assert response_of("41").advice is Advice.DO_NOT_TRY_AGAIN
        assert response_of("00").advice is Advice.NONE

    def test_an_answer_without_code_is_refused(self) -> None:
        with pytest.raises(MalformedMessage, match="de39: missing"):
            read_answer(answer(a_message()).without(39), RESPONSES_1987)


class TestAnything:
    """What the codec lets through may still make no sense, and that has one name too."""

    @every_profile
    @given(data=st.data())
    def test_makes_sense_or_is_malformed(self, profile: NetworkProfile, data: st.DataObject) -> None:
        version = profile.specification.version
        known = data.draw(messages(profile.specification))
        changed = a_message(data.draw(st.sampled_from(CARD_KINDS)), version=version).having(known.fields)
        for message in (known, changed):
            for understand in (
                lambda m: read(m, year=2031),
                lambda m: read_answer(m, profile.responses),
                read_totals,
                profile.private,
            ):
                with contextlib.suppress(MalformedMessage):
                    understand(message)


class TestTotals:
    @every_profile
    def test_are_read_as_written(self, profile: NetworkProfile) -> None:
        totals = Totals(currency="978", debits=3, debit_amount=5_000, credits=1, credit_amount=700)
        message = write_totals(totals, a_trace(), DIALECTS[profile.specification.version])

        assert read_totals(over_the_wire(message, profile)) == totals

    def test_net_may_be_owed_by_the_acquirer(self) -> None:
        totals = Totals(currency="978", credits=1, credit_amount=700)

        assert write_totals(totals, a_trace())[97] == "D0000000000000700"
        assert read_totals(write_totals(totals, a_trace())).net == -700

    def test_that_do_not_add_up_are_refused(self) -> None:
        message = write_totals(Totals(currency="978", debits=1, debit_amount=5), a_trace())

        with pytest.raises(MalformedMessage, match="de97"):
            read_totals(message.having({97: "C0000000000000006"}))


class TestKinds:
    @pytest.mark.parametrize(
        ("asked", "answered"),
        [
            ("0100", "0110"),
            ("0120", "0130"),
            ("0200", "0210"),
            ("0220", "0230"),
            ("0400", "0410"),
            ("0420", "0430"),
            ("0421", "0430"),
            ("0500", "0510"),
            ("0800", "0810"),
            ("1420", "1430"),
        ],
    )
    def test_each_request_has_its_answer(self, asked: str, answered: str) -> None:
        assert answer_mti(asked) == answered
        assert Message(asked, {}).is_request
        assert not Message(answered, {}).is_request

    def test_a_repeat_is_of_the_kind_it_repeats(self) -> None:
        assert repeat_mti("0420") == "0421"
        assert kind_of("0421") is Kind.REVERSAL_ADVICE
        assert kind_of("0430") is None

    @pytest.mark.parametrize("code", list(NetworkCode))
    @every_profile
    def test_network_messages_say_what_they_are_about(
        self, profile: NetworkProfile, code: NetworkCode
    ) -> None:
        dialect = DIALECTS[profile.specification.version]
        message = over_the_wire(network_message(code, a_trace(), dialect), profile)

        assert dialect.network_code(message) is code


class TestPrivateElements:
    @every_profile
    def test_values_are_found_by_name(self, profile: NetworkProfile) -> None:
        values = {"cvc": "741", "electronic_commerce": "212", "network_reference": "MCC123"}
        message = profile.with_private(a_message(version=profile.specification.version), values)

        assert message[48] == "42032129203741"
        assert profile.private(over_the_wire(message, profile)) == values

    def test_a_network_may_put_them_elsewhere(self) -> None:
        network = NetworkProfile(
            name="elsewhere",
            specification=PLAIN_1987_ASCII.specification,
            places={"cvc": Place(element=126)},
        )

        assert network.with_private(a_message(), {"cvc": "741"})[126] == "741"

    @pytest.mark.parametrize("text", ["9", "92", "9299741", "92x3741", "92037419203741", "92²3741"])
    def test_what_cannot_be_read_is_refused(self, text: str) -> None:
        with pytest.raises(MalformedMessage):
            PLAIN_1987_ASCII.private(a_message().having({48: text}))

    def test_what_is_too_long_is_not_written(self) -> None:
        with pytest.raises(MalformedMessage):
            PLAIN_1987_ASCII.with_private(a_message(), {"cvc": "1" * 100})
