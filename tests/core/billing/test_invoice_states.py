"""The tables of invoices, their payments and credit notes: every edge leads somewhere, every other move is refused."""

from typing import Any

import pytest

from payments_core.billing.credit_notes import CREDIT_NOTE, CreditNoteEvent
from payments_core.billing.invoice_payments import INVOICE_PAYMENT, PaymentEvent
from payments_core.billing.invoices import INVOICE, InvoiceEvent, InvoiceState, after_balance
from payments_core.errors import TransitionRefused

MACHINES: list[tuple[Any, Any]] = [
    (INVOICE, InvoiceEvent),
    (INVOICE_PAYMENT, PaymentEvent),
    (CREDIT_NOTE, CreditNoteEvent),
]


@pytest.mark.parametrize(("machine", "events"), MACHINES, ids=[machine.name for machine, _ in MACHINES])
def test_what_is_not_in_the_table_is_refused(machine: Any, events: Any) -> None:
    edges = {(state, event) for state, event, _ in machine.edges()}

    for state in machine.table:
        for event in events:
            if (state, event) not in edges:
                with pytest.raises(TransitionRefused):
                    machine.after(state, event)


@pytest.mark.parametrize("machine", [machine for machine, _ in MACHINES], ids=lambda machine: machine.name)
def test_every_state_is_reached_and_every_life_can_end(machine: Any) -> None:
    reached = {machine.initial} | {target for _, _, target in machine.edges()}

    assert reached == set(machine.table)
    assert any(machine.is_final(state) for state in machine.table)


def test_paid_and_void_are_the_ends() -> None:
    assert {state for state in InvoiceState if INVOICE.is_final(state)} == {
        InvoiceState.PAID,
        InvoiceState.VOID,
    }


@pytest.mark.parametrize(
    ("total", "balance", "left"),
    [
        (2000, 0, 0),
        (2000, -500, 0),
        (2000, -3000, -1000),
        (-700, 0, -700),
        (30, 0, 30),
        (1000, -990, 10),
        (30, 40, 0),
        (0, 0, 0),
    ],
)
def test_credit_pays_first_and_what_cannot_be_charged_is_carried(total: int, balance: int, left: int) -> None:
    assert after_balance(total, balance, minimum=50) == left
