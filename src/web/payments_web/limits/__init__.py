"""Limits: how much one merchant may ask for at once, so that one cannot take the gateway away from the others."""
