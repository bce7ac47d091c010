"""When something was asked, decided, ended and done in fact, beside when it was entered."""

import sqlalchemy as sa
from alembic import op

from aims_core.history import drop_history_triggers, history_triggers

revision = "core0015"
down_revision = "core0014"
branch_labels = None
depends_on = None

_HISTORIED = "aims_approval"
# The history of a table has the columns of that table.
_ADDED = {
    "aims_approval": ("fact_at", "closed_fact_at"),
    "aims_approval_history": ("fact_at", "closed_fact_at"),
    "aims_vote": ("fact_at",),
    "aims_transition": ("fact_at",),
}
_STATED = """
SELECT (SELECT count(*) FROM aims_approval WHERE fact_at IS NOT NULL OR closed_fact_at IS NOT NULL)
  + (SELECT count(*) FROM aims_vote WHERE fact_at IS NOT NULL)
  + (SELECT count(*) FROM aims_transition WHERE fact_at IS NOT NULL)
"""


def upgrade() -> None:
    _drop_triggers()
    for table, columns in _ADDED.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.String(length=27), nullable=True))
    _make_triggers()


def downgrade() -> None:
    """Go back; times of fact have no place in the earlier tables."""
    if number := op.get_bind().execute(sa.text(_STATED)).scalar():
        raise RuntimeError(
            f"{number} decision(s) state a time of fact; the earlier tables cannot hold it"
        )
    _drop_triggers()
    for table, columns in _ADDED.items():
        for column in reversed(columns):
            op.drop_column(table, column)
    _make_triggers()


def _drop_triggers() -> None:
    for statement in drop_history_triggers(_HISTORIED, op.get_bind().dialect.name):
        op.execute(statement)


def _make_triggers() -> None:
    connection = op.get_bind()
    columns = [c["name"] for c in sa.inspect(connection).get_columns(_HISTORIED)]
    kept = [name for name in columns if name != "valid_from"]
    for statement in history_triggers(_HISTORIED, kept, connection.dialect.name):
        connection.exec_driver_sql(statement)
