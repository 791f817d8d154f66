"""E-mail of a real server on SQLite: an invoice sent over the API lies in the outbox, also when the server is killed at once."""

import email
import email.policy
import re
import time
import urllib.request
from email.message import EmailMessage
from typing import Any

from tests.support.server import Server


def an_invoice(stripe: Any) -> Any:
    customer = stripe.v1.customers.create({"name": "Ada", "email": "ada@example.com"})
    draft = stripe.v1.invoices.create(
        {"customer": customer.id, "collection_method": "send_invoice", "days_until_due": 14}
    )
    stripe.v1.invoice_items.create(
        {
            "customer": customer.id,
            "invoice": draft.id,
            "amount": 2000,
            "currency": "usd",
            "description": "Beans",
        }
    )
    return draft


def outbox(server: Server, count: int) -> list[EmailMessage]:
    """The mails, once there are as many."""
    until = time.monotonic() + 20
    while len(paths := sorted((server.data / "outbox").glob("*.eml"))) < count:
        assert time.monotonic() < until, f"{len(paths)} mails after 20 s"
        time.sleep(0.1)
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
    assert all(isinstance(message, EmailMessage) for message in found)
    return found


def test_what_was_sent_reaches_the_outbox_through_a_kill(fresh_server: Server) -> None:
    stripe = fresh_server.stripe(fresh_server.account().secret_key)
    drafts = [an_invoice(stripe) for _ in range(3)]
    for draft in drafts:
        stripe.v1.invoices.send_invoice(draft.id)
    fresh_server.kill()
    fresh_server.start()

    messages = outbox(fresh_server, len(drafts))

    assert len({message["Message-ID"] for message in messages}) == len(drafts)
    body = messages[0].get_body(("plain",))
    assert body is not None
    link = re.search(r"http://\S+", body.get_content())
    assert link is not None
    with urllib.request.urlopen(link[0], timeout=10) as page:
        assert "Beans" in page.read().decode()
