"""The table of the incident register."""

import sqlalchemy as sa

from aims_core import UtcTime, metadata

incident = sa.Table(
    "incidents_incident",
    metadata,
    sa.Column("incident_id", sa.String(64), primary_key=True),
    sa.Column(
        "system_id",
        sa.String(64),
        sa.ForeignKey("aims_system.system_id"),
        nullable=False,
        index=True,
    ),
    sa.Column("kind", sa.String(100), nullable=False),
    sa.Column("subject", sa.String(300), nullable=False),
    sa.Column("title", sa.String(500), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("severity", sa.String(40), nullable=False),
    sa.Column("status", sa.String(40), nullable=False, index=True),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("treatment", sa.Text, nullable=False),
    sa.Column("treated_by", sa.String(64), nullable=False),
    sa.Column("cause_event", sa.String(64), nullable=False, index=True),
    sa.Column("occurred_at", UtcTime, nullable=False),
    sa.Column("opened_at", UtcTime, nullable=False),
    sa.Column("opened_by", sa.String(64), nullable=False),
    sa.Column("closed_at", UtcTime),
    sa.Column("closed_by", sa.String(64), nullable=False),
)
