"""Importing many systems in one transaction: every row is taken or refused with its reasons, none is lost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.events import ActorAdded, SystemRegistered, SystemRevised, SystemsImported
from aims_core.inventory.components import link
from aims_core.inventory.content import search_text
from aims_core.inventory.entrance import evidence_due, keep_due
from aims_core.inventory.intake import ReadFile, sort_out
from aims_core.inventory.lapse import lapse_approvals
from aims_core.inventory.revisions import lapsed
from aims_core.lifecycle import Machine, emptied_fields
from aims_core.records import ImportOutcome, RefusedRow
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ApprovalState, RiskCategory

_PORTION = 1_000
Progress = Callable[[int, int], None]


def import_batch(
    tx: Transaction,
    read: ReadFile,
    *,
    machine: Machine,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Register what is new, revise what changed, leave the rest, refuse what cannot be taken.

    Owners that are not known yet are added as units: an import does not invent persons. A draft with a
    stage other than the initial one enters as `legacy`: it runs already and was never approved here; by
    when it makes up its evidence, the lifecycle says.
    """
    batch = read.batch
    sound, refused = sort_out(tx, batch.drafts, machine)
    known = _known(tx, [s["system_id"] for s in sound])
    new = [
        {**s, "evidence_due": evidence_due(machine, s["stage"], s["entry"], tx.now)}
        for s in sound
        if s["system_id"] not in known
    ]
    changed = [
        s for s in sound if s["system_id"] in known and known[s["system_id"]].digest != s["digest"]
    ]
    emptied = _emptied(tx, machine, changed)
    refused = [*refused, *emptied.values()]
    changed = [s for s in changed if s["system_id"] not in emptied]
    outcome = ImportOutcome(
        source=batch.source,
        read=len(batch.drafts) + len(batch.refused),
        registered=len(new),
        revised=len(changed),
        unchanged=len(sound) - len(new) - len(changed) - len(emptied),
        refused=tuple(sorted((*batch.refused, *refused), key=lambda r: r.row)),
        dry_run=dry_run,
    )
    if not dry_run:
        _write(tx, read, outcome, new, [(s, known[s["system_id"]]) for s in changed], progress)
    return outcome


def _known(tx: Transaction, ids: Sequence[str]) -> dict[str, Any]:
    table = tables.system
    columns = (table.c.system_id, table.c.digest, table.c.revision, table.c.approval_state)
    found: dict[str, Any] = {}
    for part in _portions(sorted(ids)):
        query = sa.select(*columns).where(table.c.system_id.in_(part)).order_by(table.c.system_id)
        rows = tx.connection.execute(query.with_for_update())
        found.update({row.system_id: row for row in rows})
    return found


def _emptied(
    tx: Transaction, machine: Machine, changed: Sequence[Mapping[str, Any]]
) -> dict[str, RefusedRow]:
    """Refuse rows that empty a field which the stage of their system needs, as a revision by hand is."""
    refused: dict[str, RefusedRow] = {}
    for part in _portions(changed):
        before = _before(tx, [s["system_id"] for s in part])
        for draft in part:
            row = before[draft["system_id"]]
            was, will_be = dict(row._mapping), draft["content"]  # noqa: SLF001 - SQLAlchemy's public name
            if problems := emptied_fields(machine, row.stage, row.tier, was, will_be):
                placed = tuple(replace(p, row=draft["row"]) for p in problems)
                refused[draft["system_id"]] = RefusedRow(
                    row=draft["row"], cells=dict(draft["cells"]), problems=placed
                )
    return refused


def _write(
    tx: Transaction,
    read: ReadFile,
    outcome: ImportOutcome,
    new: list[dict[str, Any]],
    changed: list[tuple[dict[str, Any], Any]],
    progress: Progress | None,
) -> None:
    total, done = len(new) + len(changed), 0
    _add_owners(tx, [*new, *(s for s, _ in changed)])
    for part in _portions(new):
        tx.connection.execute(sa.insert(tables.system), [_system_row(tx, s) for s in part])
        tx.connection.execute(
            sa.insert(tables.system_revision), [_revision_row(tx, s, 1) for s in part]
        )
        link(tx, _components(part))
        keep_due(tx, {s["system_id"]: s["evidence_due"] for s in part})
        tx.record(*(_registered(s) for s in part))
        done = _advance(progress, done + len(part), total)
    for pairs in _portions(changed):
        _revise(tx, pairs)
        link(tx, _components([s for s, _ in pairs]))
        done = _advance(progress, done + len(pairs), total)
    lapse_approvals(tx, [s["system_id"] for s, _ in changed])
    if new or changed or outcome.refused:
        tx.record(
            SystemsImported(
                source=read.batch.source,
                source_digest=read.batch.source_digest,
                importer=read.importer,
                read=outcome.read,
                registered=outcome.registered,
                revised=outcome.revised,
                unchanged=outcome.unchanged,
                refused=len(outcome.refused),
            )
        )


def _components(drafts: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[str]]:
    return {d["system_id"]: d["content"]["components"] for d in drafts}


def _advance(progress: Progress | None, done: int, total: int) -> int:
    if progress is not None:
        progress(done, total)
    return done


def _add_owners(tx: Transaction, drafts: Sequence[Mapping[str, Any]]) -> None:
    names = {d["content"]["owner"]: d["owner_name"] or d["content"]["owner"] for d in drafts}
    table = tables.actor
    for part in _portions(list(names)):
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
        evidence_due=draft["evidence_due"],
    )


def _revise(tx: Transaction, pairs: Sequence[tuple[dict[str, Any], Any]]) -> None:
    table, before = tables.system, _before(tx, [d["system_id"] for d, _ in pairs])
    fields = (
        *pairs[0][0]["content"],
        "revision",
        "digest",
        "revised_at",
        "approval_state",
        "search",
    )
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
        rows.append({"of_system": draft["system_id"], **{f"new_{k}": v for k, v in values.items()}})
    tx.connection.execute(statement, rows)
    tx.connection.execute(
        sa.insert(tables.system_revision), [_revision_row(tx, d, k.revision + 1) for d, k in pairs]
    )
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


def _before(tx: Transaction, ids: Sequence[str]) -> dict[str, Any]:
    table = tables.system
    rows = tx.connection.execute(sa.select(table).where(table.c.system_id.in_(ids)))
    return {row.system_id: row for row in rows}


def _changed(row: Any, content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if getattr(row, name) != value}


def _portions(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _PORTION):
        yield items[start : start + _PORTION]
