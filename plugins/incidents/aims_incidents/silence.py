"""Serious incidents on which nobody decided in time: recorded once each, so that listeners are told."""

from typing import Any

from aims_core import Offer, Workspace, digest
from aims_incidents.events import ReportabilityOverdue
from aims_incidents.reporting_records import KIND, SCHEMA

_OVERDUE = "reportability_overdue"


def escalate(workspace: Workspace, offer: Offer) -> list[str]:
    """Record the incidents that rule R9 lists as silent, once each, and return all that still wait."""
    silent = {
        b.records[0]: b for b in workspace.separation.breaches() if b.rule == "R9" and not b.persons
    }
    with workspace.writing() as tx:
        tx.require("remind", "escalate undecided incidents")
        decided = {r.subject for r in tx.newest_results(KIND) if r.payload["status"] == "decided"}
        known = {r.subject for r in tx.newest_results(_OVERDUE)}
        waiting = [i for i in silent if i not in decided]
        fresh = [silent[i] for i in waiting if i not in known]
        tx.add_results([_overdue(b) for b in fresh], offer=offer, schema=SCHEMA)
        tx.record(
            *(
                ReportabilityOverdue(system_id=b.system_id, incident_id=b.records[0], due_at=b.at)
                for b in fresh
            )
        )
        return waiting


def _overdue(breach: Any) -> dict[str, Any]:
    payload = {"incident_id": breach.records[0], "status": "overdue"}
    return {
        "kind": _OVERDUE,
        "system_id": breach.system_id,
        "subject": breach.records[0],
        "input_digest": digest(payload),
        "payload": payload,
    }
