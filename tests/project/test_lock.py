"""`requirements.lock` is what a fresh machine installs: complete, hashed, and free of addresses."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
OURS = canonicalize_name(PROJECT["project"]["name"])
SUPPORTED = ("3.11.0", "3.12.0", "3.13.0")


def pins() -> dict[str, list[Requirement]]:
    """Return each locked distribution; several pins of one are for different Pythons."""
    found: dict[str, list[Requirement]] = defaultdict(list)
    for line in LOCK.splitlines():
        if re.match(r"[a-zA-Z0-9]", line):
            pin = Requirement(line.rstrip("\\").strip())
            found[canonicalize_name(pin.name)].append(pin)
    return found


def asked() -> Iterator[Requirement]:
    """Every requirement of the project, of all its extras and of its build."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    yield from map(Requirement, project["dependencies"])
    yield from map(Requirement, PROJECT["build-system"]["requires"])
    for lines in extras.values():
        yield from (each for each in map(Requirement, lines) if canonicalize_name(each.name) != OURS)


PINS = pins()


@pytest.mark.parametrize("python", SUPPORTED)
def test_what_the_project_asks_for_is_locked(python: str) -> None:
    here = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    missing = [
        str(wanted) for wanted in asked() if not any(map(wanted.specifier.contains, locked(wanted, here)))
    ]

    assert missing == [], "run `make lock`"


def locked(wanted: Requirement, here: dict[str, str]) -> list[Version]:
    """Return the version that *here* gets, as a list of one."""
    return [
        Version(next(iter(pin.specifier)).version)
        for pin in PINS[canonicalize_name(wanted.name)]
        if pin.marker is None or pin.marker.evaluate(here)
    ]


def test_every_pin_has_a_hash() -> None:
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", LOCK)

    assert [block.partition("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_it_names_no_place() -> None:
    assert "://" not in LOCK
    assert re.findall(r"^-.*$", LOCK, flags=re.MULTILINE) == []


def test_the_core_asks_for_four_libraries() -> None:
    names = {Requirement(line).name for line in PROJECT["project"]["dependencies"]}

    assert names == {"attrs", "cattrs", "pluggy", "py-moneyed"}
