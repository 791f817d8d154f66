"""Messages and values that these tests share."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from payments_adapters.iso8583 import (
    Acceptor,
    Card,
    CardRequest,
    Kind,
    Message,
    Specification,
    Trace,
    write,
)
from payments_adapters.iso8583.fields import ALPHABET, Content, Field
from payments_adapters.iso8583.meaning import DIALECTS

PAN = "4242424242424242"
NOON = datetime(2031, 5, 17, 12, 0, 0, tzinfo=UTC)


def a_trace(stan: int = 1, at: datetime = NOON) -> Trace:
    return Trace(stan=stan, reference=f"1137{stan:08d}", sent_at=at)


def a_request(kind: Kind = Kind.AUTHORIZATION, stan: int = 1, amount: int = 1_000) -> CardRequest:
    return CardRequest(
        kind=kind,
        amount=amount,
        currency="978",
        card=Card(pan=PAN, expiry="3312"),
        acceptor=Acceptor(
            terminal_id="TERM0001",
            merchant_id="MERCHANT0000001",
            category="5999",
            name="Corner shop",
            city="Lisboa",
            country="PT",
        ),
        trace=a_trace(stan),
        acquirer="123456",
    )


def a_message(kind: Kind = Kind.AUTHORIZATION, stan: int = 1, version: int = 0) -> Message:
    return write(a_request(kind, stan), DIALECTS[version])


def values(field: Field) -> st.SearchStrategy[str]:
    """Everything that *field* may hold."""
    least = 0 if field.prefix else field.length
    if field.content is Content.B:
        return st.binary(min_size=least, max_size=min(field.length, 499)).map(lambda data: data.hex().upper())
    if field.content is Content.X_N:
        digits = st.text("0123456789", min_size=field.length - 1, max_size=field.length - 1)
        return st.tuples(st.sampled_from("CD"), digits).map("".join)
    # "D" and "=" are one nibble in packed tracks; only "=" comes back.
    alphabet = (
        ALPHABET[field.content].replace("D", "") if field.content is Content.Z else ALPHABET[field.content]
    )
    return st.text(alphabet, min_size=least, max_size=field.length)


def messages(specification: Specification) -> st.SearchStrategy[Message]:
    """Any message of *specification*, with up to twelve elements."""
    numbers = st.lists(st.sampled_from(sorted(specification.fields)), unique=True, max_size=12)

    def filled(chosen: list[int]) -> st.SearchStrategy[dict[int, str]]:
        return st.fixed_dictionaries({number: values(specification.fields[number]) for number in chosen})

    mtis = st.integers(0, 9999).map(lambda number: f"{number:04d}")
    return st.builds(Message, mtis, numbers.flatmap(filled))
