"""How monitoring stood on a date, also in a database that kept no former states before."""

from datetime import timedelta

import pyarrow as pa
import pytest
from aims_monitoring.section import of_portfolio, of_system

from aims_core import DataTable, PluginHost, RecordNotFound, open_workspace
from aims_core.workspace import migrator

HOUR = timedelta(hours=1)
PLAN = {
    "thresholds": {"accuracy": {"min": 0.8}},
    "schema": {"prediction": "p", "label": "y", "time": "t"},
    "persistence": (1, 1),
}


def log(accuracy):
    """Return a log of 200 rows a month with these shares of hits."""
    months = [month for month in accuracy for _ in range(200)]
    hits = [row < round(200 * share) for share in accuracy.values() for row in range(200)]
    return pa.table(
        {"t": [f"{m}-15" for m in months], "y": [1] * len(hits), "p": [int(h) for h in hits]}
    )


@pytest.fixture
def told(registered):
    """Give the workspace and the times before, in and after a breach that is over."""
    clock = [registered.now() + HOUR]
    registered._desk.store.clock = lambda: clock[0]
    monitoring = registered.act_as("olga").monitoring
    times = [clock[0]]
    clock[0] += HOUR
    monitoring.define("quality", "ticket-triage", **PLAN)
    for month in (0.5, 0.95):
        clock[0] += HOUR
        monitoring.run("quality", log({"2026-01": 0.9, "2026-02": month}))
        times.append(clock[0])
        clock[0] += HOUR
    return registered, times


def said(workspace, times):
    """Return what is told of each time: statuses, open alerts, figures."""
    monitoring = workspace.monitoring
    return [
        (
            monitoring.frame(as_of=at)[["status", "open_alerts"]].to_dict("records"),
            monitoring.alerts(as_of=at)[["metric", "window", "ended_window"]].to_dict("records"),
            monitoring.measurements(as_of=at)["value"].tolist(),
        )
        for at in times
    ]


def test_both_reports_look_back(told):
    workspace, (before, breached, over) = told

    for build, system_id in ((of_system, "ticket-triage"), (of_portfolio, "")):
        assert build(workspace, system_id, before).blocks[0].text.startswith("No monitor")
        assert "1 breach" in build(workspace, system_id, breached).blocks[0].text
        assert build(workspace, system_id, over) == build(workspace, system_id)
    (alert,) = (
        b.rows[0]
        for b in of_system(workspace, "ticket-triage", breached).blocks
        if isinstance(b, DataTable) and b.caption.startswith("Breaches")
    )
    assert alert[-1] == ""
    with pytest.raises(RecordNotFound):
        workspace.monitoring.get("quality", as_of=before)


def test_windows_and_alerts_of_before_the_history_are_known_from_their_runs(told):
    workspace, times = told
    known = said(workspace, times)
    moving = migrator(workspace.settings, PluginHost())
    workspace.close()

    moving.downgrade("monitoring", "monitoring0004")
    moving.upgrade()

    again = open_workspace(workspace.settings.folder, actor="ada")
    again._desk.store.clock = lambda: times[-1]
    assert said(again, times) == known
    assert known[1][0][0] == {"status": "breach", "open_alerts": 1}
    assert again.monitoring.unknown(as_of=times[-1]) == 0
    again.close()


def test_a_monitor_that_was_changed_before_its_history_is_said_to_be_unknown(told):
    workspace, (_, breached, over) = told
    workspace.act_as("olga").monitoring.stop("quality", reason="Another one watches.")
    moving = migrator(workspace.settings, PluginHost())
    workspace.close()

    moving.downgrade("monitoring", "monitoring0004")
    moving.upgrade()

    again = open_workspace(workspace.settings.folder, actor="ada")
    again._desk.store.clock = lambda: over + 2 * HOUR
    assert again.monitoring.unknown("ticket-triage", as_of=breached) == 1
    for build, system_id in ((of_system, "ticket-triage"), (of_portfolio, "")):
        assert "1 further monitor(s)" in build(again, system_id, breached).blocks[1].text
    again.close()
