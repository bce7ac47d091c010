"""Keep the interval and the p-value of a figure, and when a monitor is to run."""

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
    op.create_table(
        "monitoring_schedule",
        sa.Column("monitor_id", sa.String(length=64), nullable=False),
        sa.Column("every", sa.String(length=40), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["monitor_id"],
            ["monitoring_monitor.monitor_id"],
            name=op.f("fk_monitoring_schedule_monitor_id"),
        ),
        sa.PrimaryKeyConstraint("monitor_id", name=op.f("pk_monitoring_schedule")),
    )


def downgrade() -> None:
    op.drop_table("monitoring_schedule")
    for name in reversed(_ADDED):
        op.drop_column("monitoring_measurement", name)
