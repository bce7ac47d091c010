"""`aims approvals`: requests listed and closed, seats lent, from the command line."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from aims_core import open_workspace
from aims_core.testing.intruder import tampering


@pytest.fixture
def asked(aims, triage, folder):
    """Give the id of a request to retire the system."""
    workspace = open_workspace(folder, actor="ines")
    workspace.evidence.add(triage, "retirement_plan", "Plan", text="Users are told in May.")
    workspace.close()
    made = json.loads(aims("request", triage, "retire", "--format", "json", by="olga").stdout)
    return made["approval_id"]


def day(days):
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def lend(aims, *options, to="ada"):
    return aims("approvals", "delegate", to, "committee_member", *options, by="carl").stdout


def test_a_seat_is_lent_used_and_its_vote_shown(aims, asked):
    said = lend(aims, "--until", day(3), "--reason", "leave")
    assert f"ada decides as committee_member for carl, organisation, until {day(3)}" in said

    decided = aims("decide", asked, "approve", "--for", "carl", by="ada").stdout

    assert "is carried_out" in decided
    shown = aims("approvals", "show", asked).stdout
    assert "ada on behalf of carl, as committee_member: approve" in shown


def test_a_lent_seat_is_listed_until_it_is_given_back(aims):
    delegation = lend(aims, "--until", day(3)).rsplit("(", 1)[1].split(")")[0]
    assert delegation in aims("approvals", "delegations").stdout

    ended = aims("approvals", "end-delegation", delegation, "--reason", "back", by="carl").stdout

    assert "ada no longer decides as committee_member for carl" in ended
    assert "No seat is lent." in aims("approvals", "delegations").stdout
    assert delegation in aims("approvals", "delegations", "--all").stdout


def test_what_cannot_be_lent_is_told_plainly(aims):
    words = ("approvals", "delegate", "ada", "committee_member", "--until")

    assert "is over before it begins" in aims(*words, day(-2), by="carl", code=2).stderr
    assert "rita is not committee_member" in aims(*words, day(3), by="rita", code=2).stderr
    assert "Invalid value" in aims(*words, "soon", by="carl", code=2).stderr


def test_requests_are_listed_with_their_end_and_shown_with_what_is_missing(aims, asked):
    listed = json.loads(aims("approvals", "list", "--open", "--format", "json").stdout)

    assert [one["approval_id"] for one in listed] == [asked]
    assert listed[0]["expires_at"]
    shown = aims("approvals", "show", asked).stdout
    assert "0 of 1 approval(s) as committee_member" in shown
    assert "It can be decided until" in shown


def test_a_request_is_withdrawn_with_its_reason(aims, asked):
    gone = aims("approvals", "withdraw", asked, "--reason", "too soon", by="olga").stdout

    assert "is withdrawn" in gone
    assert "withdrawn by olga: too soon" in aims("approvals", "show", asked).stdout
    assert "No request fits." in aims("approvals", "list", "--open").stdout


def test_what_is_overdue_is_closed_at_once(aims, asked, folder):
    assert "No request is overdue." in aims("approvals", "expire").stdout
    workspace = open_workspace(folder, actor="ada")
    with tampering(workspace) as connection:
        connection.exec_driver_sql("UPDATE aims_approval SET expires_at = requested_at")
    workspace.close()
    assert "expired" in aims("approvals", "list").stdout

    closed = json.loads(aims("approvals", "expire", "--format", "json").stdout)

    assert [(one["approval_id"], one["status"]) for one in closed] == [(asked, "expired")]
    assert "No request is overdue." in aims("approvals", "expire").stdout


def test_both_times_of_a_decision_are_shown_where_they_differ(aims, asked):
    shown = aims("approvals", "show", asked).stdout
    assert "Asked for by olga, " in shown
    assert "in fact" not in shown
    by_paper = json.loads(aims("approvals", "show", asked, "--format", "json").stdout)
    when = by_paper["requested_at"]

    aims("decide", asked, "approve", "--fact-at", when, by="carl")

    assert f"(in fact {when[:10]} {when[11:16]} UTC)" in aims("approvals", "show", asked).stdout
    told = json.loads(aims("approvals", "show", asked, "--format", "json").stdout)
    assert told["votes"][0]["fact_at"] == told["closed_fact_at"] == when


def test_a_time_of_fact_is_a_date_or_a_time_that_can_have_been(aims, asked):
    words = ("decide", asked, "approve", "--fact-at")

    assert "is no time; write 2026-03-01" in aims(*words, "last week", by="carl", code=2).stderr
    assert "lies ahead" in aims(*words, "2999-01-01", by="carl", code=2).stderr
    early = aims(*words, "2020-01-01T12:00+02:00", by="carl", code=2).stderr
    assert "is earlier than the" in early
    aims(
        "approvals",
        "withdraw",
        asked,
        "--reason",
        "x",
        "--fact-at",
        "2999-01-01",
        by="olga",
        code=2,
    )
