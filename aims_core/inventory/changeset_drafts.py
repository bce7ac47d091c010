"""From edits to revisions: what each system would become, and everything that stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.auditors import owner_problems
from aims_core.errors import InvalidRecord, RevisionConflict
from aims_core.inventory.components import link_problems, unregistered
from aims_core.inventory.content import check_content, content_digest
from aims_core.inventory.planning import ended_problem, portions
from aims_core.inventory.proposal import Edit, new_content
from aims_core.inventory.revisions import plain_content
from aims_core.lifecycle import Machine, emptied_fields
from aims_core.records import AISystem, Problem
from aims_core.store import Transaction


def changed_rows(
    tx: Transaction, edits: Sequence[Edit], systems: Mapping[str, AISystem], machine: Machine
) -> list[dict[str, Any]]:
    """Return what edits change: by system its id, its revision and the fields before and after.

    Raises
    ------
    InvalidRecord
        Edits say something wrong or nothing new; every problem is named with its row.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for edit in edits:
        system = systems.get(edit.system_id)
        if system is None:
            reason = f"there is no system {edit.system_id[:64]!r}"
            problems.append(_at(edit.row, "system_id", reason, "register or import it first"))
            continue
        before = plain_content(system)
        wanted, wrong = new_content(edit, system, before)
        after, more = check_content(wanted, row=edit.row)
        problems += [*wrong, *more]
        if edit.revision not in (None, system.revision):
            reason = f"you saw revision {edit.revision}, it is {system.revision} now"
            problems.append(_at(edit.row, "revision", reason, "read it again"))
        changed = {name: value for name, value in after.items() if value != before[name]}
        if changed and machine.stage(system.stage).terminal:
            problems.append(ended_problem(system.system_id, system.stage))
        emptied = emptied_fields(machine, system.stage, system.tier, before, after)
        problems += [replace(p, row=edit.row) for p in emptied]
        if changed and not (wrong or more):
            rows.append(
                {
                    "system_id": system.system_id,
                    "revision": system.revision,
                    "before": {name: before[name] for name in changed},
                    "after": changed,
                }
            )
    problems += _links(tx, rows)
    if not (rows or problems):
        remedy = "change a value; missing values leave a field as it is"
        problems.append(Problem(field="frame", reason="says nothing new", remedy=remedy))
    if problems:
        raise InvalidRecord("propose changes", problems)
    return rows


def drafts_of(
    tx: Transaction,
    rows: Sequence[Mapping[str, Any]],
    systems: Mapping[str, AISystem],
    machine: Machine,
    asked: str,
) -> list[tuple[dict[str, Any], AISystem]]:
    """Return for each change the new description, its digest, and the system as it is now.

    Parameters
    ----------
    rows : sequence of dict
        What :func:`changed_rows` returned when the changes were proposed.

    Raises
    ------
    RevisionConflict
        Systems were revised since; each is named.
    InvalidRecord
        What was sound then is so no more.
    """
    stale, problems, pairs = [], _links(tx, rows), []
    for row in rows:
        system = systems[row["system_id"]]
        if system.revision != row["revision"]:
            reason = f"{system.system_id} was at revision {row['revision']}, it is at {system.revision} now"
            stale.append(Problem(field=system.system_id, reason=reason, remedy="propose it anew"))
            continue
        if machine.stage(system.stage).terminal:
            problems.append(ended_problem(system.system_id, system.stage))
        before = plain_content(system)
        content, wrong = check_content({**before, **row["after"]})
        emptied = emptied_fields(machine, system.stage, system.tier, before, content)
        problems += wrong
        problems += [replace(p, reason=f"of {system.system_id} {p.reason}") for p in emptied]
        draft = {
            "system_id": system.system_id,
            "content": content,
            "digest": content_digest(content),
        }
        pairs.append((draft, system))
    if stale:
        raise RevisionConflict(f"{asked}: {len(stale)} of {len(rows)} were revised since", stale)
    if problems:
        raise InvalidRecord(asked, problems)
    return pairs


def _links(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    listed = [c for row in rows for c in row["after"].get("components", ())]
    problems = link_problems(listed, unregistered(tx, listed))
    owners = sorted({row["after"]["owner"] for row in rows if "owner" in row["after"]})
    known: set[str] = set()
    column = tables.actor.c.actor_id
    for part in portions(owners):
        known |= set(tx.connection.execute(sa.select(column).where(column.in_(part))).scalars())
    problems += owner_problems(tx, owners).values()
    return problems + [
        Problem(
            field="owner",
            value=owner,
            reason=f"nobody is known as {owner!r}",
            remedy="add the person first, or name a known actor",
        )
        for owner in owners
        if owner not in known
    ]


def _at(row: int, field: str, reason: str, remedy: str) -> Problem:
    return Problem(field=field, row=row, reason=reason, remedy=remedy)
