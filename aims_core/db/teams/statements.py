"""The statements that secure a database: idempotent, in order, generated from the declarations."""

from collections.abc import Iterable, Mapping, Sequence

from aims_core.db.teams import (
    apart,
    confiding,
    confirming,
    deciding,
    describing,
    entitling,
    erasing,
    judging,
    results,
    rules,
    signatures,
    visibility,
    waiving,
)
from aims_core.db.teams.groups import Groups, literal, quoted
from aims_core.db.teams.protection import Protection
from aims_core.db.teams.signatures import SCHEMA
from aims_core.lifecycle import Machine

_QUEUES = ("aims_unsealed", "aims_outbox")
_JUDGING = (deciding, describing, entitling, waiving, apart, confiding, erasing, results)
_JUDGES = tuple(m.TRIGGERS for m in _JUDGING)
_CREDENTIAL_GROUPS = {"work": "work", "decide": "decide", "service": "service", "read": "auditor"}


def roles(groups: Groups) -> list[str]:
    """Return what makes the groups and gives everything to the owner among them."""
    made = [
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal(name)}) THEN "
        f"CREATE ROLE {quoted(name)} NOLOGIN; END IF; END $$"
        for name in groups.all
    ]
    owner, work = quoted(groups.owner), quoted(groups.work)
    return [
        *made,
        f"GRANT {owner} TO CURRENT_USER",
        f"GRANT {work} TO {quoted(groups.decide)}, {quoted(groups.service)}",
    ]


def foundation(groups: Groups, database: str, machine: Machine) -> list[str]:
    """Return what makes the schema of the rules and shuts everybody out who has no login."""
    owner = quoted(groups.owner)
    return [
        *signatures.TABLES,
        *rules.tables(),
        *results.TABLES,
        f"GRANT CREATE, USAGE ON SCHEMA public TO {owner}",
        _hand_over(owner),
        f"SET LOCAL ROLE {owner}",
        *rules.rows(machine),
        *(f"DROP FUNCTION IF EXISTS {SCHEMA}.{one}" for one in (*judging.FORMER, *deciding.FORMER)),
        *signatures.FUNCTIONS,
        *judging.FUNCTIONS,
        *deciding.FUNCTIONS,
        *describing.FUNCTIONS,
        *entitling.FUNCTIONS,
        *waiving.FUNCTIONS,
        *apart.FUNCTIONS,
        *confiding.FUNCTIONS,
        *confirming.FUNCTIONS,
        *erasing.FUNCTIONS,
        *results.FUNCTIONS,
        *visibility.FUNCTIONS,
        *_deferred(f"{SCHEMA}.act", "act_ended", "INSERT"),
        "RESET ROLE",
        f"REVOKE ALL ON DATABASE {quoted(database)} FROM PUBLIC",
        *_shut(groups),
        f"GRANT CONNECT ON DATABASE {quoted(database)} TO {_named(groups.all)}",
        f"GRANT USAGE ON SCHEMA public, {SCHEMA} TO {_named(groups.of_logins)}",
        *_callable(groups),
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {_named(groups.of_logins)}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {_named(groups.of_logins)}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted(groups.work)}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    ]


def on_tables(
    groups: Groups, protections: Mapping[str, Protection], columns: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return grants and triggers of every table that is there; `columns` names those."""
    made: list[str] = []
    for table in sorted(columns):
        protection = protections.get(table, Protection(insert=False))
        made += _granted(groups, table, protection)
        made += _triggers(table, protection, columns[table])
        made += visibility.policies(groups, table, protection)
    return made


def admitted(groups: Groups, login: str, credential: str) -> list[str]:
    """Return what lets a login in with a credential; a role of this name must exist."""
    wanted = getattr(groups, _CREDENTIAL_GROUPS[credential])
    others = [name for name in groups.of_logins if name != wanted]
    return [
        f"REVOKE {_named(others)} FROM {quoted(login)}",
        f"GRANT {quoted(wanted)} TO {quoted(login)}",
    ]


def dismissed(groups: Groups, login: str) -> list[str]:
    """Return what shuts a login out."""
    return [f"REVOKE {_named(groups.of_logins)} FROM {quoted(login)}"]


def _callable(groups: Groups) -> list[str]:
    """Open what a login calls itself; what triggers call is nobody's to call."""
    everybody, work = _named(groups.of_logins), quoted(groups.work)
    return [
        *(
            f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{one} TO {everybody}"
            for one in (*signatures.CALLED, *confiding.CALLED, *visibility.CALLED)
        ),
        *(
            f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{one} TO {work}"
            for one in (*deciding.CALLED, *erasing.CALLED, *confirming.CALLED)
        ),
    ]


def _granted(groups: Groups, table: str, protection: Protection) -> list[str]:
    to = quoted(groups.service if protection.keeps_books else groups.work)
    rights = ["INSERT"] if protection.insert else []
    rights += [f"UPDATE ({', '.join(map(quoted, protection.update))})"] if protection.update else []
    rights += ["DELETE"] if protection.delete else []
    made = [f"GRANT {', '.join(rights)} ON public.{quoted(table)} TO {to}"] if rights else []
    if table in _QUEUES:
        made.append(f"GRANT INSERT ON public.{quoted(table)} TO {quoted(groups.work)}")
    return made


def _triggers(table: str, protection: Protection, columns: Sequence[str]) -> list[str]:
    made = []
    if protection.signed:
        again = [c for c in protection.signed if c in protection.resigned]
        once = [c for c in protection.signed if c not in protection.resigned]
        made += _trigger(table, "signed", "INSERT OR UPDATE", [*once, "|", *again])
    of_columns = {
        "timed": protection.timed,
        "stated": (
            *(c for c in protection.stated if c not in protection.unstated),
            *(("|", *protection.unstated) if protection.unstated else ()),
        ),
        "decided": protection.decides,
    }
    for function, judged in of_columns.items():
        if judged:
            made += _trigger(table, function, "INSERT OR UPDATE", judged)
    for function, events in (one for judge in _JUDGES for one in judge.get(table, ())):
        made += _trigger(table, function, events)
    if not protection.keeps_books and (protection.insert or protection.update):
        made += _watched(table, protection)
    if table == "aims_result":
        made += _deferred(f"public.{quoted(table)}", "superseded", "UPDATE")
    if table == "aims_event":
        made += _trigger(table, "event_kept", "INSERT")
        made += _trigger(table, "event_queued", "INSERT", when="AFTER")
    if table in _QUEUES:
        made += _trigger(table, "queue_kept", "INSERT")
    if "valid_from" in columns and not table.endswith("_history"):
        made += _trigger(table, "dated", "INSERT OR UPDATE OR DELETE")
        # It writes the history, which nobody else may.
        made.append(
            f"ALTER FUNCTION public.{quoted(table + '_dated')}() SECURITY DEFINER "
            "SET search_path = public, pg_temp"
        )
    return made


def _watched(table: str, protection: Protection) -> list[str]:
    """Return what notes that something was changed, of which an event has to speak; and by no auditor."""
    event = table == "aims_event"
    made = _statement_trigger(
        table, "acted", "AFTER UPDATE OR DELETE" if event else "AFTER INSERT OR UPDATE OR DELETE"
    )
    if event:
        made += _statement_trigger(table, "told", "AFTER INSERT")
    if not protection.audits:
        made += _statement_trigger(table, "audited", "BEFORE INSERT OR UPDATE OR DELETE")
    return made


def _trigger(
    table: str, function: str, events: str, arguments: Iterable[str] = (), *, when: str = "BEFORE"
) -> list[str]:
    # Triggers fire by name: ours come before those that write the history.
    given = ", ".join(map(literal, arguments))
    made = (
        f'CREATE OR REPLACE TRIGGER "_{function}" {when} {events} ON public.{quoted(table)} '
        f"FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.{function}({given})"
    )
    return [made]


def _statement_trigger(table: str, function: str, when: str) -> list[str]:
    made = (
        f'CREATE OR REPLACE TRIGGER "_{function}" {when} '
        f"ON public.{quoted(table)} FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.{function}()"
    )
    return [made]


def _deferred(table: str, function: str, events: str) -> list[str]:
    """Return a trigger that judges when the transaction ends; it cannot be replaced, only made anew."""
    return [
        f'DROP TRIGGER IF EXISTS "_{function}" ON {table}',
        (
            f'CREATE CONSTRAINT TRIGGER "_{function}" AFTER {events} ON {table} '
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.{function}()"
        ),
    ]


def _hand_over(owner: str) -> str:
    """Give every table, sequence and function of both schemas to the owner, whoever made it."""
    return f"""DO $$ DECLARE item text; BEGIN
  EXECUTE 'ALTER SCHEMA {SCHEMA} OWNER TO {owner}';
  FOR item IN SELECT format('%s %s', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass)
    FROM pg_class c WHERE relnamespace IN ('public'::regnamespace, '{SCHEMA}'::regnamespace)
    AND relkind IN ('r', 'p', 'S', 'v') AND relowner <> {literal(owner)}::regrole
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i', 'e')
      AND d.classid = 'pg_class'::regclass AND c.relkind = 'S') LOOP
    EXECUTE 'ALTER ' || item || ' OWNER TO {owner}';
  END LOOP;
  FOR item IN SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE pronamespace IN ('public'::regnamespace, '{SCHEMA}'::regnamespace)
    AND proowner <> {literal(owner)}::regrole
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype IN ('e', 'i')) LOOP
    EXECUTE 'ALTER FUNCTION ' || item || ' OWNER TO {owner}';
  END LOOP;
END $$"""


def _shut(groups: Groups) -> list[str]:
    """Take every right on what is ours from whoever has one, the owner apart."""
    owner = literal(quoted(groups.owner))
    kinds = (
        (
            "TABLE",
            "c.oid::regclass::text",
            "pg_class c",
            "c.relacl",
            "c.relowner",
            "c.relkind IN ('r', 'p', 'v')",
        ),
        (
            "TABLE",
            "c.oid::regclass::text",
            "pg_attribute a JOIN pg_class c ON c.oid = a.attrelid",
            "a.attacl",
            "c.relowner",
            "true",
        ),
        (
            "SEQUENCE",
            "c.oid::regclass::text",
            "pg_class c",
            "c.relacl",
            "c.relowner",
            "c.relkind = 'S'",
        ),
        (
            "FUNCTION",
            "p.oid::regprocedure::text",
            "pg_proc p",
            "coalesce(p.proacl, acldefault('f', p.proowner))",
            "p.proowner",
            # What a type brings along is the server's own.
            "NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype IN ('e', 'i'))",
        ),
        ("SCHEMA", "n.nspname::text", "pg_namespace n", "n.nspacl", "n.nspowner", "true"),
    )
    made = []
    for kind, name, source, acl, has, narrowed in kinds:
        space = {"c": "c.relnamespace", "p": "p.pronamespace", "n": "n.oid"}[name[0]]
        made.append(f"""DO $$ DECLARE item record; BEGIN
  FOR item IN SELECT DISTINCT {name} AS named, CASE g.grantee WHEN 0 THEN 'PUBLIC'
      ELSE quote_ident(pg_get_userbyid(g.grantee)) END AS grantee
    FROM {source}, aclexplode({acl}) g
    WHERE {space} IN ('public'::regnamespace, '{SCHEMA}'::regnamespace) AND {narrowed}
    AND g.grantee NOT IN ({has}, {owner}::regrole) LOOP
    EXECUTE 'REVOKE ALL ON {kind} ' || item.named || ' FROM ' || item.grantee || ' CASCADE';
  END LOOP;
END $$""")
    return made


def _named(names: Iterable[str]) -> str:
    return ", ".join(map(quoted, names))
