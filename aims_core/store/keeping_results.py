"""What providers computed, on its way into the tables: checked, enveloped, and put in force."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from aims_core import tables
from aims_core.canonical import canonical_json, digest, digest_text
from aims_core.contributions import Offer
from aims_core.db.teams.calls import enforces
from aims_core.errors import InvalidRecord
from aims_core.events import ResultRecorded
from aims_core.records import Problem, Result
from aims_core.store.rows import result_from_row
from aims_core.terms import RiskCategory

_LIMITS = {"kind": 40, "subject": 200}


def select_results() -> sa.Select[Any]:
    """Return the query whose rows :func:`aims_core.store.rows.result_from_row` takes."""
    return sa.select(tables.result, tables.result_schema.c.schema).join(tables.result_schema)


def keep_schema(connection: sa.Connection, schema: Mapping[str, Any]) -> str:
    """Keep the schema of a payload, once however often it is handed in, and return its digest."""
    table, key = tables.result_schema, digest(schema)
    known = sa.select(table.c.digest).where(table.c.digest == key)
    if connection.execute(known).one_or_none() is None:
        # Somebody else may be keeping the same schema right now, which is no conflict.
        on_postgresql = connection.dialect.name == "postgresql"
        insert = postgresql.insert if on_postgresql else sqlite.insert
        kept = insert(table).values(digest=key, schema=schema)
        connection.execute(kept.on_conflict_do_nothing())
    return key


def envelope_of(offer: Offer, schema_digest: str) -> dict[str, Any]:
    """Return the columns that all answers of one provider share."""
    return {
        "provider": offer.spec.id,
        "distribution": offer.plugin.distribution,
        "version": offer.plugin.version,
        "fingerprint": offer.plugin.fingerprint,
        "schema_digest": schema_digest,
        "in_force": True,
    }


def result_row(
    answer: Mapping[str, Any], offer: Offer, revisions: Mapping[str, int]
) -> dict[str, Any]:
    """Return the columns that an answer fills by itself.

    Raises
    ------
    InvalidRecord
        The payload has no JSON form, the tier is none, or the kind or subject is too long.
    """
    if problems := _problems(answer):
        raise InvalidRecord(f"result of {offer.spec.id}", problems)
    return {
        "kind": answer["kind"],
        "system_id": answer["system_id"],
        "subject": answer.get("subject", ""),
        "input_digest": answer["input_digest"],
        "payload": answer["payload"],
        "revision": revisions[str(answer["system_id"])],
        "tier": answer.get("tier"),
        "valid_until": answer.get("valid_until"),
    }


def keep_results(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store rows, put those before them out of force, and give the systems their assessed tiers."""
    _supersede(connection, rows)
    connection.execute(sa.insert(tables.result), rows)
    _set_tiers(connection, rows)


def results_as_stored(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> list[Result]:
    """Return the records of stored rows in the same order, one statement for each thousand."""
    found: list[Result] = []
    for start in range(0, len(rows), 1_000):
        ids = [row["result_id"] for row in rows[start : start + 1_000]]
        read = connection.execute(select_results().where(tables.result.c.result_id.in_(ids)))
        by_id = {row.result_id: result_from_row(row) for row in read}
        found += [by_id[key] for key in ids]
    return found


def recorded(row: Mapping[str, Any]) -> ResultRecorded:
    """Return the event that says a row was stored; its payload stands there as a digest only."""
    return ResultRecorded(
        system_id=row["system_id"],
        result_id=row["result_id"],
        kind=row["kind"],
        subject=row["subject"],
        provider=row["provider"],
        distribution=row["distribution"],
        version=row["version"],
        input_digest=row["input_digest"],
        payload_digest=digest_text(canonical_json(row["payload"])),
        tier=str(row["tier"] or ""),
    )


def _supersede(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Put the former answers out of force; of several in `rows` for the same, the last stands."""
    table = tables.result
    statement = (
        sa.update(table)
        .where(
            table.c.system_id == sa.bindparam("of_system"),
            table.c.kind == sa.bindparam("of_kind"),
            table.c.subject == sa.bindparam("of_subject"),
            table.c.in_force,
        )
        .values(in_force=False)
    )
    keys = [
        {"of_system": r["system_id"], "of_kind": r["kind"], "of_subject": r["subject"]}
        for r in rows
    ]
    connection.execute(statement, keys)
    last = {tuple(key.values()): place for place, key in enumerate(keys)}
    for place, (row, key) in enumerate(zip(rows, keys, strict=True)):
        row["in_force"] = last[tuple(key.values())] == place


def _set_tiers(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    table = tables.system
    tiers = [{"of_system": r["system_id"], "new_tier": str(r["tier"])} for r in rows if r["tier"]]
    # A database that enforces takes the tier from the result itself.
    if tiers and not enforces(connection):
        statement = sa.update(table).where(table.c.system_id == sa.bindparam("of_system"))
        connection.execute(statement.values(tier=sa.bindparam("new_tier")), tiers)


def _problems(answer: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for name in ("payload", "valid_until"):
        try:
            canonical_json(answer.get(name))
        except ValueError as error:
            remedy = "give a value that JSON can hold"
            problems.append(Problem(field=name, reason=str(error), remedy=remedy))
    tiers, tier = list(map(str, RiskCategory)), answer.get("tier")
    if tier and str(tier) not in tiers:
        remedy = f"use one of {', '.join(tiers)}"
        problems.append(Problem(field="tier", reason=f"is {tier!r}", remedy=remedy))
    for name, limit in _LIMITS.items():
        if len(str(answer.get(name, ""))) > limit:
            remedy = f"use up to {limit} characters"
            problems.append(Problem(field=name, reason="is too long", remedy=remedy))
    return problems
