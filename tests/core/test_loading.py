"""Rows loaded at once are held to what holds for any other insert, on both databases."""

import pytest

from aims_core import InvalidRecord, NotPermitted, RequestRefused, RevisionConflict, tables
from aims_core.loading import load

COLUMNS = ("actor_id", "name", "kind", "person", "added_at", "added_by")
AT = "2026-03-01T10:00:00.000000Z"
MANY = 200


def rows(*names):
    return [(f"p-{n}", name, "person", f"p-{n}", AT, "ada") for n, name in enumerate(names)]


def added(workspace):
    with workspace.reading() as tx:
        found = tx.connection.execute(tables.actor.select()).all()
    return {row.actor_id: row.name for row in found if row.actor_id.startswith("p-")}


@pytest.fixture
def connection(workspace):
    """Give a writing connection on which bookkeeping may write."""
    with workspace._desk.store.keeping_books() as connection:
        yield connection


@pytest.mark.parametrize("count", [0, 1, 19, 20, MANY])
def test_every_row_arrives_as_it_was_given(workspace, count):
    names = [f"Zoë {n}\t\\N 100 % 'quoted' \"twice\"\n" for n in range(count)]

    with workspace._desk.store.keeping_books() as connection:
        load(connection, tables.actor, COLUMNS, rows(*names))

    assert added(workspace) == {f"p-{n}": name for n, name in enumerate(names)}


def test_a_value_may_be_absent(workspace):
    columns = ("grant_id", "actor", "role", "scope_kind", "scope", "granted_by", "granted_at")
    given = [(f"g-{n}", "ada", "auditor", "organisation", "", "ada", AT, None) for n in range(MANY)]

    with workspace._desk.store.keeping_books() as connection:
        load(connection, tables.grant, (*columns, "revoked_by"), given)
        found = connection.execute(tables.grant.select()).all()

    assert [r.revoked_by for r in found if r.grant_id.startswith("g-")] == [None] * MANY


@pytest.mark.parametrize("count", [2, MANY])
@pytest.mark.parametrize("wrong", ["cut\x00off", "half \ud800"])
def test_text_that_no_database_holds_is_refused_by_its_reason(connection, count, wrong):
    names = [*(f"Name {n}" for n in range(count - 1)), wrong]

    with pytest.raises(InvalidRecord, match=r"NUL character|half a character"):
        load(connection, tables.actor, COLUMNS, rows(*names))


def test_a_row_that_is_there_already_is_a_conflict_and_none_of_them_stays(workspace):
    given = rows(*(f"Name {n}" for n in range(MANY)))

    with pytest.raises(RevisionConflict), workspace._desk.store.keeping_books() as connection:
        load(connection, tables.actor, COLUMNS, [*given, given[0]])

    assert added(workspace) == {}


@pytest.mark.parametrize("count", [1, MANY])
def test_what_is_loaded_without_an_event_is_refused_like_any_write(workspace, count):
    with pytest.raises(RequestRefused, match=r"changed \d+ row"), workspace.writing() as tx:
        load(tx.connection, tables.actor, COLUMNS, rows(*map(str, range(count))))

    assert added(workspace) == {}


def test_the_database_dates_loaded_rows_itself(workspace):
    with workspace._desk.store.keeping_books() as connection:
        load(connection, tables.actor, COLUMNS, rows(*map(str, range(MANY))))
        found = connection.execute(tables.actor.select()).all()

    assert all(r.valid_from is not None for r in found if r.actor_id.startswith("p-"))


@pytest.mark.parametrize("count", [1, MANY])
def test_text_that_is_longer_than_its_column_is_refused_with_its_row(connection, count):
    names = [*(f"Name {n}" for n in range(count - 1)), "n" * 201]

    with pytest.raises(InvalidRecord, match=r"name: .* has 201 characters") as refusal:
        load(connection, tables.actor, COLUMNS, rows(*names))

    assert refusal.value.problems[0].row == (count if count > 1 else None)


@pytest.mark.parametrize("aims_database", ["postgresql"])
def test_rows_are_loaded_where_policies_decide_about_them_too(workspace):
    with workspace._desk.store.keeping_books() as connection:
        for statement in (
            "CREATE ROLE clerk",
            "GRANT INSERT, SELECT ON aims_actor TO clerk",
            "ALTER TABLE aims_actor ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY named ON aims_actor USING (true) WITH CHECK (name <> 'Nobody')",
            "SET LOCAL ROLE clerk",
        ):
            connection.exec_driver_sql(statement)

        load(connection, tables.actor, COLUMNS, rows(*map(str, range(MANY))))

        with connection.begin_nested() as savepoint:
            with pytest.raises(NotPermitted):
                load(connection, tables.actor, COLUMNS, rows("Nobody"))
            savepoint.rollback()
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql("ALTER TABLE aims_actor DISABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql("DROP OWNED BY clerk")
        connection.exec_driver_sql("DROP POLICY named ON aims_actor")
        connection.exec_driver_sql("DROP ROLE clerk")

    assert len(added(workspace)) == MANY
