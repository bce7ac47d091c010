"""Keep profiles packed: an eighth of the bytes. Those on record stay as they are and are read as before.

The number is lower than that of the revision below, which was made at the same time and went first.
"""

import sqlalchemy as sa
from alembic import op

revision = "monitoring0003"
down_revision = "monitoring0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("monitoring_profile", sa.Column("packed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("monitoring_profile", "packed")
