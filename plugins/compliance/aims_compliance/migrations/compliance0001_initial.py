"""Decisions on controls and issued statements."""

import sqlalchemy as sa
from alembic import op

revision = "compliance0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compliance_decision",
        sa.Column("decision_id", sa.String(64), nullable=False),
        sa.Column("control_id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("applicable", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("implementation", sa.String(40), nullable=False),
        sa.Column("responsible", sa.String(500), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=False),
        sa.Column("decided_at", sa.String(27), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_compliance_decision")),
        sa.UniqueConstraint(
            "control_id", "revision", name=op.f("uq_compliance_decision_control_id_revision")
        ),
    )
    op.create_table(
        "compliance_statement",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("catalog", sa.String(100), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("included", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.String(64), nullable=False),
        sa.Column("issued_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_compliance_statement")),
    )


def downgrade() -> None:
    op.drop_table("compliance_statement")
    op.drop_table("compliance_decision")
