"""Settings as the environment says them, and what stands against serving live merchants."""

import pytest

from payments_web.settings import Settings, for_live

LIVE = {
    "PAYMENTS_NETWORK": "iso8583",
    "PAYMENTS_BANK_RAIL": "nacha",
    "PAYMENTS_VAULT_KEY": "a key from elsewhere",
}


def test_live_merchants_are_served_on_a_real_network_to_a_real_bank_with_a_key_from_elsewhere() -> None:
    assert for_live(Settings.read(environ=LIVE)).others["live"] == "1"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"PAYMENTS_NETWORK": ""}, "PAYMENTS_NETWORK"),
        ({"PAYMENTS_NETWORK": "sandbox"}, "PAYMENTS_NETWORK"),
        ({"PAYMENTS_NETWORK": "iso8583, sandbox"}, "PAYMENTS_NETWORK"),
        ({"PAYMENTS_BANK_RAIL": ""}, "PAYMENTS_BANK_RAIL"),
        ({"PAYMENTS_BANK_RAIL": "sandbox"}, "PAYMENTS_BANK_RAIL"),
        ({"PAYMENTS_VAULT_KEY": ""}, "PAYMENTS_VAULT_KEY"),
    ],
)
def test_anything_less_is_refused_by_name(changed: dict[str, str], named: str) -> None:
    environ = {name: value for name, value in {**LIVE, **changed}.items() if value}

    with pytest.raises(SystemExit) as refused:
        for_live(Settings.read(environ=environ))

    assert named in str(refused.value)
