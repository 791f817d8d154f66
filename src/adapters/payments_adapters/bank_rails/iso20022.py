"""Payouts as ISO 20022 files: pain.001.001.09 credit transfers, and camt.053 statements that say what became of them.

The account and the payout travel as instruction and end-to-end id, and come back in the statement: a debit entry says paid, a
credit entry with a return reason says failed. Until a statement says something, a payout waits.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs
import pyiso20022.camt.camt_053_001_08 as camt
import pyiso20022.pain.pain_001_001_09 as pain
from xsdata.exceptions import ConverterError, ParserError
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from payments_adapters.bank_rails.folder import OutboxFolder
from payments_core.clock import Clock
from payments_core.errors import InvalidRequest
from payments_core.money.currencies import exponent
from payments_core.platform.accounts import AccountId
from payments_core.settlement.external_accounts import passes_iban
from payments_core.settlement.payouts import PayoutId, PayoutOrder, PayoutResult

RETURNS: Final = {
    "AC01": "invalid_account_number",
    "AC03": "invalid_account_number",
    "AC04": "account_closed",
    "AC06": "account_frozen",
    "AC13": "bank_account_restricted",
    "AG01": "bank_account_restricted",
    "AM03": "invalid_currency",
    "AM04": "insufficient_funds",
    "BE01": "no_account",
    "MD01": "debit_not_authorized",
    "MS03": "declined",
}
"""What return reasons are called; the others are `could_not_process`."""
PAIN: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
TEXT_MAX: Final = 140
NAME_MAX: Final = 70
_CONTEXT: Final = XmlContext()
_STRICT: Final = ParserConfig(fail_on_unknown_properties=False)


@attrs.frozen(kw_only=True)
class Debtor:
    """Whose bank account payouts are taken from."""

    name: str
    iban: str
    bic: str


@attrs.frozen(kw_only=True)
class Iso20022Rail:
    """A `BankRail` that writes pain.001 files and a `ReportingRail` that reads camt.053 statements."""

    outbox: OutboxFolder
    debtor: Debtor
    clock: Clock
    name: str = "iso20022"

    async def submit(self, batch: str, orders: Sequence[PayoutOrder]) -> Collection[PayoutId]:
        """Write the batch's file once, and return the payouts that are in it."""
        text = self.outbox.read(batch)
        if text is None:
            carried = [order for order in orders if order.amount > 0]
            if not carried:
                return ()
            text = self.outbox.write_once(batch, self.render(batch, carried))
        return set(_members(text))

    async def results(self, orders: Sequence[PayoutOrder]) -> Sequence[PayoutResult]:
        """Statements tell; they are imported."""
        return ()

    def render(self, batch: str, orders: Sequence[PayoutOrder]) -> str:
        """The file of these orders: a payment instruction for each currency and day."""
        groups: dict[tuple[str, int], list[PayoutOrder]] = defaultdict(list)
        for order in orders:
            groups[order.currency, order.arrival_date].append(order)
        instructions = [
            self._instruction(f"{batch}-{number}", members)
            for number, (_, members) in enumerate(sorted(groups.items()), start=1)
        ]
        header = pain.GroupHeader85(
            msg_id=batch,
            cre_dt_tm=XmlDateTime.from_datetime(
                datetime.fromtimestamp(self.clock.now_ms() // 1000, UTC).replace(tzinfo=None)
            ),
            nb_of_txs=str(len(orders)),
            ctrl_sum=sum((_major(order) for order in orders), Decimal(0)),
            initg_pty=pain.PartyIdentification135(nm=self.debtor.name[:NAME_MAX]),
        )
        document = pain.Document(
            cstmr_cdt_trf_initn=pain.CustomerCreditTransferInitiationV09(grp_hdr=header, pmt_inf=instructions)
        )
        config = SerializerConfig(indent="  ")
        return XmlSerializer(context=_CONTEXT, config=config).render(document, ns_map={None: PAIN})

    def _instruction(self, name: str, orders: Sequence[PayoutOrder]) -> Any:
        day = datetime.fromtimestamp(orders[0].arrival_date, UTC).date()
        return pain.PaymentInstruction30(
            pmt_inf_id=name,
            pmt_mtd=pain.PaymentMethod3Code.TRF,
            nb_of_txs=str(len(orders)),
            ctrl_sum=sum((_major(order) for order in orders), Decimal(0)),
            reqd_exctn_dt=pain.DateAndDateTime2Choice(dt=XmlDate.from_date(day)),
            dbtr=pain.PartyIdentification135(nm=self.debtor.name[:NAME_MAX]),
            dbtr_acct=pain.CashAccount38(id=pain.AccountIdentification4Choice(iban=self.debtor.iban)),
            dbtr_agt=_agent(bicfi=self.debtor.bic),
            cdt_trf_tx_inf=[_transfer(order) for order in orders],
        )

    def read(self, place: str) -> Sequence[PayoutResult]:
        """Read a statement."""
        try:
            parser = XmlParser(context=_CONTEXT, config=_STRICT)
            document = parser.from_string(Path(place).read_text(encoding="utf-8"), camt.Document)
        except (ParserError, ConverterError, UnicodeDecodeError, ValueError, TypeError) as error:
            raise InvalidRequest(f"{place} is not a camt.053 statement: {error}") from None
        return [
            result
            for statement in document.bk_to_cstmr_stmt.stmt
            for entry in statement.ntry
            for detail in entry.ntry_dtls
            for transaction in detail.tx_dtls
            if (result := _result(entry, transaction)) is not None
        ]


def _result(entry: Any, transaction: Any) -> PayoutResult | None:
    """What one line of a statement says of a payout; None for other people's money, and for what is not booked."""
    refs = transaction.refs
    status = entry.sts.cd if entry.sts else None
    if refs is None or not (refs.end_to_end_id or "").startswith("po_") or status not in (None, "BOOK"):
        return None
    returned = transaction.rtr_inf
    code = None
    if returned is not None and returned.rsn is not None:
        code = RETURNS.get(returned.rsn.cd or "", "could_not_process")
    elif entry.cdt_dbt_ind.value == "CRDT":
        code = "could_not_process"
    account = refs.instr_id or ""
    return PayoutResult(
        payout=PayoutId(refs.end_to_end_id),
        account_id=AccountId(account) if account.startswith("acct_") else None,
        failure_code=code,
        trace=refs.acct_svcr_ref,
    )


def _transfer(order: PayoutOrder) -> Any:
    text = order.statement_descriptor or f"Payout {order.merchant}"
    return pain.CreditTransferTransaction34(
        pmt_id=pain.PaymentIdentification6(instr_id=order.account_id, end_to_end_id=order.payout),
        amt=pain.AmountType4Choice(
            instd_amt=pain.ActiveOrHistoricCurrencyAndAmount(value=_major(order), ccy=order.currency.upper())
        ),
        cdtr_agt=None if order.routing_number is None else _agent(routing=order.routing_number),
        cdtr=pain.PartyIdentification135(nm=order.holder[:NAME_MAX]),
        cdtr_acct=pain.CashAccount38(id=_account(order.number.reveal())),
        rmt_inf=pain.RemittanceInformation16(ustrd=[text[:TEXT_MAX]]),
    )


def _account(number: str) -> Any:
    if passes_iban(number):
        return pain.AccountIdentification4Choice(iban=number)
    return pain.AccountIdentification4Choice(othr=pain.GenericAccountIdentification1(id=number))


def _agent(bicfi: str | None = None, routing: str | None = None) -> Any:
    member = None
    if routing is not None:
        member = pain.ClearingSystemMemberIdentification2(mmb_id=routing)
    institution = pain.FinancialInstitutionIdentification18(bicfi=bicfi, clr_sys_mmb_id=member)
    return pain.BranchAndFinancialInstitutionIdentification6(fin_instn_id=institution)


def _major(order: PayoutOrder) -> Decimal:
    return Decimal(order.amount).scaleb(-exponent(order.currency))


def _members(text: str) -> Iterator[PayoutId]:
    document = XmlParser(context=_CONTEXT).from_string(text, pain.Document)
    for instruction in document.cstmr_cdt_trf_initn.pmt_inf:
        for transfer in instruction.cdt_trf_tx_inf:
            yield PayoutId(transfer.pmt_id.end_to_end_id)
