"""The register of issued reports."""

import sqlalchemy as sa
from alembic import op

revision = "reporting0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reporting_report",
        sa.Column("report_id", sa.String(64), nullable=False),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("format", sa.String(100), nullable=False),
        sa.Column("distribution", sa.String(200), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("failed_sections", sa.Integer(), nullable=False),
        sa.Column("trail_head", sa.String(64), nullable=False),
        sa.Column("trail_length", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.String(64), nullable=False),
        sa.Column("issued_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("report_id", "format", name="pk_reporting_report"),
    )
    op.create_index("ix_reporting_report_system_id", "reporting_report", ["system_id"])
    op.create_index("ix_reporting_report_issued_at", "reporting_report", ["issued_at"])


def downgrade() -> None:
    op.drop_table("reporting_report")
