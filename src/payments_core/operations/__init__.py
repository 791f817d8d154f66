"""Everything the library can do. REST, GraphQL and OpenAPI are made from `ALL`."""

from typing import Final

from payments_core.operations import (
    balance,
    charges,
    customers,
    events,
    payment_methods,
    refunds,
    tokens,
)
from payments_core.operations.declaring import Operation

ALL: Final[tuple[Operation, ...]] = (
    tokens.create_token,
    tokens.retrieve_token,
    customers.create_customer,
    customers.update_customer,
    customers.retrieve_customer,
    customers.list_customers,
    customers.delete_customer,
    customers.create_source,
    customers.retrieve_source,
    customers.list_sources,
    customers.delete_source,
    payment_methods.create_payment_method,
    payment_methods.update_payment_method,
    payment_methods.retrieve_payment_method,
    payment_methods.list_payment_methods,
    payment_methods.list_customer_payment_methods,
    payment_methods.retrieve_customer_payment_method,
    payment_methods.attach_payment_method,
    payment_methods.detach_payment_method,
    charges.create_charge,
    charges.update_charge,
    charges.retrieve_charge,
    charges.list_charges,
    charges.capture_charge,
    refunds.create_refund,
    refunds.update_refund,
    refunds.retrieve_refund,
    refunds.list_refunds,
    refunds.cancel_refund,
    balance.retrieve_balance,
    balance.retrieve_balance_transaction,
    balance.list_balance_transactions,
    events.retrieve_event,
    events.list_events,
)
