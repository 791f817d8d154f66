"""Which process of which machine is doing something, and whether it has ended. Linux tells; elsewhere leases do."""

import os
import platform
from pathlib import Path


def this_process() -> str:
    """A name of this process that no later one will have: host, process id, and when it started."""
    return f"{platform.node()}/{os.getpid()}/{started_at(os.getpid())}"


def started_at(pid: int) -> str | None:
    """When a process of this machine started, in the kernel's own count, or None if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        return stat.rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def is_gone(owner: str) -> bool:
    """Say whether a process of this machine has ended. Of other machines nothing is known: False."""
    node, _, rest = owner.partition("/")
    pid, _, started = rest.partition("/")
    return node == platform.node() and pid.isdigit() and started not in ("None", str(started_at(int(pid))))
