"""All benchmarks, one after the other: `python -m benchmarks`, or some of them: `python -m benchmarks http storage`."""

import subprocess
import sys
from typing import Final

PARTS: Final = {
    "http": "durable charges over HTTP against a bare echo",
    "http2": "the same over HTTP/2",
    "growth": "the same with many charges stored, on one merchant and on fifty, over HTTP/1.1",
    "storage": "group commit against the bare drivers",
    "settlement": "a day of 200,000 charges settled",
    "graphql": "GraphQL against REST",
    "search": "searches against look-ups",
    "iso8583": "authorizations over one line",
}


def main() -> None:
    """Run each part in a process of its own, so that none warms or burdens another."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    for name in wanted:
        print(f"\n== {name}: {PARTS[name]}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)


if __name__ == "__main__":
    main()
