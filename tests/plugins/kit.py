"""Plugins as strangers have them: built, installed into a folder of their own, and found by their entry points."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"
WITHIN_S = 180


def install(name: str, into: Path) -> Path:
    """Install `plugins/NAME` into a folder; the sources are copied first, because a build writes beside them."""
    source = into / "source" / name
    shutil.copytree(
        PLUGINS / name, source, ignore=shutil.ignore_patterns("*.egg-info", "build", "__pycache__")
    )
    target = into / "installed"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"),
            *("--no-index", "--disable-pip-version-check", "--target", str(target), str(source)),
        ],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target


def run(
    installed: Path, command: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment where the plugin is installed."""
    path = os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return subprocess.run(
        [Path(sys.executable).with_name(command), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def contract(
    installed: Path, name: str, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the acquirers' contract as an author does."""
    chosen = (f"--payment-acquirer={name}", "-q", *options)
    return run(installed, "pytest", *chosen, **environment)
