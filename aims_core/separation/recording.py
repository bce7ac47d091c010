"""Exceptions to rules of separation: recorded, approved by another, used, ended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import canonical_json
from aims_core.errors import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
)
from aims_core.events import ExceptionApproved, ExceptionEnded, ExceptionRecorded, ExceptionUsed
from aims_core.gate.exceptions import exception_from_row, read_exceptions
from aims_core.lifecycle import Machine
from aims_core.records import AISystem, Problem
from aims_core.roles import allows
from aims_core.rules import Rule, SeparationException, covering, rule_of
from aims_core.rules.rule import TWO_PEOPLE
from aims_core.store import Transaction
from aims_core.terms import ActorKind, ScopeKind
from aims_core.time_of_fact import Latest, in_fact, refuse_impossible, refuse_restated

LONGEST = 366
"""The longest an exception may run, in days."""
_TEXT = 4_000
_UNIT = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """An exception as it was asked for."""

    rule: str
    reason: str
    compensating_control: str
    expires_on: date
    unit: str
    system_id: str
    fact_at: datetime | None = None

    @property
    def scope(self) -> tuple[ScopeKind, str]:
        """How far it reaches."""
        if self.system_id:
            return ScopeKind.SYSTEM, self.system_id
        return (ScopeKind.UNIT, self.unit) if self.unit else (ScopeKind.ORGANISATION, "")


def record(tx: Transaction, machine: Machine, wanted: Wanted) -> SeparationException:
    """Keep an exception that somebody else is to approve, and return it."""
    asked = f"record an exception to {wanted.rule}"
    if wanted.unit and wanted.system_id:
        raise ValueError("give a unit or a system, not both")
    _require_voice(tx, asked, wanted)
    rule = rule_of(wanted.rule)
    _refuse_unfit(asked, rule, machine)
    if problems := _problems(wanted, tx.now.date()):
        raise InvalidRecord(asked, problems)
    kind, scope = wanted.scope
    said = {
        "reason": wanted.reason.strip(),
        "compensating_control": wanted.compensating_control.strip(),
        "scope_kind": str(kind),
        "scope": scope,
        "expires_on": wanted.expires_on.isoformat(),
    }
    if (known := _known(tx, rule.id, said)) is not None:
        refuse_restated(known.fact_at, wanted.fact_at, asked)
        return known
    about = tx.get_system(wanted.system_id) if wanted.system_id else None
    refuse_impossible(asked, wanted.fact_at, now=tx.now, system=about)
    exception_id = tx.new_id("exc")
    tx.connection.execute(
        sa.insert(tables.separation_exception).values(
            exception_id=exception_id,
            rule=rule.id,
            **said,
            pairs=[list(pair) for pair in rule.excepts],
            recorded_by=tx.actor.actor_id,
            recorded_at=tx.now,
            fact_at=wanted.fact_at,
        )
    )
    tx.record(
        ExceptionRecorded(
            system_id=wanted.system_id,
            exception_id=exception_id,
            rule=rule.id,
            **said,
            fact_at=wanted.fact_at,
        )
    )
    return read(tx, exception_id)


def approve(
    tx: Transaction, exception_id: str, fact_at: datetime | None = None
) -> SeparationException:
    """Let an exception take effect and return it."""
    found = read(tx, exception_id, for_update=True)
    asked = f"approve exception {exception_id} to {found.rule}"
    tx.require("approve_exceptions", asked)
    if tx.actor.kind is not ActorKind.PERSON:
        raise NotPermitted(
            f"{asked}: {tx.actor.actor_id} is a {tx.actor.kind}; only persons decide"
        )
    if tx.get_actor(found.recorded_by).person == tx.actor.person:
        raise SegregationOfDuties(
            f"{asked}: {found.recorded_by}, the same person, recorded it; "
            "let another administrator or top management approve it"
        )
    if found.ended_at is not None or (found.expires_on and tx.now.date() > found.expires_on):
        raise RequestRefused(f"{asked}: it is over; record another one where it is needed")
    if found.approved_at is not None:
        refuse_restated(found.approved_fact_at, fact_at, asked)
        return found
    refuse_impossible(asked, fact_at, now=tx.now, after=_newest(found))
    values = {"approved_by": tx.actor.actor_id, "approved_at": tx.now, "approved_fact_at": fact_at}
    _update(tx, exception_id, **values)
    tx.record(
        ExceptionApproved(
            system_id=_system(found), exception_id=exception_id, rule=found.rule, fact_at=fact_at
        )
    )
    return read(tx, exception_id)


def end(
    tx: Transaction, exception_id: str, reason: str, fact_at: datetime | None = None
) -> SeparationException:
    """End an exception and return it."""
    found = read(tx, exception_id, for_update=True)
    asked = f"end exception {exception_id} to {found.rule}"
    tx.attempt(asked, _system(found))
    if tx.get_actor(found.recorded_by).person != tx.actor.person:
        tx.require("approve_exceptions", asked)
    if not reason:
        raise RequestRefused(f"{asked}: say why, in a sentence")
    if found.ended_at is not None:
        refuse_restated(found.ended_fact_at, fact_at, asked)
        return found
    refuse_impossible(asked, fact_at, now=tx.now, after=_newest(found))
    _update(
        tx,
        exception_id,
        ended_by=tx.actor.actor_id,
        ended_at=tx.now,
        end_reason=reason,
        ended_fact_at=fact_at,
    )
    tx.record(
        ExceptionEnded(
            system_id=_system(found),
            exception_id=exception_id,
            rule=found.rule,
            reason=reason,
            fact_at=fact_at,
        )
    )
    return read(tx, exception_id)


def use(tx: Transaction, rule: str, act: str, system: AISystem) -> str:
    """Return the exception by which an act passes, and record its use; empty when none covers it."""
    found = covering(
        read_exceptions(tx), rule, tx.now, system_id=system.system_id, unit=system.unit
    )
    if found is None:
        return ""
    tx.record(ExceptionUsed(system_id=system.system_id, exception_id=found.exception_id, act=act))
    return found.exception_id


def read(tx: Transaction, exception_id: str, *, for_update: bool = False) -> SeparationException:
    """Return an exception.

    Raises
    ------
    RecordNotFound
        No exception has this id.
    """
    table = tables.separation_exception
    query = sa.select(table).where(table.c.exception_id == exception_id)
    row = tx.connection.execute(query.with_for_update() if for_update else query).one_or_none()
    if row is None:
        known = [e.exception_id for e in read_exceptions(tx)]
        raise RecordNotFound("exception", exception_id, known)
    return exception_from_row(row)


def _require_voice(tx: Transaction, asked: str, wanted: Wanted) -> None:
    """Who answers for systems here, or administers, may put it on record."""
    tx.attempt(asked, wanted.system_id)
    unit = tx.get_system(wanted.system_id).unit if wanted.system_id else wanted.unit
    for permission in ("request", "approve_exceptions"):
        if allows(tx.grants(), permission, system_id=wanted.system_id, unit=unit):
            return
    tx.require("approve_exceptions", asked)


def _refuse_unfit(asked: str, rule: Rule, machine: Machine) -> None:
    if not rule.exceptable:
        raise RequestRefused(
            f"{asked}: this rule has no exceptions ({rule.title}); "
            f"keep it, or change who does what: {rule.enforced_by}"
        )
    lonely = [
        step.name
        for step in machine.transitions
        if step.approvals
        and set(rule.excepts) & set(step.apart)
        and not {TWO_PEOPLE, TWO_PEOPLE[::-1]} & (set(step.apart) - set(rule.excepts))
    ]
    if lonely:
        raise RequestRefused(
            f"{asked}: with it one person could do all of {', '.join(lonely)}; "
            f"keep {TWO_PEOPLE[0]} and {TWO_PEOPLE[1]} apart in the lifecycle first"
        )


def _problems(wanted: Wanted, today: date) -> list[Problem]:
    problems = []
    for field in ("reason", "compensating_control"):
        words = str(getattr(wanted, field)).strip()
        if not 0 < len(words) <= _TEXT or not _writable(words):
            remedy = f"say it in a sentence, in up to {_TEXT} plain characters"
            problems.append(Problem(field=field, reason="is empty or unfit", remedy=remedy))
    if len(wanted.unit) > _UNIT or not _writable(wanted.unit):
        problems.append(Problem(field="unit", reason="is no unit", remedy="name one of a system"))
    day = wanted.expires_on
    last = today + timedelta(days=LONGEST)
    if isinstance(day, datetime) or not isinstance(day, date) or not today <= day <= last:
        remedy = f"name a day from {today} to {last}"
        problems.append(Problem(field="expires_on", reason=f"is {day}", remedy=remedy))
    return problems


def _writable(words: str) -> bool:
    try:
        canonical_json(words)
    except ValueError:
        return False
    return True


def _known(tx: Transaction, rule: str, said: dict[str, str]) -> SeparationException | None:
    table = tables.separation_exception
    query = sa.select(table.c.exception_id).where(
        table.c.rule == rule,
        table.c.ended_at.is_(None),
        *(table.c[name] == value for name, value in said.items()),
    )
    known = tx.connection.execute(query.limit(1)).scalar()
    return None if known is None else read(tx, known)


def _newest(exception: SeparationException) -> Latest:
    """Return what the next act on an exception comes after: its approval, or its record."""
    if exception.approved_at is None:
        return ("the exception", in_fact(exception.fact_at, exception.recorded_at))
    return ("its approval", in_fact(exception.approved_fact_at, exception.approved_at))


def _system(exception: SeparationException) -> str:
    return exception.scope if exception.scope_kind is ScopeKind.SYSTEM else ""


def _update(tx: Transaction, exception_id: str, **values: object) -> None:
    table = tables.separation_exception
    tx.connection.execute(
        sa.update(table).where(table.c.exception_id == exception_id).values(**values)
    )
