"""Reading the Statement of Applicability, as it stands or stood at a time; nothing is written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import pandas as pd
import sqlalchemy as sa

from aims_compliance import decisions, versions
from aims_compliance.tables import decision
from aims_compliance.terms import CATALOG, STATES
from aims_compliance.versions import Row
from aims_core import CatalogItem, PluginError, Workspace, fixed_frame, moment

_TIME = "datetime64[us, UTC]"
CONTROLS = dict.fromkeys(("control_id", "title", "topic", "asks"), "string")
STATEMENT = {
    **dict.fromkeys(
        (
            "control_id",
            "title",
            "topic",
            "state",
            "reason",
            "grounds",
            "implementation",
            "responsible",
            "decided_by",
        ),
        "string",
    ),
    "decided_at": _TIME,
}
DECISIONS = {
    "decision_id": "string",
    "control_id": "string",
    "revision": "Int64",
    "applicable": "boolean",
    "reason": "string",
    "grounds": "string",
    "implementation": "string",
    "responsible": "string",
    "decided_by": "string",
    "decided_at": _TIME,
    "in_force": "boolean",
}
VERSIONS = {
    "version": "Int64",
    "digest": "string",
    "catalog": "string",
    "included": "Int64",
    "excluded": "Int64",
    "note": "string",
    "issued_by": "string",
    "issued_at": _TIME,
}
When = date | int | None
"""A time, aware, or the number of a checkpoint: as it stood then. None is now."""
CHANGES = dict.fromkeys(("control_id", "field", "before", "after"), "string")


class StatementReadings:
    """The statement, its issued versions and the decisions behind it as DataFrames.

    Where `as_of` is taken, it is a time, aware, or the number of a checkpoint: what comes back is what
    stood on record then, for the controls of the catalogue as it is now. One that names no time up to
    now raises InvalidRecord.

    Parameters
    ----------
    workspace : Workspace
        Whose statement is read.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def controls(self) -> pd.DataFrame:
        """Return the controls of the catalogue, in its order.

        Returns
        -------
        DataFrame
            ``control_id, title, topic, asks``; `asks` is in our own words.
        """
        return fixed_frame(
            ({**asdict(item), "control_id": item.item_id} for item in self._items()), CONTROLS
        )

    def statement(self, version: int | None = None, *, as_of: When = None) -> pd.DataFrame:
        """Return the statement as it stands or stood, or as it was issued: one row for each control.

        Returns
        -------
        DataFrame
            ``control_id, title, topic, state, reason, grounds, implementation, responsible,
            decided_by, decided_at``; `state` is ``included``, ``excluded`` or ``not decided``.

        Raises
        ------
        RecordNotFound
            No such version was issued.
        """
        return fixed_frame(self._rows(version, as_of), STATEMENT)

    def versions(self, *, as_of: When = None) -> pd.DataFrame:
        """Return the issued versions, newest first.

        Returns
        -------
        DataFrame
            ``version, digest, catalog, included, excluded, note, issued_by, issued_at``.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return fixed_frame((asdict(one) for one in versions.listed(tx, at)), VERSIONS)

    def compare(
        self, earlier: int, later: int | None = None, *, as_of: When = None
    ) -> pd.DataFrame:
        """Return what changed from one issued version to another, or to the statement as it stands or stood.

        Returns
        -------
        DataFrame
            ``control_id, field, before, after``; a row for each difference.

        Raises
        ------
        RecordNotFound
            No such version was issued.
        """
        return fixed_frame(versions.changes(self._rows(earlier), self._rows(later, as_of)), CHANGES)

    def decisions(self, control_id: str = "") -> pd.DataFrame:
        """Return decisions ever taken, on one control or on all, newest first.

        Returns
        -------
        DataFrame
            ``decision_id, control_id, revision, applicable, reason, grounds, implementation,
            responsible, decided_by, decided_at, in_force``.
        """
        query = sa.select(decision).order_by(
            decision.c.decided_at.desc(), decision.c.control_id, decision.c.revision.desc()
        )
        if control_id:
            query = query.where(decision.c.control_id == control_id)
        with self._workspace.reading() as tx:
            rows = [
                {**row, "grounds": "; ".join(row["grounds"])}
                for row in tx.connection.execute(query).mappings()
            ]
        return fixed_frame(rows, DECISIONS)

    def progress(self, *, as_of: When = None) -> dict[str, int]:
        """Return how many controls are included, excluded and not decided, in this order."""
        counts = Counter(row["state"] for row in self._rows(None, as_of))
        return {state: counts[state] for state in STATES}

    def _rows(self, version: int | None, as_of: When = None) -> list[Row]:
        items = self._items()
        with self._workspace.reading() as tx:
            if version is not None:
                return versions.issued(tx, version)
            at = moment(tx.connection, as_of, tx.now)
            return versions.rows_of(items, decisions.in_force(tx, at))

    def _items(self) -> Sequence[CatalogItem]:
        host = self._workspace.host
        offer = host.offer("aims_catalogs", CATALOG)
        items = host.ask(offer, offer.spec.items)
        if not all(isinstance(item, CatalogItem) for item in items):
            raise PluginError(
                offer.plugin.name, CATALOG, "answered something else than CatalogItem"
            )
        return tuple(items)
