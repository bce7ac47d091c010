"""``aims monitor``: define monitors from TOML files, run them, and show what they measured."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from aims_core import (
    InvalidRecord,
    Problem,
    Workspace,
    WorkspaceError,
    cli_emit,
    cli_format,
    cli_progress,
    cli_workspace,
    write_whole,
)

_FINDINGS = 1
_PATH = click.Path(path_type=Path)
_KEYS = (
    "monitor_id",
    "system_id",
    "kind",
    "thresholds",
    "schema",
    "reference",
    "window",
    "severity",
    "owner",
    "minimum_rows",
    "persistence",
    "hysteresis",
)
_NEEDED = ("monitor_id", "system_id", "schema")


@click.group(help="Define and run monitors, and show what they measured.")
def monitor() -> None:
    """Hold the commands together."""


@monitor.command("list")
@click.option("--system", "system_id", default="", help="Only monitors of this AI system.")
@cli_format
@cli_workspace
def list_monitors(workspace: Workspace, system_id: str, format_: str) -> None:
    """List monitors and how each stands."""
    shown = ("monitor_id", "system_id", "status", "newest_window", "open_alerts", "thresholds")
    cli_emit(
        workspace.monitoring.frame(system_id),
        format_,
        columns=shown,
        empty="No monitor is defined. Define one with: aims monitor define FILE.toml",
    )


@monitor.command()
@click.argument("file", type=_PATH)
@cli_format
@cli_workspace
def define(workspace: Workspace, file: Path, format_: str) -> None:
    """Define a monitor as a TOML file says; run again, it is found rather than doubled.

    A path to reference data is taken from the folder of the file.
    """
    read = read_definition(file)
    cli_emit(workspace.monitoring.define(**read), format_)


@monitor.command()
@click.option("--system", "system_id", default="", help="Only monitors of this AI system.")
@cli_format
@cli_workspace
def gaps(workspace: Workspace, system_id: str, format_: str) -> None:
    """List windows of time without a row, between others that have some. Exit code 1 when there are any."""
    found = workspace.monitoring.gaps(system_id)
    shown = ("monitor_id", "system_id", "after", "before", "missing")
    cli_emit(found, format_, columns=shown, empty="There are no gaps.")
    if len(found):
        click.get_current_context().exit(_FINDINGS)


@monitor.command()
@click.argument("monitor_id")
@click.option("--every", required=True, help="hour, day, week, month, quarter or year.")
@click.option("--data", required=True, help="File or folder that holds the newest log.")
@click.option("--labels", default="", help="Labels that come apart, joined by the id column.")
@cli_workspace
def schedule(workspace: Workspace, monitor_id: str, every: str, data: str, labels: str) -> None:
    """Have a monitor run once in a period, by `aims monitor run --due`."""
    workspace.monitoring.schedule(monitor_id, every=every, data=data, labels=labels)
    click.echo(f"{monitor_id} runs every {every}, on {data}.")


@monitor.command()
@cli_format
@cli_workspace
def due(workspace: Workspace, format_: str) -> None:
    """List the monitors whose run is due, those due longest first."""
    shown = ("monitor_id", "system_id", "every", "due_at", "last_run_at", "data")
    cli_emit(workspace.monitoring.due(), format_, columns=shown, empty="Nothing is due.")


@monitor.command()
@click.argument("monitor_id", required=False)
@click.argument("log", type=_PATH, required=False)
@click.option("--labels", type=_PATH, help="Labels that came later, joined by the id column.")
@click.option("--due", "all_due", is_flag=True, help="Every monitor of every system that is due.")
@cli_format
@cli_workspace
def run(
    workspace: Workspace,
    monitor_id: str | None,
    log: Path | None,
    labels: Path | None,
    all_due: bool,  # noqa: FBT001 - click hands flags over like this
    format_: str,
) -> None:
    """Run a monitor over a prediction log (CSV or Parquet), or with --due all that are due.

    Exit code 1 when one is in breach or could not run.
    """
    if all_due:
        if monitor_id is not None or labels is not None:
            raise click.UsageError("--due runs what is scheduled; name no monitor, log or labels")
        _run_due(workspace, format_)
        return
    if monitor_id is None or log is None:
        raise click.UsageError("name a monitor and its log, or use --due")
    with cli_progress("Measuring") as progress:
        done = workspace.monitoring.run(monitor_id, log, labels, progress=progress)
    cli_emit(
        [
            {
                "window": window.window,
                "rows": window.rows,
                "status": window.status,
                "breached": ", ".join(j.name for j in window.figures if j.side),
            }
            for window in done.windows
        ],
        format_,
        columns=("window", "rows", "status", "breached"),
    )
    if done.breaches:
        click.get_current_context().exit(_FINDINGS)


@monitor.command()
@click.argument("monitor_id")
@click.option("--metric", default="", help="Only this metric.")
@click.option("--svg", type=_PATH, help="Write the picture of the series to this file as well.")
@cli_format
@cli_workspace
def show(
    workspace: Workspace, monitor_id: str, metric: str, svg: Path | None, format_: str
) -> None:
    """Show what a monitor has measured, window by window."""
    series = workspace.monitoring.series(monitor_id)
    if metric:
        series = series[series["metric"] == metric]
    if svg is not None:
        drawn = workspace.monitoring.plot(monitor_id, metric).svg.encode()
        try:
            write_whole(svg, drawn, replace=True)
        except OSError as error:
            raise WorkspaceError.not_written("the picture", svg, error) from error
    cli_emit(
        series,
        format_,
        columns=("window", "metric", "column", "value", "n", "status", "reason"),
        empty=f"Monitor {monitor_id} has not run. Run it with: aims monitor run {monitor_id} LOG",
    )


@monitor.command("metrics")
@cli_format
@cli_workspace
def list_metrics(workspace: Workspace, format_: str) -> None:
    """List what monitors can measure: what each figure says, and where that is laid down."""
    shown = ("name", "title", "direction", "range", "minimum", "formula", "source")
    cli_emit(workspace.monitoring.metrics(), format_, columns=shown)


def _run_due(workspace: Workspace, format_: str) -> None:
    with cli_progress("Running what is due") as progress:
        worked = workspace.monitoring.run_due(progress=progress)
    cli_emit(
        [
            {
                "monitor_id": one.monitor_id,
                "system_id": one.system_id,
                "status": str(one.run.status) if one.run else "failed",
                "breached": ", ".join(sorted({j.name for _, j in one.run.breaches}))
                if one.run
                else "",
                "problem": one.problem,
            }
            for one in worked
        ],
        format_,
        columns=("monitor_id", "system_id", "status", "breached", "problem"),
        empty="Nothing is due.",
    )
    if worked:
        click.echo(_summary(worked), err=True)
    if any(one.problem or (one.run and one.run.breaches) for one in worked):
        click.get_current_context().exit(_FINDINGS)


def _summary(worked: Sequence[Any]) -> str:
    """Return in one line what became of a batch."""
    failed = sum(one.run is None for one in worked)
    stale = sum(bool(one.problem) for one in worked) - failed
    breached = sum(one.run is not None and bool(one.run.breaches) for one in worked)
    return (
        f"{len(worked)} monitor(s) were due: {len(worked) - failed - stale} measured, {breached} with a "
        f"breach, {stale} without a new log, {failed} failed."
    )


def read_definition(file: Path) -> dict[str, Any]:
    """Return the arguments of `Monitoring.define` that a TOML file holds.

    Raises
    ------
    InvalidRecord
        The file is missing, no TOML, or has unknown or missing keys.
    """
    asked = f"read the monitor in {file.name}"
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidRecord(asked, [Problem(field="file", reason=str(error))]) from error
    known = f"use {', '.join(_KEYS)}"
    problems = [
        Problem(field=key, reason="no such key", remedy=known) for key in read if key not in _KEYS
    ]
    problems += [Problem(field=key, reason="is missing") for key in _NEEDED if key not in read]
    if problems:
        raise InvalidRecord(asked, problems)
    if "reference" in read:
        read["reference"] = file.parent / str(read["reference"])
    return read
