"""Bank files: what is written can be read back, the same batch is written once, and a bank's answers conclude payouts."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from achkit import parse, validate

from payments_adapters.bank_rails.folder import OutboxFolder
from payments_adapters.bank_rails.iso20022 import PAIN, Debtor, Iso20022Rail
from payments_adapters.bank_rails.nacha import NachaRail, Originator
from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.operations.paying_out import advance_payouts, import_results
from payments_core.platform.accounts import AccountId
from payments_core.settlement.external_accounts import AccountNumber
from payments_core.settlement.payouts import Payout, PayoutId, PayoutOrder, PayoutState
from payments_core.testing.clock import SettableClock
from tests.core.settlement.test_payouts import now, payout, sound, with_money
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio
GOLDEN = Path(__file__).parent / "golden"
ARRIVAL = Timestamp(1793664000)  # 2026-11-03
ACCOUNT = AccountId("acct_034qWG5UmO0jJbrpiasXKM")
NACHA: dict[str, Any] = {
    "bank_rail": "nacha",
    "nacha_routing": "021000021",
    "nacha_company_id": "1234567890",
    "nacha_name": "PAYMENTS",
}
ISO: dict[str, Any] = {
    "bank_rail": "iso20022",
    "iso20022_iban": "DE89370400440532013000",
    "iso20022_bic": "COBADEFFXXX",
}


def order(number: str = "000123456789", amount: int = 12345, last: str = "1", **more: Any) -> PayoutOrder:
    given = {
        "payout": PayoutId(f"po_034qWG5UmCRvj38pvwyoo{last}"),
        "account_id": ACCOUNT,
        "amount": amount,
        "currency": "usd",
        "merchant": "Corner shop",
        "statement_descriptor": "SHOP",
        "holder": "Jenny Rosen",
        "country": "US",
        "routing_number": "110000000",
        "account_type": None,
        "number": AccountNumber(number),
        "arrival_date": ARRIVAL,
    }
    return PayoutOrder(**{**given, **more})


def nacha(folder: Path) -> NachaRail:
    sender = Originator(routing="021000021", company_id="1234567890", name="PAYMENTS", bank="OUR BANK")
    return NachaRail(outbox=OutboxFolder(folder, ".ach"), originator=sender, clock=SettableClock())


def iso(folder: Path) -> Iso20022Rail:
    debtor = Debtor(name="Payments", iban="DE89370400440532013000", bic="COBADEFFXXX")
    return Iso20022Rail(outbox=OutboxFolder(folder, ".xml"), debtor=debtor, clock=SettableClock())


def orders() -> list[PayoutOrder]:
    german = {"country": "DE", "routing_number": None, "currency": "eur"}
    return [order(), order("DE89370400440532013000", 500, last="2", **german)]


@pytest.mark.parametrize("name", ["batch.ach", "batch.xml"])
def test_files_are_as_they_always_were(name: str, tmp_path: Path) -> None:
    made = (
        nacha(tmp_path).render([order(), order(last="2", amount=-100)])
        if name.endswith("ach")
        else iso(tmp_path).render("pb_1", orders())
    )

    assert made == (GOLDEN / name).read_text()


def test_a_nacha_file_is_valid_and_says_what_was_ordered(tmp_path: Path) -> None:
    text = nacha(tmp_path).render([order(), order(last="2", amount=700, account_type="savings")])

    assert validate(text)["ok"]
    [batch] = parse(text)["batches"]
    first, second = batch["entries"]
    assert (first["txn_code"], first["amount_cents"], first["account"]) == (22, 12345, "000123456789")
    assert (first["routing"], first["name"]) == ("110000000", "JENNY ROSEN")
    assert (second["txn_code"], batch["effective_date"]) == (32, "261103")
    assert batch["control"]["total_credit"] == 13045


def test_a_pain_file_says_what_was_ordered(tmp_path: Path) -> None:
    root = ET.fromstring(iso(tmp_path).render("pb_1", orders()))

    def texts(name: str) -> list[str | None]:
        return [found.text for found in root.iter(f"{{{PAIN}}}{name}")]

    assert texts("NbOfTxs") == ["2", "1", "1"]
    assert texts("CtrlSum") == ["128.45", "5.00", "123.45"]
    assert texts("InstdAmt") == ["5.00", "123.45"]
    assert texts("EndToEndId") == [order(last="2").payout, order().payout]
    assert "DE89370400440532013000" in texts("IBAN")


@pytest.mark.parametrize("make", [nacha, iso])
async def test_a_batch_is_written_once(make: Any, tmp_path: Path) -> None:
    rail = make(tmp_path)

    taken = await rail.submit("pb_1", [order()])
    again = await rail.submit("pb_1", [order(), order(last="2")])

    assert taken == again == {order().payout}
    assert len(list(tmp_path.iterdir())) == 1


async def test_nacha_takes_dollars_to_us_accounts_only(tmp_path: Path) -> None:
    german = order("DE89370400440532013000", last="2", routing_number=None, currency="eur")

    taken = await nacha(tmp_path).submit("pb_1", [order(), german])

    assert taken == {order().payout}


async def test_nothing_to_carry_makes_no_file(tmp_path: Path) -> None:
    assert not await iso(tmp_path).submit("pb_1", [order(amount=-1)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [nacha, iso])
def test_what_is_no_bank_file_is_refused(make: Any, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("<hello/>")

    with pytest.raises(InvalidRequest):
        make(tmp_path).read(str(tmp_path / "wrong"))


@pytest.fixture
async def ach_shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path, **NACHA) as shop:
        yield shop


@pytest.fixture
async def iso_shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path, **ISO) as shop:
        yield shop


async def in_transit(shop: Shop) -> Payout:
    await with_money(shop)
    made = await payout(shop, 900)
    shop.clock.advance(minutes=1)
    await advance_payouts(shop.ports)
    made = await now(shop, made)
    assert made.status is PayoutState.IN_TRANSIT
    return made


def returns(written: str, reason: str) -> str:
    """The file of a bank that returns every entry of ours."""
    lines = []
    for line in written.splitlines():
        if line.startswith("7"):
            info = f"{reason}{' ' * 15}{' ' * 6}11000000".ljust(80)
            line = f"799{info[:80]}{line[83:]}"
        lines.append(line)
    return "\n".join(lines) + "\n"


async def test_an_ach_payout_is_paid_on_its_day_and_can_be_returned_later(
    ach_shop: Shop, tmp_path: Path
) -> None:
    made = await in_transit(ach_shop)
    ach_shop.clock.advance(days=2)
    await advance_payouts(ach_shop.ports)
    assert (await now(ach_shop, made)).status is PayoutState.PAID
    [written] = (tmp_path / "bank").iterdir()
    (tmp_path / "returned.ach").write_text(returns(written.read_text(), "R03"))

    assert await import_results(ach_shop.ports, str(tmp_path / "returned.ach")) == 1

    failed = await now(ach_shop, made)
    assert (failed.status, failed.failure_code) == (PayoutState.FAILED, "no_account")
    assert await import_results(ach_shop.ports, str(tmp_path / "returned.ach")) == 0
    assert await sound(ach_shop)


def statement(made: Payout, indicator: str, reason: str = "") -> str:
    returned = f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>" if reason else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-11-03T18:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-03</Dt></Dt></Bal>
<Ntry><Amt Ccy="USD">9.00</Amt><CdtDbtInd>{indicator}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/>
<NtryDtls><TxDtls><Refs><AcctSvcrRef>BANK-77</AcctSvcrRef><InstrId>{made.account_id}</InstrId>
<EndToEndId>{made.id}</EndToEndId></Refs>{returned}</TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""


async def test_a_statement_pays_and_later_returns(iso_shop: Shop, tmp_path: Path) -> None:
    made = await in_transit(iso_shop)
    iso_shop.clock.advance(days=5)
    await advance_payouts(iso_shop.ports)
    assert (await now(iso_shop, made)).status is PayoutState.IN_TRANSIT, "no statement, no word"
    place = tmp_path / "statement.xml"

    place.write_text(statement(made, "DBIT"))
    assert await import_results(iso_shop.ports, str(place)) == 1
    paid = await now(iso_shop, made)
    assert (paid.status, paid.trace) == (PayoutState.PAID, "BANK-77")
    assert await import_results(iso_shop.ports, str(place)) == 0

    place.write_text(statement(made, "CRDT", "AC04"))
    assert await import_results(iso_shop.ports, str(place)) == 1
    assert (await now(iso_shop, made)).failure_code == "account_closed"
    assert await sound(iso_shop)
