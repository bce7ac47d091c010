"""Monitors, their runs by window, the profiles and figures of each window, and alerts."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_profiles()
    _create_monitors()
    _create_runs()
    _create_figures()
    _create_alerts()


def downgrade() -> None:
    for table in ("alert", "measurement", "window", "run", "monitor", "profile", "layout"):
        op.drop_table(f"monitoring_{table}")


def _create_profiles() -> None:
    op.create_table(
        "monitoring_layout",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_monitoring_layout")),
    )
    op.create_table(
        "monitoring_profile",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["layout"], ["monitoring_layout.digest"], name=op.f("fk_monitoring_profile_layout")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_monitoring_profile")),
    )


def _create_monitors() -> None:
    op.create_table(
        "monitoring_monitor",
        sa.Column("monitor_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("thresholds", sa.Text(), nullable=False),
        sa.Column("schema", sa.Text(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("minimum_rows", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("reference_profile", sa.String(length=64), nullable=True),
        sa.Column("layout", sa.String(length=64), nullable=True),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("defined_at", sa.String(length=27), nullable=False),
        sa.Column("defined_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["layout"], ["monitoring_layout.digest"], name=op.f("fk_monitoring_monitor_layout")
        ),
        sa.ForeignKeyConstraint(
            ["reference_profile"],
            ["monitoring_profile.digest"],
            name=op.f("fk_monitoring_monitor_reference_profile"),
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_monitoring_monitor_system_id")
        ),
        sa.PrimaryKeyConstraint("monitor_id", name=op.f("pk_monitoring_monitor")),
    )
    op.create_index(
        op.f("ix_monitoring_monitor_system_id"), "monitoring_monitor", ["system_id"], unique=False
    )


def _create_runs() -> None:
    op.create_table(
        "monitoring_run",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("monitor_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("labels_unmatched", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("run_by", sa.String(length=64), nullable=False),
        sa.Column("run_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["monitor_id"],
            ["monitoring_monitor.monitor_id"],
            name=op.f("fk_monitoring_run_monitor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_monitoring_run_system_id")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_monitoring_run")),
        sa.UniqueConstraint(
            "monitor_id", "input_digest", name=op.f("uq_monitoring_run_monitor_id_input_digest")
        ),
        sa.UniqueConstraint(
            "monitor_id", "ordinal", name=op.f("uq_monitoring_run_monitor_id_ordinal")
        ),
    )


def _create_figures() -> None:
    op.create_table(
        "monitoring_window",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("window", sa.String(length=80), nullable=False),
        sa.Column("monitor_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.String(length=27), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["monitor_id"],
            ["monitoring_monitor.monitor_id"],
            name=op.f("fk_monitoring_window_monitor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["profile"], ["monitoring_profile.digest"], name=op.f("fk_monitoring_window_profile")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["monitoring_run.run_id"], name=op.f("fk_monitoring_window_run_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "window", name=op.f("pk_monitoring_window")),
    )
    op.create_index(
        op.f("ix_monitoring_window_monitor_id_in_force"),
        "monitoring_window",
        ["monitor_id", "in_force"],
        unique=False,
    )
    op.create_table(
        "monitoring_measurement",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("window", sa.String(length=80), nullable=False),
        sa.Column("metric", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("minimum", sa.Double(), nullable=True),
        sa.Column("maximum", sa.Double(), nullable=True),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("crossed", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id", "window"],
            ["monitoring_window.run_id", "monitoring_window.window"],
            name=op.f("fk_monitoring_measurement_run_id_window"),
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "window", "metric", "subject", name=op.f("pk_monitoring_measurement")
        ),
    )


def _create_alerts() -> None:
    op.create_table(
        "monitoring_alert",
        sa.Column("alert_id", sa.String(length=64), nullable=False),
        sa.Column("monitor_id", sa.String(length=64), nullable=False),
        sa.Column("metric", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("window", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("crossed", sa.Double(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=40), nullable=False),
        sa.Column("opened_by_run", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("ended_window", sa.String(length=80), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(
            ["monitor_id"],
            ["monitoring_monitor.monitor_id"],
            name=op.f("fk_monitoring_alert_monitor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_run"],
            ["monitoring_run.run_id"],
            name=op.f("fk_monitoring_alert_opened_by_run"),
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_monitoring_alert")),
    )
    op.create_index(
        op.f("ix_monitoring_alert_monitor_id_ended_at"),
        "monitoring_alert",
        ["monitor_id", "ended_at"],
        unique=False,
    )
