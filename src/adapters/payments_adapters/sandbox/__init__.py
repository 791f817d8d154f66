"""A simulated card network: acquirer host, switch, and an issuer that keeps accounts, authorizations and statements.

It stands behind the same port as a real network and knows nothing of charges or merchants' books. Test cards get their
outcome from the cardholders' table, never from an `if`.
"""
