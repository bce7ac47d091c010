"""One step of handling, taken in a transaction: once, from where it may start, with all it needs."""

from collections.abc import Callable, Mapping
from typing import Any

from aims_core import ActorKind, Event, NotPermitted, RequestRefused, Transaction
from aims_incidents import ledger
from aims_incidents.handling import Incident, check_closing, next_status
from aims_incidents.terms import IncidentStatus


def take_step(
    tx: Transaction,
    incident_id: str,
    step: str,
    values: Mapping[str, str],
    event: Callable[[Incident], Event],
    *,
    excepted: Callable[[Transaction, Incident], str],
) -> tuple[Incident, bool]:
    """Take a step and return the incident, and whether anything changed.

    `excepted` answers with the exception by which who treated an incident may close it, or with nothing.

    Raises
    ------
    RecordNotFound, NotPermitted
        As everywhere.
    RequestRefused
        The incident does not stand where the step starts, or a value is empty.
    ConditionsNotMet, SegregationOfDuties
        It may not be closed, or not by this person.
    """
    asked = f"{step} {incident_id}"
    tx.attempt(asked)
    incident = ledger.read(tx, incident_id, for_update=True)
    permission = "close_incidents" if step == "close" else "handle_incidents"
    tx.require(permission, asked, system_id=incident.system_id)
    if _done_before(incident, step, values):
        return incident, False
    if step == "close":
        if tx.actor.kind is not ActorKind.PERSON:
            raise NotPermitted(
                f"{asked}: {tx.actor.actor_id} is a {tx.actor.kind}; only persons close"
            )
        treated = tx.actor.person in incident.treaters
        exception_id = excepted(tx, incident) if treated else ""
        check_closing(incident, tx.actor.person, excepted=exception_id)
    status = next_status(incident, step)
    for name, value in values.items():
        if not value:
            raise RequestRefused(f"{asked}: the {name} is empty; say it in a sentence")
    after = ledger.update(
        tx, incident_id, {**values, **_follows(tx, incident, step), "status": status}
    )
    tx.record(event(after))
    return after, True


def _follows(tx: Transaction, incident: Incident, step: str) -> dict[str, Any]:
    """Return what a step changes besides what it was told."""
    if step == "analyse":
        return {"treatment": "", "treated_by": ""}
    if step == "treat":
        persons = sorted({*incident.treaters, tx.actor.person})
        return {"treated_by": tx.actor.actor_id, "treaters": persons}
    return {"closed_at": tx.now, "closed_by": tx.actor.actor_id} if step == "close" else {}


def _done_before(incident: Incident, step: str, values: Mapping[str, str]) -> bool:
    """Say whether a second run of the same cell asks for what is already so."""
    reached = {
        "assign": set(IncidentStatus),
        "analyse": set(IncidentStatus) - {IncidentStatus.OPEN},
        "treat": {IncidentStatus.TREATED, IncidentStatus.CLOSED},
        "close": {IncidentStatus.CLOSED},
    }
    said = all(getattr(incident, name) == value for name, value in values.items())
    return said and incident.status in reached[step]
