"""Reading the risk register, as it stands or stood at a time; nothing is written."""

from datetime import date

import pandas as pd

from aims_core import RecordNotFound, Workspace, moment
from aims_risk import assessments, views
from aims_risk.criteria import RiskCriteria
from aims_risk.records import Assessment
from aims_risk.settings import read_criteria

SECTION = "risk"
"""The section of ``aims.toml`` that holds the criteria."""
When = date | int | None
"""A time, aware, or the number of a checkpoint: as the register stood then. None is now."""


class RiskReadings:
    """Assessments, risks and treatments as records and DataFrames.

    Where `as_of` is taken, it is a time, aware, or the number of a checkpoint: what comes back is what
    stood on record then. One that names no time up to now raises InvalidRecord.

    Parameters
    ----------
    workspace : Workspace
        Whose register is read.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def criteria(self) -> RiskCriteria:
        """The criteria in force, from ``[risk]`` in ``aims.toml``."""
        return read_criteria(self._workspace.settings.section(SECTION))

    def get(self, system_id: str, *, as_of: When = None) -> Assessment:
        """Return the assessment in force of a system.

        Raises
        ------
        RecordNotFound
            The system was never assessed, or not by then.
        """
        with self._workspace.reading() as tx:
            tx.get_system(system_id)
            found = assessments.newest(tx, system_id, moment(tx.connection, as_of, tx.now))
        if found is None:
            raise RecordNotFound("risk assessment of", system_id)
        return found

    def frame(
        self, system_id: str = "", *, history: bool = False, as_of: When = None
    ) -> pd.DataFrame:
        """Return assessments in force, or all with `history`, newest first.

        Returns
        -------
        DataFrame
            ``assessment_id, system_id, revision, likelihood, consequence, value, level, tier,
            assessed_by, assessed_at, criteria_version, provider, rationale, in_force``.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return views.assessments(tx, system_id, history=history, at=at)

    def risks(self, system_id: str = "", *, as_of: When = None) -> pd.DataFrame:
        """Return identified risks of one system or of all, by system and id.

        Returns
        -------
        DataFrame
            ``system_id, risk_id, title, risk_source, consequence, likelihood, gravest, level,
            risk_owner, status, recorded_by, recorded_at``; `gravest` is the gravest consequence.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return views.risks(tx, system_id, at)

    def treatments(self, system_id: str = "", *, as_of: When = None) -> pd.DataFrame:
        """Return treatments of one system or of all, oldest first.

        Returns
        -------
        DataFrame
            ``treatment_id, system_id, risk_id, measure, option, responsible, controls, status,
            recorded_by, recorded_at``.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return views.treatments(tx, system_id, at)

    def heatmap(self, *, as_of: When = None) -> dict[tuple[int, int], int]:
        """Return the number of systems by (likelihood, consequence), both from 1; no cell holds 0."""
        with self._workspace.reading() as tx:
            return views.matrix(tx, moment(tx.connection, as_of, tx.now))
