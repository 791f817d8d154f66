"""The contract of each port, as tests that whoever implements it subclasses. They run under pytest with anyio's plugin."""
