"""When roles, waivers, exceptions and holds were asked for, given and ended in fact, beside their entry."""

import sqlalchemy as sa
from alembic import op

from aims_core.history import drop_history_triggers, history_triggers

revision = "core0018"
down_revision = "core0017"
branch_labels = None
depends_on = None

_HISTORIED = "aims_grant"
# The history of a table has the columns of that table.
_ADDED = {
    "aims_grant": ("fact_at", "revoked_fact_at"),
    "aims_grant_history": ("fact_at", "revoked_fact_at"),
    "aims_role_change": ("fact_at", "closed_fact_at"),
    "aims_waiver": ("fact_at", "granted_fact_at", "closed_fact_at"),
    "aims_waiver_vote": ("fact_at",),
    "aims_exception": ("fact_at", "approved_fact_at", "ended_fact_at"),
    "aims_evidence_hold": ("fact_at", "release_proposed_fact_at", "released_fact_at"),
}


def upgrade() -> None:
    _drop_triggers()
    for table, columns in _ADDED.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.String(length=27), nullable=True))
    _make_triggers()


def downgrade() -> None:
    """Go back; times of fact have no place in the earlier tables."""
    if number := sum(map(_stated, _ADDED)):
        raise RuntimeError(
            f"{number} record(s) state a time of fact; the earlier tables cannot hold it"
        )
    _drop_triggers()
    for table, columns in _ADDED.items():
        for column in reversed(columns):
            op.drop_column(table, column)
    _make_triggers()


def _stated(table: str) -> int:
    """Return how many rows of a table state a time of fact; the former states of a row are one with it."""
    if table.endswith("_history"):
        return 0
    known = sa.table(table, *(sa.column(name) for name in _ADDED[table]))
    stated = sa.or_(*(column.is_not(None) for column in known.columns))
    query = sa.select(sa.func.count()).select_from(known).where(stated)
    return int(op.get_bind().execute(query).scalar_one())


def _drop_triggers() -> None:
    for statement in drop_history_triggers(_HISTORIED, op.get_bind().dialect.name):
        op.execute(statement)


def _make_triggers() -> None:
    connection = op.get_bind()
    columns = [c["name"] for c in sa.inspect(connection).get_columns(_HISTORIED)]
    kept = [name for name in columns if name != "valid_from"]
    for statement in history_triggers(_HISTORIED, kept, connection.dialect.name):
        connection.exec_driver_sql(statement)
