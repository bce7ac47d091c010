"""Requests that nobody decides on in time, and approvals that were given for a time only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aims_core import (
    ConditionsNotMet,
    RequestRefused,
    WorkspaceError,
    default_machine,
    open_workspace,
)
from aims_core.lifecycle import load_machine
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
MONTH = {"days": 30}


def types(workspace, count):
    events = workspace.audit.events("ticket-triage", limit=count)
    return [e.type.removeprefix("core.") for e in reversed(events)]


def status(workspace, request):
    frame = workspace.approvals.frame().set_index("approval_id")
    listed, got = frame.status[request.approval_id], workspace.approvals.get(request.approval_id)
    assert listed == got.status
    return listed


def test_a_request_expires_at_its_date_and_shows_so_before_anybody_closed_it(
    life, registered, clock
):
    request = life.ask("start_development")
    assert request.expires_at - request.requested_at == timedelta(**MONTH)
    clock.now = request.expires_at - timedelta(seconds=1)
    assert status(registered, request) == "open"
    assert [a.approval_id for a in registered.approvals.open()] == [request.approval_id]

    clock.now = request.expires_at

    assert status(registered, request) == "expired"
    assert registered.approvals.open() == []
    assert types(registered, 1) == ["ApprovalRequested"]


def test_an_expired_request_is_not_decided_and_is_closed_by_who_tries(life, registered, clock):
    request = life.ask("start_development")
    clock.on(**MONTH)

    with pytest.raises(RequestRefused, match="the request is expired; ask for the transition"):
        life.vote(request, "carl")

    assert life.stage == "inception"
    assert types(registered, 3) == ["ApprovalRequested", "ActRefused", "ApprovalClosed"]
    assert registered.inventory.get("ticket-triage").approval_state == "none"
    closed = registered.approvals.get(request.approval_id)
    assert (closed.status, closed.votes) == ("expired", ())
    assert closed.closed_at > closed.expires_at


@ONE_DATABASE
def test_an_expired_request_is_neither_withdrawn_nor_carried_out(life, registered, clock):
    life.rate("high")
    request = life.ask("start_development")
    life.vote(request, "carl")
    clock.on(**MONTH)
    olga = registered.act_as("olga").approvals

    with pytest.raises(RequestRefused, match="already expired"):
        olga.withdraw(request.approval_id, reason="too late")

    assert olga.carry_out(request.approval_id).status == "expired"
    assert life.stage == "inception"


def test_asking_again_after_the_expiry_is_a_request_of_its_own(life, registered, clock):
    first = life.ask("start_development")
    clock.on(**MONTH)

    second = life.ask("start_development")

    assert second.approval_id != first.approval_id
    assert (status(registered, first), status(registered, second)) == ("expired", "open")
    assert registered.inventory.get("ticket-triage").approval_state == "requested"


def test_all_that_is_due_is_closed_at_once_and_everything_else_left(life, registered, clock):
    olga = registered.act_as("olga")
    for number in range(5):
        olga.inventory.register(f"other-{number}", **TICKET_TRIAGE)
        olga.approvals.request(f"other-{number}", "start_development")
    clock.on(days=20)
    later = life.ask("start_development")
    clock.on(days=10)

    closed = registered.act_as("aude").approvals.expire()

    assert {a.system_id for a in closed} == {f"other-{number}" for number in range(5)}
    assert {str(a.status) for a in closed} == {"expired"}
    assert registered.inventory.counts("approval_state") == {"none": 5, "requested": 1}
    assert status(registered, later) == "open"
    head = registered.audit.head()
    assert registered.approvals.expire() == []
    assert registered.audit.head() == head


def test_closing_many_costs_no_statement_for_each(registered, clock, counted):
    olga = registered.act_as("olga")

    def due(number):
        for _ in range(number):
            name = f"system-{len(registered.inventory.frame())}"
            olga.inventory.register(name, **TICKET_TRIAGE)
            olga.approvals.request(name, "start_development")
        clock.on(**MONTH)
        with counted(registered) as statements:
            assert len(registered.approvals.expire()) == number
        return len(statements)

    assert due(2) == due(12)


def test_a_revision_does_not_turn_what_expired_into_something_else(life, registered, clock):
    request = life.ask("start_development")
    clock.on(**MONTH)
    registered.act_as("olga").inventory.revise("ticket-triage", supplier="ACME")

    assert status(registered, request) == "expired"


@ONE_DATABASE
def test_a_step_without_approvals_does_not_expire(life):
    life.to("verification_and_validation")

    done = life.workspace.approvals.frame().set_index("transition")

    assert done.expires_at.isna()["submit_for_validation"]


OWN = """
expires_after = { days = 3 }
valid_for = { days = 365 }
"""


@pytest.fixture
def own_lifecycle(workspace_folder, host):
    """Give a workspace whose approvals of deployment are asked for in three days, valid for a year."""
    from importlib.resources import files

    text = (files("aims_core.lifecycle") / "default.toml").read_text(encoding="utf-8")
    place = 'name = "approve_deployment"\n'
    assert text.count(place) == 1
    (workspace_folder / "own.toml").write_text(text.replace(place, place + OWN), encoding="utf-8")
    with (workspace_folder / "aims.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[lifecycle]\nmachine = "own.toml"\n')
    opened = open_workspace(workspace_folder, actor="ada", host=host)
    opened.act_as("olga").inventory.register("ticket-triage", **TICKET_TRIAGE)
    yield opened
    opened.close()


def test_an_approval_for_a_time_ends_with_it(own_lifecycle, lead):
    life, clock = lead(own_lifecycle)
    life.to("deployment")
    approved = next(a for a in life.requests() if a.transition == "approve_deployment")
    assert approved.expires_at - approved.requested_at == timedelta(days=3)
    assert approved.valid_until - approved.closed_at == timedelta(days=365)
    standing = {c.name: c for c in own_lifecycle.reviews.conditions("ticket-triage")}
    assert "valid until" in standing["approval_in_force"].reason
    clock.now = approved.valid_until

    told = {c.name: c for c in own_lifecycle.reviews.conditions("ticket-triage")}

    assert not told["approval_in_force"].met
    assert "was valid until" in told["approval_in_force"].reason
    with pytest.raises(ConditionsNotMet, match="was valid until"):
        life.ask("go_live")


@pytest.mark.parametrize(
    "span", ["{ days = 0 }", "{ days = -1 }", "{ fortnights = 2 }", "30", '"30 days"', "[1]"]
)
def test_a_span_of_time_that_is_none_is_refused(tmp_path, span):
    from importlib.resources import files

    text = (files("aims_core.lifecycle") / "default.toml").read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(text.replace("{ days = 30 }", span), encoding="utf-8")

    with pytest.raises(WorkspaceError, match=r"own\.toml"):
        load_machine(path)


def test_the_shipped_lifecycle_names_a_time_for_every_request():
    machine = default_machine()

    assert {machine.expires_after_for(t) for t in machine.transitions} == {timedelta(**MONTH)}
    own = replace(machine.transition("resume"), expires_after=timedelta(days=1))
    assert machine.expires_after_for(own) == timedelta(days=1)
