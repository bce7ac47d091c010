"""The one Alembic environment of the core and of every plugin; the migrator passes what differs."""

import os
from typing import Any

import sqlalchemy as sa
from alembic import context

from aims_core import tables
from aims_core.db.engine import make_engine
from aims_core.history import SPAN_INDEX
from aims_core.spellings import BEYOND_ASCII_INDEX, SPELLING_INDEX
from aims_core.trigrams import INDEX

attributes = context.config.attributes
_WRITTEN_BY_HAND = {SPAN_INDEX, INDEX, SPELLING_INDEX, BEYOND_ASCII_INDEX}


def _mine(name: str | None, kind: str) -> bool:
    """Look only at the component's own tables, and never at the version tables."""
    prefix = attributes.get("prefix", "aims_")
    if kind == "index":
        # Over an expression, or some of the rows: each database has them in its own words.
        return name not in _WRITTEN_BY_HAND
    if kind != "table" or name is None:
        return True
    return name.startswith(prefix) and not name.startswith("aims_alembic_")


def _include_name(name: str | None, kind: str, _parents: Any) -> bool:
    return _mine(name, kind)


def _include_object(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    return _mine(name, kind)


def _run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=attributes.get("target_metadata", tables.metadata),
        version_table=attributes.get("version_table", "aims_alembic_core"),
        include_name=_include_name,
        include_object=_include_object,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if (given := attributes.get("connection")) is not None:
    _run(given)
else:
    # Plain `alembic` from a checkout: the core's tables, on AIMS_DATABASE_URL or a local file.
    engine = make_engine(os.environ.get("AIMS_DATABASE_URL", "sqlite:///aims.db"), migrating=True)
    with engine.begin() as own:
        _run(own)
    engine.dispose()
