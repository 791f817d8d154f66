"""Logs: JSON lines to standard error. Each line passes the redaction, whoever wrote it."""

import asyncio
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import msgspec
import structlog

from payments_core.tokenization.cards import redact
from payments_web.observing.requests import Seen

_ENCODE: Final = msgspec.json.Encoder(enc_hook=str).encode
_NOISY: Final = ("httpcore2", "httpx2", "hpack")
FORMATS: Final = ("json", "text", "off")

Record = MutableMapping[str, Any]


def redacted(_logger: Any, _method: str, record: Record) -> Record:
    """The second line of defence: card numbers that got into any text of a record are masked."""
    for name, value in record.items():
        if isinstance(value, str):
            record[name] = redact(value)
        elif isinstance(value, dict | list | tuple):
            record[name] = redact(str(value))
    return record


def rendered(_logger: Any, _method: str, record: Record) -> str:
    """A record as one line of JSON."""
    return _ENCODE(dict(record)).decode()


def configure(form: str = "text", stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send all logs of this process to *stream*, as `json` lines or as `text` for people; `off` keeps warnings."""
    if form not in FORMATS:
        raise ValueError(f"logs are written as one of {', '.join(FORMATS)}, not as {form!r}")
    handler = logging.StreamHandler(stream or sys.stderr)
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    if form == "json":
        last: list[Any] = [structlog.processors.format_exc_info, redacted, rendered]
    else:
        last = [structlog.processors.format_exc_info, redacted, _as_text]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if form == "off" else level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _as_text(_logger: Any, _method: str, record: Record) -> str:
    known = [record.pop(name, "") for name in ("timestamp", "level", "logger", "event")]
    trace = record.pop("exception", None)
    more = [f"{name}={value}" for name, value in record.items() if value is not None]
    line = " ".join(str(part) for part in (*known, *more) if part != "")
    return f"{line}\n{trace}" if trace else line


class RequestLog:
    """Writes the line of each request by itself: the general machinery takes eight times as long."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._lines: list[str] = []

    def __call__(self, seen: Seen) -> None:
        """One line. Those of one turn of the event loop are written together: a commit answers many at once."""
        line = _ENCODE(
            {
                "timestamp": datetime.fromtimestamp(seen.ended_ns / 1e9, UTC),
                "level": "info",
                "event": "request",
                "request_id": seen.request_id,
                "method": seen.method,
                "account": seen.account,
                "key": seen.key,
                "operation": seen.operation,
                "status": seen.status,
                "code": seen.code,
                "duration_ms": seen.duration_ms,
                "idempotency": seen.idempotency,
                "replayed": seen.replayed,
            }
        ).decode()
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        self._lines.append(redact(line))

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        self._stream.write("\n".join(lines) + "\n")
        self._stream.flush()
