"""What every test in the repository starts from: the asyncio loop, Hypothesis profiles, shared fixtures.

It stands at the root, so that the tests of the plugins start from it too.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ("tests.support.postgres", "tests.support.server", "tests.support.browser")

_SLOW_MACHINE = (HealthCheck.too_slow, HealthCheck.data_too_large)

# Shrinking the life of a machine can take minutes: the quick loop shows the first counterexample as it is.
settings.register_profile(
    "dev",
    max_examples=30,
    deadline=None,
    suppress_health_check=_SLOW_MACHINE,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.target),
)
settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, suppress_health_check=_SLOW_MACHINE
)
settings.register_profile(
    "night", max_examples=5_000, deadline=None, stateful_step_count=200, suppress_health_check=_SLOW_MACHINE
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "dev")
)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
