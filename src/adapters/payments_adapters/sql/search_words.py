"""The words that searches find nouns by: one row for each text that a noun has under a name.

A word is a hint and never the truth: one that a noun has lost stays, and whoever searches looks at the noun itself. So a
change of a noun needs not know what it was before, and a charge without metadata pays nothing.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final

import sqlalchemy as sa

from payments_adapters.sql.shelf import DISTRIBUTED, METADATA, Shelf, Target, Verb
from payments_core.searching.matching import Sought, terms
from payments_core.searching.queries import Relation

WORD_BYTES: Final = 16

SEARCH_WORD: Final = sa.Table(
    "search_word",
    METADATA,
    sa.Column("account_id", sa.LargeBinary(), primary_key=True),
    sa.Column("word", sa.LargeBinary(), primary_key=True),
    sa.Column("id", sa.LargeBinary(), primary_key=True),
    info=dict(DISTRIBUTED),
    sqlite_with_rowid=False,
)
NOTED: Final = Target(SEARCH_WORD, Verb.NOTE)


def word(table: str, path: str, key: str, text: str) -> bytes:
    """A text under a name, in few bytes of one length."""
    named = "\0".join((table, path, key, text)).encode("utf-8", "surrogatepass")
    return blake2b(named, digest_size=WORD_BYTES).digest()


def words_of(shelf: Shelf[Any], noun: Any) -> Iterator[bytes]:
    """What *noun* is found by."""
    for path, key, text in terms(noun, shelf.searched):
        yield word(shelf.name, path, key, text)


def word_sought(shelf: Shelf[Any], sought: Sought) -> bytes | None:
    """The word under which all nouns stand that *sought* may mean, or None if there is no such word."""
    noted = sought.path in shelf.searched and not sought.negated
    if not noted or sought.relation is not Relation.IS or not isinstance(sought.value, str):
        return None
    return word(shelf.name, sought.path, sought.key or "", sought.value)
