"""A network in a box: acquirer host, switch and issuer behind a real socket that speaks ISO 8583.

The issuer is the sandbox's, over a database of its own, so that what it answered outlives a kill. The gateway reaches it by
configuration alone, as it would reach any network: `network=iso8583`.
"""
