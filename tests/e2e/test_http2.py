"""The server speaks HTTP/1.1 and HTTP/2, in clear by prior knowledge and over TLS, and ends politely."""

import ssl
from pathlib import Path

import httpx2
import pytest
import trustme

from tests.support.server import Server, running_server


def charge_with(client: httpx2.Client, server: Server, scheme: str = "http") -> httpx2.Response:
    keys = server.account()
    return client.post(
        f"{scheme}://127.0.0.1:{server.port}/v1/charges",
        data={"amount": "2000", "currency": "usd", "source": "tok_visa"},
        auth=(keys.secret_key, ""),
    )


@pytest.mark.parametrize(("http1", "version"), [(True, "HTTP/1.1"), (False, "HTTP/2")])
def test_a_charge_in_clear(server: Server, http1: bool, version: str) -> None:
    with httpx2.Client(http1=http1, http2=not http1, trust_env=False) as client:
        answer = charge_with(client, server)

    assert (answer.status_code, answer.http_version) == (200, version)


def test_a_charge_over_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    pem, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.cert_chain_pems[0].write_to_path(pem)
    certificate.private_key_pem.write_to_path(key)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)

    with (
        running_server(tmp_path / "data", "", "--certificate", str(pem), "--key", str(key)) as server,
        httpx2.Client(http2=True, verify=trusted, trust_env=False) as client,
    ):
        answer = charge_with(client, server, "https")

    assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
