"""Every machine of the library: each edge is taken, and what is not in the table is refused."""

import gc
from typing import Any

import pytest

import payments_core.gateway  # loads every noun and its machine
from payments_core.errors import TransitionRefused
from payments_core.machine import Machine

LOADED = payments_core.gateway

MACHINES = sorted({m.name: m for m in gc.get_objects() if isinstance(m, Machine)}.items())


def states_of(machine: Machine[Any, Any]) -> set[Any]:
    states: Any = type(machine.initial)
    return set(states)


def events_of(machine: Machine[Any, Any]) -> set[Any]:
    kinds: Any = {type(event) for _, event, _ in machine.edges()}
    return {event for kind in kinds for event in kind}


@pytest.mark.parametrize("machine", [m for _, m in MACHINES], ids=[name for name, _ in MACHINES])
class TestMachine:
    def test_has_a_row_for_every_state(self, machine: Machine[Any, Any]) -> None:
        assert set(machine.table) == states_of(machine)

    def test_refuses_every_non_edge_and_says_what_it_was(self, machine: Machine[Any, Any]) -> None:
        for state in states_of(machine):
            for event in events_of(machine) - set(machine.table[state]):
                with pytest.raises(TransitionRefused, match=str(state)):
                    machine.after(state, event)

    def test_takes_every_edge(self, machine: Machine[Any, Any]) -> None:
        for state, event, target in machine.edges():
            assert machine.after(state, event) is target
            assert machine.allows(state, event)

    def test_uses_every_event_it_has(self, machine: Machine[Any, Any]) -> None:
        assert {event for _, event, _ in machine.edges()} == events_of(machine)


def test_there_are_machines_to_test() -> None:
    assert len(MACHINES) > 5
