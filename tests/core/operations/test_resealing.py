"""After a rotation everything that the vault sealed lies under the new key, and still opens."""

from pathlib import Path

import pytest

from payments_core.operations.customers import CreateCustomer
from payments_core.operations.resealing import reseal
from payments_core.ports import Batch, Write
from payments_core.settlement.external_accounts import AccountNumber, BankAccountId, SealedAccountNumber
from payments_core.tokenization.payment_methods import SealedCard
from tests.support.shops import a_shop

pytestmark = pytest.mark.anyio


async def test_cards_and_bank_accounts_come_under_the_new_key(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        vault, store = shop.ports.vault, shop.ports.store
        customer = await shop.merchant.do(CreateCustomer(source="tok_visa"))
        bank = BankAccountId("ba_0000000000000000000001")
        number = AccountNumber("000123456789")
        sealed = SealedAccountNumber(
            account_id=shop.id,
            id=bank,
            created=shop.merchant.account.created,
            sealed=vault.seal_number(shop.id, bank, number),
        )
        await store.apply(Batch(account_id=shop.id, writes=(Write(sealed, 0),)))
        card_id = str(customer.default_source)
        before = (await shop.read(SealedCard, card_id)).sealed, sealed.sealed

        vault.rotate()
        changed = await reseal(shop.ports)

        after = (
            (await shop.read(SealedCard, card_id)).sealed,
            (await shop.read(SealedAccountNumber, bank)).sealed,
        )
        assert changed == 2
        assert before[0] != after[0]
        assert before[1] != after[1]
        assert vault.open(shop.id, card_id, after[0]).last4 == "4242"
        assert vault.open_number(shop.id, bank, after[1]) == number
        assert await reseal(shop.ports) == 0, "a second run has nothing to do"
