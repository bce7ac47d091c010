"""How a database stands: secured or not, as it was secured or not, and what credential this login is."""

from dataclasses import dataclass

import sqlalchemy as sa

from aims_core.db.teams.fingerprint import catalogue, digest_of
from aims_core.db.teams.signatures import SCHEMA

_THERE = f"SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = '{SCHEMA}')"
_MINE = (
    f"SELECT login, actor_id, {SCHEMA}.credential() FROM {SCHEMA}.login "
    "WHERE login = session_user AND ended_at IS NULL"
)
_KEEPS_BOOKS = ("service", "owner")


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginIdentity:
    """Who is behind this connection of a secured database; `actor` is empty for a login nobody was given.

    `credential` is ``work``, ``decide``, ``read``, ``service`` or ``owner``; a decision login that waits for
    another administrator passes for one to work with. `waits` says so of a list of logins.
    """

    login: str
    actor: str = ""
    credential: str = ""
    waits: bool = False

    @property
    def decides(self) -> bool:
        """Whether it may vote and decide."""
        return self.credential == "decide"

    @property
    def keeps_books(self) -> bool:
        """Whether it seals the trail and delivers tells."""
        return self.credential in _KEEPS_BOOKS


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a database protects itself, as this login can see it.

    Attributes
    ----------
    secured : bool
        `aims db secure` was run; False for SQLite and for PostgreSQL with a shared login.
    matches : bool
        The catalogue is as it was when the database was secured.
    fingerprint : str
        That of the catalogue now, 64 hexadecimal characters; empty when not secured.
    login, actor, credential : str
        See :class:`LoginIdentity`; empty when not secured.
    """

    secured: bool
    matches: bool = False
    fingerprint: str = ""
    login: str = ""
    actor: str = ""
    credential: str = ""


NOT_SECURED = Standing(secured=False)


def identity(connection: sa.Connection) -> LoginIdentity | None:
    """Return who is behind a connection, None where the database is not secured; one or two small reads.

    Nothing is written, and no statement shows among those that the connection counts.
    """
    if connection.dialect.name != "postgresql":
        return None
    cursor = connection.connection.cursor()
    try:
        cursor.execute(_THERE)
        (there,) = cursor.fetchone() or (False,)
        if not there:
            return None
        cursor.execute(f"SELECT session_user, has_schema_privilege('{SCHEMA}', 'USAGE')")
        login, admitted = cursor.fetchone() or ("", False)
        if not admitted:
            return LoginIdentity(login=login)
        cursor.execute(_MINE)
        found = cursor.fetchone()
    finally:
        cursor.close()
    if found is None:
        return LoginIdentity(login=login)
    return LoginIdentity(login=found[0], actor=found[1], credential=found[2])


def standing(connection: sa.Connection) -> Standing:
    """Return how the database of a connection protects itself; reads the catalogue and writes nothing.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Of any login, on any database that AIMS runs on.
    """
    who = identity(connection)
    if who is None:
        return NOT_SECURED
    if not who.actor:
        return Standing(secured=True, login=who.login)
    newest = sa.text(f"SELECT fingerprint FROM {SCHEMA}.secured ORDER BY number DESC LIMIT 1")
    kept = connection.execute(newest).scalar()
    now = digest_of(catalogue(connection))
    return Standing(
        secured=True,
        matches=kept == now,
        fingerprint=now,
        login=who.login,
        actor=who.actor,
        credential=who.credential,
    )
