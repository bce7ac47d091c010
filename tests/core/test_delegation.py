"""Seats lent for a time: recorded, revocable, expiring, never wider than the lender's, joining no duties."""

from datetime import UTC, date, datetime, timedelta

import pytest

from aims_core import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
)
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import granted_past_the_rules

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def nora(registered):
    """Give the id of somebody who holds no role at all."""
    registered.staffing.add("nora", "Nora")
    return "nora"


@pytest.fixture
def lend(registered, clock):
    """Give the act by which one lends a seat to another, for a month unless said otherwise."""

    def lending(delegator, delegate, role="committee_member", **options):
        terms = {"until": clock.now + timedelta(days=30), "reason": "on leave", **options}
        return registered.act_as(delegator).approvals.delegate(delegate, role, **terms)

    return lending


def test_a_lent_seat_is_decided_in_on_behalf_of_who_lent_it(life, registered, nora, lend):
    made = lend("carl", nora)
    request = life.ask("start_development")

    with pytest.raises(NotPermitted, match="on behalf of carl, whose seat is lent to you"):
        life.vote(request, nora)
    done = life.vote(request, nora, on_behalf_of="carl")

    (vote,) = done.votes
    assert (vote.actor, vote.person, vote.on_behalf_of, vote.on_behalf_person) == (
        "nora",
        "nora",
        "carl",
        "carl",
    )
    assert done.status == "carried_out"
    assert registered.approvals.delegations() == [made]
    events = registered.audit.events(limit=10)
    cast = next(e for e in events if e.type == "core.VoteCast")
    lent = next(e for e in events if e.type == "core.SeatDelegated")
    assert (cast.actor, cast.payload["on_behalf_of"]) == ("nora", "carl")
    assert (lent.actor, lent.payload["delegate"]) == ("carl", "nora")
    assert registered.audit.verify().intact


def test_the_same_delegation_again_is_found(lend, nora, registered, clock):
    ends = clock.now + timedelta(days=3)
    first = lend("carl", nora, until=ends)
    head = registered.audit.head()

    assert lend("carl", nora, until=ends) == first
    assert registered.audit.head() == head


@pytest.mark.parametrize("who", ["carl", "nora", "ada"])
def test_lender_holder_and_administrator_end_it_and_nobody_else(life, registered, nora, lend, who):
    made = lend("carl", nora)
    with pytest.raises(NotPermitted):
        registered.act_as("cora").approvals.end_delegation(made.delegation_id, reason="no")
    with pytest.raises(RequestRefused, match="say why"):
        registered.act_as(who).approvals.end_delegation(made.delegation_id, reason=" ")

    ended = registered.act_as(who).approvals.end_delegation(made.delegation_id, reason="back")

    assert (ended.ended_by, ended.end_reason) == (who, "back")
    assert registered.approvals.delegations() == []
    assert registered.approvals.delegations(current_only=False) == [ended]
    with pytest.raises(NotPermitted, match="carl lends nora no seat"):
        life.vote(life.ask("start_development"), nora, on_behalf_of="carl")


def test_a_lent_seat_is_empty_after_its_time_and_before_it(life, nora, lend, clock):
    lend("carl", nora, since=clock.now + timedelta(days=2), until=clock.now + timedelta(days=4))
    request = life.ask("start_development")
    for days in (0, 5):
        clock.on(days=days)
        with pytest.raises(NotPermitted, match="no seat"):
            life.vote(request, nora, on_behalf_of="carl")
        clock.on(days=-days)
    clock.on(days=3)

    assert life.vote(request, nora, on_behalf_of="carl").status == "carried_out"


@pytest.mark.parametrize("how", ["ended", "over", "lost"])
def test_a_vote_counts_only_while_the_seat_is_lent_and_held(
    life, registered, nora, lend, clock, how
):
    life.rate("high")
    made = lend("carl", nora, until=clock.now + timedelta(days=2))
    request = life.ask("start_development")
    life.vote(request, nora, on_behalf_of="carl")
    if how == "ended":
        registered.act_as("carl").approvals.end_delegation(made.delegation_id, reason="back")
    elif how == "over":
        clock.on(days=3)
    else:
        grant = registered.staffing.roles_of("carl")[0]
        registered.staffing.revoke(grant.grant_id, reason="left")

    after = life.vote(request, "cora")

    assert after.status == "open"
    assert "nora no longer holds the role committee_member for carl" in after.unmet[0].reason


def test_the_delegate_is_judged_as_the_person_they_are(life, registered, lend):
    registered.staffing.grant("ines", "committee_member")
    registered.act_as("ines").inventory.revise("ticket-triage", supplier="ACME")
    lend("carl", "ines")
    request = life.ask("start_development")

    with pytest.raises(SegregationOfDuties, match="ines acted as editor"):
        life.vote(request, "ines", on_behalf_of="carl")


def test_the_delegate_is_judged_as_the_one_they_decide_for_too(life, registered, nora, lend):
    registered.staffing.grant("olga", "committee_member")
    lend("olga", nora)
    request = life.ask("start_development")

    with pytest.raises(SegregationOfDuties, match="olga, for whom nora decides, acted as"):
        life.vote(request, nora, on_behalf_of="olga")

    assert life.stage == "inception"


def test_the_requester_does_not_decide_for_somebody_else_either(life, lend):
    lend("carl", "olga")
    request = life.ask("start_development")

    with pytest.raises(SegregationOfDuties, match="olga acted as"):
        life.vote(request, "olga", on_behalf_of="carl")


def test_a_duty_taken_on_after_the_vote_voids_it_for_both(life, registered, nora, lend):
    life.rate("high")
    life.to("verification_and_validation")
    life.show("validation")
    life.show("impact_assessment")
    request = life.ask("approve_deployment")
    lend("carl", nora)
    life.vote(request, nora, on_behalf_of="carl")
    life.vote(request, "rita")
    registered.staffing.grant("carl", "developer")

    after = life.vote(request, "cora")

    assert after.status == "open"
    assert "carl also acted as developer" in after.unmet[0].reason


def test_one_person_has_one_seat_however_many_are_lent_to_them(life, lend, registered):
    life.rate("high")
    lend("carl", "cora")
    request = life.ask("start_development")
    life.vote(request, "cora")

    with pytest.raises(SegregationOfDuties, match="one person has one seat"):
        life.vote(request, "cora", on_behalf_of="carl")

    assert life.stage == "inception"


@ONE_DATABASE
def test_two_seats_lent_to_one_person_fill_one(life, registered, nora, lend):
    life.rate("high")
    lend("carl", nora)
    lend("cora", nora)
    request = life.ask("start_development")
    life.vote(request, nora, on_behalf_of="carl")

    with pytest.raises(SegregationOfDuties, match="one person has one seat"):
        life.vote(request, nora, on_behalf_of="cora")


def test_who_lent_a_seat_may_still_decide_and_both_votes_fill_one_seat(life, nora, lend):
    life.rate("high")
    lend("carl", nora)
    request = life.ask("start_development")
    life.vote(request, nora, on_behalf_of="carl")

    both = life.vote(request, "carl")

    assert both.status == "open"
    assert "1 of 2" in both.unmet[0].reason
    assert life.vote(request, "cora").status == "carried_out"


def test_what_was_lent_is_not_lent_on(life, registered, nora, lend):
    registered.staffing.add("nils", "Nils")
    lend("carl", nora)

    with pytest.raises(NotPermitted, match="nobody lends on what was lent to them"):
        lend(nora, "nils")

    assert len(registered.approvals.delegations()) == 1


def test_a_seat_is_lent_no_further_than_it_is_held(life, registered, nora, lend):
    registered.staffing.add("ulla", "Ulla")
    registered.staffing.grant("ulla", "committee_member", unit="Support")
    registered.act_as("olga").inventory.register("other", **{**TICKET_TRIAGE, "unit": "Sales"})

    for wider in ({}, {"unit": "Sales"}, {"system_id": "other"}):
        with pytest.raises(NotPermitted, match="for unit Support only"):
            lend("ulla", nora, **wider)
    lend("ulla", nora, system_id="ticket-triage")

    other = registered.act_as("olga").approvals.request("other", "start_development")
    with pytest.raises(NotPermitted):
        life.vote(other, nora, on_behalf_of="ulla")
    request = life.ask("start_development")
    assert life.vote(request, nora, on_behalf_of="ulla").status == "carried_out"


@ONE_DATABASE
def test_a_system_that_leaves_the_unit_leaves_the_lent_seat(life, registered, nora, lend):
    lend("carl", nora, unit="Support")
    registered.act_as("olga").inventory.revise("ticket-triage", unit="Sales")

    with pytest.raises(NotPermitted, match="no seat"):
        life.vote(life.ask("start_development"), nora, on_behalf_of="carl")


@pytest.mark.parametrize("kind", ["plugin", "service", "unit"])
def test_no_seat_is_lent_to_or_by_what_is_no_person(life, registered, lend, kind):
    registered.staffing.add("robot", "Robot", kind=kind)
    granted_past_the_rules(registered, "robot", "committee_member")

    with pytest.raises(NotPermitted, match=f"robot is a {kind}; only persons decide"):
        lend("carl", "robot")
    with pytest.raises(NotPermitted, match=f"robot is a {kind}; only persons decide"):
        lend("robot", "cora")
    with pytest.raises(NotPermitted, match="only persons decide"):
        life.vote(life.ask("start_development"), "robot", on_behalf_of="carl")


@ONE_DATABASE
def test_terms_that_make_no_sense_are_refused_with_their_field(registered, nora, lend, clock):
    registered.staffing.add("carl-2", "Carl again", person="carl")
    with pytest.raises(RequestRefused, match="is the same person"):
        lend("carl", "carl-2")
    with pytest.raises(RecordNotFound, match="nobodyy"):
        lend("carl", "nobodyy")
    with pytest.raises(InvalidRecord, match="role: 'auditor' decides on no request"):
        lend("carl", nora, "auditor")
    with pytest.raises(InvalidRecord, match="until: is over"):
        lend("carl", nora, until=clock.now)
    with pytest.raises(InvalidRecord, match="until: is longer than 180 days"):
        lend("carl", nora, until=LATER)
    with pytest.raises(InvalidRecord, match="scope: is too long"):
        lend("carl", nora, unit="u" * 201)
    with pytest.raises(RequestRefused, match="Remove it"):
        lend("carl", nora, reason="half\x00")
    with pytest.raises(InvalidRecord, match="no time zone"):
        lend("carl", nora, until=datetime(2100, 1, 1))  # noqa: DTZ001 - naive is what is refused
    with pytest.raises(RecordNotFound, match="delegation 'del-x'"):
        registered.approvals.end_delegation("del-x", reason="so")

    assert registered.approvals.delegations() == []


@ONE_DATABASE
def test_a_day_ends_with_its_last_moment(lend, nora, clock):
    day = (clock.now + timedelta(days=2)).date()

    made = lend("carl", nora, until=day)

    assert made.ends_at.date() == date.fromordinal(day.toordinal())
    assert made.ends_at.hour == 23
