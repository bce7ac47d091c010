"""``aims monitor``: define monitors from TOML files, run them, and show what they measured."""

import tomllib
from pathlib import Path
from typing import Any

import click

from aims_core import InvalidRecord, Problem, Workspace, cli_emit, cli_format, cli_workspace

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
@click.argument("monitor_id")
@click.argument("log", type=_PATH)
@click.option("--labels", type=_PATH, help="Labels that came later, joined by the id column.")
@cli_format
@cli_workspace
def run(
    workspace: Workspace, monitor_id: str, log: Path, labels: Path | None, format_: str
) -> None:
    """Run a monitor over a prediction log (CSV or Parquet); exit code 1 when it is in breach."""
    done = workspace.monitoring.run(monitor_id, log, labels)
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
        svg.write_text(workspace.monitoring.plot(monitor_id, metric).svg, encoding="utf-8")
    cli_emit(
        series,
        format_,
        columns=("window", "metric", "column", "value", "n", "status", "reason"),
        empty=f"Monitor {monitor_id} has not run. Run it with: aims monitor run {monitor_id} LOG",
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
