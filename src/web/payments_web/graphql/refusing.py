"""Refusals as GraphQL errors, with the words of the REST API in their extensions."""

from collections.abc import Mapping
from typing import Any, Final

import graphql as gql

from payments_core.errors import PaymentsError
from payments_web.graphql.names import camel
from payments_web.objects.presenter import ApiPresenter
from payments_web.objects.replies import error_body, status_of

_MESSAGE: Final = "message"


class Refused(gql.GraphQLError):
    """An operation said no. `status` is what REST would have answered."""

    status: int = 400


def refused(error: Mapping[str, Any], status: int) -> Refused:
    """The error of a reply: `code`, `type`, `param`, `declineCode` and whatever else it tells."""
    told = {camel(name): value for name, value in error.items() if name != _MESSAGE}
    refusal = Refused(error.get(_MESSAGE) or "Refused.", extensions={**told, "status": status})
    refusal.status = status
    return refusal


def refusal_of(error: PaymentsError, presenter: ApiPresenter, *, livemode: bool) -> Refused:
    """A refusal that was raised before there was a reply."""
    return refused(error_body(error, presenter, livemode=livemode)["error"], status_of(error))


def shown(error: gql.GraphQLError) -> dict[str, Any]:
    """An error as it is sent. Nothing of an unexpected one but that it happened."""
    told: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    if cause is not None and not isinstance(cause, gql.GraphQLError):
        told["message"] = "An unknown error occurred. The request id helps us to find out which."
        told["extensions"] = {"type": "api_error", "status": 500}
    return told
