"""Waivers asked for and decided on before anybody entered it: both times are kept, entry alone counts."""

from datetime import timedelta

import pandas as pd
import pytest

from aims_core import InvalidRecord, RequestRefused
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.waivers import COLUMNS

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
DAY = timedelta(days=1)
CHECK = "initial_risk_assessment"


@pytest.fixture
def asked(registered, entered):
    """Give a waiver that was asked for on the third day and entered on the tenth."""
    return propose(registered, entered + 3 * DAY)


def propose(workspace, fact_at, system_id="ticket-triage"):
    return workspace.act_as("olga").waivers.propose(
        system_id,
        CHECK,
        reason="The assessor is ill.",
        compensating_measure="A person looks.",
        expires_on=(workspace.now() + 30 * DAY).date(),
        fact_at=fact_at,
    )


def vote(workspace, waiver, actor, fact_at=None, decision="approve", reason=""):
    waivers = workspace.act_as(actor).waivers
    return waivers.decide(waiver.waiver_id, decision, reason=reason, fact_at=fact_at)


def test_both_times_of_a_waiver_are_kept_and_it_was_granted_by_the_last_vote(
    registered, entered, asked, stated
):
    first, last, ended = (entered + n * DAY for n in (4, 6, 8))
    vote(registered, asked, "carl", last)

    granted = vote(registered, asked, "cora", first)
    gone = registered.act_as("olga").waivers.withdraw(
        asked.waiver_id, reason="She is back.", fact_at=ended
    )

    assert (granted.fact_at, granted.granted_fact_at) == (entered + 3 * DAY, last)
    assert (gone.granted_fact_at, gone.closed_fact_at) == (last, ended)
    assert min(gone.proposed_at, gone.granted_at, gone.closed_at) > entered + 9 * DAY
    assert stated(registered, "WaiverProposed") == [asked.fact_at]
    assert stated(registered, "WaiverVoteCast") == [first, last]
    assert stated(registered, "WaiverGranted") == [last]
    assert stated(registered, "WaiverClosed") == [ended]
    assert registered.audit.verify().intact


@ONE_DATABASE
def test_a_waiver_whose_last_vote_is_given_now_is_granted_now(registered, entered, asked):
    vote(registered, asked, "carl", entered + 4 * DAY)

    granted = vote(registered, asked, "cora")

    assert (granted.status, granted.granted_fact_at) == ("granted", None)


@ONE_DATABASE
def test_what_nobody_states_has_a_time_of_entry_only(registered, stated):
    waiver = propose(registered, None)
    vote(registered, waiver, "carl")
    vote(registered, waiver, "cora")

    gone = registered.act_as("olga").waivers.withdraw(waiver.waiver_id, reason="over")

    assert [gone.fact_at, gone.granted_fact_at, gone.closed_fact_at] == [None] * 3
    for kind in ("WaiverProposed", "WaiverGranted", "WaiverClosed"):
        assert stated(registered, kind) == [None]
    assert stated(registered, "WaiverVoteCast") == [None] * 2


def test_a_waiver_is_refused_when_its_vote_was_given(registered, entered, asked, stated):
    refused = vote(registered, asked, "carl", entered + 5 * DAY, "refuse", "There is time.")

    assert (refused.status, refused.closed_fact_at) == ("refused", entered + 5 * DAY)
    assert stated(registered, "WaiverClosed") == [entered + 5 * DAY]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("days", "why"), [(11, "lies ahead"), (-1, "the entry of ticket-triage in the inventory")]
)
def test_a_waiver_is_asked_for_between_the_entry_of_its_system_and_now(
    registered, entered, days, why
):
    with pytest.raises(InvalidRecord, match=why):
        propose(registered, entered + days * DAY)
    assert registered.waivers.of("ticket-triage") == []


@ONE_DATABASE
def test_of_a_system_that_ran_before_it_was_asked_for_before_its_entry(registered, entered):
    description = {**TICKET_TRIAGE, "name": "Old"}
    registered.act_as("ines").inventory.register(
        "old", **description, entry="legacy", stage="deployment"
    )

    assert propose(registered, entered - 900 * DAY, "old").fact_at == entered - 900 * DAY


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_nobody_decides_on_a_waiver_before_it_was_asked_for(registered, asked, decision):
    before = registered.audit.head()[0]

    with pytest.raises(InvalidRecord, match="is earlier than the proposal"):
        vote(registered, asked, "carl", asked.fact_at - DAY, decision, "no")

    assert registered.waivers.get(asked.waiver_id) == asked
    assert registered.audit.head()[0] == before + 1


def test_no_waiver_ends_before_it_was_asked_for_or_granted(registered, entered, asked):
    olga = registered.act_as("olga").waivers
    with pytest.raises(InvalidRecord, match="is earlier than the proposal"):
        olga.withdraw(asked.waiver_id, reason="over", fact_at=entered + 2 * DAY)
    vote(registered, asked, "carl", entered + 5 * DAY)
    vote(registered, asked, "cora", entered + 6 * DAY)

    with pytest.raises(InvalidRecord, match="is earlier than its grant"):
        olga.withdraw(asked.waiver_id, reason="over", fact_at=entered + 5 * DAY)

    assert registered.waivers.get(asked.waiver_id).status == "granted"


@ONE_DATABASE
def test_a_cell_runs_twice_and_never_states_another_time(registered, entered, asked, stated):
    olga, at, later = registered.act_as("olga").waivers, entered + 4 * DAY, entered + 5 * DAY
    assert propose(registered, asked.fact_at) == propose(registered, None) == asked
    first = vote(registered, asked, "carl", at)
    assert vote(registered, asked, "carl", at) == vote(registered, asked, "carl") == first
    for again in (
        lambda: propose(registered, at),
        lambda: vote(registered, asked, "carl", later),
    ):
        with pytest.raises(RequestRefused, match="stays as it was stated"):
            again()

    gone = olga.withdraw(asked.waiver_id, reason="over", fact_at=at)
    assert olga.withdraw(asked.waiver_id, reason="over") == gone
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        olga.withdraw(asked.waiver_id, reason="over", fact_at=later)
    assert len(stated(registered, "WaiverVoteCast")) == 1


def test_what_holds_and_looking_back_go_by_entry(registered, entered, asked):
    vote(registered, asked, "carl", entered + 4 * DAY)
    before = registered.now()
    granted = vote(registered, asked, "cora", entered + 5 * DAY)
    registered.act_as("olga").waivers.withdraw(
        asked.waiver_id, reason="over", fact_at=entered + 6 * DAY
    )

    (then,) = registered.waivers.frame(as_of=before).itertuples()
    (held,) = registered.waivers.frame(as_of=granted.granted_at).itertuples()

    assert (then.holds, held.holds) == ("not yet", "yes")
    assert pd.isna(then.granted_fact_at)
    assert pd.isna(held.closed_fact_at)
    assert held.granted_fact_at == pd.Timestamp(entered + 5 * DAY) < before


def test_waivers_are_listed_with_both_times(registered, asked):
    frame = registered.waivers.frame("ticket-triage")

    assert list(frame.columns) == list(COLUMNS)
    (row,) = frame.itertuples()
    assert row.fact_at == pd.Timestamp(asked.fact_at)
    assert str(frame.fact_at.dtype) == str(frame.proposed_at.dtype)
