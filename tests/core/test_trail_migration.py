"""A trail that was chained before there was a tree goes on, and what was written then is still guarded."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command

from aims_core import audit, tables
from aims_core.db.engine import make_engine
from aims_core.db.migrate import Migrator
from aims_core.events import ActorAdded
from aims_core.terms import Assurance
from aims_core.testing.intruder import disarmed, forcing

BEFORE = 5


@pytest.fixture
def old(database_url, write_first_events):
    """Give the migrator of a database at the first revision, with events as they were written then."""
    moving = Migrator(database_url)
    engine = make_engine(database_url, migrating=True)
    with forcing(engine) as connection:
        command.upgrade(moving.config(moving.component("core"), connection), "core0001")
        write_first_events(connection, BEFORE)
    engine.dispose()
    return moving


@pytest.fixture
def engine(database_url):
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def migrating(database_url):
    made = make_engine(database_url, migrating=True)
    yield made
    made.dispose()


def append(engine, count):
    who = audit.Attribution(
        actor="ada", at=datetime(2026, 2, 1, tzinfo=UTC), assurance=Assurance.SELF_DECLARED
    )
    with forcing(engine) as connection:
        events = [
            (f"new-{n}", ActorAdded(actor=f"a{n}", name="A", kind="person", person=f"a{n}"))
            for n in range(count)
        ]
        audit.append(connection, events, who)


def seal(engine):
    with forcing(engine) as connection:
        return audit.seal(connection)


def verified(engine, head=""):
    with engine.connect() as connection:
        return audit.verify(connection, audit.Against(head=head))


def test_a_chained_trail_is_sealed_in_its_order_and_goes_on(old, engine):
    with engine.connect() as connection:
        noted = connection.execute(sa.select(tables.trail_head.c.chain)).scalar_one()
    old.upgrade()
    append(engine, 3)

    assert seal(engine) == BEFORE + 3
    verification = verified(engine, noted)

    assert verification.intact, verification.faults
    assert verification.events == BEFORE + 3
    with engine.connect() as connection:
        query = audit.in_order(sa.select(tables.event), engine.dialect.name)
        rows = connection.execute(query).all()
    assert [row.sequence for row in rows] == list(range(1, BEFORE + 4))
    assert all(row.chain for row in rows[:BEFORE])


@pytest.mark.parametrize("column", ["payload", "actor", "leaf", "chain"])
@pytest.mark.parametrize("sequence", [1, 3, BEFORE])
def test_changing_an_event_from_before_is_found(old, engine, column, sequence):
    old.upgrade()
    seal(engine)
    with forcing(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER aims_event_keeps_update")
        else:
            connection.exec_driver_sql("DROP TRIGGER aims_event_append_only ON aims_event")
        for value in ("x", "") if column == "chain" else ("x",):
            connection.exec_driver_sql(
                f"UPDATE aims_event SET {column} = '{value}' WHERE sequence = {sequence}"
            )
            assert not audit.verify(connection).intact


def test_a_tree_of_every_eighth_level_gets_the_levels_between(database_url, engine, migrating):
    moving = Migrator(database_url)
    part, size = moving.component("core"), 600
    with migrating.begin() as connection:
        command.upgrade(moving.config(part, connection), "core0010")
    append(engine, size)
    seal(engine)
    with forcing(engine) as connection, disarmed(connection, "aims_tree_node"):
        connection.exec_driver_sql("DELETE FROM aims_tree_node WHERE level IN (4, 12)")
    assert any("the stored tree differs" in fault for fault in verified(engine).faults)

    moving.upgrade()
    verification = verified(engine)

    assert verification.intact, verification.faults
    assert _levels(engine) == {4: size // 16, 8: size // 256}
    with engine.connect() as connection:
        for index in (0, 255, 256, size - 1):
            audit.prove_inclusion(connection, index, size)
    with migrating.begin() as connection:
        command.downgrade(moving.config(part, connection), "core0010")
    assert _levels(engine) == {8: size // 256}
    with forcing(engine) as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
        connection.exec_driver_sql("DELETE FROM aims_tree_node")


def _levels(engine):
    with engine.connect() as connection:
        node = tables.tree_node
        query = sa.select(node.c.level, sa.func.count().label("nodes")).group_by(node.c.level)
        return {row.level: row.nodes for row in connection.execute(query)}


def test_going_back_is_possible_until_events_were_written_without_a_chain(old, engine):
    part = old.component("core")
    old.upgrade()
    migrating = make_engine(str(engine.url.render_as_string(hide_password=False)), migrating=True)
    with migrating.begin() as connection:
        command.downgrade(old.config(part, connection), "core0001")
    with forcing(engine) as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
        connection.exec_driver_sql("UPDATE aims_event SET payload = ''")
    old.upgrade()
    append(engine, 1)

    with migrating.begin() as connection:
        if engine.dialect.name == "postgresql":
            with pytest.raises(RuntimeError, match="cannot be taken back"):
                command.downgrade(old.config(part, connection), "core0001")
        else:
            command.downgrade(old.config(part, connection), "core0001")
    migrating.dispose()
