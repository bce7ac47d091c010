"""Tables of the risk register."""

from datetime import datetime

import sqlalchemy as sa

from aims_core import JsonText, UtcTime, history_table, metadata, protect

_ID = sa.String(64)
_WORD = sa.String(40)


def _valid_from() -> sa.Column[datetime]:
    """Since when a row is as it is; the database keeps it, and the states before in the history table."""
    return sa.Column("valid_from", UtcTime, nullable=False, server_default=sa.text("''"))


assessment = sa.Table(
    "risk_assessment",
    metadata,
    sa.Column("assessment_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("likelihood", sa.Integer, nullable=False),
    sa.Column("consequence", sa.Integer, nullable=False),
    sa.Column("answers", JsonText, nullable=False),
    sa.Column("level", _WORD, nullable=False),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("tier", _WORD, nullable=False),
    sa.Column("factors", JsonText, nullable=False),
    sa.Column("rationale", sa.Text, nullable=False),
    sa.Column("criteria_version", _ID, nullable=False),
    sa.Column("provider", sa.String(100), nullable=False),
    sa.Column("input_digest", _ID, nullable=False),
    sa.Column("assessed_by", _ID, nullable=False),
    sa.Column("assessed_at", UtcTime, nullable=False),
    sa.Column("in_force", sa.Boolean, nullable=False),
    sa.Index(None, "system_id", "in_force"),
)

entry = sa.Table(
    "risk_entry",
    metadata,
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column("risk_id", _ID, primary_key=True),
    sa.Column("title", sa.String(500), nullable=False),
    sa.Column("risk_source", sa.String(500), nullable=False),
    sa.Column("consequence", sa.Text, nullable=False),
    sa.Column("likelihood", sa.Integer, nullable=False),
    sa.Column("consequences", JsonText, nullable=False),
    sa.Column("level", _WORD, nullable=False),
    sa.Column("risk_owner", _ID, nullable=False),
    sa.Column("status", _WORD, nullable=False),
    sa.Column("recorded_by", _ID, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
    _valid_from(),
)

treatment = sa.Table(
    "risk_treatment",
    metadata,
    sa.Column("treatment_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False),
    sa.Column("risk_id", _ID, nullable=False),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("option", _WORD, nullable=False),
    sa.Column("responsible", sa.String(500), nullable=False),
    sa.Column("controls", JsonText, nullable=False),
    sa.Column("status", _WORD, nullable=False),
    sa.Column("recorded_by", _ID, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
    _valid_from(),
    sa.Index(None, "system_id", "risk_id"),
)

entry_history, treatment_history = history_table(entry), history_table(treatment)
"""Every former state of risks and treatments, written by triggers."""

# Of a secured database: who may see the system writes, in their own name.
protect(assessment, unit_via="system_id", signed=["assessed_by"], update=["in_force"])
for _table in (entry, treatment):
    protect(
        _table, unit_via="system_id", signed=["recorded_by"], resigned=["recorded_by"], update=["*"]
    )
