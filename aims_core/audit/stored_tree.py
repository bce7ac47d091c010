"""The stored nodes of the tree are held against those that the leaves give, some thousand at a time."""

from collections.abc import Iterator

import sqlalchemy as sa

from aims_core import tables
from aims_core.audit.tiles import TILE, Node

_AT_ONCE = 10_000


class StoredTree:
    """What is stored of the tree of the first `size` leaves, while the leaves go by.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Read from.
    size : int
        Number of leaves of which nodes are stored.
    """

    def __init__(self, connection: sa.Connection, size: int) -> None:
        self._connection, self._size = connection, size
        self._waiting: dict[int, list[str]] = {}
        self._compared: dict[int, int] = {}
        self._wrong = 0
        self._first: Node | None = None

    def note(self, level: int, place: int, top: bytes) -> None:
        """Take a node that has become complete; those of a level come from the left."""
        if level % TILE or (place + 1) << level > self._size:
            return
        waiting = self._waiting.setdefault(level, [])
        waiting.append(top.hex())
        if len(waiting) >= _AT_ONCE:
            self._compare(level)

    def faults(self) -> Iterator[str]:
        """Yield one sentence on the nodes that differ, are missing, or belong to nothing."""
        for level in sorted(self._waiting):
            self._compare(level)
        self._compare_rest()
        if self._first is not None:
            level, place = self._first
            yield (
                f"the stored tree differs at {self._wrong} node(s), first for the events at places "
                f"{(place << level) + 1} to {(place + 1) << level}"
            )

    def _compare(self, level: int) -> None:
        start, hashes = self._compared.get(level, 0), self._waiting[level]
        node, end = tables.tree_node, start + len(hashes)
        query = sa.select(node.c.place, node.c.hash).where(
            node.c.level == level, node.c.place >= start, node.c.place < end
        )
        stored = {row.place: row.hash for row in self._connection.execute(query)}
        differ = [p for p, wanted in enumerate(hashes, start) if stored.get(p) != wanted]
        if differ:
            self._found((level, differ[0]), len(differ))
        self._compared[level], self._waiting[level] = end, []

    def _compare_rest(self) -> None:
        """Look for nodes where none belongs."""
        node = tables.tree_node
        known = (
            sa.and_(node.c.level == level, node.c.place >= 0, node.c.place < count)
            for level, count in self._compared.items()
        )
        stray = sa.not_(sa.or_(sa.false(), *known))
        count = sa.select(sa.func.count()).select_from(node).where(stray)
        if number := self._connection.execute(count).scalar_one():
            first = sa.select(node.c.level, node.c.place).where(stray)
            row = self._connection.execute(first.order_by("level", "place").limit(1)).one()
            self._found((row.level, row.place), number)

    def _found(self, node: Node, number: int) -> None:
        self._wrong += number
        self._first = min(self._first or node, node)
