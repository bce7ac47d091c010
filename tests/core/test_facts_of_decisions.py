"""What people decided outside and entered later: both times are kept, and the stated one can be true."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from aims_core import InvalidRecord, RequestRefused
from aims_core.approvals import stating
from aims_core.approvals.requests import COLUMNS
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
DAY = timedelta(days=1)


@pytest.fixture
def late(life, entered):
    """Give a request that was made on the third day and entered on the tenth."""
    return ask(life, "start_development", entered + 3 * DAY)


def ask(life, step, fact_at, actor="olga", **options):
    approvals = life.workspace.act_as(actor).approvals
    return approvals.request("ticket-triage", step, reason="it is time", fact_at=fact_at, **options)


def payloads(workspace, kind):
    events = workspace.audit.events("ticket-triage", event_type=f"core.{kind}")
    return [event.payload for event in events]


def stated(text):
    return None if text is None else datetime.fromisoformat(text)


def test_both_times_of_a_request_a_vote_and_a_step_are_kept(life, registered, entered, late):
    asked_at, decided_at = entered + 3 * DAY, entered + 4 * DAY

    life.vote(late, "carl", fact_at=decided_at)

    (step,) = registered.approvals.transitions("ticket-triage")
    kept = registered.approvals.get(late.approval_id)
    (vote,) = kept.votes
    assert (kept.fact_at, vote.fact_at, step.fact_at) == (asked_at, decided_at, decided_at)
    assert kept.closed_fact_at == decided_at
    assert min(kept.requested_at, vote.at, step.at, kept.closed_at) > entered + 9 * DAY
    for kind, fact_at in (
        ("ApprovalRequested", asked_at),
        ("VoteCast", decided_at),
        ("TransitionDecided", decided_at),
    ):
        (payload,) = payloads(registered, kind)
        assert stated(payload["fact_at"]) == fact_at
    assert registered.audit.verify().intact


def test_what_nobody_states_has_a_time_of_entry_only(life, registered):
    life.vote(life.ask("start_development"), "carl")

    (step,) = registered.approvals.transitions("ticket-triage")
    kept = registered.approvals.get(step.approval_id)
    assert [step.fact_at, kept.fact_at, kept.closed_fact_at, kept.votes[0].fact_at] == [None] * 4
    for kind in ("ApprovalRequested", "VoteCast", "TransitionDecided"):
        assert payloads(registered, kind)[0]["fact_at"] is None


@pytest.mark.parametrize("aims_database", ["sqlite", "postgresql"])
def test_requests_are_listed_with_both_times(registered, late):
    frame = registered.approvals.frame("ticket-triage")

    assert list(frame.columns) == list(COLUMNS)
    (row,) = frame.itertuples()
    assert row.fact_at == pd.Timestamp(late.fact_at)
    assert pd.isna(row.closed_fact_at)
    assert str(frame.fact_at.dtype) == str(frame.requested_at.dtype)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("days", "why"), [(11, "lies ahead"), (-1, "the entry of ticket-triage in the inventory")]
)
def test_a_request_lies_between_the_entry_of_its_system_and_now(life, entered, days, why):
    with pytest.raises(InvalidRecord, match=why):
        ask(life, "start_development", entered + days * DAY)


@ONE_DATABASE
def test_a_system_that_ran_before_was_stopped_before_its_entry(registered):
    ines = registered.act_as("ines")
    description = {**TICKET_TRIAGE, "name": "Old"}
    ines.inventory.register("old", **description, entry="legacy", stage="deployment")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)

    registered.act_as("imre").approvals.request("old", "suspend", reason="bad", fact_at=long_ago)

    (step,) = registered.approvals.transitions("old")
    assert step.fact_at == long_ago


def test_a_stop_by_night_is_entered_in_the_morning(life, registered, clock):
    life.to("deployment")
    by_night = clock.now
    clock.on(hours=6)

    done = ask(life, "suspend", by_night, actor="imre")

    assert (done.status, done.fact_at, done.closed_fact_at) == ("carried_out", by_night, by_night)
    assert registered.approvals.transitions("ticket-triage")[-1].fact_at == by_night
    restart = ask(life, "resume", by_night + timedelta(hours=1))
    life.vote(restart, "rita", fact_at=by_night + timedelta(hours=2))
    last = registered.approvals.transitions("ticket-triage")[-1]
    assert (last.transition, last.fact_at) == ("resume", by_night + timedelta(hours=2))


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_nobody_decides_on_a_request_before_it_was_made(life, registered, late, decision):
    before = registered.audit.head()[0]

    with pytest.raises(InvalidRecord, match="is earlier than the request"):
        life.vote(late, "carl", decision, reason="no", fact_at=late.fact_at - timedelta(seconds=1))

    assert life.stage == "inception"
    assert registered.approvals.get(late.approval_id).votes == ()
    assert registered.audit.head()[0] == before + 1


@ONE_DATABASE
def test_a_request_that_states_no_time_was_made_when_it_was_entered(life, clock):
    clock.on(days=1)
    request = life.ask("start_development")
    clock.on(days=1)

    with pytest.raises(InvalidRecord, match="it has to say when it was itself"):
        life.vote(request, "carl", fact_at=request.requested_at - timedelta(seconds=1))
    life.vote(request, "carl", fact_at=request.requested_at)

    assert life.stage == "design_and_development"


def test_a_step_was_taken_when_the_last_of_its_votes_was_given(life, registered, entered, late):
    life.rate("high")
    last = entered + 8 * DAY
    life.vote(late, "carl", fact_at=last)

    life.vote(late, "cora", fact_at=entered + 4 * DAY)

    (step,) = registered.approvals.transitions("ticket-triage")
    assert step.fact_at == last


@ONE_DATABASE
def test_a_step_whose_last_vote_is_given_now_is_taken_now(life, registered, late, entered):
    life.rate("high")
    life.vote(late, "carl", fact_at=entered + 4 * DAY)

    life.vote(late, "cora")

    (step,) = registered.approvals.transitions("ticket-triage")
    assert step.fact_at is None


@ONE_DATABASE
def test_a_changed_vote_comes_after_the_one_that_it_replaces(life, registered, entered, late):
    life.rate("high")
    life.vote(late, "carl", fact_at=entered + 5 * DAY)

    with pytest.raises(InvalidRecord, match="the vote that it replaces"):
        life.vote(late, "carl", "refuse", reason="no", fact_at=entered + 4 * DAY)
    closed = life.vote(late, "carl", "refuse", reason="no", fact_at=entered + 6 * DAY)

    assert [v.fact_at for v in closed.votes] == [entered + 5 * DAY, entered + 6 * DAY]
    assert (closed.status, closed.closed_fact_at) == ("refused", entered + 6 * DAY)
    (payload,) = payloads(registered, "ApprovalClosed")
    assert stated(payload["fact_at"]) == entered + 6 * DAY


def test_a_withdrawal_says_when_it_was(life, registered, late):
    olga = registered.act_as("olga").approvals
    taken_back = late.fact_at + DAY
    with pytest.raises(InvalidRecord, match="is earlier than the request"):
        olga.withdraw(late.approval_id, reason="later", fact_at=late.fact_at - DAY)

    closed = olga.withdraw(late.approval_id, reason="later", fact_at=taken_back)

    assert (closed.status, closed.closed_fact_at) == ("withdrawn", taken_back)
    assert stated(payloads(registered, "ApprovalClosed")[0]["fact_at"]) == taken_back
    olga.withdraw(late.approval_id, reason="later")
    with pytest.raises(RequestRefused, match="its time of fact"):
        olga.withdraw(late.approval_id, reason="later", fact_at=taken_back + DAY)


@ONE_DATABASE
def test_a_step_that_waited_for_a_check_says_when_it_was_taken(
    life, registered, checks, entered, late
):
    checks.unmet = {"owner_assigned", "initial_risk_assessment"} & set(
        registered.machine.check_names()
    )
    olga, decided_at = registered.act_as("olga").approvals, entered + 4 * DAY
    assert checks.unmet
    life.vote(late, "carl", fact_at=decided_at)
    assert life.stage == "inception"
    checks.unmet = set()

    with pytest.raises(InvalidRecord, match="the approval by carl"):
        olga.carry_out(late.approval_id, fact_at=decided_at - timedelta(seconds=1))
    done = olga.carry_out(late.approval_id, fact_at=decided_at + DAY)

    assert (done.status, done.closed_fact_at) == ("carried_out", decided_at + DAY)
    olga.carry_out(late.approval_id)
    with pytest.raises(RequestRefused, match="its time of fact"):
        olga.carry_out(late.approval_id, fact_at=decided_at)


@ONE_DATABASE
def test_a_cell_runs_twice_and_never_states_another_time(life, registered, entered, late):
    life.rate("high")
    vote_at = entered + 4 * DAY
    assert ask(life, "start_development", late.fact_at).approval_id == late.approval_id
    assert life.ask("start_development").approval_id == late.approval_id
    life.vote(late, "carl", fact_at=vote_at)
    life.vote(late, "carl", fact_at=vote_at)
    life.vote(late, "carl")

    for again in (
        lambda: ask(life, "start_development", late.fact_at + DAY),
        lambda: life.vote(late, "carl", fact_at=vote_at + DAY),
    ):
        with pytest.raises(RequestRefused, match="stays as it was stated"):
            again()

    assert len(registered.approvals.get(late.approval_id).votes) == 1


@ONE_DATABASE
def test_looking_back_goes_by_entry(life, registered, entered, late):
    before = late.requested_at - timedelta(microseconds=1)

    assert registered.approvals.open(as_of=before) == []
    (then,) = registered.approvals.open(as_of=late.requested_at)

    assert then.fact_at == late.fact_at < before


@ONE_DATABASE
def test_rights_and_deadlines_go_by_entry(life, registered, entered, late, clock):
    clock.on(days=30)

    with pytest.raises(RequestRefused, match="is expired"):
        life.vote(late, "carl", fact_at=entered + 4 * DAY)


def test_a_time_without_zone_is_refused(life, registered):
    naive = datetime(2026, 4, 1)  # noqa: DTZ001 - that is the mistake
    with pytest.raises(InvalidRecord, match="has no zone"):
        ask(life, "start_development", naive)


def test_what_comes_last_in_fact_is_named():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)

    assert stating._last([("a", late), ("b", early)]) == ("a", late)
