"""Keys: from the environment, from a file made once, and rotated without losing a card."""

import base64
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import attrs
import pytest

from payments_adapters.vault import Keyring, VaultError, load_keyring
from payments_adapters.vault.key_file import NAME, load, load_or_create, rotate

OLD, NEW, ROOT = (bytes([number]) * 32 for number in (1, 2, 3))
EXPECTED_PEPPER: Final = "0d97105f7324537919df82860a048e52d6b29bef5b3be0856ae2b7cd9b304a75"
MAKE_OR_READ: Final = """
import sys
from pathlib import Path
from payments_adapters.vault.key_file import load_or_create

print("ready", flush=True)
sys.stdin.readline()
keyring = load_or_create(Path(sys.argv[1]))
print(keyring.active, keyring.installation_key.hex(), keyring.keys[keyring.active].hex())
"""


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


def environment(vault_key: str, installation_key: str = encoded(ROOT)) -> dict[str, str]:
    return {"PAYMENTS_VAULT_KEY": vault_key, "PAYMENTS_INSTALLATION_KEY": installation_key}


class TestTheEnvironment:
    def test_may_name_one_key(self) -> None:
        keyring = Keyring.from_environment(environment(encoded(OLD)))

        assert (keyring.active, keyring.keys[keyring.active]) == ("default", OLD)

    def test_may_name_several_of_which_the_first_is_active(self) -> None:
        keyring = Keyring.from_environment(environment(f"2027:{encoded(NEW)}, default:{encoded(OLD)}"))

        assert keyring.active == "2027"
        assert keyring.keys == {"2027": NEW, "default": OLD}

    @pytest.mark.parametrize(
        "vault_key",
        [
            "",
            "secret!",
            encoded(b"short"),
            f"a:{encoded(OLD)},a:{encoded(NEW)}",
            f"a:{encoded(OLD)},",
            f":{encoded(OLD)}",
            f"a b:{encoded(OLD)}",
        ],
    )
    def test_is_refused_when_it_cannot_be_read_and_never_repeated(self, vault_key: str) -> None:
        with pytest.raises(VaultError) as refused:
            Keyring.from_environment(environment(vault_key))

        assert "secret!" not in refused.value.message
        assert encoded(OLD) not in refused.value.message

    @pytest.mark.parametrize("missing", ["PAYMENTS_VAULT_KEY", "PAYMENTS_INSTALLATION_KEY"])
    def test_names_both_keys_or_none(self, missing: str, tmp_path: Path) -> None:
        environ = environment(encoded(OLD))
        del environ[missing]

        with pytest.raises(VaultError, match=f"{missing} is not set"):
            load_keyring(tmp_path, environ)
        assert not list(tmp_path.iterdir())

    def test_comes_before_the_file(self, tmp_path: Path) -> None:
        load_or_create(tmp_path)

        assert load_keyring(tmp_path, environment(encoded(OLD))).keys == {"default": OLD}


class TestAKeyring:
    def test_shows_no_key(self) -> None:
        keyring = Keyring(active="a", keys={"a": OLD}, installation_key=ROOT)

        assert repr(keyring) == "Keyring(active='a')"

    def test_has_its_active_key(self) -> None:
        with pytest.raises(VaultError):
            Keyring(active="b", keys={"a": OLD}, installation_key=ROOT)

    @pytest.mark.parametrize("short", [b"", b"1" * 31, b"1" * 33])
    def test_has_keys_of_32_bytes(self, short: bytes) -> None:
        with pytest.raises(VaultError):
            Keyring(active="a", keys={"a": short}, installation_key=ROOT)
        with pytest.raises(VaultError):
            Keyring(active="a", keys={"a": OLD}, installation_key=short)

    def test_derives_a_key_for_each_purpose(self) -> None:
        keyring = Keyring(active="a", keys={"a": OLD}, installation_key=ROOT)

        assert keyring.derive("api_key_pepper") == keyring.derive("api_key_pepper")
        assert len({keyring.derive(label) for label in ("api_key_pepper", "webhooks", "")}) == 3
        assert ROOT not in {keyring.derive(label) for label in ("api_key_pepper", "webhooks", "")}

    def test_derives_the_same_for_ever(self) -> None:
        keyring = Keyring(active="a", keys={"a": OLD}, installation_key=ROOT)

        # Stored digests depend on it: if this line must change, every API key stops working.
        assert keyring.derive("api_key_pepper").hex() == EXPECTED_PEPPER

    def test_derives_the_same_after_a_rotation(self) -> None:
        before = Keyring(active="a", keys={"a": OLD}, installation_key=ROOT)
        after = Keyring(active="b", keys={"b": NEW, "a": OLD}, installation_key=ROOT)

        assert before.derive("api_key_pepper") == after.derive("api_key_pepper")


class TestTheFile:
    def test_is_made_once(self, tmp_path: Path) -> None:
        made = load_keyring(tmp_path / "data", {})

        assert load_keyring(tmp_path / "data", {}) == made

    def test_is_its_owners_alone(self, tmp_path: Path) -> None:
        os_mask = os.umask(0)
        try:
            load_or_create(tmp_path)
        finally:
            os.umask(os_mask)

        assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600

    def test_leaves_nothing_beside_it(self, tmp_path: Path) -> None:
        load_or_create(tmp_path)
        rotate(tmp_path)

        assert [path.name for path in tmp_path.iterdir()] == [NAME]

    def test_is_refused_when_others_can_read_it(self, tmp_path: Path) -> None:
        load_or_create(tmp_path)
        (tmp_path / NAME).chmod(0o640)

        with pytest.raises(VaultError, match="chmod 600"):
            load_or_create(tmp_path)

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "{}", '{"active": "a", "keys": {"a": 1}, "installation_key": ""}']
    )
    def test_is_refused_when_damaged_and_left_as_it_is(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / NAME
        path.write_text(text)
        path.chmod(0o600)

        with pytest.raises(VaultError):
            load_or_create(tmp_path)
        assert path.read_text() == text

    def test_is_one_for_all_processes_that_race_to_make_it(self, tmp_path: Path) -> None:
        racers = [
            subprocess.Popen(
                [sys.executable, "-c", MAKE_OR_READ, str(tmp_path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(4)
        ]
        for racer in racers:
            assert racer.stdout
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin
            racer.stdin.write("go\n")
            racer.stdin.flush()
        keyrings = {racer.communicate(timeout=60)[0] for racer in racers}

        assert len(keyrings) == 1
        assert keyrings.pop().strip()

    def test_is_one_for_all_threads_that_race_to_make_it(self, tmp_path: Path) -> None:
        for attempt in range(20):
            keyrings: list[Keyring] = []
            start = threading.Barrier(4)

            def race(
                folder: Path = tmp_path / str(attempt),
                start: threading.Barrier = start,
                keyrings: list[Keyring] = keyrings,
            ) -> None:
                start.wait()
                keyrings.append(load_or_create(folder))

            racers = [threading.Thread(target=race) for _ in range(4)]
            for racer in racers:
                racer.start()
            for racer in racers:
                racer.join()

            assert len(keyrings) == 4
            assert all(keyring == keyrings[0] for keyring in keyrings)


class TestARotation:
    def test_adds_a_key_and_keeps_the_others(self, tmp_path: Path) -> None:
        before = load_or_create(tmp_path)
        after = rotate(tmp_path)

        assert after.active not in before.keys
        assert {**after.keys, **before.keys} == dict(after.keys)
        assert after.installation_key == before.installation_key
        assert load(tmp_path / NAME) == after
        assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600

    def test_runs_alone(self, tmp_path: Path) -> None:
        before = load_or_create(tmp_path)
        (tmp_path / f".{NAME}.lock").touch()

        with pytest.raises(VaultError, match="Another rotation"):
            rotate(tmp_path)
        assert load_or_create(tmp_path) == before

    def test_that_fails_gives_the_turn_back(self, tmp_path: Path) -> None:
        keyring = load_or_create(tmp_path)
        good = (tmp_path / NAME).read_text()
        (tmp_path / NAME).write_text("{")
        with pytest.raises(VaultError):
            rotate(tmp_path)
        (tmp_path / NAME).write_text(good)

        assert attrs.evolve(rotate(tmp_path), active=keyring.active).keys.keys() > keyring.keys.keys()

    def test_is_written_so_that_it_can_be_read(self, tmp_path: Path) -> None:
        load_or_create(tmp_path)
        keyring = rotate(tmp_path)

        assert json.loads((tmp_path / NAME).read_text())["active"] == keyring.active
