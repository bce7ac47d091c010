"""Role changes take two administrators (R7); auditors audit nothing they worked on (R5)."""

from datetime import timedelta

import pytest

from aims_core import (
    NotPermitted,
    RecordNotFound,
    Ref,
    RequestRefused,
    SegregationOfDuties,
    ServiceSpec,
    hookimpl,
)

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


def later(workspace, days):
    """Let the workspace's clock run ahead."""
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(days=days)


@pytest.fixture
def two(workspace):
    """Give the workspace with a second administrator, bert."""
    workspace.staffing.add("bert", "Bert")
    workspace.staffing.grant("bert", "administrator")
    return workspace


def roles(workspace, actor_id):
    return {g.role for g in workspace.staffing.roles_of(actor_id)}


def test_the_only_administrator_grants_alone_and_that_is_an_exception_on_record(workspace):
    [founding] = workspace.separation.exceptions()

    assert (founding.rule, founding.recorded_by, founding.expires_on) == ("R7", "ada", None)
    workspace.staffing.grant("devi", "inventory_steward")
    assert workspace.separation.exceptions() == [founding]


def test_the_exception_ends_with_the_second_administrator_and_shows_as_ended(two):
    assert two.separation.exceptions() == []

    shown = two.separation.exceptions_frame()

    assert shown.end_reason.tolist() == ["There is a second administrator."]
    assert shown.in_force.tolist() == ["no"]


def test_with_two_administrators_one_proposes_and_the_other_confirms(two):
    with pytest.raises(SegregationOfDuties, match=r"confirmed by bert"):
        two.staffing.grant("devi", "inventory_steward")

    asked = two.staffing.propose("devi", "inventory_steward", unit="Support", reason="Holidays.")
    assert "inventory_steward" not in roles(two, "devi")
    with pytest.raises(SegregationOfDuties, match="the same person, proposed it"):
        two.staffing.confirm(asked.change_id)
    granted = two.act_as("bert").staffing.confirm(asked.change_id)

    assert (granted.role, granted.scope, granted.granted_by) == (
        "inventory_steward",
        "Support",
        "bert",
    )
    assert two.act_as("bert").staffing.confirm(asked.change_id) == granted
    [kept] = two.staffing.changes(open_only=False)
    assert (kept.status, kept.grant_id, kept.closed_by) == ("confirmed", granted.grant_id, "bert")
    assert two.staffing.changes() == []


def test_a_second_account_of_the_proposer_does_not_confirm(two):
    two.staffing.add("bert-2", "Bert again", person="bert")
    asked = two.act_as("ada").staffing.propose("bert-2", "administrator")
    two.staffing.add("cleo", "Cleo")
    other = two.act_as("bert").staffing.propose("cleo", "auditor")

    with pytest.raises(SegregationOfDuties, match="nobody grants a role to themselves"):
        two.act_as("bert").staffing.confirm(asked.change_id)
    two.act_as("ada").staffing.confirm(other.change_id)

    assert roles(two, "cleo") == {"auditor"}
    assert roles(two, "bert-2") == set()


def test_nobody_proposes_a_role_for_themselves_under_any_account(two):
    two.staffing.add("ada-2", "Ada again", person="ada")

    for actor_id in ("ada", "ada-2"):
        with pytest.raises(SegregationOfDuties, match="nobody grants a role to themselves"):
            two.staffing.propose(actor_id, "committee_member")


@ONE_DATABASE
def test_only_administrating_persons_confirm(two):
    asked = two.staffing.propose("devi", "inventory_steward")

    with pytest.raises(NotPermitted, match="administrator"):
        two.act_as("olga").staffing.confirm(asked.change_id)
    two.staffing.add("robot", "Robot", kind="service")
    two.act_as("bert").staffing.confirm(two.staffing.propose("robot", "administrator").change_id)
    with pytest.raises(NotPermitted, match="only persons confirm"):
        two.act_as("robot").staffing.confirm(asked.change_id)


def test_a_proposal_is_found_again_declined_with_a_reason_and_then_closed(two):
    asked = two.staffing.propose("devi", "inventory_steward")
    assert two.staffing.propose("devi", "inventory_steward") == asked
    bert = two.act_as("bert").staffing
    with pytest.raises(RequestRefused, match="say why"):
        bert.decline(asked.change_id, reason=" ")

    declined = bert.decline(asked.change_id, reason="Not needed.")

    assert declined.status == "declined"
    with pytest.raises(RequestRefused, match="it was declined"):
        bert.confirm(asked.change_id)
    with pytest.raises(RecordNotFound, match="role change"):
        bert.confirm("rch-0")


def test_two_administrators_cannot_both_be_the_only_one(two):
    mine = next(g for g in two.staffing.roles_of("bert") if g.role == "administrator")
    two.act_as("bert").staffing.revoke(mine.grant_id, reason="left")

    two.staffing.grant("devi", "inventory_steward")

    [again] = two.separation.exceptions()
    assert (again.rule, again.recorded_by) == ("R7", "ada")


def grant_of(workspace, actor_id):
    held = workspace.staffing.roles_of(actor_id)
    return next(g for g in held if g.role == "administrator").grant_id


def test_one_of_two_administrators_does_not_take_the_role_from_the_other(two):
    two.staffing.add("ada-2", "Ada again", person="ada")

    with pytest.raises(
        SegregationOfDuties, match="would leave ada to administer alone; let bert lay"
    ):
        two.staffing.revoke(grant_of(two, "bert"), reason="rival")
    with pytest.raises(SegregationOfDuties, match="would leave bert"):
        two.act_as("bert").staffing.revoke(grant_of(two, "ada"), reason="rival")

    assert roles(two, "bert") == roles(two, "ada") == {"administrator"}
    assert [b for b in two.separation.breaches() if not b.exception] == []


def test_any_other_role_is_taken_back_by_one_at_once(two):
    carl = next(iter(two.staffing.roles_of("carl")))

    assert two.staffing.revoke(carl.grant_id, reason="misuse").revoked_at is not None
    asked = two.staffing.propose("devi", "administrator")
    two.act_as("bert").staffing.confirm(asked.change_id)
    assert two.staffing.revoke(grant_of(two, "bert"), reason="misuse").revoked_at is not None


def top(workspace, person, role="top_management", **scope):
    asked = workspace.staffing.propose(person, role, **scope)
    workspace.act_as("bert").staffing.confirm(asked.change_id)
    return workspace.act_as(person).staffing


def test_top_management_takes_the_administrators_role_back_and_no_other(two):
    carl = next(iter(two.staffing.roles_of("carl")))
    two.staffing.add("tessa", "Tessa")
    tessa = top(two, "tessa")

    with pytest.raises(NotPermitted):
        tessa.revoke(carl.grant_id, reason="misuse")
    taken = tessa.revoke(grant_of(two, "bert"), reason="misuse")
    with pytest.raises(RequestRefused, match="last administrator"):
        tessa.revoke(grant_of(two, "ada"), reason="misuse")

    assert taken.revoked_at is not None
    assert two.audit.events(event_type="core.RoleRevoked")[0].actor == "tessa"
    two.staffing.grant("devi", "inventory_steward")
    assert [b for b in two.separation.breaches() if not b.exception] == []


def test_the_one_who_would_be_left_is_not_top_management_besides(two):
    two.staffing.add("ada-2", "Ada again", person="ada")
    asked = two.act_as("bert").staffing.propose("ada-2", "top_management")
    two.staffing.add("cleo", "Cleo")
    cleo = two.act_as("bert").staffing.propose("cleo", "administrator")
    two.staffing.confirm(cleo.change_id)
    two.act_as("cleo").staffing.confirm(asked.change_id)
    two.act_as("cleo").staffing.revoke(grant_of(two, "cleo"), reason="left")

    with pytest.raises(SegregationOfDuties, match="would leave ada to administer alone"):
        two.act_as("ada-2").staffing.revoke(grant_of(two, "bert"), reason="rival")


def test_top_management_of_a_unit_takes_no_role_back(two):
    two.staffing.add("tessa", "Tessa")

    with pytest.raises(NotPermitted):
        top(two, "tessa", unit="Support").revoke(grant_of(two, "bert"), reason="misuse")


def test_plugins_are_admitted_by_two(two, host):
    class Acting:
        @hookimpl
        def aims_services(self):
            spec = ServiceSpec(
                id="late.service",
                title="x",
                name="late",
                factory=Ref("x:y"),
                acts_as=("incident_manager",),
            )
            return [spec]

    host.register(Acting(), "late")

    assert two.admit_plugins() == ["plugin:late"]
    assert roles(two, "plugin:late") == set()
    [asked] = two.staffing.changes()
    two.act_as("bert").staffing.confirm(asked.change_id)
    assert roles(two, "plugin:late") == {"incident_manager"}


@pytest.mark.parametrize("held", ["olga", "carl", "devi", "imre", "ines", "rita"])
@ONE_DATABASE
def test_nobody_audits_what_they_work_on(workspace, held):
    with pytest.raises(SegregationOfDuties, match="auditors do not audit their own work"):
        workspace.staffing.grant(held, "auditor")


def test_nor_what_they_worked_on_in_the_last_twelve_months(workspace):
    old = next(iter(workspace.staffing.roles_of("devi")))
    workspace.staffing.revoke(old.grant_id, reason="moved")

    with pytest.raises(
        SegregationOfDuties, match="held the role developer now or in the last 12 months"
    ):
        workspace.staffing.grant("devi", "auditor")
    later(workspace, 364)
    with pytest.raises(SegregationOfDuties):
        workspace.staffing.grant("devi", "auditor")
    later(workspace, 3)

    assert workspace.staffing.grant("devi", "auditor").role == "auditor"


def test_an_auditor_gets_no_other_role_under_any_account(workspace):
    workspace.staffing.add("aude-2", "Aude again", person="aude")

    for actor_id in ("aude", "aude-2"):
        with pytest.raises(SegregationOfDuties, match="holds the role auditor"):
            workspace.staffing.grant(actor_id, "developer")

    mine = workspace.staffing.roles_of("aude")[0]
    workspace.staffing.revoke(mine.grant_id, reason="moved")
    assert workspace.staffing.grant("aude", "developer").role == "developer"
