"""Tables of the risk register."""

import sqlalchemy as sa

from aims_core import JsonText, UtcTime, metadata

assessment = sa.Table(
    "risk_assessment",
    metadata,
    sa.Column("assessment_id", sa.String(64), primary_key=True),
    sa.Column(
        "system_id",
        sa.String(64),
        sa.ForeignKey("aims_system.system_id"),
        nullable=False,
        index=True,
    ),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("likelihood", sa.Integer, nullable=False),
    sa.Column("consequence", sa.Integer, nullable=False),
    sa.Column("answers", JsonText, nullable=False),
    sa.Column("level", sa.String(40), nullable=False),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("tier", sa.String(40), nullable=False),
    sa.Column("factors", JsonText, nullable=False),
    sa.Column("rationale", sa.Text, nullable=False),
    sa.Column("criteria_version", sa.String(64), nullable=False),
    sa.Column("provider", sa.String(100), nullable=False),
    sa.Column("input_digest", sa.String(64), nullable=False),
    sa.Column("assessed_by", sa.String(64), nullable=False),
    sa.Column("assessed_at", UtcTime, nullable=False),
    sa.Column("in_force", sa.Boolean, nullable=False),
)

treatment = sa.Table(
    "risk_treatment",
    metadata,
    sa.Column("treatment_id", sa.String(64), primary_key=True),
    sa.Column(
        "system_id",
        sa.String(64),
        sa.ForeignKey("aims_system.system_id"),
        nullable=False,
        index=True,
    ),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("responsible", sa.String(64), nullable=False),
    sa.Column("status", sa.String(40), nullable=False),
    sa.Column("recorded_by", sa.String(64), nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
)
