"""Change sets: bulk edits that are proposed by one person and applied by another."""

import sqlalchemy as sa
from alembic import op

revision = "core0009"
down_revision = "core0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aims_change_set",
        sa.Column("change_set_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("systems", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("change_set_id", name=op.f("pk_aims_change_set")),
    )
    op.create_index(op.f("ix_aims_change_set_status"), "aims_change_set", ["status"])


def downgrade() -> None:
    op.drop_index(op.f("ix_aims_change_set_status"), table_name="aims_change_set")
    op.drop_table("aims_change_set")
