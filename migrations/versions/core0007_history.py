"""Keep every former state of actors, grants, systems and approvals, written by triggers."""

import sqlalchemy as sa
from alembic import op

from aims_core.history import drop_history_triggers, history_triggers

revision = "core0007"
down_revision = "core0005"
branch_labels = None
depends_on = None

# Rows written before this revision are as they are since their last known change.
_SINCE = {
    "aims_actor": "added_at",
    "aims_grant": "coalesce(revoked_at, granted_at)",
    "aims_system": "revised_at",
    "aims_approval": "coalesce(lapsed_at, closed_at, requested_at)",
}
_LOOKED_UP = ("valid_from", "registered_at")


def upgrade() -> None:
    connection = op.get_bind()
    for table, since in _SINCE.items():
        columns = sa.inspect(connection).get_columns(table)
        keys = sa.inspect(connection).get_pk_constraint(table)["constrained_columns"]
        op.add_column(
            table,
            sa.Column("valid_from", sa.String(27), nullable=False, server_default=sa.text("''")),
        )
        op.execute(f"UPDATE {table} SET valid_from = {since}")
        _make_history(table, columns, keys)
        for statement in history_triggers(
            table, [c["name"] for c in columns], connection.dialect.name
        ):
            connection.exec_driver_sql(statement)
    for column in _LOOKED_UP:
        op.create_index(op.f(f"ix_aims_system_{column}"), "aims_system", [column])


def _make_history(table: str, columns: list[dict[str, object]], keys: list[str]) -> None:
    name = f"{table}_history"
    op.create_table(
        name,
        *(
            sa.Column(str(c["name"]), c["type"], nullable=bool(c["nullable"]), autoincrement=False)
            for c in columns
        ),
        sa.Column("valid_from", sa.String(27), nullable=False),
        sa.Column("valid_to", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint(*keys, "valid_from", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_valid_to_valid_from"), name, ["valid_to", "valid_from"])


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for column in _LOOKED_UP:
        op.drop_index(op.f(f"ix_aims_system_{column}"), table_name="aims_system")
    for table in reversed(_SINCE):
        for statement in drop_history_triggers(table, dialect):
            op.execute(statement)
        op.drop_table(f"{table}_history")
        op.drop_column(table, "valid_from")
