"""The hooks: where plugins come in, ours through the same door as anybody's.

A hook's docstring says when it is called and what it must not do. One typed function for each stands between pluggy and the
rest of the library: see `payments_core.assembly`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pluggy

from payments_core.clock import Clock
from payments_core.ids import Ids
from payments_core.payments.answers import Answer
from payments_core.ports import (
    Acquirer,
    BankRail,
    ClearingFiles,
    Courier,
    Mailer,
    Presenter,
    QueryLanguage,
    Simulator,
    Store,
    Vault,
)
from payments_core.rules import (
    AuthenticationContext,
    AuthenticationVerdict,
    BinFacts,
    PaymentContext,
    RiskVerdict,
)
from payments_core.tokenization.cards import CardInput

PROJECT: Final = "payments_core"
hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)


@hookspec
def payments_configure(settings: Mapping[str, str], clock: Clock) -> None:
    """Learn the gateway's settings and clock, for hooks that are not handed them.

    Called once, first of all, while the gateway is assembled; it must not open a connection. A plugin that keeps them is a
    class, of which every gateway gets an instance of its own. A setting that cannot be used raises `ValueError`.
    """


@hookspec(firstresult=True)
def payments_store(settings: Mapping[str, str]) -> Store | None:
    """Return the storage for `settings["database"]`, or None if the address is not of your kind.

    Called once, while the gateway is assembled; it must not open a connection: `Store.open` does.
    """


@hookspec(firstresult=True)
def payments_vault(settings: Mapping[str, str]) -> Vault | None:
    """Return the vault. Called once, while the gateway is assembled; it may read or make its key file."""


@hookspec(firstresult=True)
def payments_presenter(settings: Mapping[str, str]) -> Presenter | None:
    """Return how nouns look to others. Called once, while the gateway is assembled."""


@hookspec
def payments_acquirers(  # type: ignore[empty-body]
    settings: Mapping[str, str], store: Store, clock: Clock, ids: Ids
) -> Iterable[Acquirer]:
    """Return the acquirers this plugin can reach.

    Called once, while the gateway is assembled; it must not open a connection. Two acquirers of one name stop the
    assembly. `store` is the gateway's own: only simulated networks, which have no memory of their own, may use it.
    """


@hookspec(firstresult=True)
def payments_clearing_files(settings: Mapping[str, str]) -> ClearingFiles | None:
    """Return how clearing files are written and answer files read, or None if you do not do that.

    Called once, while the gateway is assembled; files are touched only when a batch is closed or an answer is imported.
    """


@hookspec
def payments_bank_rails(  # type: ignore[empty-body]
    settings: Mapping[str, str], clock: Clock
) -> Iterable[BankRail]:
    """Return the ways to banks that this plugin knows.

    Called once, while the gateway is assembled; it must not open a connection or touch a file. Two rails of one name stop the
    assembly. The setting `bank_rail` says which one payouts take.
    """


@hookspec(firstresult=True)
def payments_courier(settings: Mapping[str, str]) -> Courier | None:
    """Return who carries webhooks to their endpoints, or None if you do not do that.

    Called once, while the gateway is assembled; it must not open a connection. Without any courier deliveries wait.
    """


@hookspec(firstresult=True)
def payments_mailer(settings: Mapping[str, str]) -> Mailer | None:
    """Return who carries e-mail, or None if you do not do that.

    Called once, while the gateway is assembled; it must not open a connection. Without any mailer e-mails wait. A setting
    that cannot be used raises `ValueError`.
    """


@hookspec(firstresult=True)
def payments_query_language(settings: Mapping[str, str]) -> QueryLanguage | None:
    """Return who reads search queries, or None if you do not do that.

    Called once, while the gateway is assembled. Without any, searches answer that they are not available.
    """


@hookspec(firstresult=True)
def payments_fee(context: PaymentContext, settings: Mapping[str, str]) -> int | None:
    """Return the fee of a captured amount in minor units, or None to leave it to the next plugin.

    Called at every capture, between reading and committing: it must answer at once and do no input or output. `settings`
    are the account's.
    """


@hookspec(firstresult=True)
def payments_route(context: PaymentContext, acquirers: Sequence[str]) -> Sequence[str] | None:
    """Return the acquirers to try for a payment, the first one first, or None to leave it to the next plugin.

    Called before every authorization: it must answer at once and do no input or output. Names that are not among
    *acquirers* are left out, and one must remain. Without any plugin the setting `routes` decides; in either case an
    acquirer that is ill is tried last.
    """


@hookspec
def payments_answered(acquirer: str, kind: str, answer: Answer, elapsed_ms: int) -> None:
    """Learn how a message to an acquirer ended, silence included. *kind* is authorize, increment, reverse or refund.

    Called after every attempt, also by recovery, before its conclusion is committed: it must return at once and do no input
    or output; for counting and for watching over the acquirers, not for bookkeeping. The same answer may be told twice.
    """


@hookspec
def payments_risk(context: PaymentContext) -> RiskVerdict | None:
    """Return a verdict on a payment, or None for no opinion. One block among all verdicts blocks the payment.

    Called before every authorization: it must answer at once and do no input or output.
    """


@hookspec(firstresult=True)
def payments_authenticate(context: AuthenticationContext) -> AuthenticationVerdict | None:
    """Return what 3-D Secure asks of a cardholder who is there, or None if nothing is to be asked.

    Called before the authorization of a confirmed intent, never for payments without the payer: it must answer at once and
    do no input or output. Who needs a conversation with the bank answers CHALLENGE and has it on the challenge's page.
    """


@hookspec(firstresult=True)
def payments_bin_facts(bin_digits: str, last4: str) -> BinFacts | None:
    """Return funding and country of cards that begin with *bin_digits*, or None if you do not know them.

    Called when a card is tokenized: it must answer at once.
    """


@hookspec(firstresult=True)
def payments_test_card(token: str) -> CardInput | None:
    """Return the card behind a documented test token such as `tok_visa`, or None.

    Called for ids that look like one, in test mode only: it must answer at once.
    """


@hookspec
def payments_simulators(  # type: ignore[empty-body]
    settings: Mapping[str, str], store: Store, clock: Clock, ids: Ids
) -> Iterable[Simulator]:
    """Return what this plugin can simulate for `payments simulate NAME`: a network, a bank.

    Called once by the command, never by a gateway; it must not listen yet: `Simulator.open` does. `store` is the
    simulator's own and no gateway's, and is opened before it listens.
    """
