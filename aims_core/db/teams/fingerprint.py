"""What the database's catalogue says about all that protects it: lines to compare, and their digest."""

from collections.abc import Sequence
from hashlib import sha256

import sqlalchemy as sa

from aims_core.canonical import canonical_json
from aims_core.db.teams import results, rules
from aims_core.db.teams.groups import Groups, groups_here
from aims_core.db.teams.signatures import SCHEMA

_OURS = f"('public'::regnamespace, '{SCHEMA}'::regnamespace)"
_ACL = "coalesce((SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest({}) x), '')"

_QUERIES = {
    "schema": f"SELECT nspname, pg_get_userbyid(nspowner), {_ACL.format('nspacl')} FROM pg_namespace "
    f"WHERE oid IN {_OURS}",
    "database": f"SELECT pg_get_userbyid(datdba), {_ACL.format('datacl')} FROM pg_database "
    "WHERE datname = current_database()",
    "relation": "SELECT c.oid::regclass, relkind::text, relrowsecurity, relforcerowsecurity, "
    f"pg_get_userbyid(relowner), {_ACL.format('relacl')}, coalesce(reloptions::text, '') FROM pg_class c "
    f"WHERE relnamespace IN {_OURS} AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')",
    "column": f"SELECT c.oid::regclass, attname, {_ACL.format('attacl')} FROM pg_attribute a "
    f"JOIN pg_class c ON c.oid = a.attrelid WHERE relnamespace IN {_OURS} AND attacl IS NOT NULL",
    "policy": "SELECT schemaname, tablename, policyname, permissive, roles::text, cmd, "
    "coalesce(qual, ''), coalesce(with_check, '') FROM pg_policies "
    f"WHERE schemaname IN ('public', '{SCHEMA}')",
    "trigger": "SELECT t.tgrelid::regclass, t.tgname, t.tgenabled::text, pg_get_triggerdef(t.oid) "
    "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    f"WHERE relnamespace IN {_OURS} AND (NOT tgisinternal)",
    "reference": "SELECT t.tgrelid::regclass, count(*) FROM pg_trigger t "
    "JOIN pg_class c ON c.oid = t.tgrelid "
    f"WHERE relnamespace IN {_OURS} AND tgisinternal AND tgenabled <> 'O' GROUP BY 1",
    "function": "SELECT p.oid::regprocedure, prosecdef, coalesce(proconfig::text, ''), provolatile::text, "
    f"pg_get_userbyid(proowner), {_ACL.format('proacl')}, md5(prosrc), "
    "(SELECT lanname FROM pg_language l WHERE l.oid = prolang) FROM pg_proc p "
    f"WHERE pronamespace IN {_OURS} "
    "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
    "constraint": "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated "
    f"FROM pg_constraint WHERE connamespace IN {_OURS} AND contype IN ('c', 'f', 'p', 'u', 'x')",
    "index": "SELECT indexrelid::regclass, indisvalid, pg_get_indexdef(indexrelid) FROM pg_index i "
    f"JOIN pg_class c ON c.oid = i.indexrelid WHERE relnamespace IN {_OURS} AND indisunique",
    "rule": "SELECT schemaname, tablename, rulename FROM pg_rules "
    f"WHERE schemaname IN ('public', '{SCHEMA}')",
    "event trigger": "SELECT evtname, evtevent, evtenabled::text FROM pg_event_trigger",
    "default": f"SELECT pg_get_userbyid(defaclrole), defaclobjtype::text, {_ACL.format('defaclacl')} "
    "FROM pg_default_acl",
}
_GROUPS = {
    "group": "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, "
    "rolbypassrls FROM pg_roles WHERE rolname = ANY(:groups)",
    "membership": "SELECT g.rolname, m.rolname, a.admin_option FROM pg_auth_members a "
    "JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member "
    "WHERE m.rolname = ANY(:groups) OR g.rolname = :owner",
}


def catalogue(connection: sa.Connection, groups: Groups | None = None) -> list[str]:
    """Return one line for each thing that protects the database, sorted; any login may read them."""
    groups = groups or groups_here(connection)
    lines = []
    for kind, query in _QUERIES.items():
        lines += _lines(kind, connection.execute(sa.text(query)))
    named = {"groups": list(groups.all), "owner": groups.owner}
    for kind, query in _GROUPS.items():
        lines += _lines(kind, connection.execute(sa.text(query), named))
    for table in RULES:
        lines += _lines(f"row of {table}", connection.execute(sa.text(f"SELECT * FROM {table}")))
    return sorted(lines)


def digest_of(lines: Sequence[str]) -> str:
    """Return the fingerprint of a catalogue: SHA-256 as 64 hexadecimal characters."""
    return sha256(canonical_json(list(lines)).encode()).hexdigest()


def differences(wanted: Sequence[str], found: Sequence[str]) -> list[str]:
    """Return what is missing (``-``) and what was not there when the database was secured (``+``)."""
    before, now = set(wanted), set(found)
    gone = [f"- {line}" for line in sorted(before - now)]
    return [*gone, *(f"+ {line}" for line in sorted(now - before))]


def named(line: str) -> str:
    """Return what a line of the catalogue is about, without what it says of it."""
    kind, _, rest = line.partition(": ")
    return f"{kind}: {' | '.join(rest.split(' | ')[: _NAMED.get(kind, 1)])}"


_NAMED = {"policy": 3, "rule": 3, "trigger": 2, "column": 2, "constraint": 2, "membership": 2}
"""How many of a line's first parts say what it is about, where that is not the first alone."""

RULES: tuple[str, ...] = (f"{SCHEMA}.protection", results.TABLE, *rules.names())
"""Tables whose rows are rules, and so part of the fingerprint."""


def _lines(kind: str, rows: sa.CursorResult[tuple[object, ...]]) -> list[str]:
    return [f"{kind}: " + " | ".join(str(value) for value in row) for row in rows]
