"""The checkout page without a browser: its headers, its doors, and what strangers get."""

import json
import re
import urllib.error
import urllib.request
from email.message import Message
from typing import Any

import pytest

from payments_web.pages.branding import contrast, readable_on
from payments_web.pages.wording import ENGLISH, LANGUAGES, Tongue, preferred
from tests.support.server import Keys, Server


@pytest.fixture(scope="module")
def keys(server: Server) -> Keys:
    return server.account("Page shop")


@pytest.fixture
def url(server: Server, keys: Keys) -> str:
    item: Any = {
        "price_data": {"currency": "usd", "unit_amount": 700, "product_data": {"name": "<b>Tea</b>"}},
        "quantity": 1,
    }
    session = server.stripe(keys.secret_key).v1.checkout.sessions.create(
        {"mode": "payment", "success_url": "https://shop.example/", "line_items": [item]}
    )
    return session.url or ""


def ask(url: str, body: Any = None, **headers: str) -> tuple[int, Message, str]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    if payload is not None:
        told.setdefault("content-type", "application/json")
    request = urllib.request.Request(url, data=payload, headers=told)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode()


def data_in(page: str) -> dict[str, Any]:
    found = re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def door(url: str, name: str) -> str:
    return url.replace("?", f"/{name}?", 1)


def test_nothing_inline_runs_and_nothing_comes_from_elsewhere(url: str) -> None:
    _, headers, page = ask(url)
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))

    assert policy["default-src"] == "'none'"
    assert {policy["script-src"], policy["style-src"], policy["connect-src"]} == {"'self'"}
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert not re.search(r"\son\w+=|style=|javascript:|https?://(?!shop\.example)", page)


def test_every_script_is_checked_by_its_digest(url: str, server: Server) -> None:
    _, _, page = ask(url)
    tags = re.findall(r'<script src="([^"]+)" integrity="sha384-[^"]+" crossorigin="anonymous" defer>', page)

    assert len(tags) == page.count("<script src") == 2
    assert all(ask(server.url + tag)[0] == 200 for tag in tags)


def test_what_a_merchant_writes_is_text_and_never_markup(url: str) -> None:
    assert "&lt;b&gt;Tea&lt;/b&gt;" in ask(url)[2]


def test_the_page_is_never_kept(url: str) -> None:
    assert ask(url)[1]["cache-control"] == "no-store"


def test_its_key_seals_cards_and_nothing_else(url: str, server: Server) -> None:
    key = data_in(ask(url)[2])["key"]
    bearer = {"authorization": f"Bearer {key}", "content-type": "application/x-www-form-urlencoded"}
    card = b"type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2034&card[cvc]=123"

    sealed = ask(server.url + "/v1/payment_methods", card, **bearer)
    other = ask(server.url + "/v1/customers", b"name=Eve", **bearer)

    assert sealed[0] == 200
    assert other[0] == 403


@pytest.mark.parametrize("name", ["confirm", "status"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_other_sites_cannot_speak_for_a_payer(
    url: str, name: str, headers: dict[str, str], status: int
) -> None:
    secret = data_in(ask(url)[2])["secret"]

    assert ask(door(url, name), {"client_secret": secret}, **headers)[0] == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 404),
        ({"client_secret": "cs_test_guess"}, 404),
        ({"client_secret": 7}, 404),
        ({"client_secret": ["a"]}, 404),
        (b"[]", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"client_secret": "\\ud800"}', 400),
        (b"[" * 15_000, 400),
        (b'{"a":"' + b"x" * 20_000 + b'"}', 413),
    ],
)
def test_strangers_and_nonsense_are_refused(url: str, body: Any, status: int) -> None:
    assert ask(door(url, "confirm"), body)[0] == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"payment_method": 5},
        {"payment_method": "pm_none"},
        {"billing_details": "me"},
        {"billing_details": {"email": "x" * 300 + "@example.com"}},
        {"billing_details": {"email": "a@b.c", "name": "n" * 1000}},
        {"expected_amount": "seven"},
        {"expected_amount": -1},
        {"shipping_rate": "shr_none"},
        {"status": "complete"},
        {"metadata": {"a": "b"}},
        {"return_url": {"a": "b"}},
    ],
)
def test_a_page_that_was_tampered_with_pays_nothing(url: str, wrong: dict[str, Any], server: Server) -> None:
    secret = data_in(ask(url)[2])["secret"]
    told = {
        "client_secret": secret,
        "payment_method": "pm_card_visa",
        "billing_details": {"email": "jenny@example.com"},
        **wrong,
    }

    status, _, answer = ask(door(url, "confirm"), told)

    if "return_url" in wrong:  # the page's own word does not count: the server says where banks send back to
        assert status == 200
    else:
        assert 400 <= status < 500
        assert "error" in json.loads(answer)
    assert "Traceback" not in server.log


def test_a_payer_is_told_nothing_of_the_merchants_notes(server: Server, keys: Keys) -> None:
    client = server.stripe(keys.secret_key)
    item: Any = {
        "price_data": {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Tea"}},
        "quantity": 1,
    }
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://shop.example/",
            "line_items": [item],
            "metadata": {"note": "SECRETNOTE"},
            "client_reference_id": "SECRETREFERENCE",
            "payment_intent_data": {"metadata": {"margin": "SECRETMARGIN"}},
        }
    )

    assert "SECRET" not in ask(session.url or "")[2]


def test_another_merchants_session_is_not_here(url: str, server: Server) -> None:
    other = server.account("Other shop").account

    assert ask(re.sub(r"account=.*", f"account={other}", url))[0] == 404


@pytest.mark.parametrize(
    "path", ["/c/pay/", "/c/pay/cs_test_x", "/c/pay/%00?account=a", "/c/static/x/../../app.py"]
)
def test_odd_addresses_are_not_found(server: Server, path: str) -> None:
    assert ask(server.url + path)[0] in (400, 404)


def test_the_library_may_be_loaded_by_every_page(server: Server) -> None:
    status, headers, body = ask(server.url + "/js/v1/payments.js")

    assert (status, headers["access-control-allow-origin"]) == (200, "*")
    assert ask(server.url + "/js/payments.js", None, if_none_match=headers["etag"])[0] == 304
    assert "eval(" not in body + ""


@pytest.mark.parametrize(
    "color", ["#000000", "#ffffff", "#777777", "#ff0000", "#00ff00", "#0a5cd6", "#f2c14e"]
)
def test_text_on_any_colour_can_be_read(color: str) -> None:
    assert contrast(color, readable_on(color)) >= 4.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_blanks(language: str) -> None:
    phrases = LANGUAGES[language]
    blanks = re.compile(r"\{\w+\}")

    assert phrases.keys() == ENGLISH.keys()
    for word, phrase in phrases.items():
        assert sorted(blanks.findall(phrase)) == sorted(blanks.findall(ENGLISH[word])), word


@pytest.mark.parametrize(
    ("told", "accepted", "expected"),
    [
        (None, "de-CH,de;q=0.9,en;q=0.8", ("de", "de_CH")),
        ("auto", "fr", ("fr", "fr")),
        ("de", "fr", ("de", "de")),
        (None, "ja,fr;q=0.5", ("fr", "fr")),
        (None, "ja", ("en", "en_US")),
        (None, "en-GB", ("en", "en_GB")),
        (None, "", ("en", "en_US")),
        (None, "../../etc,;;;q=x", ("en", "en_US")),
        ("zz", "", ("en", "en_US")),
    ],
)
def test_readers_get_their_language_and_region(
    told: str | None, accepted: str, expected: tuple[str, str]
) -> None:
    tongue = Tongue.of(told, accepted)

    assert (tongue.language, str(tongue.locale)) == expected


def test_the_most_wanted_language_comes_first() -> None:
    assert preferred("fr;q=0.2, de;q=0.9, en") == ["en", "de", "fr"]
