"""The role of the server behind a login: made, its password unseen by the server, or taken as it is."""

from secrets import token_urlsafe
from typing import Any

import sqlalchemy as sa

from aims_core.db.teams import securing
from aims_core.db.teams.groups import Groups, literal, quoted
from aims_core.errors import InvalidRecord
from aims_core.records import Problem

_FOUND = sa.text(
    "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication, rolcanlogin, "
    "pg_has_role(oid, :owner, 'MEMBER') FROM pg_roles WHERE rolname = :name"
)


def make_role(connection: sa.Connection, groups: Groups, name: str, asked: str) -> str:
    """Make a role unless it is there, and return its password; empty for one that was there.

    Raises
    ------
    InvalidRecord
        The role has powers of its own, or cannot log in.
    """
    asking = {"name": name, "owner": groups.owner}
    found = connection.execute(_FOUND, asking).one_or_none()
    if found is None:
        password = token_urlsafe(18)
        # Hashed here, so that the server's log never shows it.
        driver: Any = connection.connection.driver_connection
        hashed = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
        made = f"CREATE ROLE {quoted(name)} LOGIN PASSWORD {literal(hashed.decode())}"
        securing.run(connection, made)
        return password
    powerful, can_login, owns = found
    if powerful or owns or not can_login:
        reason = f"{name} has powers that no rule holds, or cannot log in"
        remedy = "name another role, or leave `login` out"
        raise InvalidRecord(asked, [Problem(field="login", reason=reason, remedy=remedy)])
    return ""
