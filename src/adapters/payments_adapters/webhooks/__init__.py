"""Webhooks on their way: which addresses may be reached, and the client that reaches them."""
