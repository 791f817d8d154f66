"""Every hook is documented with its arguments, and called when the documentation says so."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from payments_core import hookspecs
from payments_core.assembly import AssemblyError, first_answer, load_plugins
from payments_core.hookspecs import hookimpl
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.payment_intents import CreatePaymentIntent
from payments_core.testing.memory import MemoryStore
from tests.support.shops import a_shop

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "hooks.md").read_text()
HOOKS = {
    name: tuple(inspect.signature(spec).parameters)
    for name, spec in vars(hookspecs).items()
    if name.startswith("payments_") and inspect.isfunction(spec)
}

AT_ASSEMBLY = {
    "payments_configure",
    "payments_store",
    "payments_vault",
    "payments_presenter",
    "payments_acquirers",
    "payments_clearing_files",
    "payments_bank_rails",
    "payments_courier",
    "payments_mailer",
    "payments_query_language",
}
AT_A_CHARGE = {
    "payments_test_card",
    "payments_bin_facts",
    "payments_route",
    "payments_risk",
    "payments_answered",
    "payments_fee",
}
AT_A_CONFIRMATION = {"payments_authenticate"}
BY_A_COMMAND = {"payments_simulators"}


def section(name: str) -> str:
    found = re.search(rf"^## {name}\((.*?)\)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/hooks.md has no heading for {name}"
    return found.group(0)


@pytest.mark.parametrize("name", HOOKS)
class TestThePage:
    def test_the_heading_has_the_hooks_own_arguments(self, name: str) -> None:
        assert section(name).startswith(f"## {name}({', '.join(HOOKS[name])})\n")

    def test_it_says_when_it_is_called_and_what_it_must_not_do(self, name: str) -> None:
        told = " ".join(section(name).split())

        assert "Called " in told
        assert re.search(r"[Mm]ust not|of its own", told)

    def test_it_shows_an_implementation(self, name: str) -> None:
        assert re.search(rf"@hookimpl.*?\n    def {name}\(self", section(name))

    def test_the_docstring_says_when_it_is_called(self, name: str) -> None:
        assert "Called " in (inspect.getdoc(getattr(hookspecs, name)) or "")


def test_the_page_names_no_hook_that_is_none() -> None:
    assert set(re.findall(r"^## (payments_\w+)\(", PAGE, re.MULTILINE)) == set(HOOKS)


def test_each_hook_has_its_time_below() -> None:
    assert set(HOOKS) == AT_ASSEMBLY | AT_A_CHARGE | AT_A_CONFIRMATION | BY_A_COMMAND


def listening() -> tuple[Any, list[str]]:
    """A plugin that answers every hook with no opinion, and what it heard."""
    heard: list[str] = []

    def ear(name: str) -> Callable[..., Any]:
        several = name in ("payments_acquirers", "payments_bank_rails", "payments_simulators")
        arguments = ", ".join(HOOKS[name])
        scope: dict[str, Any] = {"heard": heard}
        source = f"def {name}(self, {arguments}):\n    heard.append({name!r})\n    return {[] if several else None}"
        exec(source, scope)  # a hook's arguments are its names
        marked: Callable[..., Any] = hookimpl(scope[name])
        return marked

    return type("Ear", (), {name: ear(name) for name in HOOKS})(), heard


@pytest.mark.anyio
class TestEachIsCalled:
    async def test_while_the_gateway_is_assembled(self, tmp_path: Path) -> None:
        plugin, heard = listening()
        async with a_shop(tmp_path, database=f"sqlite:///{tmp_path}/books.db", plugins=[plugin]):
            pass

        assert set(heard) == AT_ASSEMBLY
        assert heard[0] == "payments_configure"
        assert len(heard) == len(AT_ASSEMBLY)

    async def test_at_a_charge(self, tmp_path: Path) -> None:
        plugin, heard = listening()
        async with a_shop(tmp_path, plugins=[plugin]) as shop:
            heard.clear()
            await shop.charge()

        assert set(heard) == AT_A_CHARGE

    async def test_at_a_refund_only_its_answer_is_told(self, tmp_path: Path) -> None:
        plugin, heard = listening()
        async with a_shop(tmp_path, plugins=[plugin]) as shop:
            charge = await shop.charge()
            heard.clear()
            await shop.refund(charge)

        assert heard == ["payments_answered"]

    async def test_at_the_confirmation_of_an_intent(self, tmp_path: Path) -> None:
        plugin, heard = listening()
        async with a_shop(tmp_path, plugins=[plugin]) as shop:
            heard.clear()
            command = CreatePaymentIntent(
                amount=1000,
                currency=CurrencyCode("usd"),
                payment_method="pm_card_visa",
                confirm=True,
                return_url="https://example.com/back",
            )
            await shop.merchant.do(command)

        assert set(heard) >= AT_A_CONFIRMATION

    async def test_by_the_command_that_simulates(self) -> None:
        plugin, heard = listening()
        hook = load_plugins([plugin], installed=False).hook
        brought = hook.payments_simulators(settings={}, store=MemoryStore(), clock=None, ids=None)

        assert heard == ["payments_simulators"]
        assert brought == [[]]


class TestMistakes:
    def test_a_misspelt_hook_stops_the_assembly(self) -> None:
        class Typo:
            @hookimpl
            def payments_risks(self, context: Any) -> None: ...

        with pytest.raises(AssemblyError, match="payments_risks"):
            load_plugins([Typo()], installed=False)

    def test_an_argument_that_the_hook_does_not_have_stops_the_assembly(self) -> None:
        class TooMuch:
            @hookimpl
            def payments_risk(self, context: Any, amount: int) -> None: ...

        with pytest.raises(AssemblyError, match="amount"):
            load_plugins([TooMuch()], installed=False)

    @pytest.mark.anyio
    async def test_a_setting_that_a_plugin_refuses_stops_the_assembly_with_its_words(
        self, tmp_path: Path
    ) -> None:
        class Strict:
            @hookimpl
            def payments_configure(self, settings: Any) -> None:
                raise ValueError("shoe_size is a number")

        with pytest.raises(AssemblyError, match="shoe_size is a number"):
            async with a_shop(tmp_path, plugins=[Strict()]):
                pass


class Says:
    """A plugin that knows the fee of some amounts; it takes only the argument that it wants."""

    def __init__(self, fees: dict[int, int]) -> None:
        self.fees = fees

    @hookimpl
    def payments_fee(self, context: Any) -> int | None:
        return self.fees.get(context)


class StandsAround:
    @hookimpl(wrapper=True)
    def payments_fee(self, context: Any) -> Any:
        return 1 + (yield)


@pytest.mark.parametrize("more", [[], [StandsAround()]])
@pytest.mark.parametrize("amount", [1, 2, 3])
def test_the_short_way_to_a_first_answer_gives_the_same(more: list[Any], amount: int) -> None:
    hook = load_plugins([Says({1: 10, 2: 20}), Says({2: 200, 3: 300}), *more], installed=False).hook

    told = first_answer(hook.payments_fee)(context=amount, settings={})

    assert told == hook.payments_fee(context=amount, settings={})
