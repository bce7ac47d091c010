"""Erasing an event's content: two people decide, the leaf stays, and every proof still holds."""

import json

import pytest
import sqlalchemy as sa

from aims_core import InvalidRecord, NotPermitted, RecordNotFound, SegregationOfDuties, tables
from aims_core.audit import verify_trail
from aims_core.audit.leaves import FIELDS
from aims_core.testing.intruder import tampering


@pytest.fixture
def event(signed):
    """Give an event whose content is to be erased, under a checkpoint."""
    return signed.audit.events(event_type="core.SystemRegistered")[0]


def erase(workspace, event, *actors):
    for actor in actors:
        outcome = workspace.act_as(actor).audit.erase(event.event_id, reason="a name was in it")
    return outcome


def stored(workspace, event):
    with workspace.reading() as tx:
        query = sa.select(tables.event).where(tables.event.c.event_id == event.event_id)
        return dict(tx.connection.execute(query).mappings().one())


@pytest.mark.parametrize("actors", [("ada", "aude"), ("aude", "ada")])
def test_an_administrator_and_an_auditor_together_erase_content_and_proofs_hold(
    signed, event, actors, tmp_path
):
    before, checkpoint = stored(signed, event), signed.audit.newest_checkpoint()
    asked = erase(signed, event, actors[0])
    assert not asked.done
    assert stored(signed, event) == before

    done = erase(signed, event, actors[1])

    assert done.done
    after = stored(signed, event)
    assert after == {**before, "payload": "", "nonce": ""}
    verification = signed.audit.verify(checkpoints=[checkpoint.note])
    assert verification.intact, verification.faults
    newest = signed.audit.events(limit=1)[0]
    assert newest.type == "core.EventErased"
    said = f"event {event.sequence} (core.SystemRegistered): erased by event {newest.sequence}"
    assert verification.remarks == (said,)
    key = verify_trail.Key(signed.audit.keys.status().public)
    faults, what = verify_trail.verify_proof(dict(signed.audit.prove(event.event_id)), key)
    assert faults == []
    assert "the content is erased" in what
    signed.audit.export(tmp_path / "export")
    faults, remarks, *_ = verify_trail.verify_export(tmp_path / "export", key, [])
    assert (faults, remarks) == ([], [said])
    assert signed.audit.events(event_type="core.SystemRegistered")[0].payload == {}


def test_one_person_alone_erases_nothing_whatever_roles_they_hold(signed, event):
    signed.staffing.add("ada-2", "Ada again", person="ada")
    # The services give nobody this second role; it stands here as somebody would smuggle it in.
    with tampering(signed) as connection:
        connection.execute(
            sa.insert(tables.grant).values(
                grant_id="grt-2",
                actor="ada-2",
                role="auditor",
                scope_kind="organisation",
                scope="",
                granted_by="ada",
                granted_at=signed.now(),
            )
        )
    erase(signed, event, "ada", "ada")

    with pytest.raises(SegregationOfDuties, match="another person"):
        erase(signed, event, "ada-2")

    assert stored(signed, event)["payload"]


def test_two_people_of_one_role_erase_nothing(signed, event):
    signed.staffing.add("bert", "Bert")
    signed.staffing.grant("bert", "administrator")
    erase(signed, event, "ada")

    with pytest.raises(SegregationOfDuties, match="it takes an auditor besides"):
        erase(signed, event, "bert")

    assert stored(signed, event)["payload"]


def test_who_lost_the_role_meanwhile_does_not_count(signed, event):
    erase(signed, event, "aude")
    [grant] = [g for g in signed.staffing.roles_of("aude") if g.role == "auditor"]
    signed.staffing.revoke(grant.grant_id, reason="left")

    with pytest.raises(SegregationOfDuties):
        erase(signed, event, "ada")


def test_others_may_not_ask_and_a_reason_is_needed(signed, event):
    with pytest.raises(NotPermitted, match="neither an administrator nor an auditor"):
        erase(signed, event, "olga")
    with pytest.raises(InvalidRecord, match="Say why"):
        signed.audit.erase(event.event_id, reason=" ")
    with pytest.raises(RecordNotFound):
        signed.audit.erase("evt-none", reason="x")


def test_what_says_that_something_was_erased_and_keys_stay(signed, event):
    erase(signed, event, "ada", "aude")
    for kind in ("core.EventErased", "core.CheckpointKeyAdded"):
        [kept] = signed.audit.events(event_type=kind)
        with pytest.raises(InvalidRecord, match="cannot be erased"):
            erase(signed, kept, "ada")
    with pytest.raises(InvalidRecord, match="erased already"):
        erase(signed, event, "ada")


def test_consent_lapses_after_thirty_days(signed, event):
    from datetime import timedelta

    erase(signed, event, "ada")
    store, clock = signed._desk.store, signed._desk.store.clock
    store.clock = lambda: clock() + timedelta(days=31)

    assert not erase(signed, event, "aude").done
    assert stored(signed, event)["payload"]


CONSENT = (
    "INSERT INTO aims_erasure (erasure_id, event_id, actor, person, role, reason, at) "
    "VALUES ('{0}', '{1}', '{0}', '{0}', '{2}', 'r', '2026-01-01T00:00:00.000000Z')"
)


@pytest.mark.parametrize(
    "change",
    [
        "payload = ''",
        "nonce = ''",
        "payload = '', nonce = 'x'",
        "payload = '{}', nonce = ''",
        *(f"payload = '', nonce = '', {name} = 'x'" for name in (*FIELDS[1:-2], "leaf", "chain")),
        "payload = '', nonce = '', sequence = 9999",
    ],
)
def test_even_with_consent_the_database_takes_nothing_but_the_emptying_of_both(
    signed, event, change
):
    with tampering(signed) as connection:
        for name, role in (("ada", "administrator"), ("aude", "auditor")):
            connection.execute(sa.text(CONSENT.format(name, event.event_id, role)))

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), tampering(signed) as connection:
        connection.exec_driver_sql(
            f"UPDATE aims_event SET {change} WHERE event_id = '{event.event_id}'"
        )


@pytest.mark.parametrize(
    "consents",
    [
        [],
        [("ada", "administrator")],
        [("aude", "auditor")],
        [("ada", "administrator"), ("ada-2", "administrator")],
    ],
)
def test_the_database_itself_wants_both_consents(signed, event, consents):
    with tampering(signed) as connection:
        for name, role in consents:
            connection.execute(sa.text(CONSENT.format(name, event.event_id, role)))

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), tampering(signed) as connection:
        connection.exec_driver_sql(
            f"UPDATE aims_event SET payload = '', nonce = '' WHERE event_id = '{event.event_id}'"
        )


@pytest.mark.parametrize(
    "table", ["aims_leaf", "aims_tree_node", "aims_checkpoint", "aims_anchoring", "aims_erasure"]
)
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_what_is_kept_about_the_trail_is_append_only(signed, event, table, act):
    column = {"aims_leaf": "sequence", "aims_tree_node": "hash", "aims_checkpoint": "note"}.get(
        table, "at"
    )
    engine = signed._desk.store.engine
    fill = {
        "aims_leaf": "INSERT INTO aims_leaf VALUES (99999, 1)"
        if engine.dialect.name == "sqlite"
        else "SELECT 1",
        "aims_tree_node": "INSERT INTO aims_tree_node VALUES (8, 9, 'x')",
        "aims_anchoring": "INSERT INTO aims_anchoring VALUES ('a', 1, 'a', true, '', '', '', '')",
        "aims_erasure": CONSENT.format("ada", event.event_id, "auditor"),
    }.get(table, "SELECT 1")
    with tampering(signed) as connection:
        connection.exec_driver_sql(fill)

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), tampering(signed) as connection:
        connection.exec_driver_sql(act.format(table, column, column))


@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_an_event_is_not_replaced_where_a_delete_would_ask_nobody(signed, event):
    columns = ", ".join((*FIELDS, "leaf", "chain"))
    for number, event_id in ((event.sequence, "'new'"), (9_999, "event_id")):
        values = columns.replace("sequence", str(number)).replace("event_id", event_id, 1)
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            tampering(signed) as connection,
        ):
            connection.exec_driver_sql(
                f"INSERT OR REPLACE INTO aims_event ({columns}) "
                f"SELECT {values} FROM aims_event WHERE event_id = '{event.event_id}'"
            )


def attacked(workspace, statement):
    engine = workspace._desk.store.engine
    with tampering(workspace) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER aims_event_keeps_update")
        else:
            connection.exec_driver_sql("DROP TRIGGER aims_event_append_only ON aims_event")
        connection.exec_driver_sql(statement)
    return " ".join(workspace.audit.verify().faults)


def test_an_event_that_was_emptied_without_a_decision_is_a_fault(signed, event):
    faults = attacked(
        signed,
        f"UPDATE aims_event SET payload = '', nonce = '' WHERE event_id = '{event.event_id}'",
    )

    assert "no event says that it was erased" in faults


@pytest.mark.parametrize("column", ["type", "at", "actor", "assurance", "system_id"])
def test_what_is_left_of_an_erased_event_is_still_guarded(signed, event, column):
    erase(signed, event, "ada", "aude")

    faults = attacked(
        signed, f"UPDATE aims_event SET {column} = 'x' WHERE event_id = '{event.event_id}'"
    )

    assert "was changed since it was erased by event" in faults


def test_content_that_came_back_is_a_fault(signed, event):
    before = stored(signed, event)
    erase(signed, event, "ada", "aude")
    payload = json.dumps(json.loads(before["payload"]), ensure_ascii=False, separators=(",", ":"))
    assert payload == before["payload"]

    faults = attacked(
        signed,
        f"UPDATE aims_event SET payload = '{before['payload']}', nonce = '{before['nonce']}' "
        f"WHERE event_id = '{event.event_id}'",
    )

    assert "yet it is not empty" in faults
