"""Time of fact beside time of entry: when something was so in the world, as somebody says it.

The system tells the time of entry itself; the time of fact is stated, so it is held to what can be true.
"""

from datetime import UTC, date, datetime

from aims_core.canonical import deadline
from aims_core.errors import InvalidRecord, RequestRefused
from aims_core.records import AISystem, Problem
from aims_core.terms import Entry

FIELD = "fact_at"
Latest = tuple[str, datetime]
"""What came last in fact, in words, and when."""


def in_fact(stated: datetime | None, entered: datetime) -> datetime:
    """Return when something was so: the time of fact where one is stated, the time of entry otherwise."""
    return entered if stated is None else stated


def time_given(stated: object, *, field: str, asked: str) -> datetime:
    """Return the aware time at which something ends or begins; a day is its last moment, in UTC.

    Raises
    ------
    InvalidRecord
        It is no day and no time, or a time without zone.
    """
    remedy = "give a date, or an aware time, e.g. in UTC"
    if not isinstance(stated, date):
        reason = f"{stated!r} is neither a day nor a time"
    else:
        try:
            return deadline(stated)
        except ValueError as error:
            reason = str(error)
    raise InvalidRecord(asked, [Problem(field=field, reason=reason, remedy=remedy)])


def no_aware_time(stated: object) -> str:
    """Say why something is no time with a zone, empty when it is one."""
    if not isinstance(stated, datetime):
        return f"{stated!r} is no time"
    return "has no zone" if stated.utcoffset() is None else ""


def time_of_fact_problems(
    field: str,
    stated: datetime | None,
    *,
    now: datetime,
    system: AISystem | None = None,
    after: Latest | None = None,
) -> list[Problem]:
    """Return what is wrong with a stated time of fact, nothing where none is stated.

    Parameters
    ----------
    field : str
        Name of the field, for the message.
    stated : datetime or None
        Must be aware, and not ahead of `now`.
    now : datetime
        Time of entry, aware.
    system : AISystem, optional
        What the fact is about: it cannot be older than the system's entry in the inventory, except where
        the system ran before (``entry="legacy"``).
    after : tuple of str and datetime, optional
        What came before in fact, in words (``the request``) and when: a vote cannot be older than its
        request. The same time is fine.
    """
    if stated is None:
        return []
    if unclear := no_aware_time(stated):
        remedy = "give an aware time, e.g. in UTC"
        return [Problem(field=field, reason=unclear, remedy=remedy)]
    if stated > now:
        remedy = "give the time at which it was so, not one that is planned"
        return [Problem(field=field, reason="lies ahead", remedy=remedy)]
    if system is not None and system.entry != Entry.LEGACY and stated < system.registered_at:
        entry = f"the entry of {system.system_id} in the inventory"
        remedy = "give a later time; only what is registered as legacy ran before its entry"
        return [_earlier(field, (entry, system.registered_at), remedy)]
    if after is not None and stated < after[1]:
        remedy = "give a later time; if what came before was entered late, it has to say when it was itself"
        return [_earlier(field, after, remedy)]
    return []


def refuse_impossible(
    asked: str,
    stated: datetime | None,
    *,
    now: datetime,
    system: AISystem | None = None,
    after: Latest | None = None,
) -> None:
    """Raise when a stated time of fact cannot be true; see :func:`time_of_fact_problems`.

    Raises
    ------
    InvalidRecord
        It has no zone, lies ahead, or is earlier than the system's entry or what came before.
    """
    if problems := time_of_fact_problems(FIELD, stated, now=now, system=system, after=after):
        raise InvalidRecord(asked, problems)


def refuse_restated(kept: datetime | None, stated: datetime | None, asked: str) -> None:
    """Raise when what is on record already is said to have been at another time.

    Raises
    ------
    RequestRefused
        The act is on record, and its time of fact stays as it was stated then, or was not.
    """
    if stated is None or stated == kept:
        return
    said = f"{kept:%Y-%m-%d %H:%M:%S} UTC" if kept else "none but that of its entry"
    raise RequestRefused(
        f"{asked}: it is on record already, and its time of fact, {said}, stays as it was stated; "
        "leave the time out, and put on record as evidence what is right"
    )


def _earlier(field: str, than: Latest, remedy: str) -> Problem:
    what, at = than
    reason = f"is earlier than {what}, {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return Problem(field=field, reason=reason, remedy=remedy)
