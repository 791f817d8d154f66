"""Customer balance: move it, and list, show and annotate the movements."""

from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.billing.customer_balance import (
    CustomerBalanceTransaction,
    CustomerBalanceTransactionId,
    MovementType,
)
from payments_core.billing.customers import Customer
from payments_core.errors import AmountRefused, InvalidRequest, NotFound
from payments_core.ledger import bookkeeping
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.cards import live_customer
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, Metadata, merged
from payments_core.ports import Page, Ports


@attrs.frozen(kw_only=True)
class Movement:
    """How a balance is to move, and why. Negative is credit for the customer."""

    amount: int
    currency: CurrencyCode
    type: MovementType
    description: str | None = None
    invoice: str | None = None
    credit_note: str | None = None
    metadata: Metadata = NOTHING


def move(work: Work, customer: Customer, movement: Movement) -> tuple[Customer, CustomerBalanceTransaction]:
    """Stage a movement: the transaction, the customer with the new balance, and the entry. The caller announces."""
    customer = billed_in(customer, movement.currency)
    balance = customer.balance + movement.amount
    transaction = CustomerBalanceTransaction(
        account_id=work.account_id,
        id=CustomerBalanceTransactionId(work.new_id("cbtxn")),
        created=work.now,
        customer=customer.id,
        amount=movement.amount,
        ending_balance=balance,
        currency=movement.currency,
        type=movement.type,
        description=movement.description,
        invoice=movement.invoice,
        credit_note=movement.credit_note,
        metadata=movement.metadata,
    )
    customer = attrs.evolve(customer, balance=balance)
    work.put(transaction)
    work.put(customer)
    if movement.amount:
        work.book(
            bookkeeping.customer_balance_moved(
                transaction.id, movement.currency, movement.amount, customer.id
            )
        )
    return customer, transaction


def billed_in(customer: Customer, currency: CurrencyCode) -> Customer:
    """The customer, who from the first bill on is billed in one currency, or a refusal."""
    if customer.currency not in (None, currency):
        raise InvalidRequest(
            "You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or "
            f"invoice item with currency {customer.currency}.",
            param="currency",
        )
    return attrs.evolve(customer, currency=currency)


def set_balance(work: Work, customer: Customer, balance: int, kind: MovementType) -> Customer:
    """Stage whatever movement leads to *balance*."""
    if balance == customer.balance:
        return customer
    currency = customer.currency or work.account.default_currency
    movement = Movement(amount=balance - customer.balance, currency=currency, type=kind)
    return move(work, customer, movement)[0]


@attrs.frozen(kw_only=True)
class CreateCustomerBalanceTransaction(Command[CustomerBalanceTransaction]):
    """Give a customer credit (negative), or take it."""

    id: str
    amount: int
    currency: CurrencyCode
    description: str | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation(
    "customer_balance_transaction.create",
    post="/v1/customers/{id}/balance_transactions",
    raises=(AmountRefused, InvalidRequest, NotFound),
)
async def create_customer_balance_transaction(
    command: CreateCustomerBalanceTransaction, work: Work, ports: Ports
) -> CustomerBalanceTransaction:
    """Move a customer's balance."""
    customer = await live_customer(work, command.id, param="id")
    if command.amount == 0:
        raise AmountRefused("A movement is not of nothing.", code="parameter_invalid_integer", param="amount")
    movement = Movement(
        amount=command.amount,
        currency=command.currency,
        type=MovementType.ADJUSTMENT,
        description=command.description or None,
        metadata=merged(NOTHING, command.metadata),
    )
    customer, transaction = move(work, customer, movement)
    work.announce("customer.updated", customer)
    return transaction


async def _one_of(work: Work, customer_id: str, transaction_id: str) -> CustomerBalanceTransaction:
    transaction = await work.get(CustomerBalanceTransaction, transaction_id, param="transaction")
    if transaction.customer != customer_id:
        raise NotFound("customer_balance_transaction", transaction_id, param="transaction")
    return transaction


@attrs.frozen(kw_only=True)
class UpdateCustomerBalanceTransaction(Command[CustomerBalanceTransaction]):
    """Only words can be changed."""

    id: str
    transaction: str
    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation(
    "customer_balance_transaction.update",
    post="/v1/customers/{id}/balance_transactions/{transaction}",
    raises=(NotFound,),
)
async def update_customer_balance_transaction(
    command: UpdateCustomerBalanceTransaction, work: Work, ports: Ports
) -> CustomerBalanceTransaction:
    """Change a movement's description and metadata."""
    transaction = await _one_of(work, command.id, command.transaction)
    text = command.description
    transaction = attrs.evolve(
        transaction,
        description=transaction.description if text is None else text or None,
        metadata=merged(transaction.metadata, command.metadata),
    )
    work.put(transaction)
    return transaction


@attrs.frozen(kw_only=True)
class RetrieveCustomerBalanceTransaction(Command[CustomerBalanceTransaction]):
    """Which movement of which customer."""

    id: str
    transaction: str


@operation(
    "customer_balance_transaction.retrieve",
    get="/v1/customers/{id}/balance_transactions/{transaction}",
    raises=(NotFound,),
)
async def retrieve_customer_balance_transaction(
    command: RetrieveCustomerBalanceTransaction, work: Work, ports: Ports
) -> CustomerBalanceTransaction:
    """Return one movement of a customer's balance."""
    return await _one_of(work, command.id, command.transaction)


@attrs.frozen(kw_only=True)
class ListCustomerBalanceTransactions(Listing, Command[Page[CustomerBalanceTransaction]]):
    """Which movements of a customer's balance."""

    id: str
    invoice: str | None = None


@operation(
    "customer_balance_transaction.list",
    get="/v1/customers/{id}/balance_transactions",
    raises=(InvalidRequest, NotFound),
)
async def list_customer_balance_transactions(
    command: ListCustomerBalanceTransactions, work: Work, ports: Ports
) -> Page[CustomerBalanceTransaction]:
    """List the movements of a customer's balance, newest first."""
    await live_customer(work, command.id, param="id")
    query = command.query(customer=command.id, invoice=command.invoice)
    return await work.select(CustomerBalanceTransaction, query)
