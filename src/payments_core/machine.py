"""State machines as data: `state → event → state`, and nothing that is not in the table happens.

Docs draw their diagrams from the tables, tests walk every edge and every non-edge. No amounts, no clock, no storage:
how much money an edge moves belongs to the noun that owns the machine.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

import attrs

from payments_core.errors import TransitionRefused

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


@attrs.frozen
class Machine(Generic[State, Event]):
    """A named transition table with its initial state."""

    name: str
    initial: State
    table: Mapping[State, Mapping[Event, State]]

    def after(
        self, state: State, event: Event, *, message: str | None = None, code: str | None = None
    ) -> State:
        """Return the state that *event* leads to, or raise `TransitionRefused`."""
        try:
            return self.table[state][event]
        except KeyError:
            raise TransitionRefused(self.name, state, event, message=message, code=code) from None

    def allows(self, state: State, event: Event) -> bool:
        """Say whether *event* can happen in *state*."""
        return event in self.table[state]

    def is_final(self, state: State) -> bool:
        """Say whether nothing can happen any more."""
        return not self.table[state]

    def edges(self) -> Iterator[tuple[State, Event, State]]:
        """Every arrow once. The docs draw these; the tests walk them."""
        for state, row in self.table.items():
            for event, target in row.items():
                yield state, event, target
