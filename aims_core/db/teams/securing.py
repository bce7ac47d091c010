"""Securing a database, and again after every migration: the statements run, the fingerprint is kept."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from aims_core.canonical import canonical_json
from aims_core.db.teams import results, statements
from aims_core.db.teams.fingerprint import catalogue, digest_of, named
from aims_core.db.teams.groups import Groups, groups_here
from aims_core.db.teams.protection import Protection, as_plain, from_plain, protections
from aims_core.db.teams.signatures import SCHEMA
from aims_core.db.teams.standing import identity
from aims_core.errors import WorkspaceError
from aims_core.lifecycle import Machine

_MAY = (
    "SELECT bool_and(pg_has_role(c.relowner, 'USAGE')) AND (SELECT rolsuper OR rolcreaterole FROM pg_roles "
    "WHERE rolname = current_user) FROM pg_class c "
    "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Secured:
    """What securing left: its number, the fingerprint, and which tables are closed to everybody.

    `left` are lines of the catalogue that were not there when the database was secured before, and that
    securing does not take away (a trigger or a function that somebody made): they count as secured from
    now on, so that somebody has to look at each.
    """

    number: int
    fingerprint: str
    machine_version: str
    closed: tuple[str, ...]
    left: tuple[str, ...] = ()


def secure(connection: sa.Connection, *, machine: Machine, version: str, at: str) -> Secured:
    """Secure a database, or secure it again, in the transaction of a connection.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Of the login that owns the tables, which may make roles.
    machine : Machine
        The lifecycle whose rules the database enforces.
    version : str
        Of aims-core.
    at : str
        The time, as stored text.

    Raises
    ------
    WorkspaceError
        It is no PostgreSQL, the tables are not in the schema ``public``, or the login may not do it.
    """
    if connection.dialect.name != "postgresql":
        raise WorkspaceError(
            "only PostgreSQL knows who is connected; a SQLite file is protected by the file system alone"
        )
    groups = _groups(connection)
    added = _added(connection, groups)
    for statement in plan(connection, machine, groups=groups):
        run(connection, statement)
    known, there = _protections(connection), _columns(connection)
    lines = catalogue(connection, groups)
    fingerprint = digest_of(lines)
    number = _keep(connection, machine, version, at, lines)
    return Secured(
        number=number,
        fingerprint=fingerprint,
        machine_version=machine.version,
        closed=tuple(
            sorted(t for t in set(there) - set(known) if not t.startswith("aims_alembic_"))
        ),
        left=tuple(line for line in lines if named(line) in added),
    )


def secure_again(
    connection: sa.Connection, *, machine: Callable[[], Machine], version: str, at: str
) -> bool:
    """Secure a database again where it was secured before; say whether it was. After each migration."""
    if identity(connection) is None:
        return False
    secure(connection, machine=machine(), version=version, at=at)
    return True


def plan(
    connection: sa.Connection, machine: Machine, *, groups: Groups | None = None
) -> Iterable[str]:
    """Yield the statements that secure this database; each is run before the next is asked for."""
    groups = groups or _groups(connection)
    database = str(connection.execute(sa.text("SELECT current_database()")).scalar_one())
    yield from statements.roles(groups)
    yield from statements.foundation(groups, database, machine)
    _keep_protections(connection)
    results.keep(connection)
    yield from statements.on_tables(groups, _protections(connection), _columns(connection))


def run(connection: sa.Connection, statement: str) -> None:
    """Run one statement as it is; a percent sign is only that."""
    connection.exec_driver_sql(statement.replace("%", "%%"))


def _groups(connection: sa.Connection) -> Groups:
    query = sa.text("SELECT current_schema(), to_regclass('public.aims_event')")
    schema, event = connection.execute(query).one()
    if schema != "public" or event is None:
        raise WorkspaceError(
            f"the tables must be in the schema public, and the search path begin with it; it is {schema}"
        )
    if connection.execute(sa.text(_MAY)).scalar_one() is not True:
        raise WorkspaceError(
            "this login does not own the tables, or may not make roles; secure the database with the one "
            "that made them, which needs CREATEROLE"
        )
    return groups_here(connection)


def _added(connection: sa.Connection, groups: Groups) -> set[str]:
    """Return what the catalogue names and did not when the database was secured before."""
    if identity(connection) is None:
        return set()
    newest = sa.text(f"SELECT catalogue FROM {SCHEMA}.secured ORDER BY number DESC LIMIT 1")
    kept = connection.execute(newest).scalar()
    if not kept:
        return set()
    return {named(line) for line in catalogue(connection, groups)} - set(
        map(named, json.loads(kept))
    )


def _columns(connection: sa.Connection) -> dict[str, list[str]]:
    query = sa.text(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND attnum > 0 AND NOT attisdropped ORDER BY 1, attnum"
    )
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(query):
        found.setdefault(table, []).append(column)
    return found


def _keep_protections(connection: sa.Connection) -> None:
    """Keep what is declared beside what absent plugins declared before."""
    rows = [
        {"name": name, "spec": canonical_json(as_plain(one))}
        for name, one in sorted(protections().items())
    ]
    connection.execute(
        sa.text(
            f"INSERT INTO {SCHEMA}.protection (table_name, spec) VALUES (:name, :spec) "
            "ON CONFLICT (table_name) DO UPDATE SET spec = excluded.spec"
        ),
        rows,
    )


def _protections(connection: sa.Connection) -> Mapping[str, Protection]:
    rows = connection.execute(sa.text(f"SELECT table_name, spec FROM {SCHEMA}.protection"))
    return {name: from_plain(json.loads(spec)) for name, spec in rows}


def _keep(
    connection: sa.Connection, machine: Machine, version: str, at: str, lines: list[str]
) -> int:
    newest = sa.text(f"SELECT coalesce(max(number), 0) FROM {SCHEMA}.secured")
    number = int(connection.execute(newest).scalar_one()) + 1
    connection.execute(
        sa.text(
            f"INSERT INTO {SCHEMA}.secured VALUES (:number, :version, :machine, "
            ":fingerprint, :catalogue, :at)"
        ),
        {
            "number": number,
            "version": version,
            "machine": machine.version,
            "fingerprint": digest_of(lines),
            "catalogue": canonical_json(lines),
            "at": at,
        },
    )
    return number
