"""R4, R6, R8: what was accepted, closed and waived, and by whom. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from aims_core.gate.waivers import Waiver, waiver_policy
from aims_core.roles import ROLES
from aims_core.separation.breach import OTHER_ACCOUNT, Answer, Asked, Breach, Ledger


def accepted_without_authority(ledger: Ledger) -> Iterator[Breach]:
    """R4: risk was accepted without an end, without authority, or by who assessed it."""
    for answer in ledger.answers_of("risk_acceptance"):
        person = ledger.person(answer.recorded_by)
        assessed = ledger.newest(answer.system_id, "risk_assessment", answer.at)
        assessor = assessed.recorded_by if assessed else ""
        own = bool(assessor) and ledger.person(assessor) == person
        faults = [
            *(["without an end"] if not answer.ends else []),
            *(["that they assessed"] if own else []),
            *(["without the authority for it"] if not _may_accept(ledger, answer, person) else []),
        ]
        if faults:
            yield Breach(
                rule="R4",
                system_id=answer.system_id,
                persons=(person,),
                what=f"accepted residual risk {', '.join(faults)}",
                at=answer.at,
                records=(answer.record_id,),
                hidden=OTHER_ACCOUNT if own and assessor != answer.recorded_by else "",
            )


def treater_closed(ledger: Ledger) -> Iterator[Breach]:
    """R6: who treated an incident closed it."""
    for system_id in ledger.answers:
        treated: dict[str, dict[str, set[str]]] = {}
        last: dict[str, Mapping[str, Any]] = {}
        for answer in ledger.answers[system_id]:
            if answer.kind != "incident":
                continue
            person, said = ledger.person(answer.recorded_by), answer.payload
            before = last.get(answer.subject, {})
            last[answer.subject] = said
            turned = said.get("status") != before.get("status")
            if said.get("status") == "treated" and (
                turned or said.get("treatment") != before.get("treatment")
            ):
                accounts = treated.setdefault(answer.subject, {}).setdefault(person, set())
                accounts.add(answer.recorded_by)
            elif (
                said.get("status") == "closed"
                and turned
                and person in treated.get(answer.subject, ())
            ):
                own = treated[answer.subject][person]
                yield Breach(
                    rule="R6",
                    system_id=system_id,
                    persons=(person,),
                    what=f"closed incident {answer.subject}, which they treated",
                    at=answer.at,
                    records=(answer.subject, answer.record_id),
                    hidden="" if answer.recorded_by in own else OTHER_ACCOUNT,
                )


def waived_wrongly(ledger: Ledger) -> Iterator[Breach]:
    """R8: a waiver was granted by fewer than two apart, without what it needs, or used after its end."""
    policy, alike, asked = waiver_policy(), _alike(ledger), _asked_by_system(ledger)
    known = {w.waiver_id: w for w in ledger.waivers}
    for waiver in ledger.waivers:
        if waiver.granted_at is None:
            continue
        of_same = alike[waiver.system_id, waiver.condition]
        waiting = asked.get(waiver.system_id, ())
        apart = _apart_from_waiver(ledger, waiver, waiver.granted_at, of_same, waiting)
        faults = [
            *(
                [f"by {len(apart)} of {policy.persons} persons apart"]
                if len(apart) < policy.persons
                else []
            ),
            *(
                ["without a reason or a measure"]
                if not (waiver.reason and waiver.compensating_measure)
                else []
            ),
            *(["of what can never be waived"] if waiver.condition in policy.never else []),
        ]
        if faults:
            yield Breach(
                rule="R8",
                system_id=waiver.system_id,
                persons=(ledger.person(waiver.proposed_by),),
                what=f"waiver of {waiver.condition} was granted {', '.join(faults)}",
                at=waiver.granted_at,
                records=(waiver.waiver_id,),
            )
    for transition_id, system_id, at, used in ledger.waived:
        for waiver_id in used:
            if not _held_then(known.get(waiver_id), at):
                yield Breach(
                    rule="R8",
                    system_id=system_id,
                    persons=(),
                    what=f"a step was taken by waiver {waiver_id}, which did not hold",
                    at=at,
                    records=(transition_id, waiver_id),
                )


def _may_accept(ledger: Ledger, answer: Answer, person: str) -> bool:
    named = answer.payload.get("authority")
    roles = (
        named if isinstance(named, list) else [r for r, p in ROLES.items() if "accept_risk" in p]
    )
    return any(
        ledger.held(person, str(role), answer.system_id, answer.at, answer.at) for role in roles
    )


def _alike(ledger: Ledger) -> dict[tuple[str, str], list[Waiver]]:
    """Return the waivers that were granted, by system and condition."""
    found: dict[tuple[str, str], list[Waiver]] = {}
    for waiver in ledger.waivers:
        if waiver.granted_at is not None:
            found.setdefault((waiver.system_id, waiver.condition), []).append(waiver)
    return found


def _asked_by_system(ledger: Ledger) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = {}
    for asked in ledger.asked:
        found.setdefault(asked.system_id, []).append(asked)
    return found


def _apart_from_waiver(
    ledger: Ledger,
    waiver: Waiver,
    at: datetime,
    alike: Sequence[Waiver],
    asked: Sequence[Asked],
) -> set[str]:
    """Return who approved a waiver and neither proposed it nor had an interest in it.

    Parameters
    ----------
    alike : sequence of Waiver
        Those granted to the same system for the same condition.
    asked : sequence of Asked
        The requests of the system.
    """
    votes = ledger.waiver_votes.get(waiver.waiver_id, ())
    given = {ledger.person(v.actor) for v in votes if v.at <= at}
    if not given:
        return set()
    interested = _interested(ledger, waiver, at, alike, asked)
    return {p for p in given if not interested(p)} - {ledger.person(waiver.proposed_by)}


def _interested(
    ledger: Ledger,
    waiver: Waiver,
    at: datetime,
    alike: Sequence[Waiver],
    asked: Sequence[Asked],
) -> Callable[[str], bool]:
    """Return who owned a system, waited for a step, or worked on it since the last such waiver."""
    system_id = waiver.system_id
    earlier = [w for w in alike if w.granted_at is not None and w.granted_at < at]
    last = max(earlier, key=lambda w: (w.revision, w.granted_at), default=None)
    written = [w for w in ledger.revisions.get(system_id, ()) if w.at <= at]
    since = (last.granted_at if last else None) or min((w.at for w in written), default=at)
    before = last.revision if last else 0
    concerned = {ledger.person(w.author) for w in written if w.revision > before}
    concerned |= {
        ledger.person(one.requested_by)
        for one in asked
        if one.at <= at and (one.until is None or one.until > at)
    }
    concerned.add(ledger.person(ledger.owner(system_id, at)))
    return lambda person: (
        person in concerned or ledger.held(person, "developer", system_id, since, at)
    )


def _held_then(waiver: Waiver | None, at: datetime) -> bool:
    if waiver is None or waiver.granted_at is None or waiver.granted_at > at:
        return False
    withdrawn = waiver.closed_at is not None and waiver.closed_at <= at
    return at.date() <= waiver.expires_on and not withdrawn
