"""Assembly: from settings and plugins to one set of ports. The only place where hooks are called by name.

A misspelt hook, an acquirer twice or a missing part stops the assembly with a sentence that says what is wrong.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, Final

import attrs
import pluggy

from payments_core import hookspecs
from payments_core.clock import Clock, SystemClock
from payments_core.ids import Ids, RandomIds
from payments_core.money.fees import STANDARD_FEE
from payments_core.payments.answers import Answer
from payments_core.payments.routing import Router, enabled
from payments_core.payments.velocity import DeclineGuard
from payments_core.ports import Acquirer, BankRail, Courier, Mailer, Ports, Presenter, Store, Vault
from payments_core.presenting import PlainPresenter
from payments_core.processes import is_gone, this_process
from payments_core.rules import (
    AuthenticationContext,
    AuthenticationVerdict,
    BinFacts,
    PaymentContext,
    RiskVerdict,
)
from payments_core.tokenization.cards import CardInput
from payments_core.tokenization.cvc_memory import CvcMemory

PASS: Final = RiskVerdict(block=False)
UNKNOWN_BIN: Final = BinFacts()


class AssemblyError(Exception):
    """The parts do not make a gateway; the message says which and why."""


def load_plugins(
    extra: Iterable[ModuleType | object] = (), *, installed: bool = True
) -> pluggy.PluginManager:
    """A manager with the installed plugins (entry-point group `payments_core`) and *extra* ones."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    if installed:
        for point in sorted(entry_points(group=hookspecs.PROJECT), key=lambda point: point.name):
            _register(manager, _load(point), point.name)
    for number, plugin in enumerate(extra):
        if manager.is_registered(plugin):  # installed as well as given
            continue
        _register(manager, plugin, getattr(plugin, "__name__", f"extra-{number}"))
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise AssemblyError(f"A plugin has a hook that nobody calls: {error}") from error
    return manager


def _load(point: Any) -> Any | None:
    try:
        loaded = point.load()
        # A plugin that remembers something is a class, so that two gateways of one process do not share its memory.
        return loaded() if isinstance(loaded, type) else loaded
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0].startswith("payments_"):
            raise
        return None  # an optional extra that is not installed


def _register(manager: pluggy.PluginManager, plugin: Any | None, name: str) -> None:
    if plugin is None:
        return
    try:
        manager.register(plugin, name)
    except (ValueError, pluggy.PluginValidationError) as error:
        raise AssemblyError(f"The plugin {name} cannot be used: {error}") from error


def first_answer(hook: Any) -> Callable[..., Any]:
    """The hook itself, or what answers the same at a third of the cost: its functions, asked one after the other.

    Plugins may stand around a hook as well; then pluggy's own way is gone.
    """
    found = hook.get_hookimpls()
    if any(one.wrapper or one.hookwrapper for one in found):
        return hook  # type: ignore[no-any-return]
    functions = [(one.function, one.argnames) for one in reversed(found)]

    def ask(**told: Any) -> Any:
        for function, names in functions:
            answer = function(*[told[name] for name in names])
            if answer is not None:
                return answer
        return None

    return ask


@attrs.frozen(eq=False)
class HookRules:
    """The `Rules` port over the hooks: typed answers from pluggy's lists of anything."""

    hook: Any
    router: Router = attrs.field(factory=Router)
    clock: Clock = attrs.field(factory=SystemClock)
    _heard: frozenset[str] = attrs.field()
    """The hooks that any plugin answers: the others need not be called."""

    _first: Mapping[str, Callable[..., Any]] = attrs.field()
    """What asks the hooks of which the first answer counts."""

    @_first.default
    def _find_first(self) -> Mapping[str, Callable[..., Any]]:
        names = ("payments_fee", "payments_route", "payments_bin_facts", "payments_test_card")
        return {name: first_answer(getattr(self.hook, name)) for name in names}

    @_heard.default
    def _find_answered(self) -> frozenset[str]:
        names = [name for name in dir(self.hook) if name.startswith("payments_")]
        return frozenset(name for name in names if getattr(self.hook, name).get_hookimpls())

    def fee(self, context: PaymentContext, settings: Mapping[str, str]) -> int:
        """The fee of a captured amount, in minor units."""
        told = None
        if "payments_fee" in self._heard:
            told = self._first["payments_fee"](context=context, settings=settings)
        fee = STANDARD_FEE.fee(context.amount, context.currency) if told is None else told
        return max(0, min(int(fee), context.amount))

    def route(self, context: PaymentContext, acquirers: Sequence[str]) -> Sequence[str]:
        """The acquirers to try, the first one first."""
        told = None
        if "payments_route" in self._heard:
            told = self._first["payments_route"](context=context, acquirers=acquirers)
        if told is None:
            return self.router.route(context, acquirers, self.clock.now_ms())
        wanted = [name for name in told if name in acquirers]
        if not wanted:
            raise AssemblyError("No acquirer is left to route this payment to.")
        return self.router.by_health(wanted, self.clock.now_ms())

    def heard(self, acquirer: str, kind: str, answer: Answer, elapsed_ms: int) -> None:
        """Learn how a message to an acquirer ended, and tell whoever watches."""
        self.router.heard(acquirer, answer, self.clock.now_ms())
        if "payments_answered" in self._heard:
            self.hook.payments_answered(acquirer=acquirer, kind=kind, answer=answer, elapsed_ms=elapsed_ms)

    def risk(self, context: PaymentContext) -> RiskVerdict:
        """Whether to go on at all: one block blocks, otherwise the highest score counts."""
        if "payments_risk" not in self._heard:
            return PASS
        verdicts: list[RiskVerdict] = self.hook.payments_risk(context=context)
        blocks = [verdict for verdict in verdicts if verdict.block]
        return max(blocks or verdicts or [PASS], key=lambda verdict: verdict.score or 0)

    def authenticate(self, context: AuthenticationContext) -> AuthenticationVerdict | None:
        """Whether the cardholder must prove who they are."""
        told: AuthenticationVerdict | None = self.hook.payments_authenticate(context=context)
        return told

    def bin_facts(self, bin_digits: str, last4: str) -> BinFacts:
        """Funding and country of a card."""
        told: BinFacts | None = self._first["payments_bin_facts"](bin_digits=bin_digits, last4=last4)
        return told or UNKNOWN_BIN

    def test_card(self, token: str) -> CardInput | None:
        """The card behind a documented test token."""
        if not token.startswith(("tok_", "pm_card_", "src_")):
            return None
        told: CardInput | None = self._first["payments_test_card"](token=token)
        return told


def assemble(
    settings: Mapping[str, str],
    plugins: pluggy.PluginManager,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    store: Store | None = None,
) -> Ports:
    """Ask every plugin for its part and put them together."""
    hook = plugins.hook
    clock = clock or SystemClock()
    ids = ids or RandomIds(clock)
    try:
        router = Router.of(settings)
        hook.payments_configure(settings=settings, clock=clock)
    except ValueError as refusal:
        raise AssemblyError(f"A setting cannot be used: {refusal}") from refusal
    store = store or hook.payments_store(settings=settings)
    if store is None:
        raise AssemblyError(f"No plugin knows a storage for {settings.get('database')!r}.")
    vault: Vault | None = hook.payments_vault(settings=settings)
    if vault is None:
        raise AssemblyError("No plugin brings a vault: install payments-core[vault].")
    presenter: Presenter = hook.payments_presenter(settings=settings) or PlainPresenter()
    acquirers = _acquirers(
        hook.payments_acquirers(settings=settings, store=store, clock=clock, ids=ids), settings
    )
    return Ports(
        store=store,
        vault=vault,
        acquirers=acquirers,
        presenter=presenter,
        rules=HookRules(hook, router, clock),
        clock=clock,
        ids=ids,
        cvcs=CvcMemory(),
        owner=this_process(),
        is_gone=is_gone,
        clearing_files=hook.payments_clearing_files(settings=settings),
        bank_rails=_bank_rails(hook.payments_bank_rails(settings=settings, clock=clock), settings),
        courier=_courier(hook, settings),
        mailer=_mailer(hook, settings),
        queries=hook.payments_query_language(settings=settings),
        declines=DeclineGuard.of(settings),
        settings=dict(settings),
    )


def _bank_rails(answers: Sequence[Iterable[BankRail]], settings: Mapping[str, str]) -> dict[str, BankRail]:
    """The rails by name, the one that the setting `bank_rail` names first."""
    rails: dict[str, BankRail] = {}
    for rail in (rail for answer in answers for rail in answer or ()):
        if rail.name in rails:
            raise AssemblyError(f"Two bank rails are called {rail.name!r}.")
        rails[rail.name] = rail
    wanted = settings.get("bank_rail")
    if wanted is None:
        return rails
    if wanted not in rails:
        raise AssemblyError(f"The setting `bank_rail` names {wanted}, which no plugin brings.")
    return {wanted: rails[wanted], **rails}


def _courier(hook: Any, settings: Mapping[str, str]) -> Courier | None:
    try:
        courier: Courier | None = hook.payments_courier(settings=settings)
    except ValueError as refusal:
        raise AssemblyError(f"A setting cannot be used: {refusal}") from refusal
    return courier


def _mailer(hook: Any, settings: Mapping[str, str]) -> Mailer | None:
    try:
        mailer: Mailer | None = hook.payments_mailer(settings=settings)
    except ValueError as refusal:
        raise AssemblyError(f"A setting cannot be used: {refusal}") from refusal
    return mailer


def _acquirers(answers: Sequence[Iterable[Acquirer]], settings: Mapping[str, str]) -> dict[str, Acquirer]:
    """The acquirers by name: those that the setting `network` names first, in its order."""
    acquirers: dict[str, Acquirer] = {}
    for acquirer in (acquirer for answer in answers for acquirer in answer or ()):
        if acquirer.name in acquirers:
            raise AssemblyError(f"Two acquirers are called {acquirer.name!r}.")
        acquirers[acquirer.name] = acquirer
    wanted = enabled(settings)
    missing = [name for name in wanted if name not in acquirers]
    if missing and "network" in settings:
        raise AssemblyError(f"The setting `network` names {', '.join(missing)}, which no plugin brings.")
    if not acquirers:
        raise AssemblyError("No plugin brings an acquirer.")
    order = [name for name in wanted if name in acquirers]
    return {name: acquirers[name] for name in (*order, *(n for n in acquirers if n not in order))}
