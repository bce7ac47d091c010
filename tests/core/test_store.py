"""Promise 1: a record and its audit entry are one transaction; a refusal leaves only itself."""

import math
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from aims_core import (
    AimsError,
    ConditionsNotMet,
    Event,
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    WorkspaceError,
)
from aims_core.testing import tampering
from aims_core.testing.fixtures import TICKET_TRIAGE


def types(workspace):
    return [event.type for event in workspace.audit.events(limit=1_000)]


def test_registering_writes_the_system_and_one_event_by_its_actor(registered):
    newest = registered.audit.events(limit=1)[0]

    assert newest.type == "core.SystemRegistered"
    assert newest.actor == "olga"
    assert newest.system_id == "ticket-triage"
    assert newest.payload["content"]["name"] == "Ticket triage"
    assert registered.audit.verify().intact


def test_a_refused_act_leaves_nothing_but_its_refusal(workspace):
    before = types(workspace)

    with pytest.raises(InvalidRecord) as refusal:
        workspace.act_as("olga").inventory.register(
            "ticket-triage", **{**TICKET_TRIAGE, "name": " "}
        )

    assert [p.field for p in refusal.value.problems] == ["name"]
    assert workspace.inventory.find()[1] == 0
    assert types(workspace) == ["core.ActRefused", *before]


def test_somebody_without_a_role_is_refused_and_the_message_names_the_roles(workspace):
    with pytest.raises(NotPermitted, match="inventory_steward or system_owner"):
        workspace.act_as("aude").inventory.register("ticket-triage", **TICKET_TRIAGE)

    assert types(workspace)[0] == "core.ActRefused"


def test_all_unmet_conditions_are_named_not_just_the_first(registered, checks):
    checks.unmet = {"initial_risk_assessment", "not_prohibited"}

    with pytest.raises(ConditionsNotMet) as refusal:
        registered.act_as("olga").approvals.request("ticket-triage", "start_development")

    assert {c.name for c in refusal.value.conditions} == {
        "initial_risk_assessment",
        "not_prohibited",
    }


def test_registering_twice_finds_rather_than_doubles(registered):
    again = registered.act_as("olga").inventory.register("ticket-triage", **TICKET_TRIAGE)

    assert again.revision == 1
    assert types(registered).count("core.SystemRegistered") == 1


def test_an_id_that_is_taken_by_another_description_is_refused(registered):
    with pytest.raises(InvalidRecord, match="taken by 'Ticket triage'"):
        registered.act_as("olga").inventory.register(
            "ticket-triage", **{**TICKET_TRIAGE, "name": "Other"}
        )


@pytest.mark.parametrize(
    "column", ["type", "at", "actor", "assurance", "system_id", "payload", "nonce", "leaf", "chain"]
)
def test_changing_any_column_of_an_event_is_found(registered, column):
    engine = registered._desk.store.engine
    with tampering(registered) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER aims_event_keeps_update")
        else:
            connection.exec_driver_sql("DROP TRIGGER aims_event_append_only ON aims_event")
        connection.execute(sa.text(f"UPDATE aims_event SET {column} = 'x' WHERE sequence = 3"))

    verification = registered.audit.verify()

    assert not verification.intact
    assert "event 3" in " ".join(verification.faults)


def test_events_can_not_be_changed_by_accident(registered):

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), tampering(registered) as connection:
        connection.execute(sa.text("DELETE FROM aims_event WHERE sequence = 1"))


def test_errors_are_all_of_one_family(workspace):
    for error in (InvalidRecord, NotPermitted, ConditionsNotMet):
        assert issubclass(error, AimsError)


def test_who_reads_cannot_write(registered):
    with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"), registered.reading() as tx:
        tx.connection.execute(sa.text("UPDATE aims_system SET stage = 'deployment'"))

    assert registered.inventory.get("ticket-triage").stage == "inception"
    registered.act_as("olga").inventory.revise("ticket-triage", name="Other")


def test_who_reads_sees_one_moment_whatever_others_write_meanwhile(registered):
    count = sa.text("SELECT count(*) FROM aims_system")

    with registered.reading() as tx:
        before = tx.connection.execute(count).scalar()
        registered.act_as("olga").inventory.register("second", **TICKET_TRIAGE)
        after = tx.connection.execute(count).scalar()

    assert (before, after) == (1, 1)
    assert registered.inventory.find()[1] == 2


def test_a_second_writing_transaction_in_the_same_thread_is_refused_not_waited_for(registered):
    with pytest.raises(WorkspaceError, match="open here already"), registered.writing():
        registered.act_as("olga").inventory.revise("ticket-triage", name="Other")

    with registered.writing(), registered.reading() as tx:
        assert tx.get_system("ticket-triage").revision == 1
    assert registered.act_as("olga").inventory.revise("ticket-triage", name="Other").revision == 2


def test_an_error_that_is_no_refusal_rolls_back_and_leaves_no_event(registered):
    before = registered.audit.head()

    with pytest.raises(ZeroDivisionError):
        _deploy(registered, Happened(), lambda: 1 / 0)

    assert registered.audit.head() == before
    assert registered.inventory.get("ticket-triage").stage == "inception"


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    """An event of a plugin."""

    component = "test"
    value: object = None


@pytest.mark.parametrize("value", [math.nan, "half\x00", "half\ud800", object(), {1: 2}])
def test_an_event_that_cannot_be_written_takes_its_act_along(registered, value):
    with pytest.raises(InvalidRecord, match=r"record test\.Happened"):
        _deploy(registered, Happened(value=value))

    assert registered.inventory.get("ticket-triage").stage == "inception"
    assert registered.audit.verify().intact


def _deploy(workspace, event, afterwards=lambda: None):
    with workspace.writing() as tx:
        tx.connection.execute(sa.text("UPDATE aims_system SET stage = 'deployment'"))
        tx.record(event)
        afterwards()


def test_a_table_that_is_missing_is_said_with_the_command_that_helps(registered):
    with pytest.raises(WorkspaceError, match="aims db upgrade"), registered.reading() as tx:
        tx.connection.execute(sa.text("SELECT * FROM nowhere"))


def test_a_value_that_no_field_holds_is_refused_alike_on_every_database(registered):
    for before in (2**70, -(2**70)):
        with pytest.raises(InvalidRecord):
            registered.audit.events(before=before)


def test_many_systems_are_read_at_once_and_a_misspelt_one_is_named(registered):
    with registered.reading() as tx:
        assert tx.get_systems([]) == {}
        assert tx.get_systems(["ticket-triage"] * 2) == {
            "ticket-triage": tx.get_system("ticket-triage")
        }
        with pytest.raises(RecordNotFound, match="Did you mean ticket-triage"):
            tx.get_systems(["ticket-triage", "ticket-triag"])
