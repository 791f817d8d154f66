"""The page a customer sees, as data."""
