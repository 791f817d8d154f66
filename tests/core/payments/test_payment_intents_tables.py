"""The tables of payment intents, setup intents and challenges: every edge, every non-edge, and the way to every state."""

from pathlib import Path
from typing import Any

import pytest

from payments_core.errors import TransitionRefused
from payments_core.machine import Machine
from payments_core.payments.authentications import AUTHENTICATION, AuthenticationEvent, AuthenticationState
from payments_core.payments.payment_intents import PAYMENT_INTENT, PaymentIntentEvent, PaymentIntentState
from payments_core.payments.setup_intents import SETUP_INTENT, SetupIntentEvent, SetupIntentState

P, E = PaymentIntentState, PaymentIntentEvent
S, T = SetupIntentState, SetupIntentEvent
A, B = AuthenticationState, AuthenticationEvent

PAYMENT_EDGES = {
    (P.REQUIRES_PAYMENT_METHOD, E.CHOOSE): P.REQUIRES_CONFIRMATION,
    (P.REQUIRES_PAYMENT_METHOD, E.CANCEL): P.CANCELED,
    (P.REQUIRES_CONFIRMATION, E.CHOOSE): P.REQUIRES_CONFIRMATION,
    (P.REQUIRES_CONFIRMATION, E.CHALLENGE): P.REQUIRES_ACTION,
    (P.REQUIRES_CONFIRMATION, E.SUBMIT): P.PROCESSING,
    (P.REQUIRES_CONFIRMATION, E.FAIL): P.REQUIRES_PAYMENT_METHOD,
    (P.REQUIRES_CONFIRMATION, E.CANCEL): P.CANCELED,
    (P.REQUIRES_ACTION, E.CHOOSE): P.REQUIRES_CONFIRMATION,
    (P.REQUIRES_ACTION, E.HAND_BACK): P.REQUIRES_CONFIRMATION,
    (P.REQUIRES_ACTION, E.SUBMIT): P.PROCESSING,
    (P.REQUIRES_ACTION, E.FAIL): P.REQUIRES_PAYMENT_METHOD,
    (P.REQUIRES_ACTION, E.CANCEL): P.CANCELED,
    (P.PROCESSING, E.PAY): P.SUCCEEDED,
    (P.PROCESSING, E.HOLD): P.REQUIRES_CAPTURE,
    (P.PROCESSING, E.FAIL): P.REQUIRES_PAYMENT_METHOD,
    (P.REQUIRES_CAPTURE, E.CAPTURE_PART): P.REQUIRES_CAPTURE,
    (P.REQUIRES_CAPTURE, E.CAPTURE_REST): P.SUCCEEDED,
    (P.REQUIRES_CAPTURE, E.INCREASE): P.REQUIRES_CAPTURE,
    (P.REQUIRES_CAPTURE, E.EXPIRE): P.CANCELED,
    (P.REQUIRES_CAPTURE, E.CANCEL): P.CANCELED,
}
SETUP_EDGES = {
    (S.REQUIRES_PAYMENT_METHOD, T.CHOOSE): S.REQUIRES_CONFIRMATION,
    (S.REQUIRES_PAYMENT_METHOD, T.CANCEL): S.CANCELED,
    (S.REQUIRES_CONFIRMATION, T.CHOOSE): S.REQUIRES_CONFIRMATION,
    (S.REQUIRES_CONFIRMATION, T.CHALLENGE): S.REQUIRES_ACTION,
    (S.REQUIRES_CONFIRMATION, T.SUCCEED): S.SUCCEEDED,
    (S.REQUIRES_CONFIRMATION, T.FAIL): S.REQUIRES_PAYMENT_METHOD,
    (S.REQUIRES_CONFIRMATION, T.CANCEL): S.CANCELED,
    (S.REQUIRES_ACTION, T.CHOOSE): S.REQUIRES_CONFIRMATION,
    (S.REQUIRES_ACTION, T.SUCCEED): S.SUCCEEDED,
    (S.REQUIRES_ACTION, T.FAIL): S.REQUIRES_PAYMENT_METHOD,
    (S.REQUIRES_ACTION, T.CANCEL): S.CANCELED,
}
CHALLENGE_EDGES = {
    (A.CHALLENGED, B.PASS): A.AUTHENTICATED,
    (A.CHALLENGED, B.FAIL): A.FAILED,
    (A.CHALLENGED, B.ABANDON): A.ABANDONED,
}
MACHINES: list[tuple[Machine[Any, Any], Any, Any, dict[Any, Any]]] = [
    (PAYMENT_INTENT, P, E, PAYMENT_EDGES),
    (SETUP_INTENT, S, T, SETUP_EDGES),
    (AUTHENTICATION, A, B, CHALLENGE_EDGES),
]
PAIRS = [
    pytest.param(machine, state, event, edges.get((state, event)), id=f"{machine.name}-{state}-{event}")
    for machine, states, events, edges in MACHINES
    for state in states
    for event in events
]


@pytest.mark.parametrize(("machine", "state", "event", "target"), PAIRS)
def test_an_event_leads_where_the_table_says_or_nowhere(
    machine: Machine[Any, Any], state: Any, event: Any, target: Any
) -> None:
    if target is not None:
        assert machine.after(state, event) is target
    else:
        with pytest.raises(TransitionRefused):
            machine.after(state, event)


@pytest.mark.parametrize(
    ("machine", "states"), [(m, s) for m, s, _, _ in MACHINES], ids=[m[0].name for m in MACHINES]
)
def test_every_state_can_be_reached_and_every_life_can_end(machine: Machine[Any, Any], states: Any) -> None:
    reached = {machine.initial}
    for _ in states:
        reached |= {target for state, _, target in machine.edges() if state in reached}
    ending = {state for state in states if machine.is_final(state)}
    for _ in states:
        ending |= {state for state, _, target in machine.edges() if target in ending}

    assert reached == set(states)
    assert ending == set(states)


def test_the_documented_diagram_is_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "payment-intents.md").read_text()
    drawn = {line.strip() for line in page.splitlines() if " --> " in line and "[*]" not in line}

    assert drawn == {f"{state} --> {target}: {event}" for state, event, target in PAYMENT_INTENT.edges()}
