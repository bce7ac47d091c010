"""A report as canonical JSON: everything that stands in it, in full length.

Shape (schema ``aims.report/1``)::

    {"schema": "aims.report/1", "report_id", "title", "subject", "organisation", "generated_at",
     "generated_by", "trail_head", "trail_length", "evidence_level",
     "pin": {"checkpoint", "size", "root", "at", "reason"},
     "sections": [{"section_id", "title", "blocks": [
         {"type": "paragraph", "text"} |
         {"type": "table", "caption", "columns": [text], "rows": [[value]]} |
         {"type": "figure", "description", "svg"}]}]}

`subject` is the system's id, or empty for the portfolio. `pin` is the checkpoint that covers what the report
says; its `checkpoint` is 0 where it is pinned to the trail's head only, for the `reason`. Times are UTC,
``YYYY-MM-DDTHH:MM:SS.ffffffZ``. Keys are sorted and nothing depends on the machine, so the same report has
the same bytes.
"""

from dataclasses import asdict
from typing import Any

from aims_core import DataTable, Figure, Paragraph, Report, Section, canonical_json

SCHEMA = "aims.report/1"


def render(report: Report) -> bytes:
    """Return the report as canonical JSON in UTF-8, with a line end.

    Raises
    ------
    ValueError
        A value has no JSON form; the place is named.
    """
    content = {
        "schema": SCHEMA,
        "report_id": report.report_id,
        "title": report.title,
        "subject": report.subject,
        "organisation": report.organisation,
        "generated_at": report.generated_at,
        "generated_by": report.generated_by,
        "trail_head": report.trail_head,
        "trail_length": report.trail_length,
        "evidence_level": report.evidence_level,
        "pin": asdict(report.pin),
        "sections": [_section(section) for section in report.sections],
    }
    return (canonical_json(content) + "\n").encode()


def _section(section: Section) -> dict[str, Any]:
    blocks = [_block(block) for block in section.blocks]
    return {"section_id": section.section_id, "title": section.title, "blocks": blocks}


def _block(block: Paragraph | DataTable | Figure) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"type": "paragraph", "text": block.text}
    if isinstance(block, Figure):
        return {"type": "figure", "description": block.description, "svg": block.svg}
    return {
        "type": "table",
        "caption": block.caption,
        "columns": block.columns,
        "rows": block.rows,
    }
