"""The page for people who look around comes from this server alone."""

import re

import pytest
from playwright.sync_api import Page

from tests.support.server import Server
from tests.web.graphql.asking import Asker


@pytest.mark.anyio
async def test_the_page_and_all_it_needs_are_here(asker: Asker) -> None:
    page = await asker.http.get("/graphiql")

    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "://" not in page.text
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        answer = await asker.http.get(address)
        assert answer.status_code == 200
        assert len(answer.content) > 20
    assert (await asker.http.get("/graphiql/LICENSES.txt")).status_code == 404


@pytest.mark.browser
def test_it_opens_in_a_browser_and_says_nothing_wrong(server: Server, page: Page) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None
    )

    page.goto(f"{server.url}/graphiql")
    page.get_by_role("button", name="Execute query").first.wait_for(timeout=20_000)

    assert wrong == []
