"""Auditors decide on nothing and own nothing, and audit nothing they decided on or owned (rule R5)."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from aims_core import InvalidRecord, SegregationOfDuties, tables
from aims_core.rules import rule_of
from aims_core.rules.auditing import Work, is_audited
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import granted_past_the_rules, tampering


@pytest.fixture
def nora(registered):
    """Give the id of somebody who holds no role at all."""
    registered.staffing.add("nora", "Nora")
    return "nora"


def lend(workspace, delegate, days=30):
    until = workspace.now() + timedelta(days=days)
    return workspace.act_as("carl").approvals.delegate(delegate, "committee_member", until=until)


def owned(workspace, owner, system_id="chat"):
    content = {**TICKET_TRIAGE, "name": system_id, "owner": owner}
    return workspace.act_as("olga").inventory.register(system_id, **content)


def excepted(workspace):
    """Have an exception to R5 recorded by one and approved by another."""
    made = workspace.act_as("olga").separation.record_exception(
        "R5",
        reason="We are three people.",
        compensating_control="An outside auditor in March.",
        expires_on=workspace.now().date() + timedelta(days=30),
    )
    return workspace.separation.approve_exception(made.exception_id)


def breaches(workspace):
    found = workspace.separation.breaches()
    return [(b.persons, b.what, b.exception) for b in found if b.rule == "R5"]


@pytest.mark.parametrize("account", ["aude", "aude-2"])
def test_no_seat_is_lent_to_an_auditor_under_any_account(registered, account):
    registered.staffing.add("aude-2", "Aude again", person="aude")

    with pytest.raises(
        SegregationOfDuties, match="is an auditor, and who audits decides on nothing"
    ):
        lend(registered, account)

    assert registered.approvals.delegations() == []
    assert breaches(registered) == []


def test_an_auditor_decides_in_no_seat_that_is_lent_to_them_all_the_same(life, registered, nora):
    lent = lend(registered, nora)
    request = life.ask("start_development")
    with tampering(registered) as connection:
        grant = {
            "grant_id": "grt-x",
            "actor": nora,
            "role": "auditor",
            "scope_kind": "organisation",
            "scope": "",
            "granted_by": "ada",
            "granted_at": registered.now(),
        }
        connection.execute(sa.insert(tables.grant).values(**grant))

    with pytest.raises(SegregationOfDuties, match="nora is an auditor"):
        life.vote(request, nora, on_behalf_of="carl")

    [found] = [b for b in registered.separation.breaches() if b.rule == "R5"]
    assert (found.persons, found.records) == (("nora",), ("grt-x", lent.delegation_id))
    assert "had a seat as committee_member lent" in found.what


def test_who_had_a_seat_lent_lately_does_not_become_an_auditor(registered, nora, clock):
    lent = lend(registered, nora)
    registered.act_as("carl").approvals.end_delegation(lent.delegation_id, reason="back")
    with pytest.raises(SegregationOfDuties, match="had a seat as committee_member lent"):
        registered.staffing.grant(nora, "auditor")

    clock.on(days=364)
    with pytest.raises(SegregationOfDuties):
        registered.staffing.grant(nora, "auditor")
    clock.on(days=3)

    assert registered.staffing.grant(nora, "auditor").role == "auditor"
    assert breaches(registered) == []


def test_by_an_exception_an_auditor_decides_and_it_shows(life, registered):
    exception = excepted(registered)
    lend(registered, "aude")

    done = life.vote(life.ask("start_development"), "aude", on_behalf_of="carl")

    assert done.status == "carried_out"
    used = registered.audit.events(event_type="core.ExceptionUsed")
    assert [e.payload["exception_id"] for e in used] == [exception.exception_id] * 2
    assert {x for _, _, x in breaches(registered)} == {exception.exception_id}
    assert {p for p, _, _ in breaches(registered)} == {("aude",)}


def test_an_auditor_becomes_the_owner_of_no_system(registered):
    registered.staffing.add("aude-2", "Aude again", person="aude")
    olga = registered.act_as("olga")
    for owner in ("aude", "aude-2"):
        with pytest.raises(
            InvalidRecord, match="is an auditor, and who audits answers for no system"
        ):
            owned(registered, owner)
        with pytest.raises(InvalidRecord, match="is an auditor"):
            olga.inventory.revise("ticket-triage", owner=owner)
        frame = registered.inventory.frame()[["system_id", "revision"]].assign(owner=owner)
        with pytest.raises(InvalidRecord, match="is an auditor"):
            olga.inventory.propose(frame, reason="moves")

    assert registered.inventory.get("ticket-triage").owner == "olga"
    assert breaches(registered) == []


def test_a_change_set_that_waited_makes_no_auditor_an_owner(registered, nora):
    olga = registered.act_as("olga")
    frame = registered.inventory.frame()[["system_id", "revision"]].assign(owner=nora)
    waiting = olga.inventory.propose(frame, reason="moves")
    registered.staffing.grant(nora, "auditor")

    with pytest.raises(InvalidRecord, match="is an auditor"):
        olga.inventory.apply(waiting)


def test_a_unit_that_nobody_audits_under_owns_systems_as_ever(registered):
    registered.staffing.add("support", "Support", kind="unit")

    assert owned(registered, "support").owner == "support"


def test_who_owns_or_owned_a_system_lately_does_not_audit(registered, nora, clock):
    owned(registered, nora)
    with pytest.raises(SegregationOfDuties, match="owned chat now or in the last 12 months"):
        registered.staffing.grant(nora, "auditor")
    registered.act_as("olga").inventory.revise("chat", owner="olga")
    with pytest.raises(SegregationOfDuties, match="owned chat"):
        registered.staffing.grant(nora, "auditor")

    clock.on(days=367)

    assert registered.staffing.grant(nora, "auditor").role == "auditor"
    assert breaches(registered) == []


def test_an_auditor_who_owns_a_system_breaches_r5_from_that_moment(registered, nora):
    owned(registered, nora)
    with tampering(registered) as connection:
        grant = {
            "grant_id": "grt-x",
            "actor": nora,
            "role": "auditor",
            "scope_kind": "organisation",
            "scope": "",
            "granted_by": "ada",
            "granted_at": registered.now(),
        }
        connection.execute(sa.insert(tables.grant).values(**grant))

    [found] = [b for b in registered.separation.breaches() if b.rule == "R5"]

    assert (found.persons, found.system_id) == (("nora",), "chat")
    assert "owned chat" in found.what
    before = registered.separation.breaches(as_of=found.at - timedelta(microseconds=1))
    assert [b for b in before if b.rule == "R5"] == []
    assert registered.separation.breaches(system_ids=["chat"]) == [found]
    assert registered.separation.breaches(system_ids=["ticket-triage"]) == []


def test_by_an_exception_an_auditor_owns_a_system_and_it_shows(registered):
    exception = excepted(registered)

    owned(registered, "aude")
    registered.act_as("olga").inventory.revise("chat", use_case="Chats.")

    used = registered.audit.events(event_type="core.ExceptionUsed")
    assert [(e.system_id, e.payload["exception_id"]) for e in used] == [
        ("chat", exception.exception_id)
    ]
    assert breaches(registered) == [
        (
            ("aude",),
            "is an auditor, and owned chat at the time or within 12 months before",
            exception.exception_id,
        )
    ]


DAYS = st.integers(0, 1_200)


@given(since=DAYS, lasted=st.none() | DAYS, audits=DAYS, audited=st.none() | DAYS, more=DAYS)
def test_work_that_lasted_longer_is_never_audited_sooner(since, lasted, audits, audited, more):
    until = None if lasted is None else since + lasted
    ends = None if audited is None else audits + audited

    found = is_audited(_work(since, until), since=_day(audits), until=_until(ends))

    assert found <= is_audited(_work(since, None), since=_day(audits), until=_until(ends))
    assert found <= is_audited(_work(since, until), since=_day(audits), until=None)
    if until is not None and ends is None:
        assert found == (audits < until + rule_of("R5").look_back.total_seconds() / 86_400)
        assert found <= is_audited(_work(since, until + more), since=_day(audits))


def _work(since, until):
    return Work(what="worked", record_id="x", since=_day(since), until=_until(until))


def _day(number):
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def _until(number):
    return None if number is None else _day(number)


@pytest.mark.parametrize("ago", [0, 300, 365, 366, 500])
def test_the_grant_is_refused_where_the_breach_would_be_found(registered, nora, clock, ago):
    lent = lend(registered, nora)
    owned(registered, nora)
    registered.act_as("carl").approvals.end_delegation(lent.delegation_id, reason="back")
    registered.act_as("olga").inventory.revise("chat", owner="olga")
    clock.on(days=ago)

    refused = ""
    try:
        registered.staffing.grant(nora, "auditor")
    except SegregationOfDuties as error:
        refused = str(error)
        granted_past_the_rules(registered, nora, "auditor")

    said = {what.partition(" at the time")[0] for _, what, _ in breaches(registered)}
    assert said == (
        {"is an auditor, and had a seat as committee_member lent", "is an auditor, and owned chat"}
        if ago < 366
        else set()
    )
    assert all(one.partition("and ")[2] in refused for one in said)
    assert bool(refused) == bool(said)
