"""`pytest --payment-acquirer=NAME`: the acquirers' contract against an installed plugin, and a card of what it can do.

It comes with the package and does nothing without that option. Cards are numbers of the plugin's test network.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

CHOSEN: Final = Path(__file__).with_name("contracts") / "chosen.py"

CAPABILITIES: Final[Mapping[str, str]] = {
    "authorizes": "test_an_approval_carries_what_presentment_is_verified_against",
    "says why it declines": "test_a_decline_says_why_and_has_no_authorization_code",
    "answers a repeated reference alike": "test_the_same_reference_gets_the_same_answer",
    "stands races of one reference": "test_of_the_same_reference_at_once_one_promise_is_made",
    "verifies cards without money": "test_a_card_can_be_verified_without_money",
    "reverses": "test_a_promise_can_be_given_back_whole",
    "reverses in parts": "test_a_promise_can_be_given_back_in_parts",
    "reverses what never arrived": "test_reversing_what_never_arrived_is_approved",
    "raises promises": "test_a_promise_can_be_raised",
    "refunds": "test_taken_money_can_go_back_in_parts",
    "tells what became of a message": "test_an_inquiry_tells_what_was_answered",
    "keeps silence apart from no": "test_a_lost_request_is_silence_and_was_never_there",
    "takes money of every kind": "test_money_of_every_kind_can_be_asked_for",
    "hides card numbers": "test_no_card_number_is_in_any_text",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    group = parser.getgroup("payments-core")
    group.addoption("--payment-acquirer", metavar="NAME", help="run the acquirers' contract against NAME")
    group.addoption(
        "--payment-setting",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the plugin; may be repeated",
    )
    cards = {"approving": "4242424242424242", "declining": "4000000000000002", "silent": "", "mute": ""}
    for kind, number in cards.items():
        group.addoption(f"--payment-{kind}-card", default=number, metavar="NUMBER")
        group.addoption(f"--payment-{kind}-amount", type=int, metavar="MINOR_UNITS")
    group.addoption("--payment-currencies", default="usd,eur,jpy,kwd", metavar="CODES")


def pytest_configure(config: pytest.Config) -> None:
    """With an acquirer, run its contract: instead of what stands in the configuration, besides what was asked for."""
    if config.getoption("payment_acquirer") is None:
        return
    asked = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    config.args = [*asked, str(CHOSEN)]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the card."""
    name = config.getoption("payment_acquirer")
    if name is None:
        return
    ended = {
        report.nodeid.rpartition("::")[2].partition("[")[0]: word
        for word, outcome in (("yes", "passed"), ("-", "skipped"), ("NO", "failed"), ("NO", "error"))
        for report in terminalreporter.stats.get(outcome, [])
        if "TestAcquirer::" in report.nodeid  # of a file outside the root nothing else is in the id
    }
    terminalreporter.section(f"what {name} can do")
    for capability, test in CAPABILITIES.items():
        terminalreporter.write_line(f"{capability:<40} {ended.get(test, '?')}")
