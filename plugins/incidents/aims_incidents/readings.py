"""Reading the incident register, as it stands or stood at a time; nothing is written."""

from datetime import date
from typing import Any

from aims_core import RecordedEvent, Workspace, moment
from aims_incidents import ledger
from aims_incidents.handling import Incident
from aims_incidents.views import events_of, frame, listed, unknown_then


class IncidentReadings:
    """Incidents as records, as a DataFrame, and as the events of one of them.

    Parameters
    ----------
    workspace : Workspace
        Whose incidents are read.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def get(self, incident_id: str) -> Incident:
        """Return one incident.

        Raises
        ------
        RecordNotFound
            No incident has this id.
        """
        with self._workspace.reading() as tx:
            return ledger.read(tx, incident_id)

    def of(
        self, system_id: str, *, open_only: bool = False, as_of: date | int | None = None
    ) -> list[Incident]:
        """Return the incidents of a system, newest first.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: the incidents as they stood then.

        Raises
        ------
        InvalidRecord
            `as_of` names no time up to now.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return listed(tx, system_id, open_only=open_only, at=at)

    def frame(
        self,
        system_id: str = "",
        *,
        open_only: bool = False,
        as_of: date | int | None = None,
    ) -> Any:
        """Return incidents as a DataFrame with the columns of :data:`COLUMNS`, newest first.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            As for :meth:`of`.

        Raises
        ------
        InvalidRecord
            As for :meth:`of`.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return frame(tx, system_id, open_only=open_only, at=at)

    def unknown(self, system_id: str = "", *, as_of: date | int) -> int:
        """Return how many incidents were on record then of which nobody kept how they stood.

        Not 0 only for a time before former states were kept; :meth:`frame` lacks them.

        Raises
        ------
        InvalidRecord
            `as_of` names no time up to now.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now) or tx.now
            return unknown_then(tx, system_id, at)

    def timeline(self, incident_id: str, *, as_of: date | int | None = None) -> list[RecordedEvent]:
        """Return the events of one incident, oldest first, from the audit trail.

        The breaches behind it and the suspension it led to are among them.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            As for :meth:`of`: only events up to then.

        Raises
        ------
        InvalidRecord
            As for :meth:`of`.
        RecordNotFound
            No incident has this id.
        """
        incident = self.get(incident_id)
        events = events_of(incident, self._workspace.inventory.history(incident.system_id))
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
        return events if at is None else [event for event in events if event.at <= at]
