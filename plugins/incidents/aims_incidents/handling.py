"""How an incident is handled: its steps as data, and what each needs. Pure.

Source: ISO/IEC 42001, A.8.4 and 10.2; NIST AI RMF, MANAGE 4.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape

from aims_core import (
    Condition,
    ConditionsNotMet,
    RequestRefused,
    SegregationOfDuties,
    Severity,
)
from aims_incidents.terms import CauseKind, IncidentStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step of handling: where it may start and where it leads; empty `target` stays where it is."""

    sources: tuple[IncidentStatus, ...]
    target: IncidentStatus | None


_WAITING = (IncidentStatus.OPEN, IncidentStatus.ANALYSED, IncidentStatus.TREATED)
STEPS: Mapping[str, Step] = {
    "assign": Step(sources=_WAITING, target=None),
    "analyse": Step(sources=_WAITING, target=IncidentStatus.ANALYSED),
    "treat": Step(
        sources=(IncidentStatus.ANALYSED, IncidentStatus.TREATED), target=IncidentStatus.TREATED
    ),
    "close": Step(sources=(IncidentStatus.TREATED,), target=IncidentStatus.CLOSED),
    # The same threshold is crossed again after the treatment: the treatment did not work.
    "recur": Step(sources=(IncidentStatus.TREATED,), target=IncidentStatus.OPEN),
}
_ADVICE = {
    IncidentStatus.OPEN: "analyse it first: say what caused it",
    IncidentStatus.ANALYSED: "treat it first: say what was done about the cause",
    IncidentStatus.TREATED: "it is treated; close it when the treatment is seen to work",
    IncidentStatus.CLOSED: "it is closed; open a new incident if it happens again",
}
GRAVE = (Severity.MAJOR, Severity.SERIOUS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """An incident of one system, with its cause and treatment once they are known.

    `kind` is the incident type, `subject` what it is about; `suspends` says that its severity reached
    the level at which a system is suspended. `treaters` are the persons who treated it.
    """

    incident_id: str
    system_id: str
    kind: str
    subject: str
    title: str
    description: str
    severity: Severity
    status: IncidentStatus
    suspends: bool
    assigned_to: str
    cause: str
    cause_kind: CauseKind
    treatment: str
    treated_by: str
    treaters: tuple[str, ...]
    cause_event: str
    occurred_at: datetime
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None = None
    closed_by: str = ""

    def _repr_html_(self) -> str:
        rows = {
            "AI system": self.system_id,
            "Severity": self.severity,
            "Status": self.status,
            "Assigned to": self.assigned_to,
            "Cause": self.cause,
            "Treatment": self.treatment,
            "Opened": f"{self.opened_at:%Y-%m-%d %H:%M} UTC by {self.opened_by}",
        }
        body = "".join(
            f"<tr><th scope='row' style='text-align:left'>{k}</th>"
            f"<td style='text-align:left'>{escape(str(v)) or '-'}</td></tr>"
            for k, v in rows.items()
        )
        title = f"{escape(self.title)} <code>{escape(self.incident_id)}</code>"
        return f"<table><caption style='text-align:left'>{title}</caption>{body}</table>"


def next_status(incident: Incident, step: str) -> IncidentStatus:
    """Return where a step leads.

    Raises
    ------
    RequestRefused
        The incident does not stand where the step starts; the message says what is due.
    """
    rule = STEPS[step]
    if incident.status not in rule.sources:
        raise RequestRefused(
            f"{step} {incident.incident_id}: it is {incident.status}; {_ADVICE[incident.status]}"
        )
    return rule.target or incident.status


def check_closing(incident: Incident, person: str, *, excepted: str = "") -> None:
    """Return when a person may close an incident: whoever did not treat it, for they check that it worked.

    Parameters
    ----------
    excepted : str
        The exception to rule R6 by which also a treater may; empty when there is none.

    Raises
    ------
    ConditionsNotMet
        Its cause or its treatment is not on record; both are named.
    SegregationOfDuties
        This person treated it.
    """
    asked = f"close {incident.incident_id}"
    conditions = (
        _stated("cause_recorded", incident.cause, "cause", _ADVICE[IncidentStatus.OPEN]),
        _stated(
            "treatment_recorded", incident.treatment, "treatment", _ADVICE[IncidentStatus.ANALYSED]
        ),
    )
    unmet = [c for c in conditions if not c.met]
    if unmet:
        raise ConditionsNotMet(asked, unmet)
    if person in incident.treaters and not excepted:
        raise SegregationOfDuties(
            f"{asked}: {person} treated it; let somebody else see whether that worked, and close it"
        )


def _stated(name: str, words: str, what: str, remedy: str) -> Condition:
    met = bool(words)
    return Condition(
        name=name,
        met=met,
        reason=f"its {what} is {'on record' if met else 'not on record'}",
        source="incidents",
        remedy="" if met else remedy,
    )
