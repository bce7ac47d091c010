"""Periodic reviews: due by tier since going live or the last review; overdue is a finding."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from aims_core import (
    InvalidRecord,
    ListenerSpec,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    ReviewOutcome,
    RiskCategory,
    SegregationOfDuties,
    WorkspaceError,
    hookimpl,
    open_workspace,
)
from aims_core.reviews.reviews import DATES
from aims_core.reviews.schedule import add_months, shipped_schedule
from aims_core.testing import at_hand
from aims_core.testing.intruder import forcing, granted_past_the_rules, tampering

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
NOTE = "Looked at drift, overrides and complaints."


def later(workspace, **span):
    """Let the workspace's clock run ahead."""
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(**span)


def findings(workspace):
    return {f.condition for f in workspace.reviews.run().findings}


def review(workspace, actor="rita", outcome="continue", note=NOTE):
    return workspace.act_as(actor).reviews.complete("ticket-triage", outcome=outcome, note=note)


@pytest.fixture
def live(life):
    """Give the workspace with its system live since today, of tier limited."""
    return life.to("operation_and_monitoring")


def only(workspace):
    [found] = workspace.reviews.schedule_frame().itertuples()
    return found


def test_a_system_is_due_a_year_after_it_went_live_and_overdue_is_a_finding(live):
    today = live.now().date()
    shown = only(live)

    assert (shown.tier, shown.months, shown.since) == ("limited", 12, today.isoformat())
    assert shown.due_on == add_months(today, 12).isoformat()
    assert live.reviews.due() == []
    assert "periodic_review_done" not in findings(live)

    days = (add_months(today, 12) - today).days
    later(live, days=days)
    assert [d.system_id for d in live.reviews.due()] == ["ticket-triage"]
    assert "periodic_review_done" not in findings(live)
    later(live, days=1)

    assert live.reviews.due()[0].overdue
    [found] = [f for f in live.reviews.run().findings if f.condition == "periodic_review_done"]
    assert "never reviewed since" in found.reason
    assert found.remedy


def test_a_review_moves_the_date_on_and_is_kept(live):
    later(live, days=400)
    before = live.now()
    made = review(live)

    assert "periodic_review_done" not in findings(live)
    assert live.reviews.due() == []
    assert only(live).last_outcome == "continue"
    assert live.reviews.completed("ticket-triage") == [made]
    assert (made.reviewed_by, made.note, made.unmet) == ("rita", NOTE, ())
    event = live.audit.events(event_type="core.ReviewCompleted")[0]
    assert (event.actor, event.payload["outcome"]) == ("rita", "continue")
    assert [d.overdue for d in live.reviews.due(as_of=before - timedelta(hours=1))] == [True]


def test_the_same_review_on_the_same_day_is_found(live):
    first = review(live)
    before = live.audit.head()

    assert review(live) == first
    assert live.audit.head() == before
    assert review(live, note="Another look.") != first


def test_a_graver_tier_brings_the_date_forward(live, life):
    life.rate(RiskCategory.HIGH)

    assert (only(live).tier, only(live).months) == ("high", 6)
    later(live, days=190)
    assert "periodic_review_done" in findings(live)


def test_what_nobody_rated_is_reviewed_as_often_as_what_is_high():
    months = shipped_schedule().months

    assert months[RiskCategory.UNDETERMINED] == months[RiskCategory.HIGH]
    assert set(months) == set(RiskCategory)


def test_a_system_that_was_running_before_is_counted_from_its_registration(registered):
    with tampering(registered) as connection:
        connection.execute(
            sa.text("UPDATE aims_system SET stage = 'operation_and_monitoring', entry = 'legacy'")
        )

    assert only(registered).since == registered.now().date().isoformat()


def test_what_does_not_run_is_not_reviewed(life):
    assert life.workspace.reviews.schedule_frame().empty
    with pytest.raises(RequestRefused, match="reviews begin when a system goes live"):
        review(life.workspace)

    life.to("operation_and_monitoring")
    life.show("retirement_plan")
    life.vote(life.ask("retire"), "carl")

    assert life.workspace.reviews.schedule_frame().empty
    assert life.workspace.reviews.run().findings == ()


@pytest.mark.parametrize("actor", ["olga", "devi", "imre", "aude", "ines", "ada"])
@ONE_DATABASE
def test_only_the_second_line_reviews(live, actor):
    with pytest.raises(NotPermitted, match="risk_reviewer"):
        review(live, actor)


def test_nobody_reviews_what_they_own_under_any_account(live):
    live.staffing.add("olga-2", "Olga again", person="olga")
    for actor in ("olga", "olga-2"):
        live.staffing.grant(actor, "committee_member")
        with pytest.raises(SegregationOfDuties, match="owns it"):
            review(live, actor)


@pytest.mark.parametrize("kind", ["service", "plugin"])
@ONE_DATABASE
def test_what_is_no_person_does_not_review(live, kind):
    live.staffing.add("robot", "Robot", kind=kind)
    granted_past_the_rules(live, "robot", "risk_reviewer")

    with pytest.raises(NotPermitted, match="only persons review"):
        review(live, "robot")


def test_a_review_says_something_and_does_not_pass_over_what_is_not_met(live, checks):
    with pytest.raises(RequestRefused, match="note is empty"):
        review(live, note=" ")
    with pytest.raises(InvalidRecord, match="'fine' is not known"):
        review(live, outcome="fine")
    checks.unmet = {"monitors_running"}
    with pytest.raises(RequestRefused, match="not met: monitors_running"):
        review(live)

    made = review(live, outcome=ReviewOutcome.CONTINUE_WITH_ACTIONS)

    assert made.unmet == ("monitors_running",)


def test_an_overdue_review_itself_does_not_stand_in_the_way_of_reviewing(live):
    later(live, days=800)

    assert review(live).outcome is ReviewOutcome.CONTINUE


def test_reminders_are_recorded_once_for_each_due_date(live):
    assert live.reviews.remind() == []
    later(live, days=340)

    first = live.reviews.remind()
    head = live.audit.head()

    assert [d.system_id for d in first] == ["ticket-triage"]
    assert live.reviews.remind() == []
    assert live.audit.head() == head
    later(live, days=100)
    assert live.reviews.remind() == []
    events = live.audit.events(event_type="core.ReviewDue")
    assert [e.payload["due_on"] for e in events] == [first[0].due_on.isoformat()]
    assert (events[0].system_id, events[0].payload["owner"]) == ("ticket-triage", "olga")

    review(live)
    later(live, days=365)
    assert len(live.reviews.remind()) == 1
    assert len(live.audit.events(event_type="core.ReviewDue")) == 2


def test_listeners_are_told_of_a_reminder(workspace_folder, host, checks):
    told = []

    class Bell:
        @hookimpl
        def aims_on_event(self):
            def handle(event, _workspace):
                told.append((event.type, event.system_id))

            spec = ListenerSpec(
                id="bell.ring", title="x", events=("core.ReviewDue",), handle=at_hand(handle)
            )
            return [spec]

    host.register(Bell(), "bell")
    workspace = open_workspace(workspace_folder, actor="ada", host=host)
    workspace.admit_plugins()
    workspace.close()
    workspace = open_workspace(workspace_folder, actor="ada", host=host)
    workspace.act_as("olga").inventory.register("one", **SYSTEM)
    with tampering(workspace) as connection:
        connection.execute(sa.text("UPDATE aims_system SET stage = 'operation_and_monitoring'"))
    later(workspace, days=800)

    workspace.reviews.remind()
    workspace.reviews.remind()

    assert told == [("core.ReviewDue", "one")]
    workspace.close()


SYSTEM = {
    "name": "One",
    "use_case": "x",
    "owner": "olga",
    "origin": "in_house",
    "declared_risk_category": "minimal",
}


@ONE_DATABASE
def test_who_may_not_remind_is_refused(live):
    with pytest.raises(NotPermitted):
        live.act_as("devi").reviews.remind()


@ONE_DATABASE
def test_an_organisation_sets_its_own_intervals(workspace_folder, host):
    path = workspace_folder / "aims.toml"
    sound = path.read_text()
    path.write_text(sound + "\n[reviews]\nmonths = { limited = 3 }\nremind_days_before = 0\n")
    workspace = open_workspace(workspace_folder, actor="ada", host=host)

    assert workspace.reviews.schedule().months[RiskCategory.LIMITED] == 3
    assert workspace.reviews.schedule().months[RiskCategory.HIGH] == 6
    assert workspace.reviews.schedule().remind_days_before == 0
    workspace.close()
    for wrong in ("months = { grave = 3 }", "months = { high = 0 }", "months = 3", "often = true"):
        path.write_text(f"{sound}\n[reviews]\n{wrong}\n")
        broken = open_workspace(workspace_folder, actor="ada", host=host)
        with pytest.raises(WorkspaceError, match="reviews"):
            broken.reviews.schedule()
        broken.close()


def test_the_frame_has_its_columns_also_when_empty(live, life):
    full = live.reviews.schedule_frame()
    life.ask("re_evaluate")
    empty = live.reviews.schedule_frame()

    assert empty.dtypes.astype(str).to_dict() == full.dtypes.astype(str).to_dict() == DATES
    assert (len(full), len(empty)) == (1, 0)


def test_odd_requests_are_refused_in_words(live):
    with pytest.raises(RecordNotFound, match="Did you mean ticket-triage"):
        live.reviews.completed("ticket-triag")
    with pytest.raises(InvalidRecord, match="has no zone"):
        live.reviews.due(as_of=datetime(2026, 1, 1))  # noqa: DTZ001 - the case
    with pytest.raises(InvalidRecord, match="1 is no checkpoint"):
        live.reviews.due(as_of=1)
    assert live.reviews.due(as_of=datetime(2200, 1, 1, tzinfo=UTC))
    assert live.reviews.due(as_of=date(2200, 1, 1)) == live.reviews.due(
        as_of=datetime(2200, 1, 1, tzinfo=UTC)
    )


def test_reviews_on_record_are_append_only(live):
    review(live)
    engine = live._desk.store.engine

    for act in (
        "DELETE FROM aims_periodic_review",
        "UPDATE aims_periodic_review SET note = 'x'",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), forcing(engine) as connection:
            connection.execute(sa.text(act))


DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(DAYS, st.integers(0, 120))
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day, months):
    found = add_months(day, months)

    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (
        found.day < day.day and (found + timedelta(days=1)).month != found.month
    )


@given(DAYS, DAYS, st.integers(0, 120))
def test_who_is_reviewed_later_is_never_due_earlier(first, second, months):
    one, other = sorted([first, second])

    assert add_months(one, months) <= add_months(other, months)
