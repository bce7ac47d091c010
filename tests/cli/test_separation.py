import json
from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def until():
    return (datetime.now(UTC) + timedelta(days=20)).date().isoformat()


def test_the_rules_say_who_enforces_and_who_sees_them(aims):
    listed = json.loads(aims("separation", "rules", "--format", "json").stdout)

    assert [r["id"] for r in listed] == [f"R{n}" for n in range(1, 16)]
    assert all(r["seen_by"] == "core" or r["unseen"] for r in listed)


def test_a_sound_workspace_shows_only_what_the_founding_covers(aims):
    shown = aims("separation", "breaches").stdout

    assert "No breach without an exception" in shown
    assert "more are covered by exceptions" in shown
    covered = json.loads(aims("separation", "breaches", "--format", "json").stdout)
    assert {b["rule"] for b in covered} == {"R7"}
    assert "alone" in aims("separation", "breaches", "--all").stdout
    assert aims("separation", "breaches", "--as-of", "2020-01-01").exit_code == 0


def test_who_leaves_one_administrator_is_told_and_the_grants_of_that_one_are_covered(aims):
    aims("people", "add", "bert", "Bert")
    aims("people", "grant", "bert", "administrator")
    grant = next(
        row["grant_id"]
        for row in json.loads(aims("people", "list", "--format", "json").stdout)
        if row["actor_id"] == "bert"
    )
    refused = aims("people", "revoke", grant, "--reason", "rival", code=2)
    assert "would leave ada to administer alone" in refused.stderr
    aims("people", "revoke", grant, "--reason", "I move.", by="bert")
    aims("people", "grant", "devi", "inventory_steward")

    assert "No breach without an exception" in aims("separation", "breaches").stdout


def test_an_exception_is_recorded_approved_by_another_and_ended(aims, triage, until):
    said = aims(
        *("separation", "except", "R1", "--system", triage, "--until", until),
        *("--reason", "We are three.", "--control", "An outside reviewer."),
        by="olga",
    ).stdout
    exception_id = said.split(":")[0]

    assert "waits for approval" in said
    assert "top_management" in aims("separation", "approve", exception_id, by="carl", code=2).stderr
    assert "holds until" in aims("separation", "approve", exception_id).stdout
    assert exception_id in aims("separation", "exceptions").stdout
    assert "is ended" in aims("separation", "end", exception_id, "--reason", "over").stdout


def test_a_role_is_proposed_confirmed_and_declined(aims):
    aims("people", "add", "bert", "Bert")
    aims("people", "grant", "bert", "administrator")
    refused = aims("people", "grant", "devi", "inventory_steward", code=2).stderr
    assert "aims people propose" in refused

    first = aims("people", "propose", "devi", "inventory_steward", "--reason", "Holidays").stdout
    assert "Holidays" in aims("people", "changes").stdout
    assert "devi holds" in aims("people", "confirm", first.split(":")[0], by="bert").stdout
    second = aims("people", "propose", "ines", "developer").stdout
    declined = aims("people", "decline", second.split(":")[0], "--reason", "no", by="bert").stdout

    assert "is declined" in declined
    assert "No proposed role waits." in aims("people", "changes").stdout


def test_an_exception_says_when_it_was_so_in_fact(aims, until):
    words = ("separation", "except", "R1", "--until", until, "--reason", "r", "--control", "c")
    exception_id = aims(*words, "--fact-at", "2026-02-01", by="ada").stdout.split(":")[0]
    early = ("separation", "end", exception_id, "--reason", "r", "--fact-at", "2026-01-31")
    assert "is earlier than the exception" in aims(*early, code=2).stderr

    end = ("separation", "end", exception_id, "--reason", "r", "--fact-at", "2026-02-03T14:00")
    aims(*end, by="ada")
    ahead = ("separation", "approve", exception_id, "--fact-at", "2026-02-02")
    assert "the same person" in aims(*ahead, code=2).stderr

    shown = json.loads(aims("separation", "exceptions", "--format", "json").stdout)
    row = next(one for one in shown if one["exception_id"] == exception_id)
    assert row["fact_at"] == "2026-02-01T00:00:00.000000Z"
    assert row["ended_fact_at"] == "2026-02-03T14:00:00.000000Z"
