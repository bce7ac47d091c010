"""Reports, and the parts that a format has to render."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """Plain text in a report; it is always escaped."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DataTable:
    """A table in a report: column titles and rows of plain values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    caption: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A picture in a report: SVG drawn by the product, and its content in words."""

    svg: str
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a report, built by one plugin."""

    section_id: str
    title: str
    blocks: tuple[Paragraph | DataTable | Figure, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPin:
    """The checkpoint that covers what a report says: its number, events, tree root and time.

    `checkpoint` 0 means that the report is pinned to the trail's head only; `reason` says why.
    """

    checkpoint: int = 0
    size: int = 0
    root: str = ""
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report before it is rendered: who asked, when, and the head of the trail it was read from."""

    report_id: str
    title: str
    subject: str
    organisation: str
    generated_at: datetime
    generated_by: str
    trail_head: str
    trail_length: int
    evidence_level: str
    sections: tuple[Section, ...]
    pin: ReportPin = field(default_factory=ReportPin)
