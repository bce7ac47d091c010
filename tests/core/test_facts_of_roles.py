"""Roles that were given and taken back before anybody entered it: both times are kept, entry alone counts."""

from datetime import timedelta

import pandas as pd
import pytest

from aims_core import InvalidRecord, RequestRefused

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
DAY = timedelta(days=1)


@pytest.fixture
def began(workspace, clock):
    """Give the time at which the workspace's time began; ten days have gone by since."""
    at = clock.now
    clock.on(days=10)
    return at


@pytest.fixture
def bert(workspace, began):
    """Give the workspace as a second administrator."""
    workspace.staffing.add("bert", "Bert")
    workspace.staffing.grant("bert", "administrator")
    return workspace.act_as("bert")


def test_both_times_of_a_role_that_is_given_and_taken_back_are_kept(workspace, began, stated):
    named, left = began + 3 * DAY, began + 5 * DAY
    held = workspace.staffing.grant("devi", "inventory_steward", fact_at=named)

    gone = workspace.staffing.revoke(held.grant_id, reason="She left.", fact_at=left)

    assert (held.fact_at, held.revoked_fact_at) == (named, None)
    assert (gone.fact_at, gone.revoked_fact_at) == (named, left)
    assert min(gone.granted_at, gone.revoked_at) > began + 9 * DAY
    assert stated(workspace, "RoleGranted")[0] == named
    assert stated(workspace, "RoleRevoked") == [left]
    assert workspace.audit.verify().intact


def test_a_role_that_two_give_was_given_when_it_was_confirmed(workspace, bert, began, stated):
    asked_at, agreed_at = began + 2 * DAY, began + 4 * DAY
    asked = workspace.staffing.propose("devi", "inventory_steward", fact_at=asked_at)

    held = bert.staffing.confirm(asked.change_id, fact_at=agreed_at)

    (kept,) = workspace.staffing.changes(open_only=False)
    assert (kept.fact_at, kept.closed_fact_at, held.fact_at) == (asked_at, agreed_at, agreed_at)
    assert stated(workspace, "RoleChangeProposed") == [asked_at]
    assert stated(workspace, "RoleChangeClosed") == [agreed_at]
    assert stated(workspace, "RoleGranted")[0] == agreed_at


@ONE_DATABASE
@pytest.mark.parametrize("closed", ["declined", "withdrawn"])
def test_a_proposal_that_came_to_nothing_says_when(workspace, bert, began, closed):
    asked = workspace.staffing.propose("devi", "inventory_steward", fact_at=began + DAY)
    by = (bert if closed == "declined" else workspace).staffing
    with pytest.raises(InvalidRecord, match="is earlier than the proposal"):
        by.decline(asked.change_id, reason="no", fact_at=began)

    done = by.decline(asked.change_id, reason="no", fact_at=began + 2 * DAY)

    assert (done.status, done.closed_fact_at) == (closed, began + 2 * DAY)
    assert by.decline(asked.change_id, reason="no") == done
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        by.decline(asked.change_id, reason="no", fact_at=began + 3 * DAY)


@ONE_DATABASE
def test_what_nobody_states_has_a_time_of_entry_only(workspace, bert, stated):
    asked = workspace.staffing.propose("devi", "inventory_steward")
    held = bert.staffing.confirm(asked.change_id)
    gone = workspace.staffing.revoke(held.grant_id, reason="She left.")

    (kept,) = workspace.staffing.changes(open_only=False)
    assert [kept.fact_at, kept.closed_fact_at, gone.fact_at, gone.revoked_fact_at] == [None] * 4
    for kind in ("RoleChangeProposed", "RoleChangeClosed", "RoleRevoked"):
        assert stated(workspace, kind) == [None]


@pytest.mark.parametrize("act", ["grant", "propose"])
def test_no_role_is_given_ahead_of_time(workspace, began, act):
    before = workspace.audit.head()[0]

    with pytest.raises(InvalidRecord, match="lies ahead"):
        getattr(workspace.staffing, act)("devi", "incident_manager", fact_at=began + 11 * DAY)

    assert "incident_manager" not in {g.role for g in workspace.staffing.roles_of("devi")}
    assert workspace.staffing.changes() == []
    assert workspace.audit.head()[0] == before + 1


def test_no_role_is_taken_back_before_it_was_given(workspace, began):
    held = workspace.staffing.grant("devi", "inventory_steward", fact_at=began + 3 * DAY)

    with pytest.raises(InvalidRecord, match="is earlier than the grant"):
        workspace.staffing.revoke(held.grant_id, reason="left", fact_at=began + 2 * DAY)

    assert held in workspace.staffing.roles_of("devi")
    unstated = workspace.staffing.grant("devi", "incident_manager")
    with pytest.raises(InvalidRecord, match="it has to say when it was itself"):
        workspace.staffing.revoke(unstated.grant_id, reason="left", fact_at=began + 9 * DAY)


def test_no_role_is_confirmed_before_it_was_proposed(workspace, bert, began):
    asked = workspace.staffing.propose("devi", "inventory_steward", fact_at=began + 3 * DAY)

    with pytest.raises(InvalidRecord, match="is earlier than the proposal"):
        bert.staffing.confirm(asked.change_id, fact_at=began + 2 * DAY)

    assert [c.status for c in workspace.staffing.changes()] == ["proposed"]
    assert "inventory_steward" not in {g.role for g in workspace.staffing.roles_of("devi")}


@ONE_DATABASE
def test_a_cell_runs_twice_and_never_states_another_time(workspace, bert, began, stated):
    first, second, third = (began + n * DAY for n in (1, 2, 3))
    ada = workspace.staffing
    asked = ada.propose("devi", "inventory_steward", fact_at=first)
    assert ada.propose("devi", "inventory_steward", fact_at=first) == asked
    assert ada.propose("devi", "inventory_steward") == asked
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        ada.propose("devi", "inventory_steward", fact_at=second)

    held = bert.staffing.confirm(asked.change_id, fact_at=second)
    assert bert.staffing.confirm(asked.change_id, fact_at=second) == held
    assert bert.staffing.confirm(asked.change_id) == held
    assert ada.grant("devi", "inventory_steward", fact_at=second) == held
    for again in (
        lambda: bert.staffing.confirm(asked.change_id, fact_at=third),
        lambda: ada.grant("devi", "inventory_steward", fact_at=third),
    ):
        with pytest.raises(RequestRefused, match="stays as it was stated"):
            again()

    gone = ada.revoke(held.grant_id, reason="left", fact_at=third)
    assert ada.revoke(held.grant_id, reason="left") == gone
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        ada.revoke(held.grant_id, reason="left", fact_at=second)
    assert len(stated(workspace, "RoleRevoked")) == 1


def test_rights_and_looking_back_go_by_entry(workspace, began):
    held = workspace.staffing.grant("devi", "incident_manager", unit="Support", fact_at=began + DAY)
    before = held.granted_at - timedelta(microseconds=1)

    assert held not in workspace.staffing.roles_of("devi", as_of=before)
    assert held in workspace.staffing.roles_of("devi", as_of=held.granted_at)
    gone = workspace.staffing.revoke(held.grant_id, reason="left", fact_at=began + 2 * DAY)
    assert held in workspace.staffing.roles_of("devi", as_of=held.granted_at)
    assert held not in workspace.staffing.roles_of("devi", as_of=gone.revoked_at)


def test_people_are_listed_with_both_times(workspace, began):
    workspace.staffing.grant("devi", "incident_manager", unit="Support", fact_at=began + DAY)

    frame = workspace.staffing.frame()

    stating = (frame.role == "incident_manager") & (frame.actor_id == "devi")
    (row,) = frame[stating].itertuples()
    assert row.fact_at == pd.Timestamp(began + DAY) < row.granted_at
    assert frame[~stating].fact_at.isna().all()
    assert str(frame.fact_at.dtype) == str(frame.granted_at.dtype)
