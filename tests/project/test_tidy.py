"""The habits of the house, as a test: wide limits that catch the tail and nobody else.

If one is in the way of clear code, raise it in the same change and say why. There is no list of exceptions.
"""

import ast
import subprocess
from pathlib import Path

import pytest

from payments_web.settings import DATA_DEFAULT

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for room in ("src", "plugins", "examples")
    for path in (ROOT / room).rglob("*.py")
    if not {".venv", "build", "node_modules"} & set(path.parts)
)

FILE_LINES_MAX = 600  # typical: 40 to 200
FUNCTION_LINES_MAX = 70  # typical: 4 to 20
NESTING_MAX = 3  # deeper is a function that wants out
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)

# The only files that may ask a card number to show itself: its own type, the vault and the network connectors.
SEES_CARD_NUMBERS = {
    "plugins/acquirer_stripe/src/payments_stripe/acquirer.py",
    "src/adapters/payments_adapters/bank_rails/iso20022.py",
    "src/adapters/payments_adapters/bank_rails/nacha.py",
    "src/adapters/payments_adapters/bank_rails/sandbox.py",
    "src/adapters/payments_adapters/iso8583/conversation.py",
    "src/adapters/payments_adapters/vault/envelope.py",
    "src/payments_core/settlement/external_accounts.py",
    "src/payments_core/tokenization/cards.py",
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_tidy(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)

    assert ast.get_docstring(tree), "a module opens by saying what it is for"
    assert text.count("\n") <= FILE_LINES_MAX, "does this file hold two subjects?"
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= FUNCTION_LINES_MAX, f"{node.name} is {length} lines long"
                assert nesting(node) <= NESTING_MAX, f"{node.name} is nested {nesting(node)} deep"
            case (
                ast.ImportFrom(module="adapters" | "web")
                | ast.Import(names=[ast.alias(name="adapters" | "web")])
            ):
                pytest.fail("adapters and web are folders under src/, never import names")
            case ast.Call(func=ast.Attribute(attr="reveal")):
                assert str(path.relative_to(ROOT)) in SEES_CARD_NUMBERS, "a card number stays hidden here"


def test_no_file_is_named_that_no_longer_reveals() -> None:
    stale = {name for name in SEES_CARD_NUMBERS if ".reveal(" not in _text(ROOT / name)}

    assert not stale


def test_an_elif_is_no_deeper_than_its_if() -> None:
    flat = (
        "def f(x):\n if x: return 1\n elif x == 2: return 2\n elif x == 3: return 3\n elif x == 4: return 4"
    )
    deep = "def f(x):\n for y in x:\n  if y:\n   with y:\n    while y: pass"

    assert nesting(ast.parse(flat).body[0]) == 1
    assert nesting(ast.parse(deep).body[0]) == 4


def nesting(node: ast.AST) -> int:
    """How many blocks stand inside one another below *node*; inner functions count for themselves."""
    return max((_depth(child) for child in ast.iter_child_nodes(node)), default=0)


def _depth(node: ast.AST) -> int:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
            return 0
        case ast.If(body=body, orelse=[ast.If() as another]):  # an elif
            inner = max((_depth(child) for child in body), default=0)
            return max(1 + inner, _depth(another))
        case _:
            return int(isinstance(node, BLOCKS)) + nesting(node)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_what_a_server_leaves_behind_stays_out_of_the_repository() -> None:
    def git(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)

    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: there is nothing to ask git about")
    tracked = git("ls-files").stdout.splitlines()

    assert tracked
    assert [
        name for name in tracked if name.startswith(DATA_DEFAULT) or name.endswith(("keys.json", ".db"))
    ] == []
    assert git("check-ignore", f"{DATA_DEFAULT}/vault-keys.json").returncode == 0
