"""What people decided before requests expired and votes changed: kept, and filled up as it was then."""

import pytest
import sqlalchemy as sa
from alembic import command

from aims_core.db.engine import make_engine
from aims_core.db.migrate import Migrator
from aims_core.testing.intruder import forcing

THEN = "2026-01-{:02}T00:00:00.000000Z"
ROWS = {
    "aims_system": [
        {
            "system_id": "one",
            "name": "One",
            "use_case": "u",
            "owner": "olga",
            "origin": "in_house",
            "declared_risk_category": "minimal",
            "unit": "",
            "intended_use": "i",
            "supplier": "",
            "human_oversight": "",
            "incident_contact": "",
            "attributes": "{}",
            "components": "[]",
            "stage": "design_and_development",
            "status": "active",
            "tier": "high",
            "approval_state": "approved",
            "entry": "legacy",
            "revision": 1,
            "digest": "d",
            "registered_at": THEN.format(1),
            "revised_at": THEN.format(1),
            "search": "one",
        }
    ],
    "aims_system_revision": [
        {
            "system_id": "one",
            "revision": 1,
            "content": "{}",
            "digest": "d",
            "author": "ines",
            "at": THEN.format(1),
        }
    ],
    "aims_result_schema": [{"digest": "s", "schema": "{}"}],
    "aims_result": [
        {
            "result_id": f"res-{day}",
            "kind": "rating",
            "system_id": "one",
            "subject": "",
            "provider": "p",
            "distribution": "p",
            "version": "1",
            "fingerprint": "",
            "input_digest": "",
            "schema_digest": "s",
            "payload": "{}",
            "revision": 1,
            "tier": tier,
            "recorded_by": "rita",
            "recorded_at": THEN.format(day),
            "valid_until": None,
            "in_force": day == 9,
        }
        for day, tier in ((2, "limited"), (9, "high"))
    ],
    "aims_approval": [
        {
            "approval_id": key,
            "system_id": "one",
            "transition": "start_development",
            "revision": 1,
            "digest": "d",
            "requested_by": "olga",
            "requested_at": THEN.format(1),
            "reason": "",
            "status": status,
            "machine_version": "1",
            "closed_at": closed_at,
        }
        for key, status, closed_at in (
            ("apr-early", "carried_out", THEN.format(1)),
            ("apr-done", "carried_out", THEN.format(5)),
            ("apr-open", "open", None),
        )
    ],
    "aims_vote": [
        {
            "vote_id": "vot-1",
            "approval_id": "apr-done",
            "actor": "carl",
            "person": "carl",
            "role": "committee_member",
            "decision": "approve",
            "reason": "",
            "digest": "d",
            "at": THEN.format(5),
        }
    ],
}


@pytest.fixture
def engine(database_url):
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def before(database_url, engine):
    """Give the migrator of a database as the first release left it, with a decision in it."""
    moving = Migrator(database_url)
    early = make_engine(database_url, migrating=True)
    with early.begin() as connection:
        command.upgrade(moving.config(moving.component("core"), connection), "core0001")
        for name, rows in ROWS.items():
            table = sa.Table(name, sa.MetaData(), autoload_with=connection)
            connection.execute(sa.insert(table), rows)
    early.dispose()
    return moving


def read(engine, query):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_earlier_requests_get_the_tier_of_their_day_and_no_end(before, engine):
    before.upgrade()

    rows = read(engine, "SELECT approval_id, tier, expires_at, valid_until FROM aims_approval")
    assert sorted(rows) == [
        ("apr-done", "limited", None, None),
        ("apr-early", "undetermined", None, None),
        ("apr-open", None, None, None),
    ]


def test_earlier_votes_are_kept_and_stay_append_only(before, engine):
    before.upgrade()

    columns = "vote_id, approval_id, actor, role, on_behalf_of, on_behalf_person, ordinal"
    assert read(engine, f"SELECT {columns} FROM aims_vote") == [
        ("vot-1", "apr-done", "carl", "committee_member", "", "", 1)
    ]
    for act in ("DELETE FROM aims_vote", "UPDATE aims_vote SET reason = 'other'"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), forcing(engine) as connection:
            connection.execute(sa.text(act))


def test_one_goes_back_only_where_nothing_is_lost(before, engine):
    before.upgrade()
    with forcing(engine) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO aims_vote SELECT 'vot-2', approval_id, actor, person, role, 'refuse', "
                "reason, digest, at, on_behalf_of, on_behalf_person, 2, NULL FROM aims_vote"
            )
        )

    with pytest.raises(RuntimeError, match="votes were changed"):
        before.downgrade("core")

    assert len(read(engine, "SELECT vote_id FROM aims_vote")) == 2


def test_going_back_and_up_again_keeps_the_votes(before, engine, database_url):
    before.upgrade()
    early = make_engine(database_url, migrating=True)
    with early.begin() as connection:
        config = before.config(before.component("core"), connection)
        command.downgrade(config, "core0001")
    early.dispose()

    assert "ordinal" not in {c["name"] for c in sa.inspect(engine).get_columns("aims_vote")}
    before.upgrade()

    assert read(engine, "SELECT vote_id, ordinal FROM aims_vote") == [("vot-1", 1)]


def test_systems_that_ran_before_get_the_time_that_later_ones_get(before, engine):
    before.upgrade()

    assert read(engine, "SELECT system_id, evidence_due, entered_by FROM aims_legacy") == [
        ("one", "2026-06-30T00:00:00.000000Z", "ines")
    ]
