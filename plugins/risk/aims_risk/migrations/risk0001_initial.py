"""Assessments, identified risks and treatments."""

import sqlalchemy as sa
from alembic import op

revision = "risk0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _assessments()
    _entries()
    _treatments()


def _assessments() -> None:
    op.create_table(
        "risk_assessment",
        sa.Column("assessment_id", sa.String(64), nullable=False),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("consequence", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("tier", sa.String(40), nullable=False),
        sa.Column("factors", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("criteria_version", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(100), nullable=False),
        sa.Column("input_digest", sa.String(64), nullable=False),
        sa.Column("assessed_by", sa.String(64), nullable=False),
        sa.Column("assessed_at", sa.String(27), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_risk_assessment")),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_risk_assessment_system_id")
        ),
    )
    op.create_index(
        op.f("ix_risk_assessment_system_id_in_force"),
        "risk_assessment",
        ["system_id", "in_force"],
    )


def _entries() -> None:
    op.create_table(
        "risk_entry",
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("risk_id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("risk_source", sa.String(500), nullable=False),
        sa.Column("consequence", sa.Text(), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("consequences", sa.Text(), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("risk_owner", sa.String(64), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("recorded_by", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("system_id", "risk_id", name=op.f("pk_risk_entry")),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_risk_entry_system_id")
        ),
    )


def _treatments() -> None:
    op.create_table(
        "risk_treatment",
        sa.Column("treatment_id", sa.String(64), nullable=False),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("risk_id", sa.String(64), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("option", sa.String(40), nullable=False),
        sa.Column("responsible", sa.String(500), nullable=False),
        sa.Column("controls", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("recorded_by", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("treatment_id", name=op.f("pk_risk_treatment")),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_risk_treatment_system_id")
        ),
    )
    op.create_index(
        op.f("ix_risk_treatment_system_id_risk_id"), "risk_treatment", ["system_id", "risk_id"]
    )


def downgrade() -> None:
    op.drop_table("risk_treatment")
    op.drop_table("risk_entry")
    op.drop_table("risk_assessment")
