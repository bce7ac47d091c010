"""What of a trail was written elsewhere: a number is a place only where one writer came after the other.

On SQLite the n-th event has the number n. A trail that was copied from PostgreSQL keeps its numbers, which
are part of what is hashed; for these events ``aims_leaf`` says where they stand, as it does on PostgreSQL.
What is written afterwards follows on them, number by number.
"""

from dataclasses import dataclass

import sqlalchemy as sa

MOVED = "moved"
"""Name under which ``aims_trail_head`` keeps the last number of the copied events."""
SHIFT = (
    "SELECT last, last - count + 1 AS shift FROM (SELECT coalesce((SELECT sequence "
    f"FROM aims_trail_head WHERE name = '{MOVED}'), 0) AS last, "
    "coalesce((SELECT max(leaf_index) + 1 FROM aims_leaf), 0) AS count)"
)
"""The number of the last copied event and the shift behind it, also as a query within another one."""
_SHIFT = sa.text(SHIFT)


@dataclass(frozen=True, slots=True)
class Moved:
    """How many events of a trail on SQLite were copied from PostgreSQL, and the greatest number of theirs."""

    count: int = 0
    last: int = 0

    @property
    def shift(self) -> int:
        """What to take from the number of a later event to have its place."""
        return self.last - self.count + 1


def moved(connection: sa.Connection) -> Moved:
    """Return what of the trail in a SQLite database was copied; nothing for one that began there."""
    last, shift = connection.execute(_SHIFT).one()
    return Moved(count=last - shift + 1, last=last)
