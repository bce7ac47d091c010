"""Bulk edits as change sets: proposed, then applied whole or not at all, by another person where due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.auditors import note_owners, owner_problems
from aims_core.canonical import digest as digest_of
from aims_core.choices import no_choice
from aims_core.errors import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RevisionConflict,
    SegregationOfDuties,
    TransitionRefused,
)
from aims_core.events import ChangesApplied, ChangesProposed, ChangesWithdrawn
from aims_core.frames import TEXT, TIME, WHOLE, YES_NO, fixed_frame
from aims_core.inventory.bulk import revise_many
from aims_core.inventory.components import link_problems, unregistered
from aims_core.inventory.content import check_content, content_digest
from aims_core.inventory.planning import differences, ended_problem, portions
from aims_core.inventory.proposal import Edit, new_content, read_frame
from aims_core.inventory.revisions import plain_content
from aims_core.lifecycle import Machine, emptied_fields
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Change, Problem
from aims_core.roles import allows, roles_with
from aims_core.store import Transaction, system_from_row
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
        rows = _rows(tx, edits, systems, desk.machine)
        _require(tx, rows, systems, asked)
        return _kept(tx, desk, rows, reason.strip())


def apply(desk: Desk, change_set_id: str) -> ChangeSet:
    """Carry out a change set; see :meth:`Inventory.apply`."""
    asked = f"apply {change_set_id}"
    with desk.writing() as tx:
        tx.attempt(asked)
        row = _row(tx, change_set_id)
        if row.status == APPLIED:
            return _read(tx, desk, row)
        if row.status != OPEN:
            raise TransitionRefused(f"{asked}: it was {row.status}; propose it again")
        systems = _locked(tx, [c["system_id"] for c in row.changes])
        _require(tx, row.changes, systems, asked)
        _require_another(tx, desk, row, systems)
        pairs = _pairs(tx, row.changes, systems, desk.machine, asked)
        note_owners(tx, [c["after"]["owner"] for c in row.changes if "owner" in c["after"]], asked)
        revise_many(tx, pairs)
        _close(tx, row, APPLIED)
        tx.record(
            ChangesApplied(
                change_set_id=row.change_set_id,
                digest=row.digest,
                systems=row.systems,
                proposed_by=row.proposed_by,
            )
        )
        return _read(tx, desk, _row(tx, change_set_id))


def withdraw(desk: Desk, change_set_id: str, reason: str) -> ChangeSet:
    """Close a change set that is not to be carried out; see :meth:`Inventory.withdraw_changes`."""
    asked = f"withdraw {change_set_id}"
    with desk.writing() as tx:
        tx.attempt(asked)
        row = _row(tx, change_set_id)
        _require(tx, row.changes, tx.get_systems(c["system_id"] for c in row.changes), asked)
        if row.status == APPLIED:
            raise TransitionRefused(f"{asked}: it was applied; propose the opposite")
        if row.status == OPEN:
            _close(tx, row, WITHDRAWN)
            tx.record(ChangesWithdrawn(change_set_id=row.change_set_id, reason=reason))
        return _read(tx, desk, _row(tx, change_set_id))


def get(tx: Transaction, desk: Desk, change_set_id: str) -> ChangeSet:
    """Return a change set.

    Raises
    ------
    RecordNotFound
        There is none; near ids are suggested.
    """
    return _read(tx, desk, _row(tx, change_set_id))


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


def _rows(
    tx: Transaction, edits: Sequence[Edit], systems: Mapping[str, AISystem], machine: Machine
) -> list[dict[str, Any]]:
    """Return what changes, per system, or raise with everything that stands in the way."""
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


def _pairs(
    tx: Transaction,
    rows: Sequence[Mapping[str, Any]],
    systems: Mapping[str, AISystem],
    machine: Machine,
    asked: str,
) -> list[tuple[dict[str, Any], AISystem]]:
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


def _kept(tx: Transaction, desk: Desk, rows: Sequence[Mapping[str, Any]], reason: str) -> ChangeSet:
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
    return _read(tx, desk, _row(tx, change_set_id))


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
    grave = _needs_review(desk, systems.values())
    proposer = sa.select(tables.actor.c.person).where(tables.actor.c.actor_id == row.proposed_by)
    if grave and tx.connection.execute(proposer).scalar() == tx.actor.person:
        raise SegregationOfDuties(
            f"apply {row.change_set_id}: you proposed it, and it changes {', '.join(grave[:3])}"
            f"{' and others' if len(grave) > 3 else ''}; "  # noqa: PLR2004 - a few examples
            "somebody else who may revise these systems has to apply it"
        )


def _needs_review(desk: Desk, systems: Iterable[AISystem]) -> list[str]:
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


def _close(tx: Transaction, row: Any, status: str) -> None:
    table = tables.change_set
    done = tx.connection.execute(
        sa.update(table)
        .where(table.c.change_set_id == row.change_set_id, table.c.status == OPEN)
        .values(status=status, closed_by=tx.actor.actor_id, closed_at=tx.now)
    )
    if done.rowcount != 1:
        raise RevisionConflict(f"{row.change_set_id}: somebody else closed it at the same moment")


def _row(tx: Transaction, change_set_id: str) -> Any:
    table = tables.change_set
    query = sa.select(table).where(table.c.change_set_id == change_set_id)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        known = tx.connection.execute(sa.select(table.c.change_set_id).limit(1_000)).scalars()
        raise RecordNotFound("change set", change_set_id, list(known))
    return row


def _read(tx: Transaction, desk: Desk, row: Any) -> ChangeSet:
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
        needs_review=tuple(_needs_review(desk, systems.values())),
        closed_by=row.closed_by or "",
        closed_at=row.closed_at,
    )


def _at(row: int, field: str, reason: str, remedy: str) -> Problem:
    return Problem(field=field, row=row, reason=reason, remedy=remedy)
