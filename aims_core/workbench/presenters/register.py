"""The register: pages found, sorted and counted by the database, and what it can be narrowed to."""

from aims_core.records import AISystem
from aims_core.workbench.presenters.paging import Query
from aims_core.workbench.presenters.words import (
    APPROVALS,
    STATUSES,
    TIERS,
    plain,
    signed,
)
from aims_core.workbench.state import WorkbenchState

FILTERS = ("stage", "tier", "status", "unit")
_COLUMNS = (
    ("system_id", "Identifier"),
    ("name", "System"),
    ("unit", "Unit"),
    ("stage", "Stage"),
    ("tier", "Risk tier"),
    ("approval_state", "Approval"),
    ("owner", "Owner"),
)
_SIGNS = {"tier": TIERS, "status": STATUSES, "approval_state": APPROVALS}


class RegisterPages:
    """Pages of the register, narrowed to what the state says."""

    def __init__(self, state: WorkbenchState) -> None:
        self._state = state

    def columns(self) -> list[tuple[str, str]]:
        """Return the register's columns."""
        return list(_COLUMNS)

    def page(self, query: Query) -> tuple[list[list[str]], int]:
        """Return one page of systems."""
        found, total = self._state.workspace.inventory.find(
            query.search,
            sort=query.sort or "system_id",
            descending=query.descending,
            limit=query.size,
            offset=query.page * query.size,
            **self._state.narrowed,
        )
        return [self._row(system) for system in found], total

    def choices(self, name: str) -> list[tuple[str, str]]:
        """Return (words with their number, value) of a filter; the empty value is all of them."""
        counts = self._state.workspace.inventory.counts(name)
        return [
            ("all", ""),
            *((f"{self._said(name, v)} ({n:,})", v) for v, n in counts.items() if v),
        ]

    def _row(self, system: AISystem) -> list[str]:
        row = [self._said(key, getattr(system, key)) for key, _ in _COLUMNS]
        if str(system.status) != "active":
            row[3] += f", {signed(STATUSES, system.status)}"
        return row

    def _said(self, name: str, value: object) -> str:
        if name in _SIGNS:
            return signed(_SIGNS[name], value)
        return plain(str(value)) if name == "stage" else str(value)
