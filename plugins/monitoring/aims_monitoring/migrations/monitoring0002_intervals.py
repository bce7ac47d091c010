"""Keep the interval and the p-value of a figure."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring0002"
down_revision = "monitoring0001"
branch_labels = None
depends_on = None

_ADDED = ("low", "high", "p")


def upgrade() -> None:
    for name in _ADDED:
        op.add_column("monitoring_measurement", sa.Column(name, sa.Double(), nullable=True))


def downgrade() -> None:
    for name in reversed(_ADDED):
        op.drop_column("monitoring_measurement", name)
