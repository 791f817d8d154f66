"""The tables of the books: entries, their postings, and balances as a cache of them.

A balance is kept as one row for each writer, so that two of them never wait for each other; what stands on a ledger account
is the sum. The row of writer 0 holds nothing: who checks a floor locks it.
"""

from typing import Final

import sqlalchemy as sa

from payments_adapters.sql.shelf import DISTRIBUTED, METADATA, Target, Verb

GUARD: Final = 0

ENTRY: Final = sa.Table(
    "entry",
    METADATA,
    sa.Column("account_id", sa.LargeBinary(), primary_key=True),
    sa.Column("id", sa.LargeBinary(), primary_key=True),
    sa.Column("recorded", sa.BigInteger(), nullable=False),
    sa.Column("effective", sa.BigInteger(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("source", sa.Text(), nullable=False),
    sa.Column("currency", sa.Text(), nullable=False),
    sa.UniqueConstraint("account_id", "kind", "source", name="uq_entry_once"),
    sa.Index("ix_entry_id", "id", "account_id"),
    info=dict(DISTRIBUTED),
    sqlite_with_rowid=False,
)

POSTING: Final = sa.Table(
    "posting",
    METADATA,
    sa.Column("account_id", sa.LargeBinary(), primary_key=True),
    sa.Column("entry_id", sa.LargeBinary(), primary_key=True),
    sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("ledger_account", sa.Text(), nullable=False),
    sa.Column("sub", sa.Text(), nullable=False),
    sa.Column("amount", sa.BigInteger(), nullable=False),
    info=dict(DISTRIBUTED),
    sqlite_with_rowid=False,
)

BALANCE: Final = sa.Table(
    "balance",
    METADATA,
    sa.Column("account_id", sa.LargeBinary(), primary_key=True),
    sa.Column("ledger_account", sa.Text(), primary_key=True),
    sa.Column("currency", sa.Text(), primary_key=True),
    sa.Column("sub", sa.Text(), primary_key=True),
    sa.Column("writer", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("amount", sa.BigInteger(), nullable=False),
    info=dict(DISTRIBUTED),
    sqlite_with_rowid=False,
)

NEW_ENTRY: Final = Target(ENTRY, Verb.INSERT)
NEW_POSTING: Final = Target(POSTING, Verb.INSERT)
MOVE: Final = Target(BALANCE, Verb.ADD)
