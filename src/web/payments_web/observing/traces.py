"""Traces: spans of each request, when `PAYMENTS_TRACING=1` and OpenTelemetry is installed and set up by its own variables.

The request, in it the operation, in it each commit and each message to a network. The spans are our own, because the common
instrumentation writes down addresses and user agents as they came: here nothing is told that people typed.
"""

from typing import Any

from payments_web.observing.requests import Seen, Step


class Traces:
    """Tells OpenTelemetry of each request, once it is over. *provider* is OpenTelemetry's own unless a test brings one."""

    wants_steps = True

    def __init__(self, provider: Any = None) -> None:
        from opentelemetry import trace

        self._trace: Any = trace
        self._tracer: Any = trace.get_tracer("payments_core", tracer_provider=provider)

    def __call__(self, seen: Seen) -> None:
        """The span of the request and those of its steps, from their beginnings to their ends."""
        attributes = {
            "payments.request_id": seen.request_id,
            "payments.account": seen.account or "",
            "payments.operation": seen.operation or "",
            "http.request.method": seen.method,
            "http.response.status_code": seen.status,
        }
        request = self._tracer.start_span(
            f"{seen.method} request",
            kind=self._trace.SpanKind.SERVER,
            start_time=seen.began_ns,
            attributes=attributes,
        )
        spans: dict[Step | None, Any] = {None: request}
        for step in seen.steps:
            above = self._trace.set_span_in_context(spans[step.parent])
            spans[step] = self._tracer.start_span(step.name, above, start_time=step.began_ns)
        for step in reversed(seen.steps):
            spans[step].end(step.ended_ns or seen.ended_ns)
        request.end(seen.ended_ns)
