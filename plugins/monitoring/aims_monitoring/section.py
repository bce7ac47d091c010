"""What monitoring adds to a report: the monitors, their newest figures and pictures, and alerts."""

from typing import Any

from aims_core import DataTable, Figure, Paragraph, Section, Workspace
from aims_monitoring.records import Status

_PICTURES = 4
_ROWS = 50

Block = Paragraph | DataTable | Figure


def of_system(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return the section on one system, now or at a checkpoint."""
    frame = workspace.monitoring.frame(system_id, as_of=as_of)
    blocks: list[Block] = [
        Paragraph(text=_summary(frame, "No monitor is defined for this system."))
    ]
    blocks.extend(_unknown(workspace, system_id, as_of))
    if len(frame):
        blocks.append(_monitors(frame))
        blocks.extend(_pictures(workspace, frame, as_of))
        blocks.extend(_figures(workspace, system_id, as_of))
        blocks.extend(_gaps(workspace, system_id, as_of))
        blocks.extend(_alerts(workspace, system_id, as_of))
    return Section(section_id="monitoring.system", title="Monitoring", blocks=tuple(blocks))


def of_portfolio(workspace: Workspace, _system_id: str, as_of: int | None = None) -> Section:
    """Return how many monitors of all systems stand how, and what is in breach; now or at a checkpoint."""
    frame = workspace.monitoring.frame(as_of=as_of)
    blocks: list[Block] = [Paragraph(text=_summary(frame, "No monitor is defined for any system."))]
    blocks.extend(_unknown(workspace, "", as_of))
    if len(frame):
        worst_first = frame.sort_values(["open_alerts", "monitor_id"], ascending=[False, True])
        blocks.append(_monitors(worst_first.head(_ROWS)))
        if len(frame) > _ROWS:
            blocks.append(
                Paragraph(text=f"{len(frame) - _ROWS} further monitors are not listed here.")
            )
        blocks.extend(_alerts(workspace, "", as_of))
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


def _unknown(workspace: Workspace, system_id: str, as_of: int | None) -> list[Paragraph]:
    """Say what the record does not hold: a monitor that is missing is not one that was not there."""
    number = 0 if as_of is None else workspace.monitoring.unknown(system_id, as_of=as_of)
    if not number:
        return []
    said = (
        f"{number} further monitor(s) had run by then; how they were defined was not kept at that time "
        "and is not known. Do not read the gap as good news."
    )
    return [Paragraph(text=said)]


def _pictures(workspace: Workspace, frame: Any, as_of: int | None) -> list[Figure]:
    run = frame[frame["newest_window"].notna() & frame["active"]]
    names = list(run["monitor_id"].head(_PICTURES))
    drawn = [workspace.monitoring.plot(name, as_of=as_of) for name in names]
    fair = run.loc[run["kind"] == "monitoring.fairness", "monitor_id"].head(_PICTURES)
    drawn += [workspace.monitoring.plot_groups(name, as_of=as_of) for name in fair]
    return [Figure(svg=plot.svg, description=plot.description) for plot in drawn]


def _figures(workspace: Workspace, system_id: str, as_of: int | None) -> list[Block]:
    figures = workspace.monitoring.measurements(system_id, as_of=as_of)
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


def _alerts(workspace: Workspace, system_id: str, as_of: int | None) -> list[Block]:
    found = workspace.monitoring.alerts(system_id, as_of=as_of).head(_ROWS)
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


def _gaps(workspace: Workspace, system_id: str, as_of: int | None) -> list[Block]:
    found = workspace.monitoring.gaps(system_id, as_of=as_of).head(_ROWS)
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
