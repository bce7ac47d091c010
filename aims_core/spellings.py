"""Ids of actors that differ in small and large letters only: people take one for the other.

Python says which letters are the same. A database finds who may be meant, by two indexes: one of the ids with
the letters A to Z made small, as each build of both databases does it whatever its language, and one of those
that hold other characters, of which the ones as long as what is asked for are compared here.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.records import Problem

SPELLING_INDEX = "ix_aims_actor_spelling"
BEYOND_ASCII_INDEX = "ix_aims_actor_beyond_ascii"
_SPELLING = {"sqlite": "actor_id COLLATE NOCASE", "postgresql": 'lower(actor_id COLLATE "C")'}
_BEYOND_ASCII = {
    "sqlite": "length(CAST(actor_id AS BLOB)) <> length(actor_id)",
    "postgresql": "octet_length(actor_id) <> char_length(actor_id)",
}
_LENGTH = {"sqlite": "length(actor_id)", "postgresql": "char_length(actor_id)"}
_LIKE_ASCII = "k"
"""The one letter that a character beyond ASCII, the sign of the kelvin, is the large form of."""


def make(connection: sa.Connection) -> None:
    """Make the indexes by which ids are found that are spelt alike."""
    name = connection.dialect.name
    # An index of SQLite over an expression is one that SQLAlchemy cannot read back, and warns about.
    by_length = "actor_id" if name == "sqlite" else _LENGTH[name]
    connection.exec_driver_sql(f"CREATE INDEX {SPELLING_INDEX} ON aims_actor ({_SPELLING[name]})")
    connection.exec_driver_sql(
        f"CREATE INDEX {BEYOND_ASCII_INDEX} ON aims_actor ({by_length}) WHERE {_BEYOND_ASCII[name]}"
    )


def drop(connection: sa.Connection) -> None:
    """Drop what :func:`make` made."""
    for index in (SPELLING_INDEX, BEYOND_ASCII_INDEX):
        connection.exec_driver_sql(f"DROP INDEX {index}")


def unknown_ids(connection: sa.Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return those of these ids nobody is known by, each with the known id that is spelt alike, or ``""``.

    Parameters
    ----------
    ids : sequence of str
        Up to a thousand. They are asked for by one query.
    """
    known = set(connection.execute(_candidates(connection.dialect.name, ids)).scalars())
    alike = {one.lower(): one for one in sorted(known, reverse=True)}
    return {one: alike.get(one.lower(), "") for one in ids if one not in known}


def alike_problem(field: str, value: str, known: str, *, said: str = "is known") -> Problem:
    """Return the problem of an id that differs from another one in small and large letters only.

    Parameters
    ----------
    known : str
        The other id.
    said : str
        What is said of it.
    """
    return Problem(
        field=field,
        value=value,
        reason=f"{known!r} {said}, which differs from {value!r} in small and large letters only",
        remedy=f"use {known!r} if they are the same; otherwise choose an id that is not mistaken",
    )


def _candidates(database: str, ids: Sequence[str]) -> sa.Executable:
    table, keys = tables.actor, sorted({one.lower() for one in ids})
    spelt: sa.ColumnElement[Any] = sa.literal_column(_SPELLING[database])
    by_letters = sa.select(table.c.actor_id).where(spelt.in_(keys))
    if all(key.isascii() and _LIKE_ASCII not in key for key in keys):
        return by_letters
    length: sa.ColumnElement[Any] = sa.literal_column(_LENGTH[database])
    beyond = sa.select(table.c.actor_id).where(
        sa.text(_BEYOND_ASCII[database]), length.in_(sorted({len(one) for one in ids}))
    )
    return by_letters.union_all(beyond)
