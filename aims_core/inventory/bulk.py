"""Writing many systems with one statement each for a thousand: rows, revisions, links and events."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.db.teams.calls import enforces
from aims_core.events import ActorAdded, SystemRegistered, SystemRevised
from aims_core.inventory.components import link
from aims_core.inventory.content import search_text
from aims_core.inventory.entrance import keep_due
from aims_core.inventory.lapse import lapse_approvals
from aims_core.inventory.planning import Sorted, contents, portions
from aims_core.inventory.revisions import lapsed
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ApprovalState, RiskCategory


def write_portion(tx: Transaction, found: Sorted) -> None:
    """Register what is new among these drafts and revise what changed.

    Owners that are not known yet are added as units: an import does not invent persons. A draft with a
    stage other than the initial one enters as `legacy`: it runs already and was never approved here; by
    when it makes up its evidence, the lifecycle says.

    Notes
    -----
    Writes ``ActorAdded``, ``SystemRegistered``, ``SystemRevised`` and ``ApprovalClosed``.
    """
    _add_owners(tx, [*found.new, *found.changed])
    if found.new:
        tx.connection.execute(sa.insert(tables.system), [_system_row(tx, s) for s in found.new])
        tx.connection.execute(
            sa.insert(tables.system_revision), [_revision_row(tx, s, 1) for s in found.new]
        )
        link(tx, _components(found.new))
        keep_due(tx, {s["system_id"]: s["evidence_due"] for s in found.new})
        tx.record(*(_registered(s) for s in found.new))
    revise_many(tx, [(d, found.known[d["system_id"]]) for d in found.changed])


def revise_many(tx: Transaction, pairs: Sequence[tuple[Mapping[str, Any], Any]]) -> None:
    """Give each system its new description as a revision; open requests for the earlier one lapse.

    Parameters
    ----------
    pairs : sequence of (draft, row)
        ``system_id, content, digest`` of the new description, and the register's present row, locked.
    """
    for part in portions(pairs):
        _revise(tx, part)
        link(tx, _components([draft for draft, _ in part]))
    lapse_approvals(tx, [draft["system_id"] for draft, _ in pairs])


def _components(drafts: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[str]]:
    return {d["system_id"]: d["content"]["components"] for d in drafts}


def _add_owners(tx: Transaction, drafts: Sequence[Mapping[str, Any]]) -> None:
    names = {d["content"]["owner"]: d["owner_name"] or d["content"]["owner"] for d in drafts}
    table = tables.actor
    for part in portions(list(names)):
        there = set(
            tx.connection.execute(
                sa.select(table.c.actor_id).where(table.c.actor_id.in_(part))
            ).scalars()
        )
        absent = [owner for owner in part if owner not in there]
        if absent:
            tx.connection.execute(
                sa.insert(table),
                [
                    {
                        "actor_id": owner,
                        "name": names[owner][:200],
                        "kind": str(ActorKind.UNIT),
                        "person": owner,
                        "added_at": tx.now,
                        "added_by": tx.actor.actor_id,
                    }
                    for owner in absent
                ],
            )
        tx.record(
            *(
                ActorAdded(actor=o, name=names[o][:200], kind=str(ActorKind.UNIT), person=o)
                for o in absent
            )
        )


def _system_row(tx: Transaction, draft: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **draft["content"],
        "system_id": draft["system_id"],
        "stage": draft["stage"],
        "status": draft["status"],
        "tier": str(RiskCategory.UNDETERMINED),
        "approval_state": str(ApprovalState.NONE),
        "entry": draft["entry"],
        "revision": 1,
        "digest": draft["digest"],
        "registered_at": tx.now,
        "revised_at": tx.now,
        "search": search_text(draft["system_id"], draft["content"]),
    }


def _revision_row(tx: Transaction, draft: Mapping[str, Any], revision: int) -> dict[str, Any]:
    return {
        "system_id": draft["system_id"],
        "revision": revision,
        "content": draft["content"],
        "digest": draft["digest"],
        "author": tx.actor.actor_id,
        "at": tx.now,
    }


def _registered(draft: Mapping[str, Any]) -> SystemRegistered:
    return SystemRegistered(
        system_id=draft["system_id"],
        revision=1,
        digest=draft["digest"],
        stage=draft["stage"],
        entry=draft["entry"],
        content=draft["content"],
    )


def _revise(tx: Transaction, pairs: Sequence[tuple[Mapping[str, Any], Any]]) -> None:
    table, before = tables.system, contents(tx, [d["system_id"] for d, _ in pairs])
    fields: tuple[str, ...] = (
        *pairs[0][0]["content"],
        "revision",
        "digest",
        "revised_at",
        "approval_state",
        "search",
    )
    revisions = [_revision_row(tx, d, k.revision + 1) for d, k in pairs]
    if enforced := enforces(tx.connection):
        # The database takes the descriptions from the revisions themselves.
        tx.connection.execute(sa.insert(tables.system_revision), revisions)
        fields = ("search",)
    statement = (
        sa.update(table)
        .where(table.c.system_id == sa.bindparam("of_system"))
        .values({name: sa.bindparam(f"new_{name}") for name in fields})
    )
    rows = []
    for draft, known in pairs:
        values = {
            **draft["content"],
            "revision": known.revision + 1,
            "digest": draft["digest"],
            "revised_at": tx.now,
            "approval_state": str(lapsed(known.approval_state)),
            "search": search_text(draft["system_id"], draft["content"]),
        }
        told = {f"new_{name}": values[name] for name in fields}
        rows.append({"of_system": draft["system_id"], **told})
    tx.connection.execute(statement, rows)
    if not enforced:
        tx.connection.execute(sa.insert(tables.system_revision), revisions)
    tx.record(
        *(
            SystemRevised(
                system_id=d["system_id"],
                revision=k.revision + 1,
                digest=d["digest"],
                changed=_changed(before[d["system_id"]], d["content"]),
            )
            for d, k in pairs
        )
    )


def _changed(before: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if before[name] != value}
