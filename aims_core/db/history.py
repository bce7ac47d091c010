"""In a migration: begin to keep every former state of a table that is there already, or end it."""

import sqlalchemy as sa

from aims_core.history import drop_history_triggers, history_triggers


def start_history(table: str, *, since: str) -> None:
    """Give a table its ``valid_from``, its history table and the triggers that write both.

    Parameters
    ----------
    table : str
        A table that exists and has a primary key.
    since : str
        SQL that gives, of a row that is there already, the time of its last known change; what the row
        was before is not known. The rows of the history table that are known may be inserted after.

    Notes
    -----
    For `upgrade()` of a revision: it uses the connection and the operations of the migration that runs.
    """
    from alembic import op

    connection = op.get_bind()
    columns = sa.inspect(connection).get_columns(table)
    keys = sa.inspect(connection).get_pk_constraint(table)["constrained_columns"]
    op.add_column(
        table, sa.Column("valid_from", sa.String(27), nullable=False, server_default=sa.text("''"))
    )
    op.execute(f"UPDATE {table} SET valid_from = {since}")
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
    named = [str(c["name"]) for c in columns]
    for statement in history_triggers(table, named, connection.dialect.name):
        connection.exec_driver_sql(statement)


def stop_history(table: str) -> None:
    """Take away what :func:`start_history` gave a table; every former state is lost."""
    from alembic import op

    for statement in drop_history_triggers(table, op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table(f"{table}_history")
    op.drop_column(table, "valid_from")
