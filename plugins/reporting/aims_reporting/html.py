"""A report as one web page that stands alone: no script, no network, fit for print and screen readers."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

from jinja2 import PackageLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from aims_core import DataTable, Figure, Paragraph, Report, Section, plain_number
from aims_reporting.assembly import FAILED

ROWS_SHOWN = 30
"""Longer tables are cut here on the page; the JSON form of the same report holds every row."""


"""From here on, digits after the point say nothing any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCell:
    """A cell as it is printed; `style` says that it is a ``number`` or a ``time``, or is empty."""

    text: str
    style: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownTable:
    """A table as it is printed; `more` rows are left to the JSON form."""

    caption: str
    columns: tuple[ShownCell, ...]
    rows: tuple[tuple[ShownCell, ...], ...]
    more: int
    kind: str = "table"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownFigure:
    """A picture as an image address; empty when it cannot be drawn."""

    address: str
    description: str
    kind: str = "figure"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownText:
    """A paragraph."""

    text: str
    kind: str = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownSection:
    """A section with its place on the page."""

    anchor: str
    title: str
    failed: bool
    blocks: tuple[ShownText | ShownTable | ShownFigure, ...]


def render(report: Report) -> bytes:
    """Return the report as one HTML page in UTF-8.

    Nothing of it comes from elsewhere and nothing runs in it: its own content security policy
    forbids scripts and the network, all text is escaped, and pictures are images, never markup.
    The same report gives the same bytes.
    """
    sections = [_section(place, section) for place, section in enumerate(report.sections, start=1)]
    page = _template().render(
        report=report,
        sections=sections,
        failed=sum(section.failed for section in sections),
        generated_at=_time(report.generated_at),
        pinned_at=_time(report.pin.at) if report.pin.at else "",
        rows_shown=ROWS_SHOWN,
    )
    return page.encode()


@cache
def _template() -> Template:
    environment = SandboxedEnvironment(
        loader=PackageLoader("aims_reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _section(place: int, section: Section) -> ShownSection:
    return ShownSection(
        anchor=f"section-{place}",
        title=section.title,
        failed=section.section_id.startswith(FAILED),
        blocks=tuple(_block(block) for block in section.blocks),
    )


def _block(block: Paragraph | DataTable | Figure) -> ShownText | ShownTable | ShownFigure:
    if isinstance(block, Paragraph):
        return ShownText(text=block.text)
    if isinstance(block, Figure):
        return ShownFigure(address=_address(block.svg), description=block.description)
    return _table(block)


def _table(table: DataTable) -> ShownTable:
    kept = table.rows[:ROWS_SHOWN]
    styles = [_style([row[i] for row in table.rows]) for i in range(len(table.columns))]
    return ShownTable(
        caption=table.caption,
        columns=tuple(
            ShownCell(text=c, style=s) for c, s in zip(table.columns, styles, strict=True)
        ),
        rows=tuple(
            tuple(ShownCell(text=_shown(v), style=s) for v, s in zip(row, styles, strict=True))
            for row in kept
        ),
        more=len(table.rows) - len(kept),
    )


def _style(values: Sequence[Any]) -> str:
    there = [v for v in values if v is not None]
    if there and all(isinstance(v, int | float) and not isinstance(v, bool) for v in there):
        return "number"
    return "time" if there and all(isinstance(v, date) for v in there) else ""


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return plain_number(value)
    if isinstance(value, datetime):
        return _time(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _address(svg: str) -> str:
    """Return the picture as an image address: in an image, a browser runs and fetches nothing."""
    # A document type could make the parser grow without bounds; no picture needs one.
    if "<!" in svg:
        return ""
    try:
        ET.fromstring(svg)  # noqa: S314 - entities cannot be declared without a document type
    except ET.ParseError:
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
