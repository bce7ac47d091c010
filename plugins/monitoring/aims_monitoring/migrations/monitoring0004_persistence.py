"""Keep when a monitor's alerts open and end, and the level that learnt limits are counted from."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring0004"
down_revision = "monitoring0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Monitors that are there go on as they were defined: the first window in breach tells.
    op.add_column(
        "monitoring_monitor",
        sa.Column("persistence", sa.Text(), nullable=False, server_default=sa.text("'[1,1]'")),
    )
    op.add_column(
        "monitoring_monitor",
        sa.Column("hysteresis", sa.Double(), nullable=False, server_default=sa.text("0")),
    )
    op.add_column("monitoring_measurement", sa.Column("centre", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("monitoring_measurement", "centre")
    for name in ("hysteresis", "persistence"):
        op.drop_column("monitoring_monitor", name)
