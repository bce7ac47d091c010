"""Which systems a listing of breaches looks at."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_NAMED = 500


@dataclass(frozen=True, slots=True)
class Reach:
    """Which systems are looked at: a few are asked for in SQL, so that one costs the same anywhere."""

    ids: frozenset[str] | None

    def within(self, query: sa.Select[Any], column: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Return the query, narrowed where few systems are named."""
        if self.ids is None or len(self.ids) > _NAMED:
            return query
        return query.where(column.in_(sorted(self.ids)))

    def wants(self, system_id: str) -> bool:
        """Say whether a row about this system is looked at."""
        return self.ids is None or system_id in self.ids
