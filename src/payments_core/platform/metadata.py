"""Metadata: what a merchant writes on an object for themselves. At most 50 keys of 40 characters, values of 500."""

from collections.abc import Mapping

from payments_core.errors import ParamInvalid

Metadata = Mapping[str, str]

KEYS_MAX = 50
KEY_LENGTH_MAX = 40
VALUE_LENGTH_MAX = 500
NOTHING: Metadata = {}


def merged(current: Metadata, change: Metadata | str | None) -> Metadata:
    """Return *current* changed: a key with an empty value is removed, an empty string clears all, None changes nothing."""
    if change is None:
        return current
    if isinstance(change, str):
        return NOTHING
    for key, value in change.items():
        _check(key, value)
    result = {key: value for key, value in {**current, **change}.items() if value != ""}
    if len(result) > KEYS_MAX:
        raise ParamInvalid(f"You can have at most {KEYS_MAX} metadata keys on one object.", param="metadata")
    return result


def _check(key: str, value: str) -> None:
    param = f"metadata[{key[:KEY_LENGTH_MAX]}]"
    if not key or len(key) > KEY_LENGTH_MAX:
        raise ParamInvalid(f"Metadata keys have 1 to {KEY_LENGTH_MAX} characters.", param="metadata")
    if "[" in key or "]" in key:
        raise ParamInvalid("Metadata keys cannot hold square brackets.", param="metadata")
    if len(value) > VALUE_LENGTH_MAX:
        raise ParamInvalid(f"Metadata values have at most {VALUE_LENGTH_MAX} characters.", param=param)
