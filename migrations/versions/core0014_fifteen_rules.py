"""Two people release a legal hold."""

import sqlalchemy as sa
from alembic import op

revision = "core0014"
down_revision = "core0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "aims_evidence_hold", sa.Column("release_proposed_by", sa.String(length=64), nullable=True)
    )
    op.add_column(
        "aims_evidence_hold", sa.Column("release_proposed_at", sa.String(length=27), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("aims_evidence_hold", "release_proposed_at")
    op.drop_column("aims_evidence_hold", "release_proposed_by")
