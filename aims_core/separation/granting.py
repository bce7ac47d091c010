"""R5 and R7: who held and who granted which role. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from aims_core.records import Grant
from aims_core.rules import rule_of
from aims_core.rules.auditing import AUDITOR, Work, in_owning, in_roles, in_seats, is_audited
from aims_core.rules.rule import TWO_PEOPLE
from aims_core.separation.breach import OTHER_ACCOUNT, Breach, Ledger
from aims_core.terms import ActorKind, ScopeKind

_ADMINISTRATOR = "administrator"
_TOP_MANAGEMENT = "top_management"


def auditor_operated(ledger: Ledger) -> Iterator[Breach]:
    """R5: an auditor wrote other records, or audits what they worked on lately."""
    audits = [g for held in ledger.grants.values() for g in held if g.role == AUDITOR]
    allowed = set(rule_of("R5").events)
    for event_id, event_type, actor, at, system_id in ledger.acts:
        person = ledger.person(actor)
        held = ledger.grants.get(person, ())
        if event_type not in allowed and any(g.role == AUDITOR and _holds(g, at) for g in held):
            yield Breach(
                rule="R5",
                system_id=system_id,
                persons=(person,),
                what=f"wrote {event_type} while being an auditor",
                at=at,
                records=(event_id,),
            )
    yield from _double_roles(ledger, audits)


def granted_alone(ledger: Ledger) -> Iterator[Breach]:
    """R7: a role was granted by one person alone, by somebody to themselves, or the other was removed."""
    yield from _removed_the_other(ledger)
    for grant in (g for held in ledger.grants.values() for g in held):
        giver, taker = ledger.person(grant.granted_by), ledger.person(grant.actor)
        change = ledger.changes.get(grant.grant_id)
        if giver == taker:
            what = f"granted {grant.role} to themselves"
            other = grant.actor
        elif change is None or ledger.person(change.proposed_by) == giver:
            what = f"granted {grant.role} to {grant.actor} alone"
            other = change.proposed_by if change else grant.granted_by
        else:
            continue
        yield Breach(
            rule="R7",
            system_id=grant.scope if grant.scope_kind is ScopeKind.SYSTEM else "",
            persons=(giver,),
            what=what,
            at=grant.granted_at,
            records=(grant.grant_id,),
            pair=("grantor", "grantee") if giver == taker else None,
            hidden="" if other == grant.granted_by else OTHER_ACCOUNT,
        )


def _removed_the_other(ledger: Ledger) -> Iterator[Breach]:
    """R7: the role of the only other administrator was taken by neither of them nor by top management."""
    for by, at, grant in ledger.removals:
        taken = ledger.person(grant.actor)
        left = _administrators(ledger, at)
        if grant.scope_kind is not ScopeKind.ORGANISATION or len(left) != 1 or taken in left:
            continue
        manages = any(
            g.role == _TOP_MANAGEMENT and g.scope_kind is ScopeKind.ORGANISATION and _holds(g, at)
            for g in ledger.grants.get(by, ())
        )
        if by in left or not manages:
            yield Breach(
                rule="R7",
                system_id="",
                persons=(by,),
                what=f"took the administrator's role from {grant.actor}, the only other administrator",
                at=at,
                records=(grant.grant_id,),
                pair=TWO_PEOPLE,
            )


def _administrators(ledger: Ledger, at: datetime) -> set[str]:
    return {
        ledger.person(g.actor)
        for held in ledger.grants.values()
        for g in held
        if g.role == _ADMINISTRATOR
        and g.scope_kind is ScopeKind.ORGANISATION
        and ledger.kinds.get(g.actor) is ActorKind.PERSON
        and _holds(g, at)
    }


def _holds(grant: Grant, at: datetime) -> bool:
    return grant.granted_at <= at and (grant.revoked_at is None or grant.revoked_at > at)


def _double_roles(ledger: Ledger, audits: Iterable[Grant]) -> Iterator[Breach]:
    for audit in audits:
        person = ledger.person(audit.actor)
        for work in _worked(ledger, person):
            if is_audited(work, since=audit.granted_at, until=audit.revoked_at):
                yield Breach(
                    rule="R5",
                    system_id=work.system_id,
                    persons=(person,),
                    what=f"is an auditor, and {work.what} at the time or within "
                    f"{rule_of('R5').months} months before",
                    at=max(audit.granted_at, work.since),
                    records=(audit.grant_id, work.record_id),
                )


def _worked(ledger: Ledger, person: str) -> Iterator[Work]:
    yield from in_roles(ledger.grants[person])
    yield from in_seats(d for d in ledger.delegations if ledger.person(d.delegate) == person)
    for owned in ledger.owned:
        if ledger.person(owned.owner) == person:
            yield in_owning(owned.system_id, owned.since, owned.until)
