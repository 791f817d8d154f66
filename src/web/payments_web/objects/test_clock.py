"""The test clock as clients see it. Fields that this system never sets say what they always say."""

from typing import Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.test_clocks import TestClock
from payments_web.objects.common import Seconds


@attrs.frozen(kw_only=True, slots=False)
class TestClockStatusDetailsAdvancingObject:
    """`status_details_advancing` of test clock objects."""

    target_frozen_time: Seconds


@attrs.frozen(kw_only=True, slots=False)
class TestClockStatusDetailsObject:
    """`status_details` of test clock objects."""

    advancing: TestClockStatusDetailsAdvancingObject | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class TestClockObject:
    """A clock that tests can turn forward."""

    id: str
    object: Literal["test_helpers.test_clock"] = "test_helpers.test_clock"
    created: Seconds
    deletes_after: Seconds
    frozen_time: Seconds
    livemode: bool
    name: str | None = None
    status: str = "ready"
    status_details: TestClockStatusDetailsObject = TestClockStatusDetailsObject()

    @classmethod
    def of(cls, clock: TestClock, livemode: bool) -> Self:
        """Show a test clock."""
        details = TestClockStatusDetailsObject()
        if clock.target is not None:
            advancing = TestClockStatusDetailsAdvancingObject(target_frozen_time=clock.target)
            details = TestClockStatusDetailsObject(advancing=advancing)
        return cls(
            id=clock.id,
            created=clock.created,
            deletes_after=clock.deletes_after,
            frozen_time=clock.frozen_time,
            livemode=livemode,
            name=clock.name,
            status=clock.status,
            status_details=details,
        )
