"""Authentication: published vectors, and every single byte counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_adapters.iso8583 import (
    AesCmac,
    AesExchange,
    Mac,
    MalformedMessage,
    RetailMac,
    TripleDesExchange,
    compile_codec,
)
from payments_adapters.iso8583.mac import is_genuine, seal
from payments_adapters.iso8583.specification import SPECIFICATIONS
from tests.adapters.iso8583.samples import a_message, messages

RETAIL = RetailMac(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
CMAC = AesCmac(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"))
CODECS = [compile_codec(specification) for specification in SPECIFICATIONS]


class TestVectors:
    def test_of_iso_9797_1_algorithm_3(self) -> None:
        # ISO/IEC 9797-1 annex: "Now is the time for all ", padding method 1.
        assert RETAIL.code(b"Now is the time for all ").hex() == "a1c72e74ea3fa9b6"

    def test_of_algorithm_3_with_padding(self) -> None:
        # ISO/IEC 9797-1 annex: "Now is the time for it", padding method 1.
        assert RETAIL.code(b"Now is the time for it").hex() == "2e2b1428cc78254f"

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            ("", "bb1d6929e95937287fa37d129b756746"),
            ("6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c"),
            (
                "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
                "dfa66747de9ae63030ca32611497c827",
            ),
        ],
    )
    def test_of_sp_800_38b(self, message: str, code: str) -> None:
        assert CMAC.full_code(bytes.fromhex(message)).hex() == code
        assert CMAC.code(bytes.fromhex(message)).hex() == code[:16]

    def test_one_block_takes_no_chaining(self) -> None:
        assert RETAIL.code(b"12345678") == RetailMac(RETAIL.key).code(b"12345678")
        assert RETAIL.code(b"") == RETAIL.code(bytes(8))


class TestSealing:
    @given(data=st.data(), mac=st.sampled_from([RETAIL, CMAC]), codec=st.sampled_from(CODECS))
    def test_what_is_sealed_is_genuine(self, data: st.DataObject, mac: Mac, codec: object) -> None:
        chosen = CODECS[CODECS.index(codec)]  # type: ignore[arg-type]
        message = data.draw(messages(chosen.specification))
        raw = seal(message, chosen, mac)

        assert is_genuine(chosen.unpack(raw), raw, chosen, mac)

    @pytest.mark.parametrize("mac", [RETAIL, CMAC])
    def test_every_byte_counts(self, mac: Mac) -> None:
        codec = compile_codec(SPECIFICATIONS[2])
        raw = seal(a_message(), codec, mac)
        for at in range(len(raw)):
            changed = raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
            try:
                read = codec.unpack(changed)
            except MalformedMessage:
                continue
            assert not is_genuine(read, changed, codec, mac)

    def test_the_code_is_in_64_when_nothing_comes_after(self) -> None:
        codec = CODECS[0]
        sealed = codec.unpack(seal(a_message(), codec, CMAC))

        assert 64 in sealed
        assert 128 not in sealed

    def test_the_code_is_in_128_when_an_element_above_64_is_present(self) -> None:
        codec = CODECS[0]
        sealed = codec.unpack(seal(a_message().having({70: "301", 64: "1" * 16}), codec, CMAC))

        assert 128 in sealed
        assert 64 not in sealed

    def test_a_code_in_the_wrong_element_is_not_genuine(self) -> None:
        codec = CODECS[0]
        raw = codec.pack(a_message().having({64: "0" * 16, 70: "301"}))

        assert not is_genuine(codec.unpack(raw), raw, codec, CMAC)

    def test_no_code_at_all_is_not_genuine(self) -> None:
        codec = CODECS[0]
        for message in (a_message(), a_message().without(*a_message().fields)):
            raw = codec.pack(message)
            assert not is_genuine(codec.unpack(raw), raw, codec, CMAC)


class TestKeys:
    @pytest.mark.parametrize("key", [b"", bytes(8), bytes(24)])
    def test_of_a_wrong_length_are_a_mistake(self, key: bytes) -> None:
        with pytest.raises(ValueError, match="key of 16"):
            RetailMac(key)
        with pytest.raises(ValueError, match="AES takes"):
            AesCmac(key[:8])

    def test_are_not_shown(self) -> None:
        assert "01" not in repr(RETAIL) + repr(TripleDesExchange(RETAIL.key)) + repr(AesExchange(RETAIL.key))

    @pytest.mark.parametrize(
        ("exchange", "mac"),
        [
            (TripleDesExchange(bytes(range(16))), RetailMac(bytes(range(16, 32)))),
            (AesExchange(bytes(range(32))), AesCmac(bytes(range(16, 32)))),
        ],
    )
    def test_travel_wrapped(self, exchange: TripleDesExchange | AesExchange, mac: Mac) -> None:
        block = exchange.wrap(bytes(range(16, 32)))

        assert exchange.unwrap(block) == mac
        assert bytes(range(16, 32)).hex().upper() not in block

    @pytest.mark.parametrize("exchange", [TripleDesExchange(bytes(range(16))), AesExchange(bytes(16))])
    def test_that_were_changed_on_the_way_are_refused(
        self, exchange: TripleDesExchange | AesExchange
    ) -> None:
        block = exchange.wrap(bytes(range(16, 32)))
        for broken in (f"{int(block[0], 16) ^ 1:X}{block[1:]}", block[:-2], "", "xy"):
            with pytest.raises(MalformedMessage):
                exchange.unwrap(broken)
