"""The index of trigrams on PostgreSQL: a GIN index over an expression, without any extension.

Each text is cut into threes from its first, second and third letter on, so that every three letters that
follow each other come out. Before each stands a sign that a system's identifier gives, one of sixteen: so
the systems of a word that very many texts hold are read sixteenth by sixteenth, until there are enough.
GIN by itself would collect all of them first. Threes with a space in them fall to pieces, which nobody
looks for: no word holds a space.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from aims_core import tables

INDEX = "ix_aims_system_search_trigrams"
_PARTS = 16
_FIRST_SIGN = ord("0")
_MOST_KEYS = 48
"""Threes that are looked up at once; of longer words every second or third, and so on, is enough."""
_SIGN = (
    f"chr({_FIRST_SIGN} + ((ascii(right(system_id, 1)) * 7 + ascii(right(system_id, 2)) * 3) & 15))"
)
_THREES = " || ' ' || ".join(
    rf"regexp_replace({text}, '...', {_SIGN} || '\& ', 'g')"
    for text in ("search", "substr(search, 2)", "substr(search, 3)")
)
_KEYS = f"string_to_array({_THREES}, ' ')"
# Compared as bytes, whatever the language of the database.
_OVER = f'({_KEYS}) COLLATE "C"'
_ON = (
    f"DROP INDEX IF EXISTS {INDEX}",
    f"CREATE INDEX {INDEX} ON aims_system USING gin ({_OVER})",
)
_MANY = sa.text("SELECT set_config('gin_pending_list_limit', '4MB', true)")
_BY_POLICY = sa.text("SELECT row_security_active('aims_system')")
_SHOWN_BY_POLICY = "aims_system_by_policy"


def make(connection: sa.Connection) -> None:
    """Make the index."""
    for statement in _ON:
        connection.exec_driver_sql(statement)


def drop(connection: sa.Connection) -> None:
    """Drop what :func:`make` made."""
    connection.exec_driver_sql(f"DROP INDEX IF EXISTS {INDEX}")


def expect_many(connection: sa.Connection) -> None:
    """Have the index take in rows by the thousand until the transaction ends, for half the cost of each.

    What is not taken in yet, each search looks through: somebody has to write without this afterwards.
    """
    connection.execute(_MANY)


def available(connection: sa.Connection) -> bool:
    """Return whether the index is of use; for a login that is shown rows by policy it is not."""
    if _SHOWN_BY_POLICY not in connection.info:
        connection.info[_SHOWN_BY_POLICY] = connection.execute(_BY_POLICY).scalar_one()
    return not connection.info[_SHOWN_BY_POLICY]


def holding(
    connection: sa.Connection,
    words: Sequence[str],
    fitting: Sequence[sa.ColumnElement[bool]],
    most: int,
) -> list[str] | None:
    """Return the systems that fit, in no order; None where they are more than `most`.

    Parameters
    ----------
    words : sequence of str
        In lower case, as the texts are, three letters or more each, one at least; what fits holds all of
        them.
    fitting : sequence of conditions
        All that a system has to fit; that it holds the words is among it.
    """
    number, listed = connection.execute(query(words, fitting, most)).one()
    return listed.split() if number <= most else None


def query(
    words: Sequence[str], fitting: Sequence[sa.ColumnElement[bool]], most: int
) -> sa.Select[Any]:
    """Return the query of :func:`holding`: one row with a number and with the identifiers, a space apart.

    More than are counted are not listed. The parts of the register are read one after another.
    """
    listed = sa.func.unnest(sa.literal(list(_parts(words)), ARRAY(sa.Text)))
    part = listed.table_valued("keys").render_derived("part")
    wanted = sa.cast(part.c["keys"], ARRAY(sa.Text))
    keys, column = sa.literal_column(_OVER, ARRAY(sa.Text)), tables.system.c.system_id
    each = sa.select(column).where(keys.contains(wanted), *fitting).limit(most + 1).lateral("each")
    some = sa.select(each.c.system_id).select_from(part.join(each, sa.true())).limit(most + 1)
    found = some.subquery("found")
    number = sa.func.count()
    names = sa.func.coalesce(sa.func.string_agg(found.c.system_id, " "), "")
    return sa.select(number, sa.case((number <= most, names))).select_from(found)


def _parts(words: Sequence[str]) -> Iterator[str]:
    """Yield the keys of the words in each sixteenth of the register, spelt as an array."""
    threes = sorted({word[i : i + 3] for word in words for i in range(len(word) - 2)})
    apart = -(-len(threes) // _MOST_KEYS)
    quoted = [t.replace("\\", "\\\\").replace('"', '\\"') for t in threes[::apart]]
    for sign in range(_FIRST_SIGN, _FIRST_SIGN + _PARTS):
        yield "{" + ",".join(f'"{chr(sign)}{three}"' for three in quoted) + "}"
