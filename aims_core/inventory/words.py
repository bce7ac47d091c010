"""The words of a search, and the systems whose texts hold them."""

from collections.abc import Sequence

import sqlalchemy as sa

from aims_core import tables, trigrams
from aims_core.among import among
from aims_core.canonical import text_problem
from aims_core.errors import InvalidRecord
from aims_core.records import Problem

_LONGEST = 500
"""Characters of a search. SQLite gives up on longer patterns and deeper conditions."""

_MANY = 1_000


def words_of(text: str) -> list[str]:
    """Return the words of a search, each once and in lower case.

    Raises
    ------
    InvalidRecord
        The text is longer than 500 characters, or holds what no text of the register can.
    """
    if len(text) > _LONGEST:
        reason = f"has {len(text)} characters, {_LONGEST} are allowed"
        raise _refused(reason, "search for a few words")
    if problem := text_problem(text):
        reason, remedy = problem.split("; ")
        raise _refused(reason, remedy)
    return list(dict.fromkeys(text.lower().split()))


def fitting_ids(
    connection: sa.Connection,
    words: Sequence[str],
    fitting: Sequence[sa.ColumnElement[bool]],
    most: int,
) -> list[str] | None:
    """Return the systems that fit, in no order; None where they are more than are counted.

    Words that few texts hold are looked up in the index of trigrams first.

    Parameters
    ----------
    words : sequence of str
        In lower case.
    fitting : sequence of conditions
        All that a system has to fit; that it holds the words is among it.
    most : int
        How far is counted.
    """
    column, known = tables.system.c.system_id, trigrams.known(words)
    query = sa.select(column).where(*fitting).limit(most + 1)
    if connection.dialect.name == "sqlite":
        if trigrams.sqlite.available(connection):
            some = trigrams.sqlite.candidates(connection, known, most)
            if some is not None and len(fitting) == len(known) == 1:
                return some  # the index knows where a word alone occurs
            if some is not None:
                query = query.where(among(connection, column, some))
            elif len(known) == len(fitting):
                return None
    elif known and trigrams.postgresql.available(connection):
        return trigrams.postgresql.holding(connection, known, fitting, most)
    ids = list(connection.execute(query).scalars())
    return ids if len(ids) <= most else None


def are_common(connection: sa.Connection, words: Sequence[str]) -> bool:
    """Return whether very many texts of SQLite's register hold each of some words, by its index."""
    known = trigrams.known(words)
    if not known or not trigrams.sqlite.available(connection):
        return False
    return trigrams.sqlite.candidates(connection, known, _MANY) is None


def _refused(reason: str, remedy: str) -> InvalidRecord:
    problem = Problem(field="text", reason=reason, remedy=remedy)
    return InvalidRecord("search the register", [problem])
