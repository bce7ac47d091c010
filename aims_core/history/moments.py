"""The time that `as_of` names: a day, a time or a checkpoint; one reading of it everywhere."""

from datetime import UTC, date, datetime, time

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import utc_text
from aims_core.errors import InvalidRecord
from aims_core.records import Problem

_LARGEST = 2**63
_NEWEST = 5
"""Checkpoints named where one is not found."""
_FORMS = "pass a date, an aware time, e.g. in UTC, or the number of a checkpoint"


def moment(
    connection: sa.Connection, given: date | int | None, now: datetime, *, ahead: bool = False
) -> datetime | None:
    """Return the time that `as_of` names.

    Parameters
    ----------
    given : date, datetime or int, optional
        A date is its end in UTC, and today is now; a time is aware; a number is that of a checkpoint.
    ahead : bool
        True takes times that are yet to come.

    Raises
    ------
    InvalidRecord
        The time has no zone, lies ahead or outside the years of UTC, there is no such checkpoint, or it is
        none of these.
    """
    if given is None:
        return None
    if isinstance(given, datetime):
        if given.utcoffset() is None:
            raise _refused(given, "has no zone", "pass an aware time, e.g. in UTC")
        return _reached(given, now, ahead=ahead)
    if isinstance(given, date):
        if given == now.astimezone(UTC).date():
            return now
        return _reached(datetime.combine(given, time.max, UTC), now, ahead=ahead)
    if isinstance(given, bool) or not isinstance(given, int):
        raise _refused(repr(given), "is neither a day, a time nor a number", _FORMS)
    return _of_checkpoint(connection, given)


def _reached(at: datetime, now: datetime, *, ahead: bool) -> datetime:
    if at > now and not ahead:
        raise _refused(at, "lies ahead", "leave it out to see how things stand now")
    try:
        utc_text(at)
    except ValueError:
        raise _refused(at, "is outside the years of UTC", "give another time") from None
    return at


def _of_checkpoint(connection: sa.Connection, number: int) -> datetime:
    table = tables.checkpoint
    if 0 < number < _LARGEST:
        query = sa.select(table.c.made_at).where(table.c.number == number)
        made: datetime | None = connection.execute(query).scalar_one_or_none()
        if made is not None:
            return made
    newest = sa.select(table.c.number).order_by(table.c.number.desc()).limit(_NEWEST)
    known = sorted(connection.execute(newest).scalars())
    remedy = (
        f"the newest are {', '.join(map(str, known))}; `aims audit checkpoint --list` lists all"
        if known
        else "there is none yet; `aims audit checkpoint` makes one, and a date or a time needs none"
    )
    raise _refused(number, "is no checkpoint", remedy)


def _refused(given: object, reason: str, remedy: str) -> InvalidRecord:
    problem = Problem(field="as_of", reason=f"{given} {reason}", remedy=remedy)
    return InvalidRecord("look back", [problem])
