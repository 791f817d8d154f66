"""Values: frozen classes that change by making a changed copy, at the cost of a dictionary copy.

Nouns are `@attrs.frozen(kw_only=True, slots=False)`: without slots an instance is made, read and copied faster, and its
fields keep the order of the class. For type checkers `evolve` is attrs' own, so that every field and type is checked.
"""

from typing import TYPE_CHECKING, Any, TypeVar

Value = TypeVar("Value")

if TYPE_CHECKING:
    from attrs import evolve as evolve  # noqa: PLC0414 - said twice, it is exported
else:

    def evolve(value: Value, /, **changes: Any) -> Value:
        """Return a copy of *value* with *changes*. Validators are not run again: the types say what fits."""
        copy = object.__new__(type(value))
        copy.__dict__.update(value.__dict__, **changes)
        return copy
