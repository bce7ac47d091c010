"""Lists as of a time: lent seats, people, components, exceptions, results and exports."""

from datetime import date, timedelta

import pytest

from aims_core import InvalidRecord, ScorerSpec, digest, hookimpl
from aims_core.testing import at_hand
from aims_core.testing.fixtures import TICKET_TRIAGE


class Scorer:
    """A provider of results."""

    def __init__(self, score):
        self.score = score

    @hookimpl
    def aims_risk_scorers(self):
        return [ScorerSpec(id="matrix.scorer", title="Matrix", score=self.score)]


def test_seats_are_listed_as_they_were_lent(workspace, clock):
    carl, before = workspace.act_as("carl").approvals, clock.now
    clock.on(hours=1)
    until = clock.now.date() + timedelta(days=9)
    lent = carl.delegate("rita", "committee_member", until=until)
    clock.on(hours=1)
    during = clock.now
    clock.on(hours=1)
    carl.end_delegation(lent.delegation_id, reason="Back again.")
    clock.on(hours=1)

    def listed(**options):
        return carl.delegations(**options)

    assert listed(as_of=before) == listed(current_only=False, as_of=before) == []
    assert listed(as_of=during) == listed(current_only=False, as_of=during) == [lent]
    assert listed() == listed(as_of=clock.now) == []
    [ended] = listed(current_only=False, as_of=clock.now)
    assert ended.end_reason == "Back again."


def test_a_seat_that_ended_with_its_day_was_lent_until_then(workspace, clock):
    carl, day = workspace.act_as("carl").approvals, clock.now.date()
    carl.delegate("rita", "committee_member", until=day + timedelta(days=1))
    clock.on(days=5)

    assert carl.delegations() == carl.delegations(as_of=day + timedelta(days=2)) == []
    assert len(carl.delegations(as_of=day)) == 1


def test_people_are_those_who_were_known_then(workspace, clock):
    before = clock.now
    clock.on(hours=1)
    workspace.staffing.add("zoe", "Zoe")
    clock.on(hours=1)

    assert "zoe" not in [p.actor_id for p in workspace.staffing.people(as_of=before)]
    assert workspace.staffing.people(as_of=clock.now) == workspace.staffing.people()
    assert "zoe" in [p.actor_id for p in workspace.staffing.people()]


def test_components_are_counted_by_the_systems_of_then(workspace, clock):
    olga, before = workspace.act_as("olga").inventory, clock.now
    clock.on(hours=1)
    olga.register_component("m1", kind="model", name="Model")
    olga.register("a", **TICKET_TRIAGE, components=["m1"])
    clock.on(hours=1)
    one = clock.now
    clock.on(hours=1)
    olga.register("b", **TICKET_TRIAGE, components=["m1"])
    olga.revise("a", components=[])
    olga.register("c", **TICKET_TRIAGE, components=["m1"])
    clock.on(hours=1)

    then = olga.components(as_of=one)
    assert then["systems"].tolist() == [1]
    assert olga.components()["systems"].tolist() == [2]
    assert olga.components(as_of=clock.now).equals(olga.components())
    empty = olga.components(as_of=before)
    assert empty.empty
    assert empty.dtypes.equals(then.dtypes)


def test_exceptions_are_listed_as_they_stood(registered, clock):
    separation, before = registered.act_as("ada").separation, clock.now
    clock.on(hours=1)
    made = registered.act_as("olga").separation.record_exception(
        "R1",
        reason="We are three people.",
        compensating_control="An outside reviewer looks at it.",
        expires_on=clock.now.date() + timedelta(days=9),
        system_id="ticket-triage",
    )
    clock.on(hours=1)
    waiting = clock.now
    clock.on(hours=1)
    separation.approve_exception(made.exception_id)
    clock.on(hours=1)
    holding = clock.now
    clock.on(hours=1)
    separation.end_exception(made.exception_id, reason="We are four now.")
    clock.on(hours=1)

    def shown(**options):
        frame = separation.exceptions_frame(**options)
        mine = frame[frame["exception_id"] == made.exception_id]
        return mine[["in_force", "approved_by", "end_reason"]].to_numpy().tolist()

    assert shown(as_of=before) == []
    assert shown(as_of=waiting) == [["no", "", ""]]
    assert shown(as_of=holding) == [["yes", "ada", ""]]
    assert shown() == shown(as_of=clock.now) == [["no", "ada", "We are four now."]]


def test_results_say_which_of_them_was_in_force(registered, clock):
    registered.host.register(
        Scorer(at_hand(len)), "matrix", distribution="aims-matrix", version="1.2"
    )
    offer, before = registered.host.offer("aims_risk_scorers"), clock.now

    def add(subject, level):
        clock.on(hours=1)
        with registered.act_as("rita").writing() as tx:
            tx.add_result(
                kind="risk_assessment",
                system_id="ticket-triage",
                offer=offer,
                subject=subject,
                payload={"level": level},
                input_digest=digest(level),
            )

    add("a", "low")
    add("b", "low")
    then = clock.now
    add("a", "high")
    clock.on(hours=1)

    def shown(**options):
        frame = registered.results.frame("risk_assessment", **options)
        return frame[["subject", "in_force"]].to_numpy().tolist()

    assert shown(as_of=before) == []
    assert shown(as_of=then) == [["b", True], ["a", True]]
    assert shown() == shown(as_of=clock.now) == [["a", True], ["b", True], ["a", False]]


def test_an_export_of_a_day_says_what_the_register_said_then(registered, clock, tmp_path):
    then = clock.now
    clock.on(hours=1)
    olga = registered.act_as("olga").inventory
    olga.revise("ticket-triage", name="Renamed")
    olga.register("later", **TICKET_TRIAGE)
    clock.on(hours=1)

    assert olga.export(tmp_path / "then.csv", as_of=then) == 1
    assert olga.export(tmp_path / "now.csv") == 2
    assert "Renamed" not in (tmp_path / "then.csv").read_text("utf-8")
    assert "Renamed" in (tmp_path / "now.csv").read_text("utf-8")


@pytest.mark.parametrize(
    "read",
    [
        lambda ws, at: ws.approvals.delegations(as_of=at),
        lambda ws, at: ws.staffing.people(as_of=at),
        lambda ws, at: ws.inventory.components(as_of=at),
        lambda ws, at: ws.separation.exceptions_frame(as_of=at),
        lambda ws, at: ws.results.frame(as_of=at),
        lambda ws, at: ws.inventory.export("never.csv", as_of=at),
    ],
)
def test_each_of_them_refuses_what_names_no_time(workspace, read):
    for odd in (date(2999, 1, 1), 3, "yesterday"):
        with pytest.raises(InvalidRecord, match="look back"):
            read(workspace, odd)
