"""An index of every three letters that follow each other in the searched texts of the register.

With it a word is found in any place of any text without looking at all of them; without it a search looks
at every text and finds the same. SQLite and PostgreSQL have each their own, and both take no more than
every build of them brings along.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from aims_core.trigrams import postgresql, sqlite
from aims_core.trigrams.postgresql import INDEX
from aims_core.trigrams.sqlite import is_own

__all__ = [
    "INDEX",
    "drop",
    "expect_many",
    "is_own",
    "known",
    "make",
    "postgresql",
    "refill",
    "sqlite",
]
_SHORTEST = 3


def make(connection: sa.Connection) -> None:
    """Make the index for what is in the register now and from here on, where this database can hold it."""
    _of(connection).make(connection)


def drop(connection: sa.Connection) -> None:
    """Drop what :func:`make` made."""
    _of(connection).drop(connection)


def refill(connection: sa.Connection) -> None:
    """Make the index anew from what is in the register, after rows were written past SQLite's triggers."""
    if connection.dialect.name == "sqlite" and sqlite.available(connection):
        drop(connection)
        make(connection)


def expect_many(connection: sa.Connection) -> None:
    """Have the index take in rows by the thousand until the transaction ends; another one is to follow."""
    if connection.dialect.name == "postgresql":
        postgresql.expect_many(connection)


def known(words: Sequence[str]) -> list[str]:
    """Return the words that are long enough for an index."""
    return [word for word in words if len(word) >= _SHORTEST]


def _of(connection: sa.Connection) -> Any:
    return sqlite if connection.dialect.name == "sqlite" else postgresql
