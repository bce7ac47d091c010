"""What a bundle claims, held against what is on record here: systems, records, revisions, ids."""

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from aims_core import tables
from aims_core.errors import InvalidRecord, NotPermitted
from aims_core.evidence.intake import unfit
from aims_core.evidence.manifest import Listed, Manifest
from aims_core.records import Problem
from aims_core.roles import allows, roles_with
from aims_core.store import Transaction

_PORTION = 1_000

Key = tuple[str, str, str, int]
"""What makes a record the same: system, kind, digest and revision."""


def systems_of(tx: Transaction, asked: str, manifest: Manifest) -> set[str]:
    """Return the systems of a bundle, locked; each must be here, and open to the actor.

    Raises
    ------
    InvalidRecord
        A system is not in the inventory, or something was collected in the future.
    NotPermitted
        The actor may not add evidence about one of them.
    """
    tx.attempt(asked)
    table = tables.system
    wanted = sorted({r.system_id for r in manifest.records})
    query = sa.select(table.c.system_id, table.c.unit).order_by(table.c.system_id).with_for_update()
    units: dict[str, str] = {}
    for part in _portions(wanted):
        for row in tx.connection.execute(query.where(table.c.system_id.in_(part))):
            units[row.system_id] = row.unit
    if absent := [s for s in wanted if s not in units]:
        raise InvalidRecord(
            asked,
            [
                Problem(
                    field="system_id",
                    reason=f"{name!r} is not in this inventory",
                    remedy="register or import the system first",
                )
                for name in absent
            ],
        )
    for system_id, unit in units.items():
        if not allows(tx.grants(), "evidence", system_id=system_id, unit=unit):
            roles = " or ".join(roles_with("evidence"))
            raise NotPermitted(
                f"{asked}: {tx.actor.actor_id} holds no role that allows this for {system_id}; "
                f"it takes {roles}, granted by an administrator"
            )
    future = [r for r in manifest.records if r.collected_at > tx.now]
    if future:
        why = f"{future[0].evidence_id} was collected in the future"
        raise unfit(asked, "collected_at", why, "set the clocks right, here or where it was made")
    return set(units)


def known_records(tx: Transaction, systems: set[str], records: Iterable[Listed]) -> set[Key]:
    """Return what is on record already, by what makes a record the same."""
    table = tables.evidence
    query = sa.select(table.c.system_id, table.c.kind, table.c.digest, table.c.revision)
    found: set[Key] = set()
    for part in _portions(sorted({r.digest for r in records})):
        live = query.where(table.c.digest.in_(part), table.c.disposed_at.is_(None))
        found |= {tuple(row) for row in tx.connection.execute(live) if row.system_id in systems}
    return found


def revisions_of(tx: Transaction, records: Iterable[Listed]) -> dict[tuple[str, str], int]:
    """Return the newest revision here of each description that evidence was collected for."""
    table = tables.system_revision
    query = sa.select(table.c.system_id, table.c.digest, sa.func.max(table.c.revision))
    found: dict[tuple[str, str], int] = {}
    for part in _portions(sorted({r.revision_digest for r in records})):
        grouped = query.where(table.c.digest.in_(part)).group_by(table.c.system_id, table.c.digest)
        for system_id, digest, revision in tx.connection.execute(grouped):
            found[system_id, digest] = revision
    return found


def taken_ids(tx: Transaction, ids: Sequence[str]) -> set[str]:
    """Return which of some ids of evidence are given to records here already."""
    column = tables.evidence.c.evidence_id
    taken: set[str] = set()
    for part in _portions(ids):
        taken |= set(tx.connection.execute(sa.select(column).where(column.in_(part))).scalars())
    return taken


def _portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _PORTION):
        yield values[start : start + _PORTION]
