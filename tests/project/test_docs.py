"""What the documentation shows is run: README, `docs/` and the docstrings.

In Markdown, a `python` block runs in one namespace per page and a `bash` block runs in a temporary folder with our
commands on the PATH. What only illustrates is a `console` or `text` block, or follows `<!-- skip: next -->`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Document, Example, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("plugins/*/*.md")])
SOURCES = sorted((ROOT / "src").rglob("*.py"))
COMMAND_WITHIN_S = 300


def run_commands(example: Example) -> None:
    """Run a block of shell commands where its page is allowed to make files."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", str(example.parsed)],
        cwd=example.namespace["folder"],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=COMMAND_WITHIN_S,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


MARKDOWN = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=0),
        CodeBlockParser(language="bash", evaluator=run_commands),
        SkipParser(),
    ],
    path=str(ROOT),
)
DOCSTRINGS = Sybil(parsers=[DocTestParser()], path=str(ROOT), document_types={".py": PythonDocStringDocument})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = MARKDOWN.parse(page)
    document.namespace["folder"] = tmp_path
    document.namespace["__name__"] = "__main__"
    monkeypatch.chdir(tmp_path)

    _run_all(document)


@pytest.mark.parametrize(
    "source",
    [path for path in SOURCES if ">>> " in path.read_text()],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_docstring_does_what_it_shows(source: Path) -> None:
    _run_all(DOCSTRINGS.parse(source))


def test_a_wrong_example_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```bash\nexit 3\n```\n")
    document = MARKDOWN.parse(page)
    document.namespace["folder"] = tmp_path

    with pytest.raises(AssertionError):
        _run_all(document)


def _run_all(document: Document) -> None:
    for example in document.examples():
        example.evaluate()
