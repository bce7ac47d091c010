"""Importing many systems in one transaction: every row is taken or refused with its reasons, none is lost."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.errors import PluginError, ProviderChoice, WorkspaceError
from aims_core.events import ActorAdded, SystemRegistered, SystemRevised, SystemsImported
from aims_core.inventory.content import check_content, check_id, content_digest, search_text
from aims_core.inventory.lapse import lapse_approvals
from aims_core.lifecycle import Machine
from aims_core.plugin_host import PluginHost
from aims_core.records import Draft, ImportBatch, ImportOutcome, Problem, RefusedRow
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ApprovalState, Entry, OperationalStatus, RiskCategory

_PORTION = 1_000
_AROUND = ("system_id", "stage", "status", "owner_name")
"""Values of a draft that are not content: its id, where it stands already, its owner's name."""

Progress = Callable[[int, int], None]


def read_file(host: PluginHost, path: Path, mapping: Any, importer: str) -> ImportBatch:
    """Return what an importer reads from a file.

    Raises
    ------
    ProviderChoice
        No importer, or several, can read it.
    PluginError
        The importer failed or answered something else than a batch.
    """
    if not path.is_file():
        raise WorkspaceError(f"import {path}: there is no such file")
    offers = [
        o for o in host.contributions("aims_importers") if path.suffix.lower() in o.spec.suffixes
    ]
    wanted = importer or (host.providers.get("importer", "") if len(offers) > 1 else "")
    if wanted:
        offers = [o for o in host.contributions("aims_importers") if o.spec.id == wanted]
    if len(offers) != 1:
        raise ProviderChoice(
            "importer",
            wanted or path.suffix,
            [o.spec.id for o in host.contributions("aims_importers")],
        )
    batch = host.ask(offers[0], offers[0].spec.read, path, mapping)
    if not isinstance(batch, ImportBatch):
        raise PluginError(
            offers[0].plugin.name,
            offers[0].spec.id,
            f"answered {type(batch).__name__}, not an ImportBatch",
        )
    return batch


def import_batch(
    tx: Transaction,
    batch: ImportBatch,
    *,
    machine: Machine,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Register what is new, revise what changed, leave the rest, refuse what cannot be taken.

    Owners that are not known yet are added as units: an import does not invent persons. A draft with a
    stage other than the initial one enters as `legacy`: it runs already and was never approved here.
    """
    refused = list(batch.refused)
    sound = _sound(batch.drafts, machine, refused)
    known = _known(tx, [s["system_id"] for s in sound])
    new = [s for s in sound if s["system_id"] not in known]
    changed = [
        s for s in sound if s["system_id"] in known and known[s["system_id"]].digest != s["digest"]
    ]
    outcome = ImportOutcome(
        source=batch.source,
        read=len(batch.drafts) + len(batch.refused),
        registered=len(new),
        revised=len(changed),
        unchanged=len(sound) - len(new) - len(changed),
        refused=tuple(sorted(refused, key=lambda r: r.row)),
        dry_run=dry_run,
    )
    if not dry_run:
        _write(tx, batch, outcome, new, [(s, known[s["system_id"]]) for s in changed], progress)
    return outcome


def _sound(
    drafts: Sequence[Draft], machine: Machine, refused: list[RefusedRow]
) -> list[dict[str, Any]]:
    stages = {s.name for s in machine.stages}
    twice = Counter(str(d.values.get("system_id")) for d in drafts)
    sound: list[dict[str, Any]] = []
    for draft in drafts:
        around = {name: draft.values.get(name, "") for name in _AROUND}
        inner = {k: v for k, v in draft.values.items() if k not in _AROUND}
        content, problems = check_content(inner, row=draft.row)
        problems += [_at(draft.row, p) for p in check_id("system_id", around["system_id"])]
        if twice[str(around["system_id"])] > 1:
            problems.append(
                Problem(
                    row=draft.row,
                    field="system_id",
                    value=str(around["system_id"]),
                    reason="occurs more than once in this file",
                    remedy="make the ids differ",
                )
            )
        if around["stage"] and around["stage"] not in stages:
            problems.append(
                Problem(
                    row=draft.row,
                    field="stage",
                    value=str(around["stage"]),
                    reason=f"{around['stage']!r} is not a stage of the lifecycle",
                    remedy=f"use one of {', '.join(sorted(stages))}",
                )
            )
        if around["status"] and around["status"] not in list(OperationalStatus):
            problems.append(
                Problem(
                    row=draft.row,
                    field="status",
                    value=str(around["status"]),
                    reason=f"{around['status']!r} is not a status",
                    remedy="use active or suspended",
                )
            )
        if problems:
            refused.append(
                RefusedRow(row=draft.row, cells=dict(draft.values), problems=tuple(problems))
            )
            continue
        stage = around["stage"] or machine.initial
        sound.append(
            {
                "system_id": around["system_id"],
                "content": content,
                "digest": content_digest(content),
                "stage": stage,
                "status": around["status"] or str(OperationalStatus.ACTIVE),
                "entry": str(Entry.NEW if stage == machine.initial else Entry.LEGACY),
                "owner_name": around["owner_name"],
            }
        )
    return sound


def _at(row: int, problem: Problem) -> Problem:
    return Problem(
        field=problem.field,
        reason=problem.reason,
        remedy=problem.remedy,
        value=problem.value,
        row=row,
    )


def _known(tx: Transaction, ids: Sequence[str]) -> dict[str, Any]:
    table = tables.system
    columns = (table.c.system_id, table.c.digest, table.c.revision, table.c.approval_state)
    found: dict[str, Any] = {}
    for part in _portions(ids):
        rows = tx.connection.execute(sa.select(*columns).where(table.c.system_id.in_(part)))
        found.update({row.system_id: row for row in rows})
    return found


def _write(
    tx: Transaction,
    batch: ImportBatch,
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
        tx.record(*(_registered(s) for s in part))
        done = _advance(progress, done + len(part), total)
    for pairs in _portions(changed):
        _revise(tx, pairs)
        done = _advance(progress, done + len(pairs), total)
    lapse_approvals(tx, [s["system_id"] for s, _ in changed])
    if new or changed or outcome.refused:
        tx.record(
            SystemsImported(
                source=batch.source,
                source_digest=batch.source_digest,
                importer="",
                read=outcome.read,
                registered=outcome.registered,
                revised=outcome.revised,
                unchanged=outcome.unchanged,
                refused=len(outcome.refused),
            )
        )


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
    )


def _revise(tx: Transaction, pairs: Sequence[tuple[dict[str, Any], Any]]) -> None:
    table = tables.system
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
        state = (
            ApprovalState.NONE
            if known.approval_state == ApprovalState.NONE
            else ApprovalState.LAPSED
        )
        values = {
            **draft["content"],
            "revision": known.revision + 1,
            "digest": draft["digest"],
            "revised_at": tx.now,
            "approval_state": str(state),
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
                changed=d["content"],
            )
            for d, k in pairs
        )
    )


def _portions(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _PORTION):
        yield items[start : start + _PORTION]
