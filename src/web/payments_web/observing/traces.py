"""Traces: a span for each request, when `PAYMENTS_TRACING=1` and OpenTelemetry is installed and set up by its own variables.

The spans are our own, because the common instrumentation writes down addresses and user agents as they came.
"""

from typing import Any

from payments_web.observing.requests import Seen


class Traces:
    """Tells OpenTelemetry of each request."""

    def __init__(self) -> None:
        from opentelemetry import trace

        self._tracer: Any = trace.get_tracer("payments_core")

    def __call__(self, seen: Seen) -> None:
        """One span, from its beginning to its end."""
        attributes = {
            "payments.request_id": seen.request_id,
            "payments.account": seen.account or "",
            "http.request.method": seen.method,
            "http.response.status_code": seen.status,
        }
        name = seen.operation or "request"
        self._tracer.start_span(name, start_time=seen.began_ns, attributes=attributes).end(seen.ended_ns)
