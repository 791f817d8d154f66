"""Starting processes that never outlive the tests, and loopback ports for them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

STOP_WITHIN_S = 10.0
_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """Return a loopback port on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def dies_with_parent(sign: int = signal.SIGKILL) -> Callable[[], None] | None:
    """Return a `preexec_fn` after which the kernel ends the child when its parent ends, however it ends.

    To Linux the parent is the thread that forked: start such a child from a thread that stays.
    """
    if sys.platform != "linux":
        return None
    # Everything is looked up here, because the child must not allocate much between fork and exec.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, sign)
        if os.getppid() != parent:  # it ended between the fork and the line above
            os._exit(1)

    return ask_the_kernel


def end_group(process: subprocess.Popen[bytes], sign: int = signal.SIGTERM) -> int:
    """End *process* and all of its process group, in the hard way if the soft one takes too long.

    The process must have been started with `start_new_session=True`, so that its group is its own.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, sign)
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # Also when the leader went quietly: a child of its may have stayed.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait(STOP_WITHIN_S)
