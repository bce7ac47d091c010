"""What on the incidents tab waits for the one who acts."""

from collections.abc import Iterator

import sqlalchemy as sa

from aims_core import Transaction, WaitingItem, Workspace
from aims_incidents.ledger import from_row
from aims_incidents.reporting_records import KIND, from_result
from aims_incidents.tables import incident as table
from aims_incidents.terms import IncidentStatus


def waiting(workspace: Workspace) -> list[WaitingItem]:
    """Return proposals on reporting that the actor may confirm, then the open incidents of theirs.

    An incident is theirs when they own its system or handle incidents there.
    """
    with workspace.reading() as tx:
        return [*_to_confirm(tx), *_to_handle(tx)]


def _to_confirm(tx: Transaction) -> Iterator[WaitingItem]:
    if not tx.may("confirm_reporting"):
        return
    proposed = [p for p in map(from_result, tx.newest_results(KIND)) if p.status == "proposed"]
    systems = tx.get_systems(p.system_id for p in proposed)
    for proposal in proposed:
        system = systems[proposal.system_id]
        if proposal.proposed_by != tx.actor.actor_id and tx.may("confirm_reporting", system):
            yield WaitingItem(
                words=f"reporting to confirm: {system.name}", system_id=system.system_id
            )


def _to_handle(tx: Transaction) -> Iterator[WaitingItem]:
    query = (
        sa.select(table)
        .where(table.c.status != IncidentStatus.CLOSED)
        .order_by(table.c.opened_at, table.c.incident_id)
    )
    found = [from_row(row) for row in tx.connection.execute(query)]
    systems = tx.get_systems(incident.system_id for incident in found)
    for incident in found:
        system = systems[incident.system_id]
        if system.owner == tx.actor.actor_id or tx.may("handle_incidents", system):
            yield WaitingItem(
                words=f"{incident.severity} incident: {incident.title}",
                system_id=incident.system_id,
            )
