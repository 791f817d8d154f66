"""Who watches the requests: the settings say, and only what is installed can be asked for."""

from collections.abc import Mapping, Sequence

from payments_web.observing.logs import RequestLog
from payments_web.observing.metrics import Metrics
from payments_web.observing.requests import Watcher
from payments_web.observing.traces import Traces

YES = ("1", "true", "yes", "on")


def watchers(settings: Mapping[str, str]) -> Sequence[Watcher]:
    """The log unless `log=off`, metrics with `metrics=1`, traces with `tracing=1`."""
    found: list[Watcher] = []
    if settings.get("log", "off").lower() != "off":
        found.append(RequestLog())
    if settings.get("metrics", "").lower() in YES:
        found.append(Metrics())
    if settings.get("tracing", "").lower() in YES:
        found.append(Traces())
    return found
