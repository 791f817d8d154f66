"""Signatures of webhooks: `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`, one `v1` for each secret that is good."""

import hashlib
import hmac
from collections.abc import Iterable

from payments_core.clock import Timestamp


def signature(secrets: Iterable[str], at: Timestamp, body: bytes) -> str:
    """The value of the signature header for *body*, sent at *at*."""
    signed = b"%d." % at + body
    marks = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join((f"t={at}", *(f"v1={mark}" for mark in marks)))
