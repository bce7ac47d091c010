"""Keep profiles packed: an eighth of the bytes. Those on record stay as they are and are read as before."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring0003"
down_revision = "monitoring0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("monitoring_profile", sa.Column("packed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("monitoring_profile", "packed")
