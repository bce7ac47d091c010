"""Keep every former state of risks and treatments, written by triggers."""

import sqlalchemy as sa
from alembic import op

from aims_core import drop_history_triggers, history_triggers

revision = "risk0002"
down_revision = "risk0001"
branch_labels = None
depends_on = None

_HISTORIED = ("risk_entry", "risk_treatment")


def upgrade() -> None:
    connection = op.get_bind()
    for table in _HISTORIED:
        columns = sa.inspect(connection).get_columns(table)
        keys = sa.inspect(connection).get_pk_constraint(table)["constrained_columns"]
        op.add_column(
            table,
            sa.Column("valid_from", sa.String(27), nullable=False, server_default=sa.text("''")),
        )
        # Rows written before are as they are since their last known change.
        op.execute(f"UPDATE {table} SET valid_from = recorded_at")
        name = f"{table}_history"
        op.create_table(
            name,
            *(
                sa.Column(
                    str(c["name"]), c["type"], nullable=bool(c["nullable"]), autoincrement=False
                )
                for c in columns
            ),
            sa.Column("valid_from", sa.String(27), nullable=False),
            sa.Column("valid_to", sa.String(27), nullable=False),
            sa.PrimaryKeyConstraint(*keys, "valid_from", name=op.f(f"pk_{name}")),
        )
        op.create_index(op.f(f"ix_{name}_valid_to_valid_from"), name, ["valid_to", "valid_from"])
        named = [str(c["name"]) for c in columns]
        for statement in history_triggers(table, named, connection.dialect.name):
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    for table in reversed(_HISTORIED):
        for statement in drop_history_triggers(table, op.get_bind().dialect.name):
            op.execute(statement)
        op.drop_table(f"{table}_history")
        op.drop_column(table, "valid_from")
