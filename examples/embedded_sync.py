"""Payments inside a program without async: the same operations behind a portal. Run it in an empty folder."""

from pathlib import Path

from payments_core.gateway import BlockingGateway
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.charges import CaptureCharge, CreateCharge

USD = CurrencyCode("usd")


def main(folder: Path) -> None:
    with BlockingGateway.open(database=f"sqlite:///{folder}/shop.db", data=str(folder)) as gateway:
        shop = gateway.open_account("Corner shop")
        promise = shop.do(CreateCharge(amount=5000, currency=USD, source="tok_mastercard", capture=False))
        taken = shop.do(CaptureCharge(id=promise.id, amount=3000))
        again = gateway.merchant(shop.account.id)
        print(
            f"{again.account.name}: promised {promise.amount}, took {taken.amount_captured}: {taken.status}"
        )


if __name__ == "__main__":
    main(Path.cwd())
