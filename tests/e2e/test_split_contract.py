"""What official SDKs are promised by one server they are promised by a gateway over one backend: the same tests, unchanged."""

from collections.abc import Iterator

import pytest

from tests.e2e.test_search import *  # noqa: F403 - the very tests, with the server below
from tests.support.server import Server
from tests.support.split import split_server
from tests.web.rest.test_foundation import *  # noqa: F403
from tests.web.rest.test_payment_intents import *  # noqa: F403


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with split_server(tmp_path_factory.mktemp("split")) as split:
        yield split
