"""What is inside the wheel that users get: an editable install hides a broken one."""

import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "payments_core": ROOT / "src/payments_core",
    "payments_adapters": ROOT / "src/adapters/payments_adapters",
    "payments_web": ROOT / "src/web/payments_web",
}
META = ("pyproject.toml", "README.md", "LICENSE")

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy of what git knows, so that nothing is left in the working tree."""
    copied = tmp_path_factory.mktemp("copy")
    for name in _files_of_the_project():
        target = copied / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."]
    done = subprocess.run(build, cwd=copied, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (copied / "dist").glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_top_level_is_our_three_packages(wheel: zipfile.ZipFile) -> None:
    top = {name.partition("/")[0] for name in wheel.namelist()}

    assert {name for name in top if not name.endswith(".dist-info")} == set(PACKAGES)


def test_every_file_of_the_packages_is_in_it(wheel: zipfile.ZipFile) -> None:
    known = {ROOT / name for name in _files_of_the_project()}
    expected = {
        f"{package}/{path.relative_to(source).as_posix()}"
        for package, source in PACKAGES.items()
        for path in known
        if path.is_relative_to(source)
    }

    assert expected - set(wheel.namelist()) == set()


def test_each_package_says_that_it_is_typed(wheel: zipfile.ZipFile) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel.namelist())


def test_the_bare_wheel_needs_four_libraries(wheel: zipfile.ZipFile) -> None:
    needed = _metadata(wheel).get_all("Requires-Dist") or []
    bare = {line.partition(">")[0].strip() for line in needed if "extra ==" not in line}

    assert bare == {"attrs", "cattrs", "pluggy", "py-moneyed"}


def test_it_carries_its_licence(wheel: zipfile.ZipFile) -> None:
    metadata = _metadata(wheel)

    assert metadata["License-Expression"] == "Apache-2.0"
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def _metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def _files_of_the_project() -> list[str]:
    listed = subprocess.run(
        [*["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "src"], *META],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return [name for name in listed if (ROOT / name).is_file()]
