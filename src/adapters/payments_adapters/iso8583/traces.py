"""The numbers that tell one message from another."""

from datetime import datetime

from payments_adapters.iso8583.meaning import Trace

LAST_STAN = 999_999


class TraceCounter:
    """Gives each message its audit number and retrieval reference. After 999999 comes 1 again, never 0."""

    def __init__(self, last_used: int = 0) -> None:
        self.last_used = last_used % (LAST_STAN + 1)

    def next(self, now: datetime) -> Trace:
        """Return a trace that is unique for this hour, as the usual reference `YDDDhhSSSSSS` wants it."""
        self.last_used = self.last_used % LAST_STAN + 1
        reference = f"{now.year % 10}{now:%j%H}{self.last_used:06d}"
        return Trace(stan=self.last_used, reference=reference, sent_at=now)
