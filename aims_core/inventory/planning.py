"""What would become of each row of an import, found out without writing; a dry run ends here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.auditors import owner_problems
from aims_core.inventory.entrance import evidence_due
from aims_core.inventory.lookalikes import alike, oddity
from aims_core.inventory.owners import spelling_problems
from aims_core.lifecycle import Machine, emptied_fields
from aims_core.records import CONTENT_FIELDS, Change, Problem, RefusedRow
from aims_core.store import Transaction

PORTION = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """Drafts by what has to be done with them; `known` holds the register's row of those it has."""

    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    unchanged: list[dict[str, Any]]
    refused: list[RefusedRow]
    known: Mapping[str, Any]


def classify(
    tx: Transaction, drafts: Sequence[dict[str, Any]], machine: Machine, *, lock: bool = False
) -> Sorted:
    """Return sound drafts as new, changed, unchanged or refused, with one query per thousand.

    Parameters
    ----------
    drafts : sequence of dict
        What :func:`intake.sort_out` found sound.
    lock : bool
        True keeps others from changing these systems until the transaction ends.
    """
    known = _known(tx, [d["system_id"] for d in drafts], lock=lock)
    ended = {stage.name for stage in machine.stages if stage.terminal}
    found = Sorted(new=[], changed=[], unchanged=[], refused=[], known=known)
    for draft in drafts:
        row = known.get(draft["system_id"])
        if row is None:
            due = evidence_due(machine, draft["stage"], draft["entry"], tx.now)
            found.new.append({**draft, "evidence_due": due})
        elif row.digest == draft["digest"]:
            found.unchanged.append(draft)
        elif row.stage in ended:
            found.refused.append(_refused(draft, [ended_problem(draft["system_id"], row.stage)]))
        else:
            found.changed.append(draft)
    for refuse in (_emptied, _wrongly_owned):
        refused = refuse(tx, machine, found)
        found.refused.extend(refused.values())
        found.new[:] = [d for d in found.new if d["system_id"] not in refused]
        found.changed[:] = [d for d in found.changed if d["system_id"] not in refused]
    return found


def _wrongly_owned(tx: Transaction, _machine: Machine, found: Sorted) -> dict[str, RefusedRow]:
    """Refuse rows whose owner audits, as a revision by hand is, or is spelt almost as somebody known."""
    stated = sorted([*found.new, *found.changed], key=itemgetter("row"))
    problems = {
        **owner_problems(tx, {d["content"]["owner"] for d in stated}),
        **spelling_problems(tx, stated),
    }
    refused: dict[str, RefusedRow] = {}
    for draft in stated if problems else ():
        problem = problems.get(draft["content"]["owner"])
        before = found.known.get(draft["system_id"])
        if problem is None or (before is not None and before.owner == problem.value):
            continue
        refused[draft["system_id"]] = _refused(draft, [problem])
    return refused


def _refused(draft: Mapping[str, Any], problems: Sequence[Problem]) -> RefusedRow:
    placed = tuple(
        replace(p, row=draft["row"], cell=draft["places"].get(p.field, "")) for p in problems
    )
    return RefusedRow(
        row=draft["row"],
        cells=dict(draft["values"]),
        problems=placed,
        system_id=draft["system_id"],
    )


def _emptied(tx: Transaction, machine: Machine, found: Sorted) -> dict[str, RefusedRow]:
    """Refuse rows that empty a field which the stage of their system needs, as a revision by hand is."""
    refused: dict[str, RefusedRow] = {}
    for part in portions(found.changed):
        before = contents(tx, [d["system_id"] for d in part])
        for draft in part:
            key, row = draft["system_id"], found.known[draft["system_id"]]
            problems = emptied_fields(machine, row.stage, row.tier, before[key], draft["content"])
            if problems:
                refused[key] = _refused(draft, problems)
    return refused


def changes(tx: Transaction, found: Sorted) -> Iterator[Change]:
    """Yield what would become of each draft, with the values before and after."""
    for draft in found.new:
        fields = {name: (None, value) for name, value in flat(draft["content"]).items() if value}
        yield Change(system_id=draft["system_id"], kind="new", fields=fields, row=draft["row"])
    for part in portions(found.changed):
        before = contents(tx, [d["system_id"] for d in part])
        for draft in part:
            yield Change(
                system_id=draft["system_id"],
                kind="changed",
                revision=found.known[draft["system_id"]].revision,
                fields=differences(before[draft["system_id"]], draft["content"]),
                row=draft["row"],
            )
    for draft in found.unchanged:
        revision = found.known[draft["system_id"]].revision
        yield Change(
            system_id=draft["system_id"], kind="unchanged", revision=revision, row=draft["row"]
        )


def contents(tx: Transaction, system_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the present descriptions of up to a thousand systems by id."""
    table = tables.system
    columns = [table.c.system_id, *(table.c[name] for name in CONTENT_FIELDS)]
    rows = tx.connection.execute(sa.select(*columns).where(table.c.system_id.in_(system_ids)))
    return {row.system_id: {n: getattr(row, n) for n in CONTENT_FIELDS} for row in rows}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return (before, after) of each field and attribute that differs; None where it is not there."""
    old, new = flat(before), flat(after)
    names = [*new, *(name for name in old if name not in new)]
    return {
        name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    }


def flat(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description with one entry ``attributes.NAME`` for each attribute."""
    plain = {name: value for name, value in content.items() if name != "attributes"}
    return plain | {f"attributes.{name}": v for name, v in content.get("attributes", {}).items()}


def warnings(tx: Transaction, found: Sorted) -> Iterator[Problem]:
    """Yield what is odd about drafts that can be taken: misleading names, stages that stay as they are."""
    taken = [*found.new, *found.changed]
    for draft in taken:
        if said := oddity(draft["content"]["name"]):
            yield _about_name(draft, said)
    yield from _lookalikes(tx, taken)
    for draft in (*found.changed, *found.unchanged):
        stage = found.known[draft["system_id"]].stage
        if draft["stated_stage"] and draft["stated_stage"] != stage:
            yield Problem(
                field="stage",
                row=draft["row"],
                value=draft["stated_stage"],
                cell=draft["places"].get("stage", ""),
                reason=f"the file says {draft['stated_stage']}, the register {stage}; it stays there",
                remedy="move the system through its lifecycle; an import does not",
            )


def portions(items: Sequence[Any], size: int = PORTION) -> Iterator[Sequence[Any]]:
    """Yield items by the thousand."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _known(tx: Transaction, ids: Sequence[str], *, lock: bool) -> dict[str, Any]:
    table = tables.system
    columns = (
        table.c.system_id,
        table.c.digest,
        table.c.revision,
        table.c.approval_state,
        table.c.stage,
        table.c.tier,
        table.c.owner,
    )
    found: dict[str, Any] = {}
    for part in portions(sorted(ids)):
        query = sa.select(*columns).where(table.c.system_id.in_(part)).order_by(table.c.system_id)
        rows = tx.connection.execute(query.with_for_update() if lock else query)
        found.update({row.system_id: row for row in rows})
    return found


def ended_problem(system_id: str, stage: str) -> Problem:
    """Return the problem of changing a system whose life has ended."""
    return Problem(
        field="system_id",
        value=system_id,
        reason=f"{system_id!r} is in {stage}, where nothing about a system changes any more",
        remedy="leave it out, or register the successor under an id of its own",
    )


def _about_name(draft: Mapping[str, Any], said: str) -> Problem:
    return Problem(
        field="name",
        row=draft["row"],
        value=draft["content"]["name"][:60],
        cell=draft["places"].get("name", ""),
        reason=said,
        remedy="make sure that this is the name that was meant",
    )


def _lookalikes(tx: Transaction, taken: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    odd = [d for d in taken if not d["content"]["name"].isascii()]
    if not odd:
        return
    by_id = {d["system_id"]: d for d in taken}
    table = tables.system
    rows = tx.connection.execute(sa.select(table.c.system_id, table.c.unit, table.c.name))
    there = [(r.system_id, r.unit, r.name) for r in rows if r.system_id not in by_id]
    given = [(key, d["content"]["unit"], d["content"]["name"]) for key, d in by_id.items()]
    for system_id, other in alike([*there, *given]):
        if system_id in by_id:
            yield _about_name(by_id[system_id], f"looks like the name of {other}")
