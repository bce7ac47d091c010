"""Who may record which result on a secured database: data that plugins declare, and the SQL that judges."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.db.teams.plpgsql import trigger
from aims_core.db.teams.signatures import SCHEMA
from aims_core.roles import PERMISSIONS
from aims_core.rules import rule_of

_INFO = "aims_result_rules"
TABLE = f"{SCHEMA}.result_rule"


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultRule:
    """What it takes to record a result of one kind with one status, by a person.

    Attributes
    ----------
    status : str
        The ``status`` in the payload that this is about; a kind has no others than those declared.
    permission : str
        What the person must be permitted for the system.
    signed : str
        Name in the payload that holds who records it; empty for none.
    decides : bool
        It takes a decision credential.
    not_owner : bool
        The system's owner may not, under any account.
    follows : str
        Status that the former result of the same subject must have; empty for any.
    unless : str
        Status of the former result after which there is no further one; empty for none.
    another : bool
        Another person than who recorded that former result.
    proposer : str
        Name in the payload that holds who recorded the former result; empty for none.
    keeps : str
        Name in the payload whose value stays that of the former result; empty for none.
    exception, stand_in : str
        Rule by an exception to which whoever is permitted `stand_in` may, too; empty for none.
    """

    status: str
    permission: str
    signed: str = ""
    decides: bool = False
    not_owner: bool = False
    follows: str = ""
    unless: str = ""
    another: bool = False
    proposer: str = ""
    keeps: str = ""
    exception: str = ""
    stand_in: str = ""


def protect_results(kind: str, *rules: ResultRule) -> None:
    """Say who may record results of a kind on a secured PostgreSQL database, and in which order.

    Called where a plugin declares its tables. It changes nothing by itself: `aims db secure` and every
    migration of a secured database put it in force; a kind that nobody declares is anybody's to record.

    Raises
    ------
    ValueError
        A permission is unknown.
    RecordNotFound
        A rule that exceptions are made to is unknown.
    """
    for rule in rules:
        if unknown := {rule.permission, rule.stand_in} - PERMISSIONS - {""}:
            raise ValueError(f"results {kind}: {', '.join(sorted(unknown))} is no permission")
        if rule.exception:
            rule_of(rule.exception)
    tables.metadata.info.setdefault(_INFO, {})[kind] = rules


def result_rules() -> Mapping[str, tuple[ResultRule, ...]]:
    """Return what is declared, by kind of result."""
    return dict(tables.metadata.info.get(_INFO, {}))


_COLUMNS = ", ".join(
    f'"{f.name}" {"boolean" if f.type in (bool, "bool") else "text"} NOT NULL'
    for f in fields(ResultRule)
)
TABLES = (
    f"CREATE TABLE IF NOT EXISTS {TABLE} (kind text, {_COLUMNS}, PRIMARY KEY (kind, status))",
)


def keep(connection: sa.Connection) -> None:
    """Keep what is declared as rows, beside what absent plugins declared before."""
    names = [f.name for f in fields(ResultRule)]
    for kind, declared in sorted(result_rules().items()):
        connection.execute(sa.text(f"DELETE FROM {TABLE} WHERE kind = :kind"), {"kind": kind})
        rows: list[dict[str, Any]] = [
            {"kind": kind, **{name: getattr(rule, name) for name in names}} for rule in declared
        ]
        if rows:
            columns = ", ".join(f'"{name}"' for name in ("kind", *names))
            values = ", ".join(f":{name}" for name in ("kind", *names))
            connection.execute(sa.text(f"INSERT INTO {TABLE} ({columns}) VALUES ({values})"), rows)


RESULT_KEPT = trigger(
    "result_kept",
    """
  IF NOT EXISTS (SELECT FROM {S}.result_rule x WHERE x.kind = NEW.kind) THEN
    RETURN NEW;
  END IF;
  said := NEW.payload::jsonb;
  SELECT * INTO r FROM {S}.result_rule x WHERE x.kind = NEW.kind AND x.status = said ->> 'status';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a % has no status %', NEW.kind, said ->> 'status' USING ERRCODE = 'AIMS2';
  END IF;
  SELECT * INTO s FROM public.aims_system WHERE system_id = NEW.system_id FOR UPDATE;
  IF NOT EXISTS (SELECT FROM public.aims_actor a WHERE a.actor_id = NEW.recorded_by AND a.kind = 'person')
    OR NOT ({S}.may(r.permission, s.system_id, s.unit) OR (r.exception <> ''
      AND {S}.excepts(r.exception, s.system_id, s.unit) AND {S}.may(r.stand_in, s.system_id, s.unit))) THEN
    RAISE EXCEPTION '% may not record a % that is %', {S}.me(), NEW.kind, r.status USING ERRCODE = '42501';
  END IF;
  IF r.decides AND {S}.credential() IS DISTINCT FROM 'decide' THEN
    RAISE EXCEPTION 'the login % is no decision credential; decide with the other one', session_user
      USING ERRCODE = '42501';
  END IF;
  IF r.not_owner AND {S}.person_of(s.owner) = {S}.person_of(NEW.recorded_by) THEN
    RAISE EXCEPTION '% owns %', NEW.recorded_by, s.system_id USING ERRCODE = 'AIMS1';
  END IF;
  IF r.signed <> '' AND said ->> r.signed IS DISTINCT FROM NEW.recorded_by THEN
    RAISE EXCEPTION '% of a % is who records it', r.signed, NEW.kind USING ERRCODE = '42501';
  END IF;
  SELECT * INTO former FROM public.aims_result x WHERE x.kind = NEW.kind
    AND x.system_id = NEW.system_id AND x.subject = NEW.subject
    ORDER BY x.recorded_at DESC, x.result_id DESC LIMIT 1;
  told := former.payload::jsonb;
  IF r.unless <> '' AND told ->> 'status' = r.unless THEN
    RAISE EXCEPTION 'a % that is % stays so', NEW.kind, r.unless USING ERRCODE = 'AIMS2';
  END IF;
  IF r.follows <> '' AND told ->> 'status' IS DISTINCT FROM r.follows THEN
    RAISE EXCEPTION 'a % is % after it was %', NEW.kind, r.status, r.follows USING ERRCODE = 'AIMS2';
  END IF;
  IF r.another AND {S}.person_of(former.recorded_by) = {S}.person_of(NEW.recorded_by) THEN
    RAISE EXCEPTION '% recorded what was %', former.recorded_by, r.follows USING ERRCODE = 'AIMS1';
  END IF;
  IF (r.proposer <> '' AND said ->> r.proposer IS DISTINCT FROM former.recorded_by)
    OR (r.keeps <> '' AND said ->> r.keeps IS DISTINCT FROM told ->> r.keeps) THEN
    RAISE EXCEPTION 'a % is % as it was %', NEW.kind, r.status, r.follows USING ERRCODE = '42501';
  END IF;
  RETURN NEW;""",
    f"  r {SCHEMA}.result_rule;\n  s public.aims_system;\n  former public.aims_result;\n"
    "  said jsonb;\n  told jsonb;\n",
)

FUNCTIONS = (RESULT_KEPT,)
TRIGGERS: dict[str, tuple[tuple[str, str], ...]] = {"aims_result": (("result_kept", "INSERT"),)}
