"""Where the tables of a database stand: which revision of each component, and who brought it there."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from aims_core import tables


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What a database says of its own schema.

    Parameters
    ----------
    revisions : mapping
        The revision by component; those without tables are left out.
    noted : mapping
        The row of ``aims_schema_component`` by component, those of uninstalled plugins included.
    """

    revisions: Mapping[str, str]
    noted: Mapping[str, sa.Row[tuple[object, ...]]]


def standing_of(connection: sa.Connection, version_tables: Mapping[str, str]) -> Standing:
    """Read where a database stands: three statements, however many components there are.

    Parameters
    ----------
    version_tables : mapping
        Name of Alembic's version table by component.
    """
    there = set(sa.inspect(connection).get_table_names())
    return Standing(
        revisions=_revisions(connection, version_tables, there), noted=_noted(connection, there)
    )


def _revisions(
    connection: sa.Connection, version_tables: Mapping[str, str], there: Container[str]
) -> dict[str, str]:
    number: sa.ColumnClause[str] = sa.column("version_num")
    queries = [
        sa.select(sa.literal(name), number).select_from(sa.table(table))
        for name, table in version_tables.items()
        if table in there
    ]
    if not queries:
        return {}
    heads: dict[str, list[str]] = {}
    for name, revision in connection.execute(sa.union_all(*queries)):
        heads.setdefault(name, []).append(revision)
    return {name: ", ".join(revisions) for name, revisions in heads.items()}


def _noted(
    connection: sa.Connection, there: Container[str]
) -> dict[str, sa.Row[tuple[object, ...]]]:
    if tables.schema_component.name not in there:
        return {}
    rows = connection.execute(sa.select(tables.schema_component))
    return {row.component: row for row in rows}
