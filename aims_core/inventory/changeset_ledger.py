"""Change sets on record: what one holds, how it is kept, closed and read again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import digest as digest_of
from aims_core.choices import no_choice
from aims_core.errors import InvalidRecord, RecordNotFound, RevisionConflict
from aims_core.events import ChangesProposed
from aims_core.frames import TEXT, TIME, WHOLE, YES_NO, fixed_frame
from aims_core.inventory.planning import differences
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Change, Problem
from aims_core.store import Transaction
from aims_core.terms import GRAVE

COLUMNS = {
    "change_set_id": TEXT,
    "status": TEXT,
    "systems": WHOLE,
    "reason": TEXT,
    "proposed_by": TEXT,
    "proposed_at": TIME,
    "closed_by": TEXT,
    "closed_at": TIME,
}
CHANGE_COLUMNS = {
    "system_id": TEXT,
    "revision": WHOLE,
    "field": TEXT,
    "before": TEXT,
    "after": TEXT,
    "needs_review": YES_NO,
}
OPEN, APPLIED, WITHDRAWN = STATUSES = ("open", "applied", "withdrawn")
_REVIEWS = ("high", "always")
_SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeSet:
    """Changes of many systems that are applied together or not at all.

    `change_set_id` follows from the changes and the revisions they start from: the same proposal is
    the same change set. `needs_review` names the systems for which somebody else has to apply it.
    """

    change_set_id: str
    digest: str
    reason: str
    status: str
    proposed_by: str
    proposed_at: datetime
    changes: tuple[Change, ...]
    needs_review: tuple[str, ...] = ()
    closed_by: str = ""
    closed_at: datetime | None = None

    def frame(self) -> Any:
        """Return one line per changed field as a DataFrame with the columns of `CHANGE_COLUMNS`."""
        return fixed_frame(self._lines(), CHANGE_COLUMNS)

    def _lines(self) -> list[dict[str, Any]]:
        from aims_core.inventory.importing import change_rows

        revisions = {c.system_id: c.revision for c in self.changes}
        return [
            {
                **row,
                "revision": revisions[row["system_id"]],
                "needs_review": row["system_id"] in self.needs_review,
            }
            for row in change_rows(self.changes)
        ]

    def _repr_html_(self) -> str:
        lines = self._lines()
        names = ("system_id", "field", "before", "after")
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(str(line.get(n) or ''))}</td>" for n in names) + "</tr>"
            for line in lines[:_SHOWN]
        )
        more = f"<p>… and {len(lines) - _SHOWN} more</p>" if len(lines) > _SHOWN else ""
        title = f"{self.change_set_id}: {len(self.changes)} system(s), {self.status}. {self.reason}"
        head = "<tr><th>System</th><th>Field</th><th>Before</th><th>After</th></tr>"
        return f"<p>{escape(title)}</p><table>{head}{rows}</table>{more}"


def keep(tx: Transaction, desk: Desk, rows: Sequence[Mapping[str, Any]], reason: str) -> ChangeSet:
    """Keep changes as a change set for somebody to apply; one that is there already is found.

    Notes
    -----
    Writes ``ChangesProposed``.
    """
    ordered = sorted(rows, key=lambda r: str(r["system_id"]))
    key = digest_of(ordered)
    change_set_id, table = f"chg-{key[:24]}", tables.change_set
    known = sa.select(table.c.status).where(table.c.change_set_id == change_set_id)
    status = tx.connection.execute(known).scalar()
    if status is None:
        tx.connection.execute(
            sa.insert(table).values(
                change_set_id=change_set_id,
                digest=key,
                changes=ordered,
                systems=len(ordered),
                reason=reason,
                status=OPEN,
                proposed_by=tx.actor.actor_id,
                proposed_at=tx.now,
            )
        )
    elif status == WITHDRAWN:
        reopened = sa.update(table).where(table.c.change_set_id == change_set_id)
        who = {"proposed_by": tx.actor.actor_id, "proposed_at": tx.now, "reason": reason}
        tx.connection.execute(reopened.values(status=OPEN, closed_by=None, closed_at=None, **who))
    if status in (None, WITHDRAWN):
        tx.record(
            ChangesProposed(
                change_set_id=change_set_id, digest=key, systems=len(ordered), reason=reason
            )
        )
    return read(tx, desk, row_of(tx, change_set_id))


def close(tx: Transaction, row: Any, status: str) -> None:
    """Close an open change set.

    Raises
    ------
    RevisionConflict
        Somebody else closed it at the same moment.
    """
    table = tables.change_set
    done = tx.connection.execute(
        sa.update(table)
        .where(table.c.change_set_id == row.change_set_id, table.c.status == OPEN)
        .values(status=status, closed_by=tx.actor.actor_id, closed_at=tx.now)
    )
    if done.rowcount != 1:
        raise RevisionConflict(f"{row.change_set_id}: somebody else closed it at the same moment")


def get(tx: Transaction, desk: Desk, change_set_id: str) -> ChangeSet:
    """Return a change set.

    Raises
    ------
    RecordNotFound
        There is none; near ids are suggested.
    """
    return read(tx, desk, row_of(tx, change_set_id))


def frame(tx: Transaction, status: str = "") -> Any:
    """Return the change sets on record, newest first, with the columns of :data:`COLUMNS`."""
    if status and status not in STATUSES:
        problem = no_choice(status, STATUSES, field="status")
        raise InvalidRecord("list change sets", [problem])
    table = tables.change_set
    query = sa.select(*(table.c[name] for name in COLUMNS))
    query = query.where(table.c.status == status) if status else query
    order = query.order_by(table.c.proposed_at.desc(), table.c.change_set_id)
    return fixed_frame(tx.connection.execute(order).mappings().all(), COLUMNS)


def row_of(tx: Transaction, change_set_id: str) -> Any:
    """Return the row of a change set.

    Raises
    ------
    RecordNotFound
        There is none; near ids are suggested.
    """
    table = tables.change_set
    query = sa.select(table).where(table.c.change_set_id == change_set_id)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        known = tx.connection.execute(sa.select(table.c.change_set_id).limit(1_000)).scalars()
        raise RecordNotFound("change set", change_set_id, list(known))
    return row


def read(tx: Transaction, desk: Desk, row: Any) -> ChangeSet:
    """Return a change set from its row, with the systems for which somebody else has to apply it."""
    systems = tx.get_systems(c["system_id"] for c in row.changes)
    return ChangeSet(
        change_set_id=row.change_set_id,
        digest=row.digest,
        reason=row.reason,
        status=row.status,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        changes=tuple(
            Change(
                system_id=c["system_id"],
                kind="changed",
                revision=c["revision"],
                fields=differences(c["before"], c["after"]),
            )
            for c in row.changes
        ),
        needs_review=tuple(needs_review(desk, systems.values())),
        closed_by=row.closed_by or "",
        closed_at=row.closed_at,
    )


def needs_review(desk: Desk, systems: Iterable[AISystem]) -> list[str]:
    """Return the systems whose change somebody else has to apply: grave ones, or all by the settings."""
    wanted = desk.settings.section("inventory").get("review_changes", "high")
    if wanted not in _REVIEWS:
        problem = Problem(
            field="review_changes",
            value=str(wanted),
            reason=f"is {wanted!r} in [inventory] of aims.toml",
            remedy=f"use one of {', '.join(_REVIEWS)}",
        )
        raise InvalidRecord("read the settings of the inventory", [problem])
    return [s.system_id for s in systems if wanted == "always" or s.governing_tier in GRAVE]
