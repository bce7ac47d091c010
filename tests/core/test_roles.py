"""Roles and scopes: how far a grant reaches, and that nobody reaches further."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_core import Grant, ScopeKind
from aims_core.roles import PERMISSIONS, ROLES, allows, covers, roles_with

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = st.sampled_from(["", "a", "b"])


def grant(role="system_owner", kind=ScopeKind.ORGANISATION, scope=""):
    return Grant(
        grant_id="g",
        actor="olga",
        role=role,
        scope_kind=kind,
        scope=scope,
        granted_by="ada",
        granted_at=NOW,
    )


GRANTS = st.builds(grant, st.sampled_from(sorted(ROLES)), st.sampled_from(list(ScopeKind)), NAMES)


@given(NAMES, NAMES)
def test_a_grant_for_the_organisation_reaches_everywhere(system_id, unit):
    assert covers(grant(), system_id=system_id, unit=unit)


@pytest.mark.parametrize(
    ("held", "system_id", "unit", "reaches"),
    [
        (grant(kind=ScopeKind.UNIT, scope="Support"), "x", "Support", True),
        (grant(kind=ScopeKind.UNIT, scope="Support"), "x", "Sales", False),
        (grant(kind=ScopeKind.UNIT, scope="Support"), "x", "", False),
        (grant(kind=ScopeKind.UNIT, scope="Support"), "Support", "", False),
        (grant(kind=ScopeKind.SYSTEM, scope="x"), "x", "Support", True),
        (grant(kind=ScopeKind.SYSTEM, scope="x"), "y", "x", False),
        (grant(kind=ScopeKind.SYSTEM, scope="x"), "", "", False),
    ],
)
def test_a_narrow_grant_reaches_its_scope_and_no_further(held, system_id, unit, reaches):
    assert covers(held, system_id=system_id, unit=unit) is reaches


@pytest.mark.parametrize("kind", [ScopeKind.UNIT, ScopeKind.SYSTEM])
def test_a_narrow_grant_with_an_empty_scope_reaches_nothing(kind):
    assert not covers(grant(kind=kind, scope=""), system_id="", unit="")


@given(GRANTS, NAMES, NAMES, st.sampled_from(sorted(PERMISSIONS)))
def test_a_revoked_grant_allows_nothing(held, system_id, unit, permission):
    revoked = replace(held, revoked_at=NOW)

    assert not allows([revoked], permission, system_id=system_id, unit=unit)


@given(st.lists(GRANTS, max_size=4), GRANTS, NAMES, NAMES, st.sampled_from(sorted(PERMISSIONS)))
def test_a_further_grant_never_takes_a_permission_away(held, further, system_id, unit, permission):
    if allows(held, permission, system_id=system_id, unit=unit):
        assert allows([*held, further], permission, system_id=system_id, unit=unit)


@given(GRANTS, NAMES, NAMES)
def test_what_a_grant_allows_is_what_its_role_carries_and_nothing_else(held, system_id, unit):
    allowed = {p for p in PERMISSIONS if allows([held], p, system_id=system_id, unit=unit)}

    assert allowed in (set(), set(ROLES[held.role]))


def test_a_role_nobody_knows_allows_nothing():
    assert not any(allows([grant("emperor")], permission) for permission in PERMISSIONS)


def test_asking_for_an_unknown_permission_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="'fly' is unknown"):
        allows([grant()], "fly")


def test_those_who_check_do_not_write_and_those_who_administer_do_not_decide():
    assert ROLES["auditor"] == {"audit", "checkpoint", "report"}
    assert not ROLES["administrator"] & {"decide", "accept_risk", "request", "register", "revise"}
    assert roles_with("grant") == ("administrator",)


def test_no_role_both_describes_a_system_and_decides_on_it():
    for name, permissions in ROLES.items():
        assert not ("revise" in permissions and "decide" in permissions), name
