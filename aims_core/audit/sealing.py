"""Events get their place in the tree: the stored frontier is extended by what was committed since.

One sealer works at a time, behind a lock on the tree's row. It takes only what is committed, so an open
transaction elsewhere (an idle notebook, say) stops neither it nor any writer: what that one commits later
gets a later place. Places are contiguous from 0 and every committed event gets exactly one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.audit.merkle import EMPTY, Frontier
from aims_core.audit.moved import moved
from aims_core.audit.tiles import TILE
from aims_core.errors import WorkspaceError

TREE = "main"

_BATCH = 10_000
_NO_LIMIT = 1 << 62
_PATIENCE_MS = 2_000
_LOCK_NOT_AVAILABLE = "55P03"
_PLACES = sa.text(
    "INSERT INTO aims_leaf (leaf_index, sequence) SELECT :first + place - 1, sequence "
    "FROM unnest(CAST(:sequences AS bigint[])) WITH ORDINALITY AS w(sequence, place)"
)


class SealerBusy(WorkspaceError):
    """Another sealer holds the tree; what was committed waits in the queue and loses nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """The tree as it is stored: number of leaves, and the root as 64 hexadecimal characters."""

    size: int
    root: str


def sealed(connection: sa.Connection) -> Sealed:
    """Return the size and root of the stored tree.

    Raises
    ------
    WorkspaceError
        The row that holds them is gone.
    """
    table = tables.tree
    row = connection.execute(
        sa.select(table.c.size, table.c.root).where(table.c.name == TREE)
    ).one_or_none()
    if row is None:
        raise WorkspaceError("the audit trail's tree is missing; see `aims audit verify`")
    return Sealed(size=row.size, root=row.root)


def seal(connection: sa.Connection, *, wait: bool = True, at_most: int | None = None) -> int | None:
    """Give committed events their place in the tree and return how many; None if another one is at it.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a writing transaction of its own.
    wait : bool
        Wait for another sealer, up to two seconds on PostgreSQL; False turns away at once.
    at_most : int, optional
        Number of events after which to stop.

    Raises
    ------
    SealerBusy
        The other one took too long; end the transaction and go on without.
    WorkspaceError
        The tree's row is gone.
    """
    state = _locked(connection, wait=wait)
    if state is None:
        return None
    frontier = Frontier(state.size, [bytes.fromhex(peak) for peak in state.peaks])
    start: int = state.size
    limit = at_most or _NO_LIMIT
    while (left := limit - (frontier.size - start)) > 0:
        leaves = _next_leaves(connection, frontier.size, min(_BATCH, left))
        if not leaves:
            break
        _extend(connection, frontier, leaves)
    if frontier.size != start:
        _store(connection, frontier)
    return frontier.size - start


def place_of(connection: sa.Connection, sequence: int) -> int | None:
    """Return the leaf index of a sealed event, None while it has none."""
    if connection.dialect.name != "postgresql":
        before = moved(connection)
        if sequence > before.last:
            place = sequence - before.shift
            return place if place < sealed(connection).size else None
    query = sa.select(tables.leaf.c.leaf_index).where(tables.leaf.c.sequence == sequence)
    return connection.execute(query).scalar_one_or_none()


def _locked(connection: sa.Connection, *, wait: bool) -> Any:
    table = tables.tree
    query = sa.select(table).where(table.c.name == TREE)
    if connection.dialect.name == "postgresql":
        if wait:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE_MS}ms'")
        query = query.with_for_update(skip_locked=not wait)
    try:
        row = connection.execute(query).one_or_none()
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
            raise SealerBusy("another sealer has held the audit trail for too long") from error
        raise
    if row is None:
        sealed(connection)  # gone, or only held by another sealer?
    return row


def _next_leaves(connection: sa.Connection, size: int, limit: int) -> Sequence[tuple[int, str]]:
    event = tables.event
    if connection.dialect.name != "postgresql":
        first = size + moved(connection).shift
        query = (
            sa.select(event.c.sequence, event.c.leaf)
            .where(event.c.sequence >= first)
            .order_by(event.c.sequence)
            .limit(limit)
        )
        found = [(row.sequence, row.leaf) for row in connection.execute(query)]
        # Where an event is missing the tree ends; `aims audit verify` says which one.
        return [pair for number, pair in enumerate(found, first) if pair[0] == number]
    queue = tables.unsealed
    some = sa.select(queue.c.sequence).order_by(queue.c.sequence).limit(limit)
    taken = (
        sa.delete(queue).where(queue.c.sequence.in_(some)).returning(queue.c.sequence).cte("taken")
    )
    query = (
        sa.select(event.c.sequence, event.c.leaf)
        .join(taken, taken.c.sequence == event.c.sequence)
        .order_by(event.c.sequence)
    )
    return [(row.sequence, row.leaf) for row in connection.execute(query)]


def _extend(
    connection: sa.Connection, frontier: Frontier, leaves: Sequence[tuple[int, str]]
) -> None:
    first, nodes = frontier.size, []

    def note(level: int, place: int, top: bytes) -> None:
        if level % TILE == 0:
            nodes.append({"level": level, "place": place, "hash": top.hex()})

    frontier.extend((bytes.fromhex(leaf) for _, leaf in leaves), note)
    if connection.dialect.name == "postgresql":
        sequences = [sequence for sequence, _ in leaves]
        connection.execute(_PLACES, {"first": first, "sequences": sequences})
    if nodes:
        connection.execute(sa.insert(tables.tree_node), nodes)


def _store(connection: sa.Connection, frontier: Frontier) -> None:
    table = tables.tree
    connection.execute(
        sa.update(table)
        .where(table.c.name == TREE)
        .values(
            size=frontier.size,
            peaks=[peak.hex() for peak in frontier.peaks],
            root=(frontier.root() if frontier.size else EMPTY).hex(),
        )
    )
