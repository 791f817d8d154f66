"""The REST door: bracketed forms in, JSON out, made from the declared operations."""
