"""`payments plugins`: what is installed, which hooks it answers, and whether it would be taken. Nothing is run but its import."""

import inspect
import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any, Final

import attrs
from cyclopts import App, Parameter

from payments_core import hookspecs
from payments_core.assembly import AssemblyError, load_plugins
from payments_core.clock import SystemClock
from payments_core.ids import RandomIds
from payments_core.ports import Acquirer, Clearing, Connected
from payments_web.settings import Settings

app: Final = App(name="plugins", help="Installed plugins.")
AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON for programs.")]
VERBS: Final = ("authorize", "increment", "reverse", "refund", "inquire")


@attrs.frozen(kw_only=True)
class Found:
    """One installed plugin."""

    name: str
    distribution: str
    module: str
    hooks: tuple[str, ...] = ()
    problem: str | None = None


@app.command(name="list")
def list_command(*, as_json: AsJson = False) -> None:
    """List the installed plugins with the hooks that they answer."""
    found = [_looked_at(point) for point in _points()]
    if as_json:
        print(json.dumps([attrs.asdict(one) for one in found]))
        return
    for one in found:
        print(f"{one.name:<14} {one.distribution:<28} {one.problem or ', '.join(one.hooks)}")


@app.command
def check(name: str) -> None:
    """Say whether a plugin would be taken, hook by hook, and how its acquirers are to be tried. Exits with 1 if not."""
    point = next((point for point in _points() if point.name == name), None)
    if point is None:
        sys.exit(f"payments: no plugin is called {name}; there is {', '.join(p.name for p in _points())}")
    found = _looked_at(point)
    print(f"{found.name}: {found.module} of {found.distribution}")
    if found.problem is not None:
        sys.exit(f"payments: {found.problem}")
    for hook in found.hooks:
        print(f"  {hook:<26} ok")
    if not found.hooks:
        sys.exit(f"payments: {name} answers no hook: is `hookimpl` missing?")
    problems = list(_about_acquirers(point, name))
    if problems:
        sys.exit("\n".join(f"payments: {problem}" for problem in problems))


def _points() -> list[EntryPoint]:
    return sorted(entry_points(group=hookspecs.PROJECT), key=lambda point: point.name)


def _loaded(point: EntryPoint) -> Any:
    loaded = point.load()
    return loaded() if isinstance(loaded, type) else loaded


def _looked_at(point: EntryPoint) -> Found:
    of = f"{point.dist.name} {point.dist.version}" if point.dist else "?"
    known: Any = {"name": point.name, "distribution": of, "module": point.value}
    try:
        plugin = _loaded(point)
        callers = load_plugins([plugin], installed=False).get_hookcallers(plugin) or []
    except ModuleNotFoundError as missing:
        return Found(**known, problem=f"not in use: {missing.name} is not installed")
    except AssemblyError as refusal:
        return Found(**known, problem=str(refusal))
    return Found(**known, hooks=tuple(sorted(caller.name for caller in callers)))


def _about_acquirers(point: EntryPoint, name: str) -> Iterator[str]:
    """Print what the plugin's acquirers offer, and return what is wrong with them."""
    plugin, clock = _loaded(point), SystemClock()
    hook = load_plugins([plugin], installed=False).hook
    settings = {**Settings.read().for_plugins(), "network": name}
    hook.payments_configure(settings=settings, clock=clock)
    answers = hook.payments_acquirers(settings=settings, store=None, clock=clock, ids=RandomIds(clock))
    for acquirer in (acquirer for answer in answers for acquirer in answer or ()):
        offers = [kind.__name__.lower() for kind in (Clearing, Connected) if isinstance(acquirer, kind)]
        print(f"  acquirer {acquirer.name}, patience {acquirer.timeout_s:g} s {' '.join(offers)}".rstrip())
        yield from _wrong_with(acquirer)
        print(f"  prove it with: pytest --payment-acquirer={acquirer.name}")


def _wrong_with(acquirer: Acquirer) -> Iterator[str]:
    for verb in VERBS:
        method = getattr(acquirer, verb, None)
        if not inspect.iscoroutinefunction(method):
            yield f"{acquirer.name}.{verb} is not an async method"
        elif len(inspect.signature(method).parameters) != 1:
            yield f"{acquirer.name}.{verb} takes one argument, the message"
