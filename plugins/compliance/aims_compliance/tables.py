"""Tables of the Statement of Applicability."""

import sqlalchemy as sa

from aims_core import JsonText, UtcTime, history_table, metadata, protect

_ID = sa.String(64)

decision = sa.Table(
    "compliance_decision",
    metadata,
    sa.Column("decision_id", _ID, primary_key=True),
    sa.Column("control_id", _ID, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("applicable", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("grounds", JsonText, nullable=False),
    sa.Column("implementation", sa.String(40), nullable=False),
    sa.Column("responsible", sa.String(500), nullable=False),
    sa.Column("decided_by", _ID, nullable=False),
    sa.Column("decided_at", UtcTime, nullable=False),
    sa.Column("in_force", sa.Boolean, nullable=False),
    # Since when the row is as it is; the database keeps it, and the states before.
    sa.Column("valid_from", UtcTime, nullable=False, server_default=sa.text("''")),
    sa.UniqueConstraint("control_id", "revision"),
)

statement = sa.Table(
    "compliance_statement",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", _ID, nullable=False),
    sa.Column("catalog", sa.String(100), nullable=False),
    sa.Column("rows", JsonText, nullable=False),
    sa.Column("included", sa.Integer, nullable=False),
    sa.Column("excluded", sa.Integer, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("issued_by", _ID, nullable=False),
    sa.Column("issued_at", UtcTime, nullable=False),
)

decision_history = history_table(decision)
"""Every former state of decisions, written by triggers; an issued statement never changes."""

# Of a secured database: decisions and statements are signed, and not rewritten.
protect(decision, signed=["decided_by"], update=["in_force"])
protect(statement, signed=["issued_by"])
