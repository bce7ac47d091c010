"""What monitoring adds to a report: the monitors, their newest figures and pictures, and alerts."""

from typing import Any

from aims_core import DataTable, Figure, Paragraph, Section, Workspace
from aims_monitoring.records import Status

_PICTURES = 4
_ROWS = 50

Block = Paragraph | DataTable | Figure


def of_system(workspace: Workspace, system_id: str) -> Section:
    """Return the section on one system."""
    frame = workspace.monitoring.frame(system_id)
    blocks: list[Block] = [
        Paragraph(text=_summary(frame, "No monitor is defined for this system."))
    ]
    if len(frame):
        blocks.append(_monitors(frame))
        blocks.extend(_pictures(workspace, frame))
        blocks.extend(_figures(workspace, system_id))
        blocks.extend(_gaps(workspace, system_id))
        blocks.extend(_alerts(workspace, system_id))
    return Section(section_id="monitoring.system", title="Monitoring", blocks=tuple(blocks))


def of_portfolio(workspace: Workspace, _system_id: str) -> Section:
    """Return the section on all systems: how many monitors stand how, and what is in breach."""
    frame = workspace.monitoring.frame()
    blocks: list[Block] = [Paragraph(text=_summary(frame, "No monitor is defined for any system."))]
    if len(frame):
        worst_first = frame.sort_values(["open_alerts", "monitor_id"], ascending=[False, True])
        blocks.append(_monitors(worst_first.head(_ROWS)))
        if len(frame) > _ROWS:
            blocks.append(
                Paragraph(text=f"{len(frame) - _ROWS} further monitors are not listed here.")
            )
        blocks.extend(_alerts(workspace, ""))
    return Section(section_id="monitoring.portfolio", title="Monitoring", blocks=tuple(blocks))


def _summary(frame: Any, empty: str) -> str:
    if not len(frame):
        return empty
    counts = frame.loc[frame["active"], "status"].value_counts().sort_index()
    said = ", ".join(f"{n} {status.replace('_', ' ')}" for status, n in counts.items())
    systems = frame["system_id"].nunique()
    return (
        f"{len(frame)} monitor(s) over {systems} system(s); active ones by the status of their newest "
        f"window: {said or 'none'}. Figures are computed on summaries by window; no data is kept."
    )


def _monitors(frame: Any) -> DataTable:
    names = {
        "monitor_id": "Monitor",
        "system_id": "System",
        "thresholds": "Thresholds",
        "window": "Window",
        "owner": "Owner",
        "status": "Status",
        "newest_window": "Newest window",
        "open_alerts": "Open alerts",
    }
    return _table(frame, names, "Monitors")


def _pictures(workspace: Workspace, frame: Any) -> list[Figure]:
    run = frame[frame["newest_window"].notna() & frame["active"]]
    names = list(run["monitor_id"].head(_PICTURES))
    drawn = [workspace.monitoring.plot(name) for name in names]
    fair = run.loc[run["kind"] == "monitoring.fairness", "monitor_id"].head(_PICTURES)
    drawn += [workspace.monitoring.plot_groups(name) for name in fair]
    return [Figure(svg=plot.svg, description=plot.description) for plot in drawn]


def _figures(workspace: Workspace, system_id: str) -> list[Block]:
    figures = workspace.monitoring.measurements(system_id)
    names = {
        "monitor_id": "Monitor",
        "window": "Window",
        "metric": "Metric",
        "column": "Column",
        "value": "Value",
        "n": "Rows",
        "minimum": "At least",
        "maximum": "At most",
        "status": "Status",
        "reason": "Remark",
    }
    limited = figures[figures["minimum"].notna() | figures["maximum"].notna()]
    worst_first = limited.sort_values("status", key=_rank, ascending=False, kind="stable")
    blocks: list[Block] = []
    if len(limited):
        blocks.append(_table(worst_first.head(_ROWS), names, "Newest figures with a threshold"))
    if left := len(figures) - min(len(limited), _ROWS):
        blocks.append(Paragraph(text=f"{left} further figures are on record and not listed here."))
    return blocks


def _rank(statuses: Any) -> Any:
    return statuses.map(lambda status: Status(status).rank)


def _alerts(workspace: Workspace, system_id: str) -> list[Block]:
    found = workspace.monitoring.alerts(system_id).head(_ROWS)
    names = {
        "monitor_id": "Monitor",
        "system_id": "System",
        "metric": "Metric",
        "columns": "Columns",
        "window": "Since window",
        "value": "Value",
        "side": "Side",
        "limit": "Threshold",
        "severity": "Severity",
        "ended_window": "Over since",
    }
    return [_table(found, names, "Breaches, newest first")] if len(found) else []


def _gaps(workspace: Workspace, system_id: str) -> list[Block]:
    found = workspace.monitoring.gaps(system_id).head(_ROWS)
    names = {
        "monitor_id": "Monitor",
        "after": "After window",
        "before": "Before window",
        "missing": "Windows without a row",
    }
    return [_table(found, names, "Gaps in what was monitored")] if len(found) else []


def _table(frame: Any, names: dict[str, str], caption: str) -> DataTable:
    shown = frame[list(names)].astype(object).where(frame[list(names)].notna(), "")
    rows = tuple(tuple(_cell(v) for v in row) for row in shown.itertuples(index=False))
    return DataTable(columns=tuple(names.values()), rows=rows, caption=caption)


def _cell(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
