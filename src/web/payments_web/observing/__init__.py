"""Observing: one log line for each request, metrics and traces. None of them ever sees a body, an address or a card number."""
