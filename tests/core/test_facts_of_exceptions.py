"""Exceptions said, approved and ended before anybody entered it: both times are kept, entry alone counts."""

from datetime import timedelta

import pandas as pd
import pytest

from aims_core import InvalidRecord, RequestRefused
from aims_core.separation.separation import EXCEPTION_COLUMNS
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
DAY = timedelta(days=1)


@pytest.fixture
def made(registered, entered):
    """Give an exception that was said on the third day and entered on the tenth."""
    return record(registered, entered + 3 * DAY)


def record(workspace, fact_at, system_id="ticket-triage", **scope):
    return workspace.act_as("olga" if system_id else "ada").separation.record_exception(
        "R1",
        reason="We are three.",
        compensating_control="An outside look.",
        expires_on=(workspace.now() + 30 * DAY).date(),
        system_id=system_id,
        fact_at=fact_at,
        **scope,
    )


def test_both_times_of_an_exception_are_kept(registered, entered, made, stated):
    agreed, ended = entered + 4 * DAY, entered + 6 * DAY
    exception_id = made.exception_id

    approved = registered.separation.approve_exception(exception_id, fact_at=agreed)
    gone = registered.separation.end_exception(exception_id, reason="We are four.", fact_at=ended)

    assert (made.fact_at, approved.approved_fact_at) == (entered + 3 * DAY, agreed)
    assert (gone.fact_at, gone.approved_fact_at, gone.ended_fact_at) == (
        entered + 3 * DAY,
        agreed,
        ended,
    )
    assert min(gone.recorded_at, gone.approved_at, gone.ended_at) > entered + 9 * DAY
    assert stated(registered, "ExceptionRecorded")[0] == made.fact_at
    assert stated(registered, "ExceptionApproved")[0] == agreed
    assert stated(registered, "ExceptionEnded") == [ended]
    assert registered.audit.verify().intact


@ONE_DATABASE
def test_what_nobody_states_has_a_time_of_entry_only(registered, stated):
    made = record(registered, None)
    registered.separation.approve_exception(made.exception_id)

    gone = registered.separation.end_exception(made.exception_id, reason="We are four.")

    assert [gone.fact_at, gone.approved_fact_at, gone.ended_fact_at] == [None] * 3
    for kind in ("ExceptionRecorded", "ExceptionApproved", "ExceptionEnded"):
        assert set(stated(registered, kind)) == {None}


@ONE_DATABASE
@pytest.mark.parametrize(
    ("days", "why"), [(11, "lies ahead"), (-1, "the entry of ticket-triage in the inventory")]
)
def test_one_for_a_system_is_said_between_its_entry_and_now(registered, entered, days, why):
    with pytest.raises(InvalidRecord, match=why):
        record(registered, entered + days * DAY)
    assert [e.rule for e in registered.separation.recorded()] == ["R7"]


@ONE_DATABASE
def test_one_for_a_unit_or_for_a_system_that_ran_before_may_be_older(registered, entered):
    description = {**TICKET_TRIAGE, "name": "Old"}
    ines = registered.act_as("ines").inventory
    ines.register("old", **description, entry="legacy", stage="deployment")
    long_ago = entered - 900 * DAY

    assert record(registered, long_ago, "old").fact_at == long_ago
    assert record(registered, long_ago, "", unit="Support").fact_at == long_ago


def test_it_is_neither_approved_nor_ended_before_it_was_said(registered, entered, made):
    exception_id, early = made.exception_id, entered + 2 * DAY
    before = registered.audit.head()[0]

    with pytest.raises(InvalidRecord, match="is earlier than the exception"):
        registered.separation.approve_exception(exception_id, fact_at=early)
    with pytest.raises(InvalidRecord, match="is earlier than the exception"):
        registered.separation.end_exception(exception_id, reason="no", fact_at=early)

    assert registered.separation.recorded()[-1] == made
    assert registered.audit.head()[0] == before + 2
    registered.separation.approve_exception(exception_id, fact_at=entered + 5 * DAY)
    with pytest.raises(InvalidRecord, match="is earlier than its approval"):
        registered.separation.end_exception(exception_id, reason="no", fact_at=entered + 4 * DAY)


@ONE_DATABASE
def test_a_cell_runs_twice_and_never_states_another_time(registered, entered, made):
    at, later = entered + 4 * DAY, entered + 5 * DAY
    exception_id, separation = made.exception_id, registered.separation
    assert record(registered, made.fact_at) == record(registered, None) == made
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        record(registered, at)

    approved = separation.approve_exception(exception_id, fact_at=at)
    assert separation.approve_exception(exception_id, fact_at=at) == approved
    assert separation.approve_exception(exception_id) == approved
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        separation.approve_exception(exception_id, fact_at=later)

    gone = separation.end_exception(exception_id, reason="over", fact_at=later)
    assert separation.end_exception(exception_id, reason="over") == gone
    with pytest.raises(RequestRefused, match="stays as it was stated"):
        separation.end_exception(exception_id, reason="over", fact_at=at)


def test_what_holds_and_looking_back_go_by_entry(registered, entered, made):
    before = registered.now()
    approved = registered.separation.approve_exception(made.exception_id, fact_at=entered + 4 * DAY)
    registered.separation.end_exception(made.exception_id, reason="over", fact_at=entered + 6 * DAY)

    unapproved = registered.separation.recorded(as_of=before)[-1]
    held = registered.separation.exceptions(as_of=approved.approved_at)

    assert unapproved == made
    assert approved.approved_fact_at < before < approved.approved_at
    assert approved.exception_id in {e.exception_id for e in held}
    assert approved.exception_id not in {
        e.exception_id for e in registered.separation.exceptions(as_of=before)
    }
    assert registered.separation.recorded(as_of=approved.approved_at)[-1] == approved


def test_exceptions_are_listed_with_both_times(registered, made):
    frame = registered.separation.exceptions_frame()

    assert list(frame.columns) == list(EXCEPTION_COLUMNS)
    row = next(frame.itertuples())
    assert row.fact_at == pd.Timestamp(made.fact_at)
    assert pd.isna(row.approved_fact_at)
    assert str(frame.fact_at.dtype) == str(frame.recorded_at.dtype)
