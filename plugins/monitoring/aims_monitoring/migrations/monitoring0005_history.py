"""Keep every former state of monitors, windows and alerts."""

from alembic import op

from aims_core import start_history, stop_history

revision = "monitoring0005"
down_revision = "monitoring0004"
branch_labels = None
depends_on = None

# A monitor that is defined, stopped or scheduled publishes its plan, so the newest one tells when it
# changed last. A window leaves the series when it is measured again, or when its monitor is defined anew.
_SINCE = {
    "monitoring_monitor": """coalesce(
        (SELECT max(r.recorded_at) FROM aims_result r
         WHERE r.kind = 'monitoring_plan' AND r.subject = monitoring_monitor.monitor_id),
        defined_at)""",
    "monitoring_window": """(
        SELECT CASE WHEN monitoring_window.in_force THEN own.run_at
            ELSE coalesce(
                (SELECT min(later.run_at) FROM monitoring_run later
                 JOIN monitoring_window again ON again.run_id = later.run_id
                 WHERE later.monitor_id = own.monitor_id AND later.ordinal > own.ordinal
                 AND again."window" = monitoring_window."window"),
                (SELECT m.defined_at FROM monitoring_monitor m
                 WHERE m.monitor_id = own.monitor_id)) END
        FROM monitoring_run own WHERE own.run_id = monitoring_window.run_id)""",
    "monitoring_alert": "coalesce(ended_at, opened_at)",
}
# What they were before is known of these two, as only one thing about them ever changes.
_FORMER = (
    """INSERT INTO monitoring_window_history
        (run_id, "window", monitor_id, "position", starts_at, "rows", profile, status, in_force,
         valid_from, valid_to)
    SELECT w.run_id, w."window", w.monitor_id, w."position", w.starts_at, w."rows", w.profile, w.status,
        NOT w.in_force, r.run_at, w.valid_from
    FROM monitoring_window w JOIN monitoring_run r ON r.run_id = w.run_id
    WHERE NOT w.in_force AND r.run_at < w.valid_from""",
    """INSERT INTO monitoring_alert_history
        (alert_id, monitor_id, metric, subject, "window", value, crossed, side, severity, opened_by_run,
         opened_at, ended_window, ended_at, valid_from, valid_to)
    SELECT alert_id, monitor_id, metric, subject, "window", value, crossed, side, severity,
        opened_by_run, opened_at, '', NULL, opened_at, ended_at
    FROM monitoring_alert WHERE ended_at IS NOT NULL AND opened_at < ended_at""",
)


def upgrade() -> None:
    for table, since in _SINCE.items():
        start_history(table, since=since)
    for statement in _FORMER:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(_SINCE):
        stop_history(table)
