"""A concern as a value, and its row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    """What somebody is worried about: in their words, whom it concerns, and the answer.

    `about` holds the ids of the actors it concerns; the owner of `system_id` is always among them.
    """

    concern_id: str
    system_id: str
    about: tuple[str, ...]
    text: str
    raised_by: str
    raised_at: datetime
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


def concern_from_row(row: Any) -> Concern:
    """Return a row of ``aims_concern`` as a record."""
    return Concern(
        concern_id=row.concern_id,
        system_id=row.system_id or "",
        about=tuple(row.about),
        text=row.text,
        raised_by=row.raised_by,
        raised_at=row.raised_at,
        answer=row.answer or "",
        answered_by=row.answered_by or "",
        answered_at=row.answered_at,
    )
