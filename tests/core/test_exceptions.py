"""Exceptions for small organisations: recorded, approved by another, in force for a time, always visible."""

from datetime import date, timedelta
from importlib.resources import files

import pytest

from aims_core import (
    ConditionsNotMet,
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    open_workspace,
)
from aims_core.separation import EXCEPTION_COLUMNS
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import granted_past_the_rules

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


def later(workspace, days):
    """Let the workspace's clock run ahead."""
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(days=days)


def record(workspace, rule="R1", *, actor="olga", days=30, **said):
    return workspace.act_as(actor).separation.record_exception(
        rule,
        **{
            "reason": "We are three people.",
            "compensating_control": "An outside reviewer looks at it in March.",
            "expires_on": workspace.now().date() + timedelta(days=days),
            "system_id": "ticket-triage",
            **said,
        },
    )


def approved(workspace, rule="R1", *, by="ada", **options):
    made = record(workspace, rule, **options)
    return workspace.act_as(by).separation.approve_exception(made.exception_id)


@pytest.fixture
def editing(life):
    """Give the life of a system that carl, who is to approve it, edited."""
    life.workspace.staffing.grant("carl", "inventory_steward")
    life.workspace.act_as("carl").inventory.revise("ticket-triage", use_case="Sorts tickets.")
    return life


def test_an_editor_approves_by_an_exception_and_vote_and_step_are_marked(editing):
    request = editing.ask("start_development")
    with pytest.raises(SegregationOfDuties, match="acted as editor"):
        editing.vote(request, "carl")

    exception = approved(editing.workspace)
    done = editing.vote(request, "carl", role="committee_member")

    assert done.status == "carried_out"
    marks = [c for c in done.conditions if exception.exception_id in c.reason]
    assert "editor_apart_from_approver" in {c.name for c in marks}
    assert all(c.met for c in marks)
    used = editing.workspace.audit.events(event_type="core.ExceptionUsed")
    assert [(e.actor, e.payload["exception_id"]) for e in used] == [
        ("carl", exception.exception_id)
    ]
    [breach] = [b for b in editing.workspace.separation.breaches() if b.rule == "R1"]
    assert (breach.persons, breach.exception) == (("carl",), exception.exception_id)


def test_nobody_who_needs_no_exception_is_marked(editing):
    approved(editing.workspace)

    editing.vote(editing.ask("start_development"), "cora")

    assert editing.workspace.audit.events(event_type="core.ExceptionUsed") == []


def test_two_people_at_least_even_with_every_exception_there_is(life):
    life.workspace.staffing.grant("olga", "committee_member")
    for rule in ("R1", "R2", "R3", "R5", "R6", "R7"):
        approved(life.workspace, rule, system_id="")

    with pytest.raises(SegregationOfDuties, match="acted as requester"):
        life.vote(life.ask("start_development"), "olga")


def test_an_exception_takes_effect_only_when_somebody_else_approves_it(editing):
    made = record(editing.workspace)
    request = editing.ask("start_development")
    with pytest.raises(SegregationOfDuties):
        editing.vote(request, "carl")

    mine = record(editing.workspace, actor="ada", reason="Another.")
    with pytest.raises(SegregationOfDuties, match="the same person, recorded it"):
        editing.workspace.separation.approve_exception(mine.exception_id)
    for nobody in ("olga", "rita", "carl", "aude"):
        with pytest.raises(NotPermitted):
            editing.workspace.act_as(nobody).separation.approve_exception(made.exception_id)
    assert editing.workspace.separation.exceptions(system_id="ticket-triage")[1:] == []


def test_top_management_approves_too_and_software_never(registered):
    registered.staffing.add("tilda", "Tilda")
    registered.staffing.grant("tilda", "top_management")
    registered.staffing.add("robot", "Robot", kind="service")
    granted_past_the_rules(registered, "robot", "top_management")
    made = record(registered)

    with pytest.raises(NotPermitted, match="only persons decide"):
        registered.act_as("robot").separation.approve_exception(made.exception_id)
    tilda = registered.act_as("tilda").separation
    first = tilda.approve_exception(made.exception_id)

    assert first.approved_by == "tilda"
    assert tilda.approve_exception(made.exception_id) == first


def test_an_exception_ends_by_its_day_and_by_hand(editing):
    request = editing.ask("start_development")
    exception = approved(editing.workspace, days=5)
    by_hand = approved(editing.workspace, days=50)
    editing.workspace.act_as("olga").separation.end_exception(
        by_hand.exception_id, reason="We are five now."
    )
    later(editing.workspace, 6)

    with pytest.raises(SegregationOfDuties, match="acted as editor"):
        editing.vote(request, "carl")
    shown = editing.workspace.separation.exceptions_frame().set_index("exception_id")
    assert shown.in_force[exception.exception_id] == "no"
    assert shown.end_reason[by_hand.exception_id] == "We are five now."


def test_a_vote_given_by_an_exception_is_void_when_it_ends_before_the_step(editing):
    editing.rate("high")
    exception = approved(editing.workspace)
    request = editing.ask("start_development")
    editing.vote(request, "carl", role="committee_member")
    editing.workspace.separation.end_exception(exception.exception_id, reason="over")

    stands = editing.vote(request, "cora")

    assert stands.status == "open"
    assert "carl also acted as editor" in " ".join(c.reason for c in stands.unmet)


def test_an_exception_of_another_system_or_unit_lets_nothing_pass(editing):
    editing.workspace.act_as("olga").inventory.register("second", **TICKET_TRIAGE)
    approved(editing.workspace, system_id="second")
    approved(editing.workspace, system_id="", unit="Elsewhere")
    with pytest.raises(SegregationOfDuties):
        editing.vote(editing.ask("start_development"), "carl")

    approved(editing.workspace, system_id="", unit="Support")

    request = editing.workspace.approvals.open("ticket-triage")[0]
    assert editing.vote(request, "carl", role="committee_member").status == "carried_out"


def test_an_exception_lets_a_developer_validate_and_the_step_keeps_the_mark(life):
    life.to("verification_and_validation")
    life.show("impact_assessment")
    life.show("validation", actor="devi")
    with pytest.raises(ConditionsNotMet, match="developer_apart_from_validator"):
        life.ask("approve_deployment")

    exception = approved(life.workspace, "R2")
    request = life.ask("approve_deployment")
    life.vote(request, "rita")
    done = life.vote(request, "carl")

    assert done.status == "carried_out"
    assert exception.exception_id in " ".join(c.reason for c in done.conditions)


@pytest.mark.parametrize("rule", ["R4", "R8", "R10", "R11", "R12", "R13", "R14", "R15"])
@ONE_DATABASE
def test_some_rules_have_no_exceptions(registered, rule):
    with pytest.raises(RequestRefused, match="no exceptions"):
        record(registered, rule)


@ONE_DATABASE
def test_an_exception_with_which_one_person_could_do_everything_is_refused(workspace_folder, host):
    text = (files("aims_core.lifecycle") / "default.toml").read_text()
    lonely = text.replace(
        '["requester", "approver"], ["editor", "approver"]', '["editor", "approver"]'
    )
    (workspace_folder / "lonely.toml").write_text(lonely)
    settings = workspace_folder / "aims.toml"
    settings.write_text(settings.read_text() + '\n[lifecycle]\nmachine = "lonely.toml"\n')
    workspace = open_workspace(workspace_folder, actor="ada", host=host)

    with pytest.raises(RequestRefused, match="one person could do all of start_development"):
        record(workspace, system_id="")
    workspace.close()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", " "),
        ("compensating_control", ""),
        ("reason", "half \ud800"),
        ("compensating_control", "nul \x00"),
        ("expires_on", date(2020, 1, 1)),
        ("expires_on", date(2999, 1, 1)),
    ],
)
def test_an_exception_that_does_not_say_why_and_until_when_is_refused(registered, field, value):
    with pytest.raises(InvalidRecord, match=field):
        record(registered, **{field: value})


@ONE_DATABASE
def test_odd_requests_are_refused_in_words(registered):
    with pytest.raises(RecordNotFound, match="R99"):
        record(registered, "R99")
    with pytest.raises(RecordNotFound, match="AI system"):
        record(registered, system_id="absent")
    with pytest.raises(ValueError, match="not both"):
        record(registered, unit="Support")
    with pytest.raises(NotPermitted):
        record(registered, actor="devi")
    with pytest.raises(RecordNotFound, match="exception"):
        registered.separation.approve_exception("exc-0")
    made = record(registered)
    with pytest.raises(RequestRefused, match="say why"):
        registered.separation.end_exception(made.exception_id, reason=" ")
    registered.separation.end_exception(made.exception_id, reason="not needed")
    with pytest.raises(RequestRefused, match="it is over"):
        registered.separation.approve_exception(made.exception_id)


def test_the_same_exception_is_found_again_and_the_frame_has_its_columns(registered):
    first = record(registered)
    before = registered.audit.head()

    assert record(registered) == first
    assert registered.audit.head() == before
    frame = registered.separation.exceptions_frame()
    assert frame.dtypes.astype(str).to_dict() == EXCEPTION_COLUMNS
    assert frame.rule.tolist() == ["R1", "R7"]


def test_with_an_exception_one_of_two_administrators_grants_alone_and_it_shows(registered):
    registered.staffing.add("bert", "Bert")
    registered.staffing.grant("bert", "administrator")
    with pytest.raises(SegregationOfDuties, match="two administrators"):
        registered.staffing.grant("devi", "inventory_steward")
    exception = approved(registered, "R7", system_id="", actor="bert", by="ada")

    grant = registered.staffing.grant("devi", "inventory_steward")

    found = {b.records: b.exception for b in registered.separation.breaches() if b.rule == "R7"}
    assert found[grant.grant_id,] == exception.exception_id
