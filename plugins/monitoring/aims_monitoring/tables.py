"""Tables of the monitoring plugin. They hold definitions and summaries, never a row of data."""

from datetime import datetime

import sqlalchemy as sa

from aims_core import JsonText, UtcTime, history_table, metadata, protect

_ID = sa.String(64)
_DIGEST = sa.String(64)
_WORD = sa.String(40)


def _valid_from() -> sa.Column[datetime]:
    """Since when a row is as it is; the database keeps it, and the states before in the history table."""
    return sa.Column("valid_from", UtcTime, nullable=False, server_default=sa.text("''"))


layout = sa.Table(
    "monitoring_layout",
    metadata,
    sa.Column("digest", _DIGEST, primary_key=True),
    sa.Column("content", JsonText, nullable=False),
)

profile = sa.Table(
    "monitoring_profile",
    metadata,
    sa.Column("digest", _DIGEST, primary_key=True),
    sa.Column("layout", _DIGEST, sa.ForeignKey("monitoring_layout.digest"), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    # Profiles of before the packed form have their content; newer ones are packed, and it is empty.
    sa.Column("content", JsonText, nullable=False),
    sa.Column("packed", sa.LargeBinary),
)

monitor = sa.Table(
    "monitoring_monitor",
    metadata,
    sa.Column("monitor_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("kind", sa.String(100), nullable=False),
    sa.Column("thresholds", JsonText, nullable=False),
    sa.Column("schema", JsonText, nullable=False),
    sa.Column("window", JsonText, nullable=False),
    sa.Column("severity", _WORD, nullable=False),
    sa.Column("owner", _ID, nullable=False),
    sa.Column("minimum_rows", sa.Integer),
    # The defaults are for monitors that were defined before there was a choice.
    sa.Column("persistence", JsonText, nullable=False, server_default=sa.text("'[1,1]'")),
    sa.Column("hysteresis", sa.Double, nullable=False, server_default=sa.text("0")),
    sa.Column("reference", _DIGEST, nullable=False),
    sa.Column("reference_profile", _DIGEST, sa.ForeignKey("monitoring_profile.digest")),
    sa.Column("layout", _DIGEST, sa.ForeignKey("monitoring_layout.digest")),
    sa.Column("definition", _DIGEST, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("defined_at", UtcTime, nullable=False),
    sa.Column("defined_by", _ID, nullable=False),
    _valid_from(),
)

schedule = sa.Table(
    "monitoring_schedule",
    metadata,
    sa.Column("monitor_id", _ID, sa.ForeignKey("monitoring_monitor.monitor_id"), primary_key=True),
    sa.Column("every", _WORD, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("set_by", _ID, nullable=False),
    sa.Column("set_at", UtcTime, nullable=False),
)

run = sa.Table(
    "monitoring_run",
    metadata,
    sa.Column("run_id", _ID, primary_key=True),
    sa.Column("monitor_id", _ID, sa.ForeignKey("monitoring_monitor.monitor_id"), nullable=False),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False),
    sa.Column("input_digest", _DIGEST, nullable=False),
    sa.Column("definition", _DIGEST, nullable=False),
    sa.Column("source", sa.String(500), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("labels_unmatched", sa.BigInteger, nullable=False),
    sa.Column("provider", sa.String(100), nullable=False),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("run_by", _ID, nullable=False),
    sa.Column("run_at", UtcTime, nullable=False),
    # Of windows of rows: the name of the log, and what tells whether a later one goes on it. Runs of before
    # there were fingerprints have none.
    sa.Column("log", sa.String(16)),
    sa.Column("fingerprint", sa.String(16)),
    sa.UniqueConstraint("monitor_id", "input_digest"),
    sa.UniqueConstraint("monitor_id", "ordinal"),
)

window = sa.Table(
    "monitoring_window",
    metadata,
    sa.Column("run_id", _ID, sa.ForeignKey("monitoring_run.run_id"), primary_key=True),
    sa.Column("window", sa.String(80), primary_key=True),
    sa.Column("monitor_id", _ID, sa.ForeignKey("monitoring_monitor.monitor_id"), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("starts_at", UtcTime),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("profile", _DIGEST, sa.ForeignKey("monitoring_profile.digest"), nullable=False),
    sa.Column("status", _WORD, nullable=False),
    # A window that is measured again keeps its former figures on record, out of force.
    sa.Column("in_force", sa.Boolean, nullable=False),
    _valid_from(),
    sa.Index(None, "monitor_id", "in_force"),
)

measurement = sa.Table(
    "monitoring_measurement",
    metadata,
    sa.Column("run_id", _ID, primary_key=True),
    sa.Column("window", sa.String(80), primary_key=True),
    sa.Column("metric", sa.String(100), primary_key=True),
    sa.Column("subject", sa.String(200), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("direction", _WORD, nullable=False),
    sa.Column("unit", _WORD, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("status", _WORD, nullable=False),
    sa.Column("minimum", sa.Double),
    sa.Column("maximum", sa.Double),
    sa.Column("side", _WORD, nullable=False),
    sa.Column("crossed", sa.Double),
    sa.Column("low", sa.Double),
    sa.Column("high", sa.Double),
    sa.Column("p", sa.Double),
    sa.Column("centre", sa.Double),
    sa.ForeignKeyConstraint(
        ["run_id", "window"], ["monitoring_window.run_id", "monitoring_window.window"]
    ),
)

alert = sa.Table(
    "monitoring_alert",
    metadata,
    sa.Column("alert_id", _ID, primary_key=True),
    sa.Column("monitor_id", _ID, sa.ForeignKey("monitoring_monitor.monitor_id"), nullable=False),
    sa.Column("metric", sa.String(100), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("window", sa.String(80), nullable=False),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("crossed", sa.Double, nullable=False),
    sa.Column("side", _WORD, nullable=False),
    sa.Column("severity", _WORD, nullable=False),
    sa.Column("opened_by_run", _ID, sa.ForeignKey("monitoring_run.run_id"), nullable=False),
    sa.Column("opened_at", UtcTime, nullable=False),
    sa.Column("ended_window", sa.String(80), nullable=False),
    sa.Column("ended_at", UtcTime),
    _valid_from(),
    sa.Index(None, "monitor_id", "ended_at"),
)

monitor_history, window_history, alert_history = map(history_table, (monitor, window, alert))
"""Every former state of monitors, windows and alerts, written by triggers; figures never change."""

# Of a secured database: who may see the system measures it, in their own name.
for _table in (layout, profile):
    protect(_table)
protect(monitor, unit_via="system_id", signed=["defined_by"], resigned=["defined_by"], update=["*"])
protect(
    schedule, unit_via="monitor_id", through="monitoring_monitor", signed=["set_by"], delete=True
)
protect(run, unit_via="system_id", signed=["run_by"])
protect(window, unit_via="monitor_id", through="monitoring_monitor", update=["in_force"])
protect(measurement, unit_via="run_id", through="monitoring_run")
protect(
    alert,
    unit_via="monitor_id",
    through="monitoring_monitor",
    update=["ended_window", "ended_at"],
)
