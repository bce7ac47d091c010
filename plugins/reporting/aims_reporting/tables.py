"""The register of issued reports."""

import sqlalchemy as sa

from aims_core import UtcTime, metadata, protect

report = sa.Table(
    "reporting_report",
    metadata,
    sa.Column("report_id", sa.String(64), primary_key=True),
    # Empty for the portfolio, so it is no foreign key.
    sa.Column("system_id", sa.String(64), nullable=False, index=True),
    sa.Column("title", sa.String(500), nullable=False),
    sa.Column("format", sa.String(100), primary_key=True),
    sa.Column("distribution", sa.String(200), nullable=False),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("failed_sections", sa.Integer, nullable=False),
    sa.Column("trail_head", sa.String(64), nullable=False),
    sa.Column("trail_length", sa.BigInteger, nullable=False),
    sa.Column("issued_by", sa.String(64), nullable=False),
    sa.Column("issued_at", UtcTime, nullable=False, index=True),
)

# Of a secured database: who may see the system, or everything, sees its reports.
protect(
    report,
    unit_via="system_id",
    signed=["issued_by"],
    resigned=["issued_by"],
    update=["*"],
    audits=True,
)
