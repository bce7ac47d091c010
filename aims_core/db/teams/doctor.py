"""What is wrong with how a database protects itself: a list of findings, each with what would help."""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from aims_core.db.teams.fingerprint import catalogue, differences
from aims_core.db.teams.granted import granted
from aims_core.db.teams.groups import Groups, groups_here
from aims_core.db.teams.signatures import SCHEMA
from aims_core.db.teams.standing import identity

_AGAIN = "find out who changed it, then run `aims db secure`"
_LOGINS = sa.text(
    f"SELECT l.login, l.actor_id, l.credential, r.oid IS NOT NULL AS there, r.rolsuper, r.rolbypassrls, "
    "r.rolcreaterole, r.rolreplication, r.rolcanlogin, "
    "ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid "
    "WHERE m.member = r.oid AND g.rolname = ANY(:groups)) AS groups "
    f"FROM {SCHEMA}.login l LEFT JOIN pg_roles r ON r.rolname = l.login WHERE l.ended_at IS NULL ORDER BY 1"
)
_STRANGERS = sa.text(
    "SELECT DISTINCT r.rolname::text, g.rolname::text AS group_name FROM pg_auth_members m "
    "JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member "
    "WHERE g.rolname = ANY(:groups) AND r.rolname <> ALL(:groups) "
    f"AND r.rolname NOT IN (SELECT login FROM {SCHEMA}.login WHERE ended_at IS NULL) ORDER BY 1, 2"
)
_NEWEST = sa.text(f"SELECT * FROM {SCHEMA}.secured ORDER BY number DESC LIMIT 1")
_POWERS = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolreplication")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is not as it should be: what it is about, what was found, what helps."""

    subject: str
    finding: str
    remedy: str


def examine(connection: sa.Connection, *, machine_version: str, version: str) -> list[Finding]:
    """Return every finding about a database, none where all is well; nothing is written.

    Parameters
    ----------
    machine_version : str
        Version of the lifecycle that the workspace uses.
    version : str
        Of the installed aims-core.
    """
    if identity(connection) is None:
        found = "the database does not know who is who: everybody may act as anybody"
        return [Finding(subject="database", finding=found, remedy="run `aims db secure`")]
    groups = groups_here(connection)
    kept = connection.execute(_NEWEST).one()
    lines = catalogue(connection, groups)
    changed = differences(json.loads(kept.catalogue), lines)
    return [
        *(_changed(line) for line in changed),
        *_outdated(kept, machine_version, version),
        *_logins(connection, groups),
        # What the database's own functions say counts where they are as they were.
        *([] if changed else _waiting(connection)),
        *_strangers(connection, groups),
    ]


def _changed(line: str) -> Finding:
    what = "is gone or was changed" if line.startswith("-") else "was not there"
    subject, _, rest = line[2:].partition(": ")
    return Finding(subject=subject, finding=f"{what}: {rest}", remedy=_AGAIN)


def _outdated(kept: Any, machine_version: str, version: str) -> list[Finding]:
    found = []
    if kept.machine_version != machine_version:
        found.append(
            Finding(
                subject="lifecycle",
                finding=f"the database enforces version {kept.machine_version}, the workspace uses "
                f"{machine_version}",
                remedy="run `aims db secure`",
            )
        )
    if kept.version != version:
        found.append(
            Finding(
                subject="version",
                finding=f"it was secured by aims-core {kept.version}, this is {version}",
                remedy="run `aims db secure`",
            )
        )
    return found


def _logins(connection: sa.Connection, groups: Groups) -> list[Finding]:
    wanted = {
        "work": groups.work,
        "decide": groups.decide,
        "service": groups.service,
        "read": groups.auditor,
    }
    found = []
    for row in connection.execute(_LOGINS, {"groups": list(groups.of_logins)}):
        subject = f"login {row.login}"
        if not row.there:
            remedy = f"run `aims db revoke {row.actor_id} --login {row.login}`"
            found.append(Finding(subject=subject, finding="no such role", remedy=remedy))
            continue
        if row.credential == "owner":
            continue
        if powers := [name[3:] for name in _POWERS if getattr(row, name)]:
            finding = f"its role is {', '.join(powers)}, which no rule here holds"
            found.append(
                Finding(subject=subject, finding=finding, remedy="take that from the role")
            )
        if set(row.groups) != {wanted[row.credential]}:
            finding = f"it is {row.credential}, and in the groups {', '.join(row.groups) or 'none'}"
            remedy = f"run `aims db grant {row.actor_id}` again"
            found.append(Finding(subject=subject, finding=finding, remedy=remedy))
    return found


def _waiting(connection: sa.Connection) -> list[Finding]:
    return [
        Finding(
            subject=f"login {one.login}",
            finding=f"{one.actor} gave it to themselves; it decides nothing yet",
            remedy=f"have another administrator run `aims db confirm {one.login}`, or revoke it",
        )
        for one in granted(connection)
        if one.waits
    ]


def _strangers(connection: sa.Connection, groups: Groups) -> list[Finding]:
    rows = connection.execute(_STRANGERS, {"groups": list(groups.of_logins)})
    return [
        Finding(
            subject=f"role {row.rolname}",
            finding=f"it is in the group {row.group_name}, and nobody was given it",
            remedy=f"REVOKE {row.group_name} FROM {row.rolname}",
        )
        for row in rows
    ]
