"""The asker that the tests of this folder share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.graphql.asking import Asker, an_asker


@pytest.fixture
async def asker(anyio_backend: str, tmp_path: Path) -> AsyncIterator[Asker]:
    async with an_asker(tmp_path) as asker:
        yield asker
