"""What monitoring publishes to the core, in a form that stays readable without this plugin."""

from collections.abc import Mapping
from typing import Any

from aims_monitoring.metrics.offered import Foreign
from aims_monitoring.records import Monitor, Run, WindowFigures
from aims_monitoring.unmeasured import unmeasured

PLAN = "monitoring_plan"
MEASUREMENT = "measurement"

_TEXT = {"type": "string"}
_NUMBER = {"type": ["number", "null"]}
_WHOLE = {"type": "integer"}

PLAN_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["monitor_id", "kind", "thresholds", "active", "definition"],
    "properties": {
        "monitor_id": _TEXT,
        "kind": _TEXT,
        "thresholds": {"type": "object"},
        "schema": {"type": "object"},
        "window": {"type": ["string", "integer"]},
        "severity": _TEXT,
        "owner": _TEXT,
        "active": {"type": "boolean"},
        "definition": _TEXT,
        "every": _TEXT,
        "persistence": {"type": "array", "items": _WHOLE},
        "hysteresis": {"type": "number"},
    },
}
"""JSON Schema of a result of the kind ``monitoring_plan``; `every` is empty when it runs by hand."""

MEASUREMENT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["monitor_id", "definition", "run_id", "window", "status", "figures"],
    "properties": {
        "monitor_id": _TEXT,
        "definition": _TEXT,
        "run_id": _TEXT,
        "rows": _WHOLE,
        "windows": _WHOLE,
        "missing_windows": _WHOLE,
        "window": _TEXT,
        "zone": _TEXT,
        "status": _TEXT,
        "breached": {"type": "array", "items": _TEXT},
        "unmeasured": {"type": "array", "items": _TEXT},
        "metrics": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"distribution": _TEXT, "version": _TEXT, "fingerprint": _TEXT},
            },
        },
        "figures": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "metric": _TEXT,
                    "subject": _TEXT,
                    "value": _NUMBER,
                    "low": _NUMBER,
                    "high": _NUMBER,
                    "p": _NUMBER,
                    "n": _WHOLE,
                    "direction": _TEXT,
                    "status": _TEXT,
                    "minimum": _NUMBER,
                    "maximum": _NUMBER,
                    "reason": _TEXT,
                },
            },
        },
    },
}
"""JSON Schema of a result of the kind ``measurement``; figures are those of the newest window.

`missing_windows` counts windows of time without a row between others of the whole series; `metrics` says
which distribution measured a metric that is another plugin's; `unmeasured` why not one figure has a value
that the thresholds ask for, and is empty where one has or where that is for too few rows alone.
"""


def plan_payload(monitor: Monitor, every: str = "") -> dict[str, Any]:
    """Return a monitor, and how often it runs, as a part of its system's monitoring plan."""
    return {
        "monitor_id": monitor.monitor_id,
        "kind": monitor.kind,
        "thresholds": monitor.thresholds,
        "schema": monitor.schema,
        "window": monitor.window,
        "severity": monitor.severity,
        "owner": monitor.owner,
        "active": monitor.active,
        "definition": monitor.definition,
        "every": every,
        "persistence": list(monitor.persistence),
        "hysteresis": monitor.hysteresis,
    }


def measurement_payload(
    run: Run, monitor: Monitor, foreign: Foreign, missing_windows: int
) -> dict[str, Any]:
    """Return a run with the figures of its newest window, the zone it was cut in, what its series lacks.

    `foreign` are the metrics of other plugins that were measured: the result says whose they are.
    """
    newest = run.windows[-1] if run.windows else None
    return {
        "monitor_id": run.monitor_id,
        "definition": run.definition,
        "run_id": run.run_id,
        "rows": run.rows,
        "windows": len(run.windows),
        "missing_windows": missing_windows,
        "window": newest.window if newest else "",
        "zone": monitor.schema.get("zone") or "UTC",
        "status": run.status,
        "breached": breached_names(run),
        "unmeasured": unmeasured(run, monitor, foreign.metrics),
        "metrics": {name: dict(provider) for name, provider in foreign.providers.items()},
        "figures": _figures(newest) if newest else [],
    }


def breached_names(run: Run) -> list[str]:
    """Return the metrics, with their columns, that crossed a threshold in any window of a run."""
    return sorted({judged.name for _, judged in run.breaches})


def _figures(window: WindowFigures) -> list[dict[str, Any]]:
    return [
        {
            "metric": j.measurement.metric,
            "subject": j.measurement.subject,
            "value": j.measurement.value,
            "low": j.measurement.low,
            "high": j.measurement.high,
            "p": j.measurement.p,
            "n": j.measurement.n,
            "direction": j.measurement.direction,
            "status": j.status,
            "minimum": j.minimum,
            "maximum": j.maximum,
            "reason": j.measurement.reason,
        }
        for j in window.figures
    ]
