"""Bulk edits as change sets: proposed, then applied whole or not at all, by another person where due."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.auditors import note_owners
from aims_core.errors import InvalidRecord, NotPermitted, SegregationOfDuties, TransitionRefused
from aims_core.events import ChangesApplied, ChangesWithdrawn
from aims_core.inventory import changeset_ledger as ledger
from aims_core.inventory.bulk import revise_many
from aims_core.inventory.changeset_drafts import changed_rows, drafts_of
from aims_core.inventory.changeset_ledger import APPLIED, OPEN, WITHDRAWN, ChangeSet
from aims_core.inventory.planning import portions
from aims_core.inventory.proposal import read_frame
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Problem
from aims_core.roles import allows, roles_with
from aims_core.store import Transaction, system_from_row


def propose(desk: Desk, frame: Any, reason: str) -> ChangeSet:
    """Keep the edits in a DataFrame as a change set; see :meth:`Inventory.propose`."""
    asked = "propose changes"
    edits, problems = read_frame(frame)
    with desk.writing() as tx:
        tx.attempt(asked)
        if not reason.strip():
            problems.append(Problem(field="reason", reason="is empty", remedy="say why"))
        if problems:
            raise InvalidRecord(asked, problems)
        systems = _locked(tx, [e.system_id for e in edits])
        rows = changed_rows(tx, edits, systems, desk.machine)
        _require(tx, rows, systems, asked)
        return ledger.keep(tx, desk, rows, reason.strip())


def apply(desk: Desk, change_set_id: str) -> ChangeSet:
    """Carry out a change set; see :meth:`Inventory.apply`."""
    asked = f"apply {change_set_id}"
    with desk.writing() as tx:
        tx.attempt(asked)
        row = ledger.row_of(tx, change_set_id)
        if row.status == APPLIED:
            return ledger.read(tx, desk, row)
        if row.status != OPEN:
            raise TransitionRefused(f"{asked}: it was {row.status}; propose it again")
        systems = _locked(tx, [c["system_id"] for c in row.changes])
        _require(tx, row.changes, systems, asked)
        _require_another(tx, desk, row, systems)
        pairs = drafts_of(tx, row.changes, systems, desk.machine, asked)
        note_owners(tx, [c["after"]["owner"] for c in row.changes if "owner" in c["after"]], asked)
        revise_many(tx, pairs)
        ledger.close(tx, row, APPLIED)
        tx.record(
            ChangesApplied(
                change_set_id=row.change_set_id,
                digest=row.digest,
                systems=row.systems,
                proposed_by=row.proposed_by,
            )
        )
        return ledger.read(tx, desk, ledger.row_of(tx, change_set_id))


def withdraw(desk: Desk, change_set_id: str, reason: str) -> ChangeSet:
    """Close a change set that is not to be carried out; see :meth:`Inventory.withdraw_changes`."""
    asked = f"withdraw {change_set_id}"
    with desk.writing() as tx:
        tx.attempt(asked)
        row = ledger.row_of(tx, change_set_id)
        _require(tx, row.changes, tx.get_systems(c["system_id"] for c in row.changes), asked)
        if row.status == APPLIED:
            raise TransitionRefused(f"{asked}: it was applied; propose the opposite")
        if row.status == OPEN:
            ledger.close(tx, row, WITHDRAWN)
            tx.record(ChangesWithdrawn(change_set_id=row.change_set_id, reason=reason))
        return ledger.read(tx, desk, ledger.row_of(tx, change_set_id))


def _locked(tx: Transaction, system_ids: Iterable[str]) -> dict[str, AISystem]:
    table = tables.system
    found: dict[str, AISystem] = {}
    for part in portions(sorted(set(system_ids))):
        query = sa.select(table).where(table.c.system_id.in_(part)).order_by(table.c.system_id)
        rows = tx.connection.execute(query.with_for_update())
        found.update({row.system_id: system_from_row(row) for row in rows})
    return found


def _require(
    tx: Transaction,
    rows: Sequence[Mapping[str, Any]],
    systems: Mapping[str, AISystem],
    asked: str,
) -> None:
    """Go on only when the actor may revise each system where it is, and where it would go."""
    grants, denied = tx.grants(), []
    for row in rows:
        system = systems[row["system_id"]]
        units = {system.unit, row["after"].get("unit", system.unit)}
        if not all(
            allows(grants, "revise", system_id=system.system_id, unit=unit) for unit in units
        ):
            denied.append(system.system_id)
    if denied:
        wanted = " or ".join(roles_with("revise"))
        raise NotPermitted(
            f"{asked}: {tx.actor.actor_id} may not revise {', '.join(denied[:10])}"
            f"{' and others' if len(denied) > 10 else ''}; "  # noqa: PLR2004 - as many as messages list
            f"it takes {wanted}, granted by an administrator"
        )


def _require_another(
    tx: Transaction, desk: Desk, row: Any, systems: Mapping[str, AISystem]
) -> None:
    grave = ledger.needs_review(desk, systems.values())
    proposer = sa.select(tables.actor.c.person).where(tables.actor.c.actor_id == row.proposed_by)
    if grave and tx.connection.execute(proposer).scalar() == tx.actor.person:
        raise SegregationOfDuties(
            f"apply {row.change_set_id}: you proposed it, and it changes {', '.join(grave[:3])}"
            f"{' and others' if len(grave) > 3 else ''}; "  # noqa: PLR2004 - a few examples
            "somebody else who may revise these systems has to apply it"
        )
