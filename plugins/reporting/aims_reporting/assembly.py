"""Sections of all plugins, put together so that a failing one is shown and none is believed blindly."""

import logging
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import Enum
from numbers import Integral, Real
from typing import Any

import pandas as pd

from aims_core import (
    DataTable,
    Figure,
    Offer,
    Paragraph,
    Report,
    Section,
    Workspace,
    utc_text,
)

HOOK = "aims_report_sections"
FAILED = "failed:"
"""Section ids of failures begin with this, so that they can be counted."""
LEFT_OUT = "reporting.left_out"
"""Id of the section that names those which cannot look back."""
_log = logging.getLogger("aims.reporting")
_FIRST_PRINTABLE = 0x20


def sections(
    workspace: Workspace, system_id: str, as_of: int | None = None, *, past: bool = False
) -> tuple[Section, ...]:
    """Return the sections of a report in their declared order, failures included.

    Parameters
    ----------
    workspace : Workspace
        Read only.
    system_id : str
        The system reported on; empty for the portfolio.
    as_of : int or None
        Number of the checkpoint of which sections that look back speak; None for now.
    past : bool
        True leaves out the sections that cannot look back, and names them in a last one.
    """
    scope = "system" if system_id else "portfolio"
    offers = [o for o in workspace.host.contributions(HOOK) if o.spec.scope == scope]
    ordered = sorted(offers, key=lambda o: (o.spec.order, o.spec.id))
    shown = [o for o in ordered if o.spec.looks_back or not past]
    built = tuple(_section(workspace, offer, system_id, as_of) for offer in shown)
    left_out = [o for o in ordered if o not in shown]
    return (*built, _left_out(left_out)) if left_out else built


def failed(report: Report) -> tuple[Section, ...]:
    """Return the sections of a report that stand for ones that could not be built."""
    return tuple(s for s in report.sections if s.section_id.startswith(FAILED))


def clean_text(value: Any) -> str:
    """Return text without control characters and half characters, which no format can hold."""
    whole = str(value).encode("utf-8", "replace").decode()
    return "".join(
        c if ord(c) >= _FIRST_PRINTABLE or c in "\t\n" else "\N{REPLACEMENT CHARACTER}"
        for c in whole.replace("\r\n", "\n").replace("\r", "\n")
    )


def _left_out(offers: Sequence[Offer]) -> Section:
    rows = tuple((clean_text(o.spec.title), o.spec.id, o.plugin.name) for o in offers)
    return Section(
        section_id=LEFT_OUT,
        title="Not in this report",
        blocks=(
            Paragraph(
                text="These sections speak of now only, so they are left out of a report that looks "
                "back. They say nothing here, neither good nor bad."
            ),
            DataTable(columns=("Section", "Id", "Plugin"), rows=rows, caption="Left out"),
        ),
    )


def _section(workspace: Workspace, offer: Offer, system_id: str, as_of: int | None) -> Section:
    given = (workspace, system_id, as_of) if offer.spec.looks_back else (workspace, system_id)
    try:
        answer = workspace.host.ask(offer, offer.spec.build, *given)
        return replace(_checked(answer), section_id=offer.spec.id)
    except Exception as error:  # noqa: BLE001 - whatever a plugin does wrong, the report shows it
        _log.warning("report section %s failed: %s", offer.spec.id, error)
        return _failure(offer, error)


def _failure(offer: Offer, error: Exception) -> Section:
    plugin = offer.plugin
    rows = (
        ("Plugin", f"{plugin.name} ({plugin.distribution} {plugin.version})"),
        ("Section", f"{offer.spec.id}, version {offer.spec.version}"),
        ("Error", clean_text(str(error))),
    )
    return Section(
        section_id=f"{FAILED}{offer.spec.id}",
        title=f"{clean_text(offer.spec.title)}: could not be built",
        blocks=(
            Paragraph(
                text="This part of the report is missing because the plugin that writes it failed. "
                "What it would have shown is not known; do not read the gap as good news."
            ),
            DataTable(columns=("What", "Which"), rows=rows, caption="What failed"),
        ),
    )


def _checked(answer: Any) -> Section:
    """Return a section whose every value can be shown and stored, or say what is wrong with it."""
    if not isinstance(answer, Section):
        raise TypeError(f"answered {type(answer).__name__}, expected Section")
    return Section(
        section_id=answer.section_id,
        title=clean_text(answer.title),
        blocks=tuple(_block(block) for block in answer.blocks),
    )


def _block(block: Any) -> Paragraph | DataTable | Figure:
    if isinstance(block, Paragraph):
        return Paragraph(text=clean_text(block.text))
    if isinstance(block, Figure):
        return Figure(svg=clean_text(block.svg), description=clean_text(block.description))
    if isinstance(block, DataTable):
        return _table(block)
    raise TypeError(f"a block is {type(block).__name__}, expected Paragraph, DataTable or Figure")


def _table(table: DataTable) -> DataTable:
    for place, row in enumerate(table.rows, start=1):
        if len(row) != len(table.columns):
            raise ValueError(
                f"row {place} of table {table.caption!r} has {len(row)} cells, "
                f"expected {len(table.columns)}"
            )
    return DataTable(
        columns=tuple(clean_text(column) for column in table.columns),
        rows=tuple(tuple(_cell(value) for value in row) for row in table.rows),
        caption=clean_text(table.caption),
    )


def _cell(value: Any) -> Any:
    """Return a cell as text, whole number, number, truth value, time or None (also for NaN, NA)."""
    plain = value.value if isinstance(value, Enum) else value
    if plain is None or isinstance(plain, bool):
        return plain
    if isinstance(plain, str | Mapping | Sequence | AbstractSet):
        return clean_text(_words(plain))
    return None if pd.isna(plain) else _time_or_number(plain)


def _words(value: str | Mapping[Any, Any] | Sequence[Any] | AbstractSet[Any]) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_cell(item)}" for key, item in value.items())
    items = [str(_cell(item)) for item in value]
    # The order of a set differs from run to run, and reports are to have the same bytes.
    return ", ".join(sorted(items) if isinstance(value, AbstractSet) else items)


def _time_or_number(value: Any) -> Any:
    if isinstance(value, datetime):
        utc_text(value)  # refuses a time without zone
        return value.astimezone(UTC)
    if isinstance(value, date):
        return value
    if pd.api.types.is_bool(value):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else str(float(value))
    raise TypeError(f"a cell is {type(value).__name__}; give text, a number, a time or None")
