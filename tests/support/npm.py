"""Packages of npm for tests that need them, in a folder of their own. Skips where npm cannot bring them, but never in CI."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL_WITHIN_S = 180.0


def npm_packages(folder: Path, *packages: str) -> Path:
    """Install *packages* into *folder* and return its `node_modules`."""
    problem = _install(folder, packages)
    if problem is None:
        return folder / "node_modules"
    if os.environ.get("CI"):
        pytest.fail(problem)
    pytest.skip(problem)


def _install(folder: Path, packages: tuple[str, ...]) -> str | None:
    """What went wrong, or None."""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed here"
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        npm,
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefix",
        str(folder),
        *packages,
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_WITHIN_S, cwd=folder, check=False
        )
    except subprocess.TimeoutExpired:
        return f"npm did not bring {', '.join(packages)} in time"
    return None if done.returncode == 0 else f"npm cannot bring {', '.join(packages)}: {done.stderr[-300:]}"
