"""Proofs from the stored tree: what a proof needs is worked out first, then read by one statement.

Of the tree every fourth level is stored, so sixteen nodes side by side, a *tile*, are all that lies
between one stored level and the next. A proof over a million events reads some ten tiles and makes some
hundred hashes.
"""

from collections.abc import Callable, Iterable, Iterator
from json import dumps
from typing import Any, TypeVar

import sqlalchemy as sa

from aims_core.audit.merkle import EMPTY, HashOf, consistency, inclusion, levels, root
from aims_core.audit.moved import SHIFT
from aims_core.errors import WorkspaceError

TILE = 4
"""Nodes of every fourth level are stored."""

# Written out, each of one shape: a database keeps the plan, and a guess of it on a fresh table is bad.
_ON_SQLITE = sa.text(
    f"WITH moved AS MATERIALIZED ({SHIFT}) "
    "SELECT 0, e.sequence - m.shift, e.leaf "
    "FROM json_each(:leaves) w CROSS JOIN moved m CROSS JOIN aims_event e "
    "WHERE e.sequence >= json_extract(w.value, '$[0]') + m.shift AND e.sequence > m.last "
    "AND e.sequence < json_extract(w.value, '$[1]') + m.shift UNION ALL "
    "SELECT 0, l.leaf_index, e.leaf FROM json_each(:leaves) w CROSS JOIN aims_leaf l "
    "CROSS JOIN aims_event e WHERE l.leaf_index >= json_extract(w.value, '$[0]') "
    "AND l.leaf_index < json_extract(w.value, '$[1]') AND e.sequence = l.sequence UNION ALL "
    "SELECT n.level, n.place, n.hash FROM json_each(:nodes) w CROSS JOIN aims_tree_node n "
    "WHERE n.level = json_extract(w.value, '$[2]') "
    "AND n.place >= json_extract(w.value, '$[0]') AND n.place < json_extract(w.value, '$[1]')"
)
_ON_POSTGRESQL = sa.text(
    "SELECT 0, l.leaf_index, (SELECT e.leaf FROM aims_event e WHERE e.sequence = l.sequence) "
    "FROM unnest(CAST(:firsts AS bigint[]), CAST(:beyonds AS bigint[]), CAST(:levels AS int[])) "
    "AS w(first, beyond, level) CROSS JOIN LATERAL (SELECT leaf_index, sequence FROM aims_leaf "
    "WHERE leaf_index >= w.first AND leaf_index < w.beyond OFFSET 0) l WHERE w.level = 0 UNION ALL "
    "SELECT w.level, n.place, n.hash "
    "FROM unnest(CAST(:firsts AS bigint[]), CAST(:beyonds AS bigint[]), CAST(:levels AS int[])) "
    "AS w(first, beyond, level) CROSS JOIN LATERAL (SELECT place, hash FROM aims_tree_node "
    "WHERE level = w.level AND place >= w.first AND place < w.beyond OFFSET 0) n WHERE w.level > 0"
)

Made = TypeVar("Made")
Node = tuple[int, int]
"""Level and place, from the left, of a complete subtree."""


def prove_inclusion(connection: sa.Connection, index: int, size: int) -> list[bytes]:
    """Return the proof that a leaf stands at `index` of the first `size`, from the sealed tree.

    Raises
    ------
    ValueError
        There is no such leaf among the first `size`.
    WorkspaceError
        The stored tree lacks a node.
    """
    return _from_stored(connection, lambda hash_of: inclusion(index, size, hash_of))


def prove_consistency(connection: sa.Connection, old: int, new: int) -> list[bytes]:
    """Return the proof that the first `old` leaves are the beginning of the first `new`.

    Raises
    ------
    ValueError
        `old` is not between 1 and `new`.
    WorkspaceError
        The stored tree lacks a node.
    """
    return _from_stored(connection, lambda hash_of: consistency(old, new, hash_of))


def root_at(connection: sa.Connection, size: int) -> bytes:
    """Return the root that the sealed tree had at a size.

    Raises
    ------
    WorkspaceError
        The stored tree lacks a node.
    """
    return _from_stored(connection, lambda hash_of: root(size, hash_of))


def _from_stored(connection: sa.Connection, make: Callable[[HashOf], Made]) -> Made:
    wanted: list[Node] = []

    def ask(level: int, place: int) -> bytes:
        wanted.append((level, place))
        return EMPTY

    make(ask)
    found = dict(stored_hashes(connection, wanted))
    return make(lambda level, place: found[level, place])


def stored_hashes(connection: sa.Connection, nodes: Iterable[Node]) -> Iterator[tuple[Node, bytes]]:
    """Yield nodes of the sealed tree with their hashes, all read by one statement.

    Raises
    ------
    WorkspaceError
        The stored tree lacks one of them, or what it is made of.
    """
    wanted = list(nodes)
    if not wanted:
        return
    tiles = sorted({_below(node) for node in wanted})
    try:
        stored = {(row[0], row[1]): bytes.fromhex(row[2]) for row in _read(connection, tiles)}
    except ValueError:
        raise WorkspaceError(
            "the audit trail's tree holds what is no hash; see `aims audit verify`"
        ) from None
    for level, place in wanted:
        first, beyond, below = _below((level, place))
        try:
            leaves = [stored[below, n] for n in range(first, beyond)]
        except KeyError:
            raise WorkspaceError(
                f"the audit trail's tree lacks node {place} of level {level}; see `aims audit verify`"
            ) from None
        yield (level, place), levels(leaves)(level - below, 0)


def _below(node: Node) -> tuple[int, int, int]:
    """Return the stored nodes that make up a node: the first, the one behind the last, their level."""
    level, place = node
    above = level % TILE
    return place << above, (place + 1) << above, level - above


def _read(connection: sa.Connection, ranges: list[tuple[int, int, int]]) -> Iterable[Any]:
    if connection.dialect.name == "postgresql":
        firsts, beyonds, of_levels = (list(column) for column in zip(*ranges, strict=True))
        asked = {"firsts": firsts, "beyonds": beyonds, "levels": of_levels}
        return connection.execute(_ON_POSTGRESQL, asked)
    leaves = dumps([r for r in ranges if r[2] == 0])
    nodes = dumps([r for r in ranges if r[2]])
    return connection.execute(_ON_SQLITE, {"leaves": leaves, "nodes": nodes})
