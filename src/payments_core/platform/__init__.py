"""What surrounds payments: accounts, keys, events, idempotency, metadata."""
