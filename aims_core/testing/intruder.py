"""A hand past the services, for tests of what happens when records were changed behind their back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa

from aims_core.canonical import utc_text
from aims_core.db.engine import for_writing, telling_time
from aims_core.records import Grant
from aims_core.staffing import insert_grant
from aims_core.terms import ScopeKind
from aims_core.workspace import Workspace


@contextmanager
def tampering(workspace: Workspace) -> Iterator[sa.Connection]:
    """Open a connection that the guards against accidental writes let through; it commits at the end.

    No event is recorded: this is what a careless or hostile hand would do.
    """
    with workspace._desk.store.keeping_books() as connection:  # noqa: SLF001 - there is no door for this
        yield connection


def granted_past_the_rules(workspace: Workspace, actor_id: str, role: str) -> Grant:
    """Grant a role for the organisation as it stood before a rule refused it, and return the grant."""
    with workspace.writing() as tx:
        return insert_grant(tx, actor_id, role, ScopeKind.ORGANISATION, "")


@contextmanager
def forcing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open such a connection on an engine of our own, where there is no workspace; it commits at the end."""
    with engine.connect() as connection:
        writer = for_writing(connection)
        with writer.begin(), telling_time(writer, utc_text(datetime.now(UTC))):
            yield writer


@contextmanager
def disarmed(connection: sa.Connection, table: str) -> Iterator[None]:
    """Take the triggers off a table for the block, as its owner can; they are put back at its end."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    query = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t")
    triggers = connection.execute(query, {"t": table}).all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)
