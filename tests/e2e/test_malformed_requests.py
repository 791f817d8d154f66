"""Ten thousand requests that nobody should send, over real sockets: no 5xx, no hang, always an answer that says what is wrong."""

import base64
import json
import os
import random
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest

from payments_core.operations import ALL
from tests.support.server import Keys, Server, running_server

COUNT: Final = int(os.environ.get("PAYMENTS_TEST_MALFORMED", "10000"))
PATIENCE_S: Final = 20.0
CARD: Final = "4242424242424242"

PATHS: Final = sorted({operation.path for operation in ALL})
NAMES: Final = sorted({field.name for operation in ALL for field in attrs.fields(operation.command)})  # type: ignore[arg-type]
TEXTS: Final = (
    "", " ", "0", "-1", "1.5", "1e9", "NaN", "Infinity", "9" * 30, "9" * 5000, "１００", "1_000", "true", "null",
    "usd", "USD", "\x00", "\x00a", "\ud7ff", "é" * 300, "💳", "a" * 5001, "{{7*7}}", "' or 1=1 --", "<script>", "../../etc/passwd",
    "%s%n", "cus_1", "ch_" + "0" * 22, "tok_visa", "pm_card_visa", CARD, "\r\nX-Evil: 1", "[]", "[object Object]",
)  # fmt: skip
BRACKETS: Final = (
    "",
    "[]",
    "[0]",
    "[a]",
    "[a][b]",
    "[",
    "]",
    "[[",
    "[]]",
    "[][]",
    "[0][1][2]",
    "[-1]",
    "[999999999999]",
    "[a" * 9,
)
TYPES: Final = (
    "application/x-www-form-urlencoded", "application/json", "multipart/form-data", "text/plain", "", "a" * 500,
    "application/x-www-form-urlencoded; charset=utf-16", "\xff\xfe",
)  # fmt: skip
METHODS: Final = (
    "GET",
    "POST",
    "DELETE",
    "PUT",
    "PATCH",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "QUERY",
    "get",
    "PURGE",
)


class Generator:
    """Draws requests from a seed."""

    def __init__(self, seed: int, key: str) -> None:
        self.chance = random.Random(seed)
        self.key = key

    def request(self) -> tuple[str, bytes]:
        """A method, and a whole request."""
        draw = self.chance
        method = draw.choice(METHODS) if draw.random() < 0.3 else draw.choice(("GET", "POST", "DELETE"))
        body = self._body() if method in ("POST", "PUT", "PATCH") or draw.random() < 0.1 else b""
        lines = [
            f"{method} {self._path()} HTTP/1.1".encode("utf-8", "replace"),
            b"Host: 127.0.0.1",
            b"Content-Length: %d" % len(body),
            *self._headers(),
        ]
        return method, b"\r\n".join(lines) + b"\r\n\r\n" + body

    def _path(self) -> str:
        draw = self.chance
        path = (
            draw.choice(PATHS)
            if draw.random() < 0.8
            else draw.choice(("/v1/", "/v1//charges", "/v1/%00", "/v1/../x", "/v2/x", "/v1/" + "a/" * 400))
        )
        for _ in range(path.count("{")):
            start, end = path.index("{"), path.index("}")
            inside = draw.choice(
                ("x", "%00", "%ff", "cus_" + "1" * 22, "a" * 300, "%2e%2e", CARD, "%20", "💳")
            )
            path = path[:start] + inside + path[end + 1 :]
        if draw.random() < 0.3:
            path += "?" + self._form().decode("latin-1").replace(" ", "+").replace("\n", "").replace("\r", "")
        return "".join(letter for letter in path if letter not in " \r\n\x00")

    def _form(self) -> bytes:
        draw = self.chance
        fields = []
        for _ in range(draw.choice((1, 1, 2, 3, 8))):
            name = draw.choice(NAMES) + "".join(draw.choices(BRACKETS, k=draw.choice((0, 0, 1, 2))))
            value = draw.choice(TEXTS).encode("utf-8", "replace")
            if draw.random() < 0.5:
                value = b"".join(b"%%%02X" % byte for byte in value[:500])
            fields.append(name.encode() + b"=" + value)
        return b"&".join(fields)

    def _body(self) -> bytes:
        draw = self.chance
        kind = draw.random()
        if kind < 0.7:
            return self._form()
        if kind < 0.8:
            return draw.randbytes(draw.choice((1, 50, 3000)))
        if kind < 0.9:
            return json.dumps({draw.choice(NAMES): draw.choice(TEXTS)}).encode()
        if kind < 0.95:
            return b"&".join(b"a%d=1" % number for number in range(1200))
        return b"[" * 2000 + b"=1"

    def _headers(self) -> list[bytes]:
        draw = self.chance
        basic = base64.b64encode(f"{self.key}:".encode())
        keys = (b"Basic " + basic, b"Bearer " + self.key.encode())
        odd = (
            b"",
            b"Basic",
            b"Basic !!!!",
            b"Bearer sk_test_x",
            b"Bearer " + b"a" * 3000,
            b"Digest x",
            b"Bearer \xff\xfe",
            b"Bearer " + CARD.encode(),
        )
        headers = [b"Authorization: " + (draw.choice(keys) if draw.random() < 0.8 else draw.choice(odd))]
        headers.append(b"Content-Type: " + draw.choice(TYPES).encode("latin-1"))
        if draw.random() < 0.3:
            headers.append(
                b"Idempotency-Key: " + draw.choice((b"", b"a" * 300, b"\xff", b"same", CARD.encode()))
            )
        if draw.random() < 0.2:
            headers.append(
                b"Stripe-Version: " + draw.choice((b"", b"2099-99-99", b"x" * 100, b"2024-06-20; drop"))
            )
        if draw.random() < 0.2:
            headers.append(b"Stripe-Account: " + draw.choice((b"", b"acct_1", b"\xff", b"a" * 600)))
        return headers


@attrs.define
class Line:
    """A connection that is opened again when the server closes it."""

    port: int
    _socket: socket.socket | None = None

    def ask(self, method: str, request: bytes) -> tuple[int, bytes]:
        """Send *request* and read the whole answer."""
        try:
            return self._ask(method, request)
        except (ConnectionError, BrokenPipeError):
            self._socket = None  # an old connection that had been closed meanwhile
            return self._ask(method, request)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ask(self, method: str, request: bytes) -> tuple[int, bytes]:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(
            (int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")), 0
        )
        while method != "HEAD" and len(body) < length:
            body += self._more()
        if b"connection: close" in lines or int(lines[0].split()[1]) in (400, 408, 413, 431):
            self.close()
        return int(lines[0].split()[1]), body

    def _more(self) -> bytes:
        assert self._socket is not None
        part = self._socket.recv(65_536)
        if not part:
            raise ConnectionError("closed before it answered")
        return part


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def keys(server: Server) -> Keys:
    return server.account()


def test_malformed_requests_get_clear_answers(server: Server, keys: Keys) -> None:
    generator, line = Generator(20260, keys.secret_key), Line(server.port)

    for number in range(COUNT):
        method, request = generator.request()
        status, body = line.ask(method, request)
        assert status < 500, f"request {number}: {request[:2000]!r} got {status} {body[:500]!r}"
        if status >= 400 and method != "HEAD" and body and request.split()[1].startswith(b"/v1/"):
            error = json.loads(body)["error"]
            assert error["type"]
            assert error["message"]
            assert "Traceback" not in body.decode()
    line.close()

    with urllib.request.urlopen(f"{server.url}/readyz", timeout=PATIENCE_S) as answer:
        assert answer.status == 200
    assert "unexpected" not in server.log
    assert "Traceback" not in server.log


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00" * 100,
        b"GET\r\n\r\n",
        b"GET /v1/charges HTTP/9.9\r\n\r\n",
        b"GET /v1/charges HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /v1/charges HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 5000 + b"\r\n",
        b"POST /v1/charges HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/charges HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /v1/charges HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        b"POST /v1/charges HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 500,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 200,
        b"POST /v1/charges HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
    ],
    ids=range(12),
)
def test_noise_is_refused_and_hurts_nobody(server: Server, noise: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as line:
        answer = b""
        try:
            line.sendall(noise)
            answer = line.recv(65_536)
        except ConnectionError:
            pass

    assert not answer.startswith(b"HTTP/1.1 5")
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=PATIENCE_S) as healthy:
        assert healthy.status == 200


def test_a_card_number_is_found_nowhere_but_in_the_vault(tmp_path: Path) -> None:
    """Sent through every way in; looked for in every byte that the server keeps, prints or answers."""
    with running_server(tmp_path / "data") as server:
        keys = server.account()
        line, answers = Line(server.port), b""
        basic = base64.b64encode(f"{keys.secret_key}:".encode()).decode()
        places = [
            ("POST", "/v1/tokens", f"card[number]={CARD}&card[exp_month]=1&card[exp_year]=2040&card[cvc]=987", ""),
            ("POST", "/v1/payment_methods", f"type=card&card[number]={CARD}&card[exp_month]=1&card[exp_year]=2040&card[cvc]=987", ""),
            ("POST", "/v1/customers", f"name={CARD}", ""),
            ("POST", "/v1/customers", f"name=4242+4242+4242+4242&description=pay+with+{CARD}&metadata[card]={CARD}", ""),
            ("POST", "/v1/customers", f"metadata[{CARD}]=1", ""),
            ("POST", "/v1/customers", "name=x", f"Idempotency-Key: {CARD}"),
            ("POST", "/v1/customers", "name=x", f"User-Agent: {CARD}"),
            ("POST", "/v1/customers", f"{CARD}=1", ""),
            ("POST", "/v1/charges", f"amount={CARD}&currency=usd&source={CARD}", ""),
            ("POST", "/v1/charges", f"amount=100&currency=usd&source=tok_visa&description={CARD}", ""),
            ("POST", "/v1/charges", f"amount=100&currency=usd&source=tok_visa&statement_descriptor_suffix={CARD}", ""),
            ("GET", f"/v1/charges/{CARD}", "", ""),
            ("GET", f"/v1/customers?email={CARD}", "", ""),
            ("GET", f"/v1/{CARD}", "", f"Stripe-Version: {CARD}"),
            ("GET", f"/{CARD}", "", f"Stripe-Account: {CARD}"),
            ("GET", f"/v1/charges?starting_after={CARD}", "", ""),
            ("POST", "/v1/customers", "name=%00" + CARD, ""),
            ("POST", "/v1/payment_intents", f"amount=100&currency=usd&payment_method_data[type]=card&payment_method_data[billing_details][name]={CARD}", ""),
        ]  # fmt: skip
        for method, path, body, header in places:
            head = f"{method} {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {basic}\r\n"
            head += "Content-Type: application/x-www-form-urlencoded\r\n" + (
                f"{header}\r\n" if header else ""
            )
            answers += line.ask(method, f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())[1]
        wrong = f"GET /v1/charges HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {CARD}\r\nContent-Length: 0\r\n\r\n"
        answers += line.ask("GET", wrong.encode())[1]
        listed = "GET /v1/events?limit=100 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
        answers += line.ask("GET", f"{listed}Authorization: Basic {basic}\r\n\r\n".encode())[1]
        line.close()
        server.stop()

        kept = b"".join(file.read_bytes() for file in server.data.rglob("*") if file.is_file())

    for spelling in (CARD, "4242 4242 4242 4242", "4242+4242+4242+4242"):
        assert spelling.encode() not in answers, _around(answers, spelling)
        assert spelling.encode() not in kept, _around(kept, spelling)
    assert CARD.encode("utf-16-le") not in kept


def _around(text: bytes, spelling: str) -> str:
    found = text.index(spelling.encode())
    return repr(text[max(0, found - 200) : found + 60])
