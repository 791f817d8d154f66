"""Invoices: what a customer owes, line by line, from draft to the end. Amounts follow from the lines and from what was paid.

Who pays with what, the books and the events are the operations' business.
"""

from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.billing.discounts import Discount
from payments_core.billing.lines import Line, Period
from payments_core.billing.shares import Shares
from payments_core.billing.tax_rates import TaxRate
from payments_core.billing.totals import Rules, Totals, priced, summed
from payments_core.clock import DAY, Timestamp
from payments_core.errors import InvalidRequest
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.payments.charges import Shipping
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.tokenization.payment_methods import Address

InvoiceId = NewType("InvoiceId", str)

LINES_MAX: Final = 250
RETRY_AFTER_DAYS: Final = (3, 5, 7)
"""How long automatic collection waits after each failure; after the last one it gives up."""


class InvoiceState(StrEnum):
    """The status that clients see."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    UNCOLLECTIBLE = "uncollectible"
    VOID = "void"


class InvoiceEvent(StrEnum):
    """What can happen to an invoice."""

    FINALIZE = "finalize"
    PAY_PART = "pay_part"
    PAY_REST = "pay"
    GIVE_UP = "mark_uncollectible"
    VOID = "void"


INVOICE: Final = Machine(
    name="invoice",
    initial=InvoiceState.DRAFT,
    table={
        InvoiceState.DRAFT: {InvoiceEvent.FINALIZE: InvoiceState.OPEN},
        InvoiceState.OPEN: {
            InvoiceEvent.PAY_PART: InvoiceState.OPEN,
            InvoiceEvent.PAY_REST: InvoiceState.PAID,
            InvoiceEvent.GIVE_UP: InvoiceState.UNCOLLECTIBLE,
            InvoiceEvent.VOID: InvoiceState.VOID,
        },
        InvoiceState.UNCOLLECTIBLE: {
            InvoiceEvent.PAY_PART: InvoiceState.UNCOLLECTIBLE,
            InvoiceEvent.PAY_REST: InvoiceState.PAID,
            InvoiceEvent.VOID: InvoiceState.VOID,
        },
        InvoiceState.PAID: {},
        InvoiceState.VOID: {},
    },
)

PAYABLE: Final = frozenset({InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE})


class Collection(StrEnum):
    """Whether the customer's card is charged, or the customer is asked to pay."""

    CHARGE_AUTOMATICALLY = "charge_automatically"
    SEND_INVOICE = "send_invoice"


@attrs.frozen(kw_only=True)
class BilledTo:
    """The customer as the invoice shows them: as they were when it was finalized."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: Address | None = None
    shipping: Shipping | None = None
    tax_exempt: str = "none"


@attrs.frozen(kw_only=True)
class StatusTimes:
    """When the invoice came into each state."""

    finalized_at: Timestamp | None = None
    marked_uncollectible_at: Timestamp | None = None
    paid_at: Timestamp | None = None
    voided_at: Timestamp | None = None


@attrs.frozen(kw_only=True)
class Refusal:
    """Why the invoice could not be finalized by itself."""

    message: str
    code: str | None = None


@attrs.frozen(kw_only=True)
class Invoice:
    """A bill. Amounts are in minor units of `currency`."""

    account_id: AccountId
    id: InvoiceId
    created: Timestamp
    currency: CurrencyCode
    period: Period
    customer: str | None = None
    status: InvoiceState = INVOICE.initial
    number: str | None = None
    lines: tuple[Line, ...] = ()
    totals: Totals = Totals()
    discounts: tuple[Discount, ...] = ()
    default_tax_rates: tuple[TaxRate, ...] = ()
    billed_to: BilledTo = BilledTo()
    account_name: str | None = None
    account_country: str | None = None
    collection_method: Collection = Collection.CHARGE_AUTOMATICALLY
    auto_advance: bool = False
    automatically_finalizes_at: Timestamp | None = None
    billing_reason: str = "manual"
    days_until_due: int | None = None
    due_date: Timestamp | None = None
    effective_at: Timestamp | None = None
    default_payment_method: str | None = None
    default_source: str | None = None
    payment_method_types: tuple[str, ...] = ()
    description: str | None = None
    footer: str | None = None
    custom_fields: tuple[tuple[str, str], ...] = ()
    statement_descriptor: str | None = None
    shipping_details: Shipping | None = None
    on_behalf_of: str | None = None
    shares: Shares = Shares()
    """What others get of what is charged for it."""
    starting_balance: int = 0
    """The customer's balance when the invoice was finalized; until then as last seen."""
    ending_balance: int | None = None
    """The customer's balance after the invoice was finalized: the difference was added to what is due."""
    amount_paid: int = 0
    amount_overpaid: int = 0
    paid_out_of_band: bool = False
    pre_payment_credit_notes: int = 0
    post_payment_credit_notes: int = 0
    credit_notes: int = 0
    """How many credit notes were issued, for their numbers."""
    attempt_count: int = 0
    attempted: bool = False
    next_payment_attempt: Timestamp | None = None
    payment: str | None = None
    """The payment that is expected since the invoice was finalized, by its own payment intent."""
    attached: tuple[str, ...] = ()
    """Further payments, by intents that were made for something else."""
    confirmation_secret: str | None = None
    """With this a payer's browser can confirm the payment intent."""
    times: StatusTimes = StatusTimes()
    finalization_error: Refusal | None = None
    overdue: bool = False
    """Whether the event of that name was sent."""
    sent_at: Timestamp | None = None
    hosted_url: str | None = None
    """Where the customer sees and pays it; nobody can guess the address."""
    page_attempts: int = 0
    """How often somebody tried to pay on the page."""
    subscription: str | None = None
    subscription_metadata: Metadata = NOTHING
    test_clock: str | None = None
    metadata: Metadata = NOTHING
    due_at: Timestamp | None = None
    """When a job has something to do."""
    clock_due: Timestamp | None = None
    """The same by the customer's test clock."""

    @property
    def total(self) -> int:
        """The sum of all lines with discounts and taxes."""
        return self.totals.total

    @property
    def amount_due(self) -> int:
        """What the customer has to pay in all."""
        if self.ending_balance is None:
            return max(0, self.total + self.starting_balance)
        return self.total + self.starting_balance - self.ending_balance - self.pre_payment_credit_notes

    @property
    def amount_remaining(self) -> int:
        """What is still to pay."""
        return self.amount_due - self.amount_paid

    @property
    def is_draft(self) -> bool:
        """Whether it can still be edited."""
        return self.status is InvoiceState.DRAFT

    @property
    def collects(self) -> bool:
        """Whether the customer's card is charged without being asked."""
        return self.collection_method is Collection.CHARGE_AUTOMATICALLY

    def refuse_edit(self) -> None:
        """Raise `InvalidRequest` unless this is a draft."""
        if not self.is_draft:
            raise InvalidRequest(
                f"Invoice {self.id} is no longer editable: it is {self.status}.", code="invoice_not_editable"
            )

    def refuse_payment(self) -> None:
        """Raise `InvalidRequest` unless the invoice can be paid."""
        if self.status is InvoiceState.PAID:
            raise InvalidRequest("Invoice is already paid", code="invoice_already_paid")
        if self.status not in PAYABLE:
            raise InvalidRequest(
                f"Invoice {self.id} cannot be paid: it is {self.status}.", code="status_transition_invalid"
            )

    def with_lines(self, lines: tuple[Line, ...]) -> Self:
        """The draft with these lines, priced anew."""
        if len(lines) > LINES_MAX:
            raise InvalidRequest(f"An invoice has at most {LINES_MAX} lines.", param="lines")
        rules = Rules(
            discounts=self.discounts,
            tax_rates=self.default_tax_rates,
            tax_exempt=self.billed_to.tax_exempt,
        )
        computed = priced(lines, rules)
        return attrs.evolve(self, lines=computed, totals=summed(computed))

    def repriced(self) -> Self:
        """The draft after its discounts, tax rates or customer have changed."""
        return self.with_lines(self.lines)

    def finalized(self, number: str | None, now: Timestamp, *, starting: int, ending: int) -> Self:
        """The bill as it is sent: numbered, and the customer's balance applied."""
        due_date = self.due_date
        if due_date is None and not self.collects:
            due_date = Timestamp(now + (self.days_until_due or 0) * DAY)
        return attrs.evolve(
            self._after(InvoiceEvent.FINALIZE),
            number=self.number or number,
            due_date=due_date,
            effective_at=self.effective_at or now,
            starting_balance=starting,
            ending_balance=ending,
            times=attrs.evolve(self.times, finalized_at=now),
            automatically_finalizes_at=None,
            finalization_error=None,
            next_payment_attempt=now if self.collects and self.auto_advance else None,
        ).planned()

    def paid(self, amount: int, now: Timestamp) -> Self:
        """*amount* came; with nothing left to pay the invoice is paid. What is too much is noted."""
        taken = min(amount, self.amount_remaining)
        invoice = attrs.evolve(
            self,
            amount_paid=self.amount_paid + taken,
            amount_overpaid=self.amount_overpaid + amount - taken,
        )
        if self.status not in PAYABLE:
            return invoice
        if invoice.amount_remaining > 0:
            return invoice._after(InvoiceEvent.PAY_PART).planned()
        return attrs.evolve(
            invoice._after(InvoiceEvent.PAY_REST),
            times=attrs.evolve(self.times, paid_at=now),
            next_payment_attempt=None,
        ).planned()

    def paying(self) -> Self:
        """A payment was begun."""
        return attrs.evolve(
            self, attempted=True, attempt_count=self.attempt_count + 1, next_payment_attempt=None
        ).planned()

    def payment_failed(self, now: Timestamp) -> Self:
        """Nobody paid. Automatic collection tries again some days later, or gives up."""
        at = None
        tries = self.attempt_count - 1
        retries = self.collects and self.auto_advance and self.status is InvoiceState.OPEN
        if retries and 0 <= tries < len(RETRY_AFTER_DAYS):
            at = Timestamp(now + RETRY_AFTER_DAYS[tries] * DAY)
        return attrs.evolve(self, next_payment_attempt=at).planned()

    def credited(self, before_payment: int, after_payment: int, now: Timestamp) -> Self:
        """A credit note was issued: less is to pay, or something goes back."""
        invoice = attrs.evolve(
            self,
            pre_payment_credit_notes=self.pre_payment_credit_notes + before_payment,
            post_payment_credit_notes=self.post_payment_credit_notes + after_payment,
            credit_notes=self.credit_notes + 1,
        )
        if before_payment and invoice.amount_remaining == 0:
            return invoice.paid(0, now)
        return invoice.planned()

    def uncredited(self, before_payment: int) -> Self:
        """A credit note was voided before it took effect on a payment."""
        left = self.pre_payment_credit_notes - before_payment
        return attrs.evolve(self, pre_payment_credit_notes=left).planned()

    def given_up(self, now: Timestamp) -> Self:
        """The merchant does not expect to be paid."""
        return attrs.evolve(
            self._after(InvoiceEvent.GIVE_UP),
            times=attrs.evolve(self.times, marked_uncollectible_at=now),
            next_payment_attempt=None,
        ).planned()

    def voided(self, now: Timestamp) -> Self:
        """The bill was a mistake."""
        if self.amount_paid:
            raise InvalidRequest(
                "An invoice that was paid in part cannot be voided: issue a credit note.",
                code="status_transition_invalid",
            )
        return attrs.evolve(
            self._after(InvoiceEvent.VOID),
            times=attrs.evolve(self.times, voided_at=now),
            next_payment_attempt=None,
        ).planned()

    def planned(self) -> Self:
        """The invoice, due when a job has something to do with it."""
        at = self._next_due()
        if self.test_clock is not None:
            return attrs.evolve(self, due_at=None, clock_due=at)
        return attrs.evolve(self, due_at=at)

    def _next_due(self) -> Timestamp | None:
        if self.is_draft:
            stuck = not self.auto_advance or self.finalization_error is not None
            return None if stuck else self.automatically_finalizes_at
        if self.status is not InvoiceState.OPEN:
            return None
        if self.collects:
            return self.next_payment_attempt if self.auto_advance else None
        return None if self.overdue else self.due_date

    def _after(self, event: InvoiceEvent) -> Self:
        code = "invoice_not_editable" if event is InvoiceEvent.FINALIZE else None
        return attrs.evolve(self, status=INVOICE.after(self.status, event, code=code))


def after_balance(total: int, balance: int, minimum: int) -> int:
    """A customer's balance after an invoice: credit pays first, and what cannot be charged is carried to the next invoice."""
    left = total + balance
    return left if left < minimum else 0
