"""Every guard in the SQL is needed: taken out or turned round one at a time, something shows it.

`make nightly` tries every mutant. What survives is listed in survivors.txt with the reason.
"""

import os
import re
from pathlib import Path

import pytest

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
    signatures,
    statements,
    visibility,
    waiving,
)
from aims_core.db.teams.groups import quoted
from aims_core.db.teams.protection import Protection, protections
from aims_core.db.teams.signatures import SCHEMA

NIGHTLY = bool(os.environ.get("AIMS_NIGHTLY"))
SOME = re.compile(os.environ.get("AIMS_MUTANTS", ""))
"""Which mutants to try, by a regular expression over their names; all by default."""
SURVIVORS = Path(__file__).with_name("survivors.txt")
FUNCTIONS = (
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
)
INVOKERS = {"netstring", "queue_kept"}
_HEAD = re.compile(r"-- (\w+) (\w+): (.+)\n(.+)")
_NAME = re.compile(rf"FUNCTION {SCHEMA}\.(\w+)")
_TURNS = (
    (r" IS NOT NULL", " IS NULL"),
    (r"(?<!NOT) IS NULL", " IS NOT NULL"),
    (r" IS DISTINCT FROM ", " IS NOT DISTINCT FROM "),
    (r" IS NOT DISTINCT FROM ", " IS DISTINCT FROM "),
    (r" <> ", " = "),
    (r"(?<=[\w')]) = (?=[\w'({])", " <> "),
    (r"(?<!WHERE) NOT EXISTS", " EXISTS"),
    (r" AND ", " OR "),
    (r" OR ", " AND "),
    (r" > ", " <= "),
    (r" <= ", " > "),
    (r" < ", " >= "),
    (r" >= ", " < "),
    (r" NOT IN ", " IN "),
    (r"IF NOT ", "IF "),
    (r" UNION SELECT [^\n]+", ""),
)


def of_functions():
    """Yield name, what breaks a function in one place, and what mends it."""
    for text in FUNCTIONS:
        name, body = _NAME.search(text).group(1), text.index("$$")
        for number, guard in enumerate(
            re.finditer(r"\bIF (?!TG_OP)(.+?) THEN\n", text, re.DOTALL), 1
        ):
            mutant = text[: guard.start()] + "IF false THEN\n" + text[guard.end() :]
            yield f"{name}: guard {number} never holds", mutant, text
        for pattern, turned in _TURNS:
            for number, place in enumerate(re.finditer(pattern, text[body:]), 1):
                start, end = body + place.start(), body + place.end()
                if "UPDATE public" in text[text.rfind("\n", 0, start) : start]:
                    continue  # an assignment, no comparison
                mutant = text[:start] + turned + text[end:]
                yield f"{name}: {place.group().strip()[:40]} {number} turned", mutant, text
        if name not in INVOKERS:
            yield f"{name}: as its caller", text.replace("SECURITY DEFINER ", ""), text
        unpinned = text.replace(" SET search_path = pg_catalog, pg_temp", "")
        yield f"{name}: any search path", unpinned, text


def of_tables(groups, columns):
    """Yield the same for triggers, policies and rights of every table."""
    for statement in statements.on_tables(groups, protections(), columns):
        if found := re.match(
            r'CREATE OR REPLACE TRIGGER "(\w+)" .* ON (public\."(\w+)")', statement
        ):
            trigger, table, plain = found.groups()
            yield (
                f"{plain}: trigger {trigger} gone",
                f"DROP TRIGGER {trigger} ON {table}",
                statement,
            )
        elif found := re.match(r"ALTER FUNCTION (public\.\S+) SECURITY DEFINER", statement):
            broken = f"ALTER FUNCTION {found.group(1)} SECURITY INVOKER"
            yield f"{found.group(1)}: as its caller", broken, statement
        elif found := re.match(
            r"CREATE POLICY of_unit ON (\S+) .* USING \((.*)\) WITH CHECK", statement
        ):
            table, seen = found.groups()
            alter = f"ALTER POLICY of_unit ON {table} USING ({{}}) WITH CHECK ({{}})"
            mended = alter.format(seen, seen)
            yield f"{table}: everybody sees", alter.format("true", "true"), mended
            yield f"{table}: everybody adds", alter.format(seen, "true"), mended
    work = quoted(groups.work)
    for table in sorted(columns):
        protection = protections().get(table, Protection(insert=False))
        for right in _undeclared(table, protection):
            on = f"{right} ON public.{quoted(table)}"
            given = statements._granted(groups, table, protection)
            mended = "; ".join([f"REVOKE {on} FROM {work}", *given])
            yield f"{table}: {right} given", f"GRANT {on} TO {work}", mended


def _undeclared(table, protection):
    books = protection.keeps_books
    insert = protection.insert and (not books or table in statements._QUEUES)
    declared = {
        "INSERT": insert,
        "UPDATE": False,
        "DELETE": protection.delete and not books,
        "TRUNCATE": False,
    }
    return [right for right, given in declared.items() if not given]


def faults(connection, groups, columns):
    """Return where rights differ from what is declared, and functions that are not what all must be."""
    found = connection.exec_driver_sql(
        "SELECT p.proname FROM pg_proc p WHERE pronamespace = 'aims_teams'::regnamespace AND NOT "
        "(coalesce(proconfig::text, '') LIKE '%%search_path=pg_catalog, pg_temp%%' AND "
        f"(prosecdef OR proname IN ({', '.join(repr(n) for n in sorted(INVOKERS))})))"
    )
    yield from (f"{name}: not pinned, or as its caller" for (name,) in found)
    yield from _unguarded(connection, columns)
    asked = " UNION ALL ".join(
        f"SELECT '{table}', '{right}', has_table_privilege('{groups.work}', 'public.{table}', '{right}')"
        for table in sorted(columns)
        for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
    )
    for table, right, given in connection.exec_driver_sql(asked):
        undeclared = _undeclared(table, protections().get(table, Protection(insert=False)))
        if given != (right not in undeclared):
            yield f"{table}: {right} is {given}"
    rights = connection.exec_driver_sql(
        "SELECT c.relname, a.attname, has_column_privilege(%s, c.oid, a.attnum, 'UPDATE') "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0",
        (groups.work,),
    )
    for table, column, given in rights:
        protection = protections().get(table, Protection(insert=False))
        if given != (column in protection.update and not protection.keeps_books):
            yield f"{table}.{column}: UPDATE is {given}"


def _unguarded(connection, columns):
    """Return tables that lack what all of their kind have: signatures, times, one policy for all."""
    rows = connection.exec_driver_sql(
        "SELECT c.relname, t.tgname, t.tgenabled::text, encode(t.tgargs, 'escape') FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal AND tgname LIKE '\\_%%'"
    )
    there = {(table, name): args for table, name, on, args in rows if on == "O"}
    for table in columns:
        protection = protections().get(table, Protection(insert=False))
        for name, arguments in (("_timed", protection.timed), ("_decided", protection.decides)):
            if arguments and there.get((table, name), "").split("\\000")[:-1] != list(arguments):
                yield f"{table}: {name} does not hold {arguments}"
        if protection.signed and not set(protection.signed) <= set(
            there.get((table, "_signed"), "").split("\\000")
        ):
            yield f"{table}: not every signature is held"
        if not protection.keeps_books and (protection.insert or protection.update):
            yield from _unwatched(table, protection, there)
        dated = "valid_from" in columns[table] and not table.endswith("_history")
        if dated and (table, "_dated") not in there:
            yield f"{table}: changes at any time"
    own = dict(
        connection.exec_driver_sql(
            "SELECT polrelid::regclass::text, pg_get_expr(polqual, polrelid) <> 'true' AND "
            "pg_get_expr(polqual, polrelid) = pg_get_expr(polwithcheck, polrelid) FROM pg_policy"
        ).all()
    )
    policies = connection.exec_driver_sql(
        "SELECT c.relname, pg_get_expr(polqual, c.oid), pg_get_expr(polwithcheck, c.oid), relrowsecurity "
        "FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
    )
    seen = {
        table: on and using == check and "sees_all" in using for table, using, check, on in policies
    }
    for table in columns:
        if protections().get(table, Protection()).unit_via and not seen.get(table):
            yield f"{table}: shown to all"
        if table in visibility._OWN and not own.get(table):
            yield f"{table}: shown to all, by a policy of its own"
    keepers = connection.exec_driver_sql(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE '%%_dated' "
        "AND NOT (prosecdef AND proconfig::text LIKE '%%search_path=public, pg_temp%%')"
    )
    yield from (f"{name}: history kept as its caller" for (name,) in keepers)


def _unwatched(table, protection, there):
    wanted = {(table, "_acted"), *([(table, "_told")] if table == "aims_event" else [])}
    if not wanted <= set(there):
        yield f"{table}: may change without an event"
    if not protection.audits and (table, "_audited") not in there:
        yield f"{table}: auditors write it"


@pytest.fixture(scope="module")
def columns(arena):
    with arena.team.owner() as connection:
        rows = connection.exec_driver_sql(
            "SELECT relname, attname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid "
            "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0"
        ).all()
    found = {}
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


def test_rights_and_functions_are_as_declared(arena, columns):
    with arena.team.owner() as connection:
        assert list(faults(connection, arena.team.groups, columns)) == []


@pytest.mark.skipif(not NIGHTLY, reason="minutes long; `make nightly` runs it")
def test_a_mutant_of_the_sql_is_noticed(arena, columns):
    text = Path(__file__).with_name("attacks.sql").read_text(encoding="utf-8")
    attacks = [found.groups() for found in _HEAD.finditer(text)]
    groups = arena.team.groups
    every = [*of_functions(), *of_tables(groups, columns)]
    mutants = [mutant for mutant in every if SOME.search(mutant[0])]
    alive = []
    judges = {_NAME.search(text).group(1) for text in judging.FUNCTIONS}
    with arena.team.owner() as connection:
        sound = arena.judged(connection)
        baseline = [(login, sql, arena.outcome(login, sql)) for login, _, _, sql in attacks]

        def shows():
            return arena.judged(connection) != sound

        for mutant in mutants:
            ask = shows if mutant[0].partition(":")[0] in judges else None
            if not _noticed(connection, arena, baseline, mutant, groups, columns, ask):
                alive.append(mutant[0])
    listed = dict(line.split(" -- ") for line in SURVIVORS.read_text().splitlines() if line)
    print(f"{len(mutants) - len(alive)} of {len(mutants)} killed; alive: {alive}")  # noqa: T201 - the figure is what it is run for
    assert sorted(set(alive) - set(listed)) == []
    assert SOME.pattern or len(alive) <= len(mutants) * 0.05


def _or_fails(ask, arena):
    try:
        return ask()
    except arena.sa_error:
        return True


def _noticed(connection, arena, baseline, mutant, groups, columns, ask):
    name, broken, mended = mutant
    table = name.partition(":")[0]
    try:
        connection.exec_driver_sql(broken.replace("%", "%%"))
    except arena.sa_error:
        return True  # a mutant that the server itself refuses
    try:
        if next(faults(connection, groups, columns), None):
            return True
        if ask is not None and _or_fails(ask, arena):
            return True
        # Refused for another reason than before is noticed too: another guard has stepped in.
        likely = sorted(baseline, key=lambda one: table not in one[1])
        return any(arena.outcome(login, sql) != before for login, sql, before in likely)
    finally:
        connection.exec_driver_sql(mended.replace("%", "%%"))
