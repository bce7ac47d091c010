"""Auditors audit nothing they worked on, and work on nothing that they audit (rule R5).

Work is a role, a seat that was lent, and a system of which one is the owner; judged by person, so that a
second account changes nothing.
"""

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from aims_core import history, tables
from aims_core.errors import SegregationOfDuties
from aims_core.events import ExceptionUsed
from aims_core.gate.exceptions import read_exceptions
from aims_core.lifecycle import Machine
from aims_core.records import Actor, Problem
from aims_core.rules import covering, rule_of
from aims_core.rules.auditing import AUDITOR, Work, in_owning, in_roles, in_seats, is_audited
from aims_core.store import Transaction
from aims_core.store.rows import delegation_from_row, grant_from_row

_INSTEAD = "choose somebody else, or record an exception to R5"


def refuse_double_role(
    tx: Transaction, machine: Machine, actor: Actor, role: str, asked: str
) -> None:
    """Raise where a person would audit what they worked on lately, or work on what they audit.

    Raises
    ------
    SegregationOfDuties
        The role is `auditor` and the person worked within the look-back, or the reverse.

    Notes
    -----
    Writes ``ExceptionUsed`` where an exception lets it pass.
    """
    if role == AUDITOR:
        worked = _worked(tx, machine, actor)
        if worked and not _excepted(tx, asked):
            raise SegregationOfDuties(
                f"{asked}: {actor.actor_id} {', '.join(worked)} now or in the last "
                f"{rule_of('R5').months} months, and auditors do not audit their own work; {_INSTEAD}"
            )
    elif _audits(tx, actor) and not _excepted(tx, asked):
        raise SegregationOfDuties(
            f"{asked}: {actor.actor_id} holds the role {AUDITOR}, and auditors do not audit their "
            f"own work; {_INSTEAD}"
        )


def refuse_auditing(tx: Transaction, actor: Actor, asked: str, system_id: str = "") -> None:
    """Raise where somebody who audits would decide, or take a seat to decide in.

    Raises
    ------
    SegregationOfDuties
        The person holds the role `auditor`, under whichever account.

    Notes
    -----
    Writes ``ExceptionUsed`` where an exception lets it pass.
    """
    if _audits(tx, actor) and not _excepted(tx, asked, system_id):
        raise SegregationOfDuties(
            f"{asked}: {actor.actor_id} is an auditor, and who audits decides on nothing; {_INSTEAD}"
        )


def owner_problems(tx: Transaction, owners: Collection[str]) -> dict[str, Problem]:
    """Return by id which of these cannot own a system because they audit; reads only."""
    audit = set(owners) & _accounts_that_audit(tx)
    if not audit or _exception(tx):
        return {}
    return {owner: _no_owner(owner) for owner in sorted(audit)}


def check_owner(tx: Transaction, owner: str, asked: str, system_id: str) -> list[Problem]:
    """Return why this one cannot own a system, and record by which exception they may though they audit."""
    if owner not in _accounts_that_audit(tx) or _excepted(tx, asked, system_id):
        return []
    return [_no_owner(owner)]


def note_owners(tx: Transaction, owners: Collection[str], asked: str) -> None:
    """Record by which exception somebody who audits becomes the owner of systems."""
    if set(owners) & _accounts_that_audit(tx):
        _excepted(tx, asked)


def _no_owner(owner: str) -> Problem:
    return Problem(
        field="owner",
        value=owner,
        reason=f"{owner} is an auditor, and who audits answers for no system (rule R5)",
        remedy=_INSTEAD,
    )


def _audits(tx: Transaction, actor: Actor) -> bool:
    query = _auditing().where(tables.actor.c.person == actor.person).limit(1)
    return tx.connection.execute(query).scalar() is not None


def _accounts_that_audit(tx: Transaction) -> set[str]:
    accounts = sa.select(tables.actor.c.actor_id).where(tables.actor.c.person.in_(_auditing()))
    return set(tx.connection.execute(accounts).scalars())


def _auditing() -> sa.Select[Any]:
    grant, actor = tables.grant, tables.actor
    return (
        sa.select(actor.c.person)
        .join(grant, grant.c.actor == actor.c.actor_id)
        .where(grant.c.role == AUDITOR, grant.c.revoked_at.is_(None))
    )


def _worked(tx: Transaction, machine: Machine, actor: Actor) -> list[str]:
    """Return what a person works on or worked on within the look-back, in words."""
    works = [work for work in _works(tx, machine, actor) if is_audited(work, since=tx.now)]
    said = {work.what for work in works if not work.system_id}
    if systems := sorted({work.system_id for work in works if work.system_id}):
        said.add(f"owned {systems[0]}" + (f" and {len(systems) - 1} more" if systems[1:] else ""))
    return sorted(said)


def _works(tx: Transaction, machine: Machine, actor: Actor) -> Iterator[Work]:
    accounts = sa.select(tables.actor.c.actor_id).where(tables.actor.c.person == actor.person)
    grant, lent = tables.grant, tables.delegation
    held = tx.connection.execute(sa.select(grant).where(grant.c.actor.in_(accounts)))
    yield from in_roles(map(grant_from_row, held))
    seats = tx.connection.execute(sa.select(lent).where(lent.c.delegate.in_(accounts)))
    yield from in_seats(map(delegation_from_row, seats))
    for row in tx.connection.execute(sa.union_all(*states_owned(machine, accounts))):
        yield in_owning(row.system_id, row.valid_from, row.valid_to)


def states_owned(
    machine: Machine, owners: Collection[str] | sa.Select[Any]
) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Return queries of the former and the present states in which these own a system whose life goes on.

    Columns ``system_id``, ``owner``, ``valid_from`` and ``valid_to``, which is null in the present ones.
    """
    ended = [stage.name for stage in machine.stages if stage.terminal]
    former, present = history.system, tables.system
    before, now = (
        sa.select(t.c.system_id, t.c.owner, t.c.valid_from, until.label("valid_to")).where(
            t.c.owner.in_(owners), t.c.stage.not_in(ended)
        )
        for t, until in ((former, former.c.valid_to), (present, sa.null()))
    )
    return before, now


def _excepted(tx: Transaction, asked: str, system_id: str = "") -> bool:
    """Say whether an exception lets an act pass, and record its use."""
    found = _exception(tx)
    if found:
        tx.record(ExceptionUsed(system_id=system_id, exception_id=found, act=asked))
    return bool(found)


def _exception(tx: Transaction) -> str:
    found = covering(read_exceptions(tx), "R5", tx.now)
    return found.exception_id if found else ""
