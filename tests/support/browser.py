"""A real Chromium for the tests of the pages, driven by playwright. Skips where there is none."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the path of the machine's Chromium: `PAYMENTS_CHROMIUM`, or what is installed."""
    told = os.environ.get("PAYMENTS_CHROMIUM")
    return told or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module; mark those with `@pytest.mark.browser`.

    Not for longer: while playwright's own event loop is up, asynchronous tests of the same thread cannot have one.
    """
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium here (set PAYMENTS_CHROMIUM)")
    with sync_playwright() as playwright:
        # The sandbox does not start as root, and only our own pages are opened.
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser context of its own. What goes wrong in its scripts fails the test."""
    context = browser.new_context()
    page = context.new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda mistake: mistakes.append(str(mistake)))
    yield page
    context.close()
    assert mistakes == []
