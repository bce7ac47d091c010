"""Times of fact have no place in the tables before them: without any one may go back, with one it is said."""

from datetime import timedelta

import pytest
from alembic import command

from aims_core.db.engine import make_engine

BEFORE = "core0017"


def go_back(workspace):
    """Take the core's tables back to where no role, waiver, exception or hold stated a time of fact."""
    url = workspace._desk.store.engine.url.render_as_string(hide_password=False)
    moving, engine = workspace.migrator(), make_engine(url, migrating=True)
    try:
        with engine.begin() as connection:
            command.downgrade(moving.config(moving.component("core"), connection), BEFORE)
    finally:
        engine.dispose()


def a_role(workspace, at):
    workspace.staffing.grant("devi", "inventory_steward", fact_at=at)


def a_waiver(workspace, at):
    workspace.act_as("olga").waivers.propose(
        "ticket-triage",
        "initial_risk_assessment",
        reason="The assessor is ill.",
        compensating_measure="A person looks.",
        expires_on=(workspace.now() + timedelta(days=9)).date(),
        fact_at=at,
    )


def an_exception(workspace, at):
    workspace.separation.record_exception(
        "R1",
        reason="We are three.",
        compensating_control="An outside look.",
        expires_on=(workspace.now() + timedelta(days=9)).date(),
        fact_at=at,
    )


def a_hold(workspace, at):
    workspace.act_as("rita").evidence.hold("ticket-triage", "Proceeding 7", fact_at=at)


ACTS = (a_role, a_waiver, an_exception, a_hold)


@pytest.mark.parametrize("act", ACTS)
def test_going_back_is_refused_while_a_time_of_fact_is_on_record(registered, act):
    act(registered, registered.inventory.get("ticket-triage").registered_at)

    with pytest.raises(RuntimeError, match=r"1 record\(s\) state a time of fact"):
        go_back(registered)

    assert registered.migrator().upgrade()["core"] == ("core0018", "core0018")


@pytest.mark.parametrize("aims_database", ["sqlite"])  # the server's is lent: its schema stays
def test_without_any_the_records_go_back_and_forth_as_they_were(registered):
    for act in ACTS:
        act(registered, None)
    staff, holds = registered.staffing.frame(), registered.evidence.holds()
    waivers, exceptions = registered.waivers.frame(), registered.separation.recorded()

    go_back(registered)
    assert registered.migrator().upgrade()["core"] == (BEFORE, "core0018")

    assert registered.staffing.frame().equals(staff)
    assert registered.waivers.frame().equals(waivers)
    assert (registered.separation.recorded(), registered.evidence.holds()) == (exceptions, holds)
    held = registered.staffing.roles_of("devi")[0]
    gone = registered.staffing.revoke(held.grant_id, reason="left", fact_at=registered.now())
    assert held in registered.staffing.roles_of("devi", as_of=held.granted_at)
    assert gone.revoked_fact_at is not None
