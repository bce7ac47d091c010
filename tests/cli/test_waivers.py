import json
from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def proposed(aims, triage):
    """Propose a waiver and return its id."""
    said = aims(
        *("waivers", "propose", triage, "monitoring_plan"),
        *("--reason", "Not yet.", "--measure", "Read by hand.", "--until", "2020-01-01"),
        by="olga",
        code=2,
    )
    assert "expires_on" in said.stderr
    until = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    aims(
        *("waivers", "propose", triage, "monitoring_plan"),
        *("--reason", "Not yet.", "--measure", "Read by hand.", "--until", until),
        by="olga",
    )
    [found] = json.loads(aims("waivers", "list", "--format", "json").stdout)
    return found["waiver_id"]


def test_a_waiver_is_proposed_decided_by_two_and_withdrawn(aims, proposed):
    aims("people", "add", "cora", "Cora")
    aims("people", "grant", "cora", "committee_member")

    first = aims("waivers", "decide", proposed, "approve", by="carl").stdout
    second = aims("waivers", "decide", proposed, "approve", by="cora").stdout
    listed = aims("waivers", "list", "ticket-triage").stdout
    gone = aims("waivers", "withdraw", proposed, "--reason", "over", by="olga").stdout

    assert "is proposed, approved by carl" in first
    assert "is granted, approved by carl, cora" in second
    assert "yes" in listed
    assert "is withdrawn" in gone


def test_a_waiver_says_when_it_was_asked_for_and_decided_on(aims, triage):
    now = datetime.now(UTC)
    until = (now + timedelta(days=20)).date().isoformat()
    words = ("waivers", "propose", triage, "monitoring_plan", "--reason", "r", "--measure", "m")
    early = ("--until", until, "--fact-at", "2020-01-01")
    assert "the entry of ticket-triage" in aims(*words, *early, by="olga", code=2).stderr
    made = aims(*words, "--until", until, "--fact-at", now.isoformat(), by="olga").stdout
    waiver = made.partition(":")[0]
    ahead = ("waivers", "decide", waiver, "approve", "--fact-at", until)
    assert "lies ahead" in aims(*ahead, by="carl", code=2).stderr

    aims("waivers", "decide", waiver, "approve", "--fact-at", now.isoformat(), by="carl")
    aims("waivers", "withdraw", waiver, "--reason", "r", "--fact-at", now.isoformat(), by="olga")

    [row] = json.loads(aims("waivers", "list", "--format", "json").stdout)
    assert row["fact_at"] == row["closed_fact_at"] == f"{now:%Y-%m-%dT%H:%M:%S.%fZ}"
    assert row["granted_fact_at"] is None


def test_who_may_not_decide_is_told_so(aims, proposed):
    assert (
        "committee_member"
        in aims("waivers", "decide", proposed, "approve", by="rita", code=2).stderr
    )


def test_without_waivers_the_list_says_so(aims, triage):
    assert "There are no waivers." in aims("waivers", "list").stdout
