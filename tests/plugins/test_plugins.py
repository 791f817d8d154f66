"""Each plugin of the kit, installed through its entry point, does what its README says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from payments_core.errors import Declined
from payments_core.gateway import Merchant
from payments_core.ledger.balance_transactions import BalanceTransaction
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.charges import CreateCharge
from payments_core.values import evolve
from tests.plugins.kit import contract, install, run
from tests.support.server import Server, running_server
from tests.support.shops import a_shop

EXAMPLE_LINES_MAX = 150


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugins")
    for name in ("template", "acquirer_tollbooth", "acquirer_stripe", "risk_velocity", "fees_tiered"):
        install(name, folder)
    return folder / "installed"


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("upstream")) as server:
        yield server


@pytest.fixture(scope="module")
def upstream_settings(upstream: Server) -> dict[str, str]:
    return {"stripe_url": upstream.url, "stripe_key": upstream.account().secret_key}


class TestTheCommandLine:
    def test_it_lists_what_is_installed_with_its_hooks(self, installed: Path) -> None:
        told = run(installed, "payments", "plugins", "list", "--json")
        hooks = {plugin["name"]: plugin["hooks"] for plugin in json.loads(told.stdout)}

        assert hooks["tollbooth"] == ["payments_acquirers"]
        assert hooks["velocity"] == ["payments_configure", "payments_risk"]
        assert hooks["tiers"] == ["payments_fee"]

    def test_it_says_that_a_plugin_is_good(self, installed: Path) -> None:
        told = run(installed, "payments", "plugins", "check", "tollbooth")

        assert told.returncode == 0
        assert "--payment-acquirer=tollbooth" in told.stdout

    def test_it_says_what_is_wrong_with_one(self, tmp_path: Path) -> None:
        (tmp_path / "payments_wrong.py").write_text(
            "from payments_core.hookspecs import hookimpl\n\n\n@hookimpl\ndef payments_risks(context): ...\n"
        )
        info = tmp_path / "payments_wrong-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: payments-wrong\nVersion: 1\n")
        (info / "entry_points.txt").write_text("[payments_core]\nwrong = payments_wrong\n")
        told = run(tmp_path, "payments", "plugins", "check", "wrong")

        assert told.returncode == 1
        assert "payments_risks" in told.stderr


class TestTheContractAsAnOption:
    def test_the_worked_example_keeps_it(self, installed: Path) -> None:
        options = ("--payment-declining-amount=1051", "--payment-silent-amount=1052")
        told = contract(installed, "tollbooth", *options)

        assert told.returncode == 0, told.stdout
        assert "raises promises                          yes" in told.stdout

    def test_the_template_keeps_what_it_claims(self, installed: Path) -> None:
        told = contract(installed, "myacquirer", "--payment-declining-amount=1001")

        assert told.returncode == 0, told.stdout
        assert "raises promises                          -" in told.stdout

    def test_who_breaks_it_is_told(self, installed: Path) -> None:
        told = contract(installed, "tollbooth")  # whose declines are not asked for

        assert told.returncode == 1
        assert "says why it declines                     NO" in told.stdout

    def test_a_name_that_nobody_brings_is_told(self, installed: Path) -> None:
        told = contract(installed, "nobody")

        assert told.returncode != 0
        assert "no installed plugin brings 'nobody'" in told.stdout + told.stderr


def test_the_worked_example_is_short() -> None:
    from tests.plugins.kit import PLUGINS

    (example,) = (PLUGINS / "acquirer_tollbooth" / "src").rglob("*.py")

    assert len(example.read_text().splitlines()) < EXAMPLE_LINES_MAX


class TestStripeUpstream:
    """The upstream is a server of our own: a gateway behind a gateway."""

    def test_it_keeps_the_contract(self, installed: Path, upstream_settings: dict[str, str]) -> None:
        options = [f"--payment-setting={name}={value}" for name, value in upstream_settings.items()]
        told = contract(installed, "stripe", *options)

        assert told.returncode == 0, told.stdout[-4000:]

    def test_a_charge_here_is_a_charge_there(
        self, installed: Path, upstream_settings: dict[str, str], upstream: Server, tmp_path: Path
    ) -> None:
        ours = {f"PAYMENTS_{name.upper()}": value for name, value in upstream_settings.items()}
        with running_server(tmp_path, PAYMENTS_NETWORK="stripe", PYTHONPATH=str(installed), **ours) as server:
            client = server.stripe(server.account().secret_key)
            charge = client.v1.charges.create({"amount": 1234, "currency": "usd", "source": "tok_visa"})
            client.v1.refunds.create({"charge": charge.id, "amount": 234})
        (there,) = upstream.stripe(upstream_settings["stripe_key"]).v1.charges.list({"limit": 1}).data

        assert charge.status == "succeeded"
        assert (there.amount, there.amount_refunded) == (1234, 234)


@pytest.mark.anyio
class TestRiskVelocity:
    async def test_one_card_too_often_is_blocked_until_the_window_has_passed(self, tmp_path: Path) -> None:
        from payments_velocity import Velocity

        settings: Any = {"velocity_limit": "2", "velocity_seconds": "60"}
        async with a_shop(tmp_path, plugins=[Velocity()], **settings) as shop:
            for _ in range(2):
                await shop.charge()
            with pytest.raises(Declined):
                await shop.charge()
            other = await shop.charge(source="tok_mastercard")
            shop.clock.advance(61)
            later = await shop.charge()

        assert other.status == later.status == "succeeded"

    async def test_without_a_limit_it_has_no_opinion(self, tmp_path: Path) -> None:
        from payments_velocity import Velocity

        async with a_shop(tmp_path, plugins=[Velocity()]) as shop:
            charges = [await shop.charge() for _ in range(5)]

        assert {charge.status for charge in charges} == {"succeeded"}


@pytest.mark.anyio
class TestFeesTiered:
    @pytest.mark.parametrize(
        ("amount", "fee"), [(1000, 59), (99_999, 2930), (100_000, 2530), (1_000_000, 21_000)]
    )
    async def test_the_highest_tier_that_is_reached_decides(
        self, tmp_path: Path, amount: int, fee: int
    ) -> None:
        import payments_tiers

        async with a_shop(tmp_path, plugins=[payments_tiers]) as shop:
            tiers = {"fee_tiers": "0=2.9+30, 100000=2.5+30, 1000000=2.1"}
            account = evolve(shop.merchant.account, settings=tiers)
            merchant = Merchant(account, shop.merchant.performer)
            charge = await merchant.do(
                CreateCharge(amount=amount, currency=CurrencyCode("usd"), source="tok_visa")
            )
            paid = await shop.read(BalanceTransaction, charge.balance_transaction or "")

        assert paid.fee == fee
