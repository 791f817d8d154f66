"""How commands ask a running server: its address and a secret key, from options, the environment, or the demo's files."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self

import httpx2
from cyclopts import Parameter

from payments_web.settings import DATA_DEFAULT

URL_DEFAULT: Final = "http://127.0.0.1:8420"
Key = Annotated[
    str | None, Parameter(name="--key", help="A secret key; PAYMENTS_SECRET_KEY or the demo's by default.")
]
Url = Annotated[
    str | None, Parameter(name="--url", help="The server; PAYMENTS_URL or http://127.0.0.1:8420.")
]


class Caller:
    """Asks one server with one key."""

    def __init__(self, url: str | None, key: str | None) -> None:
        address = url or os.environ.get("PAYMENTS_URL") or URL_DEFAULT
        self._client = httpx2.Client(
            base_url=address, auth=(_key(key), ""), timeout=30, trust_env=False, http2=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def ask(self, method: str, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The answer, or an end with the server's own sentence."""
        try:
            if method == "POST":
                answer = self._client.post(path, data=params or {})
            else:
                answer = self._client.request(method, path, params=params)
            told = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            sys.exit(f"payments: {self._client.base_url}: {error}")
        if "error" in told and answer.status_code != 402:
            sys.exit(f"payments: {told['error']['message']}")
        return told


def _key(told: str | None) -> str:
    key = told or os.environ.get("PAYMENTS_SECRET_KEY")
    demo = Path(os.environ.get("PAYMENTS_DATA") or DATA_DEFAULT) / "demo-keys.json"
    if key is None and demo.exists():
        key = json.loads(demo.read_text())["secret_key"]
    if key is None:
        sys.exit("payments: say which key to use, with --key or PAYMENTS_SECRET_KEY")
    return key
