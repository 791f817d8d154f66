"""The vault: what it seals only it opens, for that account and card alone."""

import hmac
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_adapters.vault import EnvelopeVault, Keyring, VaultError
from payments_adapters.vault.envelope import KeyedDigest
from payments_core.ids import DIGITS
from payments_core.platform.accounts import AccountId
from payments_core.ports import Vault
from payments_core.tokenization.cards import Pan

OLD, NEW, ROOT = (bytes([number]) * 32 for number in (1, 2, 3))
VISA: Final = Pan("4242424242424242")
SHOP, OTHER_SHOP = AccountId("acct_shop"), AccountId("acct_other")
BEFORE: Final = Keyring(active="old", keys={"old": OLD}, installation_key=ROOT)
DURING: Final = Keyring(active="new", keys={"new": NEW, "old": OLD}, installation_key=ROOT)
AFTER: Final = Keyring(active="new", keys={"new": NEW}, installation_key=ROOT)

KEY_ID_AT: Final = 2
WRAP_AT: Final = KEY_ID_AT + len("old")
NONCE_AT: Final = WRAP_AT + 40
NUMBER_AT: Final = NONCE_AT + 12


@pytest.fixture
def vault() -> Vault:
    return EnvelopeVault(BEFORE)


class TestASealedCard:
    @pytest.mark.parametrize(
        "number", ["4242424242424242", "378282246310005", "6205500000000000004", "36227206271667"]
    )
    def test_is_opened_again(self, vault: Vault, number: str) -> None:
        sealed = vault.seal(SHOP, "card_1", Pan(number))

        assert vault.open(SHOP, "card_1", sealed).reveal() == number

    def test_is_never_sealed_alike(self, vault: Vault) -> None:
        assert vault.seal(SHOP, "card_1", VISA) != vault.seal(SHOP, "card_1", VISA)

    def test_does_not_show_how_long_the_number_is(self, vault: Vault) -> None:
        short, long = Pan("36227206271667"), Pan("6205500000000000004")

        assert len(vault.seal(SHOP, "card_1", short)) == len(vault.seal(SHOP, "card_1", long))

    @pytest.mark.parametrize(
        ("account_id", "card_id"),
        [(OTHER_SHOP, "card_1"), (SHOP, "card_2"), (AccountId("acct_shopcard"), "_1"), (AccountId(""), "")],
    )
    def test_copied_elsewhere_does_not_open(self, vault: Vault, account_id: AccountId, card_id: str) -> None:
        sealed = vault.seal(SHOP, "card_1", VISA)

        with pytest.raises(VaultError) as refused:
            vault.open(account_id, card_id, sealed)
        assert "4242" not in str(refused.value)

    def test_with_anothers_wrapped_key_does_not_open(self, vault: Vault) -> None:
        mine, other = (vault.seal(account, "card_1", VISA) for account in (SHOP, OTHER_SHOP))
        mixed = mine[:WRAP_AT] + other[WRAP_AT:NONCE_AT] + mine[NONCE_AT:]

        with pytest.raises(VaultError):
            vault.open(SHOP, "card_1", mixed)

    @pytest.mark.parametrize(
        "place", [0, 1, KEY_ID_AT, WRAP_AT, NONCE_AT - 1, NONCE_AT, NUMBER_AT, NUMBER_AT + 19, -1]
    )
    def test_changed_in_any_part_does_not_open(self, vault: Vault, place: int) -> None:
        sealed = bytearray(vault.seal(SHOP, "card_1", VISA))
        sealed[place] ^= 1

        with pytest.raises(VaultError):
            vault.open(SHOP, "card_1", bytes(sealed))

    @given(st.data())
    def test_changed_in_any_bit_does_not_open(self, data: st.DataObject) -> None:
        vault = EnvelopeVault(BEFORE)
        sealed = bytearray(vault.seal(SHOP, "card_1", VISA))
        sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))

        with pytest.raises(VaultError):
            vault.open(SHOP, "card_1", bytes(sealed))

    @given(st.binary(max_size=200))
    def test_is_not_just_anything(self, noise: bytes) -> None:
        with pytest.raises(VaultError):
            EnvelopeVault(BEFORE).open(SHOP, "card_1", noise)

    def test_cut_short_or_made_longer_does_not_open(self, vault: Vault) -> None:
        sealed = vault.seal(SHOP, "card_1", VISA)

        for changed in (sealed[:-1], sealed + b"\0", sealed[:1], b""):
            with pytest.raises(VaultError):
                vault.open(SHOP, "card_1", changed)

    def test_from_another_installation_does_not_open(self, vault: Vault) -> None:
        elsewhere = EnvelopeVault(Keyring(active="old", keys={"old": NEW}, installation_key=ROOT))

        with pytest.raises(VaultError, match="another of the same name"):
            elsewhere.open(SHOP, "card_1", vault.seal(SHOP, "card_1", VISA))

    def test_holds_no_number_in_the_clear(self, vault: Vault) -> None:
        assert b"4242" not in vault.seal(SHOP, "card_1", VISA)


class TestARotation:
    def test_still_opens_what_was_sealed_before(self) -> None:
        sealed = EnvelopeVault(BEFORE).seal(SHOP, "card_1", VISA)

        assert EnvelopeVault(DURING).open(SHOP, "card_1", sealed) == VISA

    def test_seals_under_the_new_key(self) -> None:
        sealed = EnvelopeVault(DURING).seal(SHOP, "card_1", VISA)

        assert EnvelopeVault(AFTER).open(SHOP, "card_1", sealed) == VISA

    def test_ends_when_all_are_wrapped_anew(self) -> None:
        sealed = EnvelopeVault(BEFORE).seal(SHOP, "card_1", VISA)
        with pytest.raises(VaultError, match="not in the keyring"):
            EnvelopeVault(AFTER).open(SHOP, "card_1", sealed)

        rewrapped = EnvelopeVault(DURING).rewrap(sealed)

        assert EnvelopeVault(AFTER).open(SHOP, "card_1", rewrapped) == VISA

    def test_leaves_the_sealed_number_as_it_is(self) -> None:
        sealed = EnvelopeVault(BEFORE).seal(SHOP, "card_1", VISA)
        rewrapped = EnvelopeVault(DURING).rewrap(sealed)

        assert rewrapped[NONCE_AT:] == sealed[NONCE_AT:]
        assert rewrapped[WRAP_AT:NONCE_AT] != sealed[WRAP_AT:NONCE_AT]

    def test_does_nothing_twice(self) -> None:
        vault = EnvelopeVault(DURING)
        rewrapped = vault.rewrap(EnvelopeVault(BEFORE).seal(SHOP, "card_1", VISA))

        assert vault.rewrap(rewrapped) is rewrapped

    def test_does_not_free_a_card_of_its_account(self) -> None:
        vault = EnvelopeVault(DURING)
        rewrapped = vault.rewrap(EnvelopeVault(BEFORE).seal(SHOP, "card_1", VISA))

        with pytest.raises(VaultError):
            vault.open(OTHER_SHOP, "card_1", rewrapped)

    def test_changes_no_fingerprint(self) -> None:
        assert EnvelopeVault(BEFORE).fingerprint(VISA) == EnvelopeVault(AFTER).fingerprint(VISA)


class TestAFingerprint:
    def test_is_16_letters_and_digits(self, vault: Vault) -> None:
        fingerprint = vault.fingerprint(VISA)

        assert len(fingerprint) == 16
        assert set(fingerprint) <= set(DIGITS)

    def test_is_the_same_for_the_same_number(self, vault: Vault) -> None:
        assert vault.fingerprint(VISA) == vault.fingerprint(Pan("4242 4242 4242 4242"))
        assert vault.fingerprint(VISA) != vault.fingerprint(Pan("4000056655665556"))

    def test_says_nothing_in_another_installation(self, vault: Vault) -> None:
        elsewhere = EnvelopeVault(Keyring(active="old", keys={"old": OLD}, installation_key=NEW))

        assert elsewhere.fingerprint(VISA) != vault.fingerprint(VISA)


class TestADigest:
    def test_has_32_bytes_that_depend_on_purpose_and_text(self, vault: Vault) -> None:
        digests = {
            vault.digest(purpose, text) for purpose in ("api_key", "idempotency") for text in (b"a", b"b")
        }

        assert {len(digest) for digest in digests} == {32}
        assert len(digests) == 4
        assert vault.digest("api_key", b"a") in digests

    @given(st.binary(max_size=200), st.binary(min_size=1, max_size=64))
    def test_is_the_hmac_of_the_text(self, text: bytes, key: bytes) -> None:
        assert KeyedDigest(key).of(text) == hmac.digest(key, text, "sha256")


class TestTheVaultItself:
    def test_shows_no_key(self, vault: Vault) -> None:
        vault.digest("api_key", b"a")

        assert repr(vault) == "EnvelopeVault(keyring=Keyring(active='old'))"

    def test_replays_with_the_same_chance(self) -> None:
        sealed = [
            EnvelopeVault(BEFORE, entropy=lambda size: b"\7" * size).seal(SHOP, "card_1", VISA) for _ in "ab"
        ]

        assert sealed[0] == sealed[1]
