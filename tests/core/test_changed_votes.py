"""Second thoughts while a request is open: the newest vote counts, every vote stays on record."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from aims_core import RequestRefused, RevisionConflict, SegregationOfDuties
from aims_core.testing.intruder import tampering


def votes(workspace, request):
    return [
        (v.actor, str(v.decision), v.ordinal)
        for v in workspace.approvals.get(request.approval_id).votes
    ]


def test_who_approved_may_refuse_while_the_request_is_open(life, registered):
    life.rate("high")
    request = life.ask("start_development")
    life.vote(request, "carl")

    refused = life.vote(request, "carl", "refuse", reason="second thoughts")

    assert (refused.status, refused.closed_by, refused.close_reason) == (
        "refused",
        "carl",
        "second thoughts",
    )
    assert votes(registered, request) == [("carl", "approve", 1), ("carl", "refuse", 2)]
    cast = [e for e in registered.audit.events("ticket-triage") if e.type == "core.VoteCast"]
    assert [e.payload["replaces"] for e in cast] == [refused.votes[0].vote_id, ""]
    assert life.stage == "inception"


def test_a_closed_request_takes_no_second_thoughts(life, registered):
    request = life.ask("start_development")
    life.vote(request, "carl")

    with pytest.raises(RequestRefused, match="the request is carried_out"):
        life.vote(request, "carl", "refuse", reason="second thoughts")

    assert votes(registered, request) == [("carl", "approve", 1)]


def test_a_vote_is_changed_by_the_person_whatever_the_account(life, registered):
    life.rate("high")
    registered.staffing.add("carl-2", "Carl again", person="carl")
    registered.staffing.grant("carl-2", "committee_member")
    request = life.ask("start_development")
    life.vote(request, "carl")

    with pytest.raises(SegregationOfDuties, match=r"carl, the same person.*already decided"):
        life.vote(request, "carl-2")
    changed = life.vote(request, "carl-2", "refuse", reason="second thoughts")

    assert changed.status == "refused"
    assert votes(registered, request) == [("carl", "approve", 1), ("carl-2", "refuse", 2)]


def test_nobody_changes_the_vote_of_somebody_else(life, registered):
    life.rate("high")
    request = life.ask("start_development")
    life.vote(request, "carl")

    life.vote(request, "cora", "refuse", reason="no")

    assert votes(registered, request) == [("carl", "approve", 1), ("cora", "refuse", 1)]


def test_the_same_vote_twice_is_one_and_two_of_a_kind_cannot_be_stored(life, registered):
    life.rate("high")
    request = life.ask("start_development")
    life.vote(request, "carl")
    head = registered.audit.head()

    life.vote(request, "carl")

    assert registered.audit.head() == head
    again = """INSERT INTO aims_vote SELECT 'vot-2', approval_id, actor, person, role, 'refuse',
        reason, digest, at, on_behalf_of, on_behalf_person, ordinal, fact_at FROM aims_vote"""
    with pytest.raises(RevisionConflict), tampering(registered) as connection:
        connection.execute(sa.text(again))


def test_withdrawing_says_who_and_why(life, registered):
    request = life.ask("start_development")

    gone = registered.act_as("olga").approvals.withdraw(request.approval_id, reason="too soon")

    assert (gone.status, gone.closed_by, gone.close_reason) == ("withdrawn", "olga", "too soon")
    assert registered.approvals.get(request.approval_id) == replace(gone, conditions=())
