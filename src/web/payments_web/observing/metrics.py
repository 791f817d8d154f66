"""Metrics for Prometheus, at `/metrics` when `PAYMENTS_METRICS=1` and the extra `telemetry` is installed."""

from typing import Any

from payments_web.observing.requests import Seen

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts requests by operation and status, and how long they took. No account, no id: labels stay few."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._registry: Any = CollectorRegistry()
        self._requests = Counter(
            "payments_requests", "Requests answered", ("operation", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "payments_request_seconds",
            "Time to answer a request",
            ("operation",),
            buckets=BUCKETS,
            registry=self._registry,
        )

    def __call__(self, seen: Seen) -> None:
        """Count one request."""
        operation = seen.operation or "none"
        self._requests.labels(operation, str(seen.status)).inc()
        self._seconds.labels(operation).observe(seen.duration_ms / 1000)

    def page(self) -> tuple[bytes, str]:
        """What Prometheus reads, and its media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST
