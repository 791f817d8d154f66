"""From untyped trees to commands: every parameter read strictly, every mistake named with its bracketed path.

Forms bring strings, JSON brings numbers; both are read by the same rules. An integer is ASCII digits without signs of
fashion; an empty string unsets a parameter, and only where that parameter can be unset.
"""

import re
import types
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Literal, TypeVar, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn

from payments_core.errors import (
    CardRefused,
    InvalidRequest,
    ParamInvalid,
    ParamMissing,
    ParamUnknown,
    PaymentsError,
)
from payments_core.money.currencies import CurrencyCode, currency_code
from payments_core.settlement.external_accounts import AccountNumber
from payments_core.tokenization.cards import Cvc, Pan, redact

CommandT = TypeVar("CommandT")

STRING_MAX: Final = 5_000
PAN_MIN: Final = 12
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z", re.ASCII)
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,12})?\Z", re.ASCII)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_UNIONS: Final[tuple[Any, ...]] = (typing.Union, types.UnionType)
_BOOLEANS: Final = {"true": True, "false": False, True: True, False: False}
EMPTY: Final = (
    "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; however "
    "'{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value."
)


class _Empty(ParamInvalid):
    """An empty string where nothing can be unset; the message needs the path, which is known later."""


def structure(command: type[CommandT], tree: Mapping[str, Any]) -> CommandT:
    """Read *tree* as *command*, or raise the first mistake, with all of them in its `about["errors"]`."""
    try:
        return _CONVERTER.structure(tree, command)
    except ClassValidationError as group:
        mistakes = list(_mistakes(group, ""))
    first = mistakes[0]
    if len(mistakes) > 1:
        first.about["errors"] = [{"code": m.code, "param": m.param, "message": m.message} for m in mistakes]
    raise first from None


def _mistakes(error: BaseException, path: str) -> Iterator[PaymentsError]:
    if isinstance(error, ForbiddenExtraKeysError):
        for name in sorted(error.extra_fields):
            yield ParamUnknown(_join(path, str(name)[:100]))
        return
    if isinstance(error, ClassValidationError | IterableValidationError):
        for inner in sorted(error.exceptions, key=_unknown_first):
            yield from _mistakes(inner, _join(path, _place(inner)))
        return
    if isinstance(error, KeyError):
        yield ParamMissing(path)
    elif isinstance(error, _Empty):
        yield ParamInvalid(EMPTY.format(param=path), code="parameter_invalid_empty", param=path)
    elif isinstance(error, CardRefused):
        yield error  # card errors name the detail alone, wherever the card stands
    elif isinstance(error, PaymentsError):
        error.param = path if error.param is None or path.endswith(f"[{error.param}]") else error.param
        yield error
    else:
        yield ParamInvalid("Invalid value.", param=path or None)


def _unknown_first(error: BaseException) -> bool:
    return not isinstance(error, ForbiddenExtraKeysError)


def _place(error: BaseException) -> str:
    for note in getattr(error, "__notes__", ()):
        place = getattr(note, "name", None)
        if place is None:
            place = getattr(note, "index", None)
        if place is not None:
            return str(place)
    return ""


def _join(path: str, name: str) -> str:
    if not path or not name:
        return path or name
    return f"{path}[{name}]"


def integer(value: Any, _: Any = int) -> int:
    """Read an integer, as a number or as ASCII digits."""
    if type(value) is int:
        if abs(value) >= 10**18:
            raise ParamInvalid("Invalid integer: it has too many digits.", code="parameter_invalid_integer")
        return value
    if isinstance(value, str):
        if _INTEGER.match(value) and value != "-0":
            return int(value)
        if value == "":
            raise _Empty("")
    raise ParamInvalid(f"Invalid integer: {_shown(value)}", code="parameter_invalid_integer")


def decimal(value: Any, _: Any = Decimal) -> Decimal:
    """Read a decimal number from text or an integer; binary fractions are no amounts."""
    text = str(value) if type(value) is int else format(value, "f") if isinstance(value, Decimal) else value
    if isinstance(text, str) and _DECIMAL.match(text):
        return Decimal(text)
    if text == "":
        raise _Empty("")
    raise ParamInvalid(f"Invalid decimal: {_shown(value)}", code="parameter_invalid_integer")


def boolean(value: Any, _: Any = bool) -> bool:
    """Read `true` or `false`."""
    if isinstance(value, str | bool) and value in _BOOLEANS:
        return _BOOLEANS[value]
    if value == "":
        raise _Empty("")
    raise ParamInvalid(f"Invalid boolean: {_shown(value)}")


def string(value: Any, _: Any = str) -> str:
    """Read text that may be kept and shown: whoever puts a card number into it is stopped."""
    text = _text(value)
    if len(text) >= PAN_MIN and redact(text) != text:
        raise ParamInvalid(
            "This text holds what looks like a card number. Card numbers may only be sent as the number of a card."
        )
    return text


def _text_or_member(value: Any, cls: Any) -> str:
    """cattrs offers this hook all subclasses of `str` too: enumerations are read as such."""
    return _member(value, cls) if isinstance(cls, type) and issubclass(cls, StrEnum) else string(value)


def _text(value: Any) -> str:
    """Text: no structure, no NUL, not endless."""
    if not isinstance(value, str):
        raise ParamInvalid(f"Invalid string: {_shown(value)}")
    if len(value) > STRING_MAX:
        raise ParamInvalid(f"Invalid string: at most {STRING_MAX} characters, this has {len(value)}.")
    if "\x00" in value or (not value.isascii() and _SURROGATE.search(value)):
        raise ParamInvalid("Invalid string: it has characters that are not text.", code="invalid_characters")
    return value


def _shown(value: Any) -> str:
    return str(value)[:40] if isinstance(value, str | int) else "not a plain value"


def _member(value: Any, cls: type[StrEnum]) -> StrEnum:
    try:
        return cls(value)
    except ValueError:
        raise _not_one_of(value, [str(member) for member in cls]) from None


def _literal(value: Any, cls: Any) -> Any:
    allowed = get_args(cls)
    if isinstance(value, str) and value in allowed:
        return value
    raise _not_one_of(value, [str(word) for word in allowed])


def _not_one_of(value: Any, allowed: list[str]) -> PaymentsError:
    if value == "" and "" not in allowed:
        return _Empty("")
    words = [word for word in allowed if word]
    listed = ", ".join(words[:-1]) + f", or {words[-1]}" if len(words) > 1 else words[0]
    return ParamInvalid(f"Invalid value: must be one of {listed}")


def _text_map(value: Any, _: Any) -> Mapping[str, str]:
    if isinstance(value, list) and len(getattr(value, "indices", ())) == len(value):
        # A form cannot say whether `m[1]=x` is a list or a hash with a number as key.
        value = dict(zip(value.indices, value, strict=True))  # type: ignore[attr-defined]
    if not isinstance(value, Mapping):
        raise ParamInvalid("Invalid object: metadata is a set of key-value pairs.")
    return {
        string(key): string(item if type(item) not in (int, bool) else str(item))
        for key, item in value.items()
    }


def _union(cls: Any) -> Any:
    """Optional values, values that an empty string unsets, and one object or one plain value."""
    parts = [part for part in get_args(cls) if part is not type(None)]
    nullable = len(parts) < len(get_args(cls))
    unsets = Literal[""] in parts
    parts = [part for part in parts if part != Literal[""]]
    objects = [
        part
        for part in parts
        if attrs.has(part) or get_origin(part) in (dict, Mapping, tuple, typing.get_origin(Mapping[str, str]))
    ]
    plain = [part for part in parts if part not in objects]
    words = {word for part in plain[1:] if get_origin(part) is Literal for word in get_args(part)}
    takes_empty = any(map(_takes_empty, plain))
    as_plain, as_object = (part[0] if part else None for part in (plain, objects))
    # Fetched once: a converter that is asked anew for each value looks for the hook each time.
    read_plain, read_object = (part and _CONVERTER.get_structure_hook(part) for part in (as_plain, as_object))

    def read(value: Any, _: Any) -> Any:
        if value is None and nullable:
            return None
        if value == "":
            if unsets:
                return ""
            if not takes_empty:
                raise _Empty("")
        elif value.__class__ is str and value in words:
            return value
        if read_object is not None and (read_plain is None or _is_structured(value)):
            return read_object(value, as_object)
        assert read_plain is not None, "a union has a part beside None"
        return read_plain(value, as_plain)

    return read


def _is_structured(value: Any) -> bool:
    if value.__class__ is str:
        return False
    return isinstance(value, Mapping | list) or attrs.has(type(value))


def _takes_empty(part: Any) -> bool:
    while hasattr(part, "__supertype__"):
        part = part.__supertype__
    return part is str


def _strict_class(cls: Any) -> Any:
    inner = make_dict_structure_fn(
        cls, _CONVERTER, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True
    )

    def read(value: Any, _: Any) -> Any:
        if value.__class__ is dict:
            return inner(value, cls)
        if isinstance(value, cls):
            return value
        if value == "":
            raise _Empty("")
        if not isinstance(value, Mapping):
            raise ParamInvalid("Invalid object")
        return inner(value, cls)

    return read


def _list_of(cls: Any) -> Any:
    item = get_args(cls)[0]

    def read(value: Any, _: Any) -> Any:
        if isinstance(value, str) or not isinstance(value, list | tuple):
            raise _Empty("") if value == "" else ParamInvalid("Invalid array")
        return _LISTS.structure(value, list[item])  # type: ignore[valid-type]

    return lambda value, _: tuple(read(value, _))


def _secret(cls: Any) -> Any:
    def read(value: Any, _: Any) -> Any:
        return value if isinstance(value, cls) else cls(_text(value))

    return read


def _origin(cls: Any) -> Any:
    return get_origin(cls)


def _currency(value: Any, _: Any) -> CurrencyCode:
    if value == "":
        raise _Empty("")
    return currency_code(string(value))


def _is_union(cls: Any) -> bool:
    return get_origin(cls) in _UNIONS


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)
    converter.register_structure_hook(int, integer)
    converter.register_structure_hook(bool, boolean)
    # By identity: a hook for `str` would also take every StrEnum, and let any word pass as its member.
    converter.register_structure_hook(str, _text_or_member)
    converter.register_structure_hook(Decimal, decimal)
    converter.register_structure_hook(Pan, _secret(Pan))
    converter.register_structure_hook(AccountNumber, _secret(AccountNumber))
    converter.register_structure_hook(Cvc, _secret(Cvc))
    converter.register_structure_hook_func(
        lambda cls: isinstance(cls, type) and issubclass(cls, StrEnum), _member
    )
    converter.register_structure_hook_func(lambda cls: _origin(cls) is Literal, _literal)
    converter.register_structure_hook_factory(attrs.has, _strict_class)
    converter.register_structure_hook_factory(lambda cls: _origin(cls) is tuple, _list_of)
    converter.register_structure_hook_func(lambda cls: cls == Mapping[str, str], _text_map)
    converter.register_structure_hook_factory(_is_union, _union)
    converter.register_structure_hook_func(lambda cls: cls is CurrencyCode, _currency)
    return converter


_CONVERTER: Final = _make_converter()
_LISTS: Final = _CONVERTER

__all__ = ["InvalidRequest", "boolean", "decimal", "integer", "string", "structure"]
