"""Where the decision on reporting an incident stands: a value, read from the results that keep it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aims_core import Result, Transaction
from aims_incidents.handling import Incident

KIND = "reportability"
"""Kind of the results that keep the decisions."""
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["incident_id", "status"],
    "additionalProperties": {"type": "string"},
}
"""JSON Schema of those results."""
COLUMNS = {
    "incident_id": "string",
    "system_id": "string",
    "severity": "string",
    "status": "string",
    "reportable": "string",
    "reason": "string",
    "proposed_by": "string",
    "decided_by": "string",
    "at": "datetime64[us, UTC]",
    "opened_at": "datetime64[us, UTC]",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reportability:
    """Where the decision stands: ``undecided``, ``proposed``, ``decided`` or ``declined``.

    `reportable` is what was proposed or decided; None while nothing was.
    """

    incident_id: str
    system_id: str
    status: str
    reportable: bool | None = None
    reason: str = ""
    proposed_by: str = ""
    decided_by: str = ""
    at: datetime | None = None


def standing_of(tx: Transaction, incident: Incident) -> Reportability:
    """Return where the decision on an incident stands."""
    for result in tx.newest_results(KIND, [incident.system_id]):
        if result.subject == incident.incident_id:
            return from_result(result)
    return Reportability(
        incident_id=incident.incident_id, system_id=incident.system_id, status="undecided"
    )


def from_result(result: Result) -> Reportability:
    """Return the decision that a result keeps."""
    said = result.payload
    return Reportability(
        incident_id=result.subject,
        system_id=result.system_id,
        status=said["status"],
        reportable=said["reportable"] == "yes",
        reason=said.get("reason", ""),
        proposed_by=said.get("proposed_by", ""),
        decided_by=said.get("decided_by", ""),
        at=result.recorded_at,
    )


def as_row(incident: Mapping[str, Any], found: Reportability | None) -> dict[str, Any]:
    """Return a row of the table of decisions: an incident and what was decided on it, if anything."""
    named = {name: incident[name] for name in ("incident_id", "system_id", "severity", "opened_at")}
    if found is None:
        return {**named, **dict.fromkeys(set(COLUMNS) - set(named)), "status": "undecided"}
    return {
        **named,
        "status": found.status,
        "reportable": "yes" if found.reportable else "no",
        "reason": found.reason,
        "proposed_by": found.proposed_by,
        "decided_by": found.decided_by,
        "at": found.at,
    }
