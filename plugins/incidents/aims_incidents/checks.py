"""What the lifecycle asks about incidents: pure functions over the facts of many systems at once."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from aims_core import Condition, Severity, SystemFacts, utc_text
from aims_incidents.handling import GRAVE
from aims_incidents.terms import IncidentStatus

_SETTLED = (IncidentStatus.TREATED, IncidentStatus.CLOSED)


def no_serious_incident_open(facts: Sequence[SystemFacts]) -> Mapping[str, Condition]:
    """Met when no incident of severity major or serious is still open (ISO/IEC 42001, A.8.4)."""
    return {f.system.system_id: _none_open(f) for f in facts}


def cause_treated(facts: Sequence[SystemFacts]) -> Mapping[str, Condition]:
    """Met when the incidents behind a suspension have cause and treatment (ISO/IEC 42001, 10.2).

    These are the grave ones, those that suspend, and those opened since the newest suspension; all of
    them where none is known. A mild incident from before keeps nobody from resuming.
    """
    return {f.system.system_id: _all_treated(f) for f in facts}


def _none_open(facts: SystemFacts) -> Condition:
    waiting = [
        i["incident_id"]
        for i in _incidents(facts)
        if Severity(i["severity"]) in GRAVE and i["status"] != IncidentStatus.CLOSED
    ]
    return _condition(
        "no_serious_incident_open",
        tuple(sorted(waiting)),
        "no incident of severity major or serious is open",
        "close it once its treatment is seen to work",
    )


def _all_treated(facts: SystemFacts) -> Condition:
    since = _suspended_at(facts)
    waiting = [
        i["incident_id"]
        for i in _incidents(facts)
        if i["status"] not in _SETTLED and _concerns(i, since)
    ]
    return _condition(
        "cause_treated",
        tuple(sorted(waiting)),
        "every incident behind the suspension has its cause and treatment on record",
        "analyse and treat it",
    )


def _suspended_at(facts: SystemFacts) -> str:
    times = (a.closed_at for a in facts.approvals if a.transition == "suspend")
    return next((utc_text(at) for at in times if at is not None), "")


def _concerns(incident: Mapping[str, Any], since: str) -> bool:
    """Say whether an incident is one behind the suspension; what cannot be told is one."""
    grave = Severity(incident["severity"]) in GRAVE
    return grave or incident.get("suspends") != "no" or incident.get("opened_at", since) >= since


def _incidents(facts: SystemFacts) -> Iterator[Mapping[str, Any]]:
    for result in facts.results.get("incident", ()):
        yield result.payload


@lru_cache(maxsize=10_000)
def _condition(name: str, waiting: tuple[str, ...], fine: str, remedy: str) -> Condition:
    return Condition(
        name=name,
        met=not waiting,
        reason=f"waiting: {', '.join(waiting)}" if waiting else fine,
        source="incidents",
        remedy=remedy if waiting else "",
    )
