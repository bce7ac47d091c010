"""Roles, permissions and scopes: which act which role allows, and how far. Pure, as data."""

from collections.abc import Iterable, Mapping

from aims_core.records import AISystem, Grant
from aims_core.terms import ScopeKind

ROLES: Mapping[str, frozenset[str]] = {
    "administrator": frozenset(
        {"grant", "import", "configure", "checkpoint", "approve_exceptions", "remind"}
    ),
    "inventory_steward": frozenset({"register", "revise", "import", "evidence", "remind"}),
    "system_owner": frozenset(
        {"register", "revise", "request", "assess", "monitor", "evidence", "comply", "report"}
    ),
    "developer": frozenset({"revise", "monitor", "evidence"}),
    "risk_reviewer": frozenset(
        {
            "request",
            "decide",
            "assess",
            "accept_risk",
            "close_incidents",
            "monitor",
            "evidence",
            "retain",
            "comply",
            "report",
            "review",
            "remind",
            "propose_reporting",
        }
    ),
    "committee_member": frozenset(
        {
            "request",
            "decide",
            "accept_risk",
            "retain",
            "comply",
            "report",
            "review",
            "remind",
            "propose_reporting",
        }
    ),
    "legal_counsel": frozenset({"confirm_reporting", "report"}),
    "incident_manager": frozenset(
        {"request", "handle_incidents", "close_incidents", "evidence", "report"}
    ),
    "auditor": frozenset({"audit", "checkpoint", "report"}),
    "top_management": frozenset({"accept_risk", "approve_exceptions", "report", "hear_concerns"}),
    "concern_handler": frozenset({"hear_concerns"}),
}
"""Permissions by role. Approval slots and who may ask for a transition stand in the lifecycle."""

PERMISSIONS = frozenset().union(*ROLES.values())

DECIDING = frozenset({"decide", "accept_risk", "confirm_reporting", "hear_concerns"})
"""Permissions to decide in the name of the organisation, or to hear people in confidence."""

PERSONAL_ROLES = tuple(role for role, held in ROLES.items() if held & DECIDING)
"""Roles that a person alone holds, and no service, plugin or unit: those that decide (rule R14).

An ``administrator`` or ``incident_manager`` may be software, which backs up, opens incidents and drafts;
whatever decides in these roles, to confirm a role or to close an incident, is asked of a person at the act.
Source: Regulation (EU) 2024/1689, Art. 14; ISO/IEC 42001, A.9.2.
"""


def covers(grant: Grant, *, system_id: str = "", unit: str = "") -> bool:
    """Return whether a grant is in force and reaches a system or unit."""
    if grant.revoked_at is not None:
        return False
    if grant.scope_kind is ScopeKind.ORGANISATION:
        return True
    if grant.scope_kind is ScopeKind.UNIT:
        return bool(unit) and grant.scope == unit
    return bool(system_id) and grant.scope == system_id


def scope_of(unit: str, system_id: str) -> tuple[ScopeKind, str]:
    """Return the kind of a scope and its name: one unit, one system, or the organisation.

    Raises
    ------
    ValueError
        Both are given.
    """
    if unit and system_id:
        raise ValueError("give a unit or a system, not both")
    if system_id:
        return ScopeKind.SYSTEM, system_id
    return (ScopeKind.UNIT, unit) if unit else (ScopeKind.ORGANISATION, "")


def roles_for(grants: Iterable[Grant], system: AISystem) -> frozenset[str]:
    """Return the roles that the grants give for one system."""
    return frozenset(
        g.role for g in grants if covers(g, system_id=system.system_id, unit=system.unit)
    )


def allows(
    grants: Iterable[Grant], permission: str, *, system_id: str = "", unit: str = ""
) -> bool:
    """Return whether any grant allows an act on a system, a unit or (both empty) the organisation."""
    if permission not in PERMISSIONS:
        raise ValueError(f"permission {permission!r} is unknown; use one of {sorted(PERMISSIONS)}")
    return any(
        permission in ROLES.get(g.role, frozenset()) and covers(g, system_id=system_id, unit=unit)
        for g in grants
    )


def allows_anywhere(grants: Iterable[Grant], permission: str) -> bool:
    """Return whether any grant allows an act somewhere, on whichever system or unit."""
    return any(permission in ROLES.get(g.role, frozenset()) for g in grants)


def roles_with(permission: str) -> tuple[str, ...]:
    """Return the roles that carry a permission, sorted."""
    return tuple(sorted(role for role, held in ROLES.items() if permission in held))
