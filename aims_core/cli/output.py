"""How commands print what they found: a table for people, JSON or CSV for programs."""

import csv
import io
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from aims_core.canonical import canonical_json
from aims_core.cli import text
from aims_core.cli.values import by_field, cell, csv_cell, is_record, plain
from aims_core.errors import WorkspaceError
from aims_core.whole_files import write_whole

FORMATS = ("table", "json", "csv")
_NARROWEST = 40
_UNSEEN_TERMINAL = (120, 40)

C = TypeVar("C", bound=Callable[..., Any])


def cli_format(command: C) -> C:
    """Add the option ``--format table|json|csv``; the command receives it as ``format_``."""
    option = click.option(
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="table for people, json or csv for programs.",
    )
    return option(command)


def cli_emit(
    data: Any,
    format_: str = "table",
    *,
    columns: Sequence[str] | None = None,
    empty: str = "Nothing to show.",
) -> None:
    """Print records, mappings or a DataFrame; one record or mapping on its own is printed as such.

    Parameters
    ----------
    data : DataFrame, iterable of records or mappings, or one of them
        Values are data: control characters are made visible in tables, formulas neutralised in CSV.
    format_ : {"table", "json", "csv"}
        What ``--format`` said. JSON and CSV hold every field.
    columns : sequence of str, optional
        Fields that the table shows, in this order; all when omitted.
    empty : str
        What the table says when there are no rows.
    """
    single = is_record(data)
    rows = [by_field(data)] if single else _rows(data)
    if format_ == "json":
        spelled = [plain(row) for row in rows]
        click.echo(canonical_json(spelled[0] if single else spelled))
    elif format_ == "csv":
        click.echo(as_csv(data), nl=False)
    elif single:
        shown = columns or tuple(rows[0])
        click.echo(text.record([(name, cell(rows[0].get(name)) or "-") for name in shown], _room()))
    elif rows:
        shown = columns or _names(data, rows)
        cells = [[cell(row.get(name)) for name in shown] for row in rows]
        click.echo(text.table([text.visible(name) for name in shown], cells, _room()))
    else:
        click.echo(empty)


def say(line: str = "", *, err: bool = False) -> None:
    """Print the product's own words, on stderr where `err` is set; data in them is made visible."""
    click.echo(text.visible_lines(line), err=err)


def write_file(what: str, path: Path, content: str) -> None:
    """Write text to a file, whole or not at all; one that is there gives way.

    Raises
    ------
    WorkspaceError
        It cannot be written; the message names `what`, such as ``the proof``.
    """
    try:
        write_whole(path, content.encode(), replace=True)
    except OSError as error:
        raise WorkspaceError.not_written(what, path, error) from error


def _room() -> int:
    return max(_NARROWEST, shutil.get_terminal_size(_UNSEEN_TERMINAL).columns)


def _rows(data: Any) -> list[dict[str, Any]]:
    if hasattr(data, "to_dict"):
        return [by_field(row) for row in data.to_dict("records")]
    found: Iterable[Any] = data
    return [by_field(item) for item in found]


def _names(data: Any, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    if hasattr(data, "to_dict"):
        return tuple(str(name) for name in data.columns)
    return tuple(dict.fromkeys(name for row in rows for name in row))


def as_csv(data: Any) -> str:
    """Return records, mappings, a DataFrame or one record as CSV that no spreadsheet executes."""
    rows = [by_field(data)] if is_record(data) else _rows(data)
    names = _names(data, rows)
    if not names:
        return ""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([csv_cell(name) for name in names])
    writer.writerows([[csv_cell(row.get(name)) for name in names] for row in rows])
    return buffer.getvalue()
