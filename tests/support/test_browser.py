"""The browser that the page tests drive."""

import pytest
from playwright.sync_api import Page


@pytest.mark.browser
def test_a_page_runs_scripts(page: Page) -> None:
    page.set_content("<p id=said></p><script>said.textContent = 1 + 1</script>")

    assert page.locator("#said").inner_text() == "2"
