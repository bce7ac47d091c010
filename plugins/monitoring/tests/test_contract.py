"""aims-monitoring keeps the contract of plugins."""

import pyarrow as pa

from aims_core.testing import PluginContract

PLAN = {
    "thresholds": {"accuracy": {"min": 0.8}},
    "schema": {"prediction": "p", "label": "y", "time": "t"},
    "persistence": (1, 1),
}


class TestContract(PluginContract):
    plugin = "monitoring"

    def write_history(self, workspace):
        monitoring = workspace.act_as("olga").monitoring
        monitoring.define("quality", "ticket-triage", **PLAN)
        yield
        monitoring.run("quality", _log({"2026-01": 0.9, "2026-02": 0.5}))
        yield
        # The second month is measured again and is well: the alert ends, the former window is replaced.
        monitoring.run("quality", _log({"2026-02": 0.95, "2026-04": 0.92}))
        yield
        monitoring.define("quality", "ticket-triage", **{**PLAN, "severity": "serious"})
        yield
        monitoring.define("quality", "ticket-triage", **{**PLAN, "window": "quarter"})
        yield
        monitoring.stop("quality", reason="Another one watches.")
        yield

    def read_history(self, workspace, as_of):
        monitoring = workspace.monitoring
        frame = monitoring.frame(as_of=as_of)
        frames = [
            frame,
            monitoring.measurements(as_of=as_of),
            monitoring.alerts(as_of=as_of),
            monitoring.alerts(open_only=True, as_of=as_of),
            monitoring.gaps(as_of=as_of),
            *(monitoring.series(name, as_of=as_of) for name in frame["monitor_id"]),
        ]
        told = [one.astype(object).where(one.notna(), None).to_dict("records") for one in frames]
        plots = [monitoring.plot(name, as_of=as_of).svg for name in frame["monitor_id"]]
        return [told, [monitoring.get(name, as_of=as_of) for name in frame["monitor_id"]], plots]


def _log(accuracy):
    """Return a log of 200 rows a month with these shares of hits."""
    months = [month for month in accuracy for _ in range(200)]
    hits = [row < round(200 * share) for share in accuracy.values() for row in range(200)]
    return pa.table(
        {"t": [f"{m}-15" for m in months], "y": [1] * len(hits), "p": list(map(int, hits))}
    )
